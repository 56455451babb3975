#include "app/refresh_ahead.hpp"

#include "app/tokens.hpp"

#include <algorithm>
#include <atomic>

namespace renkei::app {

struct Sleeper::Waiting {
    std::atomic<bool> fired{false};
    std::function<void(bool)> done;
    void fire(bool slept) {
        if (!fired.exchange(true)) std::exchange(done, nullptr)(slept);
    }
};

Task<bool> Sleeper::sleep_until(Clock& clock, TimePoint at) {
    std::unique_ptr<Clock::Ticket> ticket;
    co_return co_await wait_for_callback<bool>([&](auto done) {
        auto waiting = std::make_shared<Waiting>();
        waiting->done = std::move(done);
        ticket = clock.call_at(at, [waiting] { waiting->fire(true); });
        {
            const std::lock_guard lock(mutex_);
            if (!stopped_) {
                waiting_ = std::move(waiting);
                return;
            }
        }
        waiting->fire(false);
    });
}

void Sleeper::stop() {
    std::shared_ptr<Waiting> waiting;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        waiting.swap(waiting_);
    }
    if (waiting) waiting->fire(false);
}

bool Sleeper::stopped() const {
    const std::lock_guard lock(mutex_);
    return stopped_;
}

namespace {

struct Crew {
    std::function<Task<void>(std::size_t)> work;
    std::size_t count = 0;
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> working{0};
    std::function<void(bool)> done;
};

Task<void> work_off(std::shared_ptr<Crew> crew) {
    for (auto i = crew->next++; i < crew->count; i = crew->next++) co_await crew->work(i);
}

}  // namespace

Task<void> for_each_limited(std::size_t count, std::size_t at_once, std::function<Task<void>(std::size_t)> work) {
    if (count == 0) co_return;
    auto crew = std::make_shared<Crew>();
    crew->work = std::move(work);
    crew->count = count;
    crew->working = std::min(count, std::max<std::size_t>(1, at_once));
    auto executor = co_await asio::this_coro::executor;
    co_await wait_for_callback<bool>([&](auto done) {
        crew->done = std::move(done);
        const auto workers = crew->working.load();
        for (std::size_t i = 0; i < workers; ++i)
            asio::co_spawn(executor, work_off(crew), [crew](std::exception_ptr) {
                if (--crew->working == 0) crew->done(true);
            });
    });
}

// Soonest first, and only grants that were used lately: an unused one is renewed when it is asked for.
Task<std::uint64_t> TokenService::refresh_ahead_once() {
    static_cast<void>(co_await journal_.save_unsaved());
    constexpr std::uint32_t most_a_round = 500;
    const auto now = ports_.clock.now();
    auto expiring = co_await ports_.grants.tokens_expiring(now + settings_.ahead, now - settings_.in_use, most_a_round);
    if (!expiring) co_return 0;
    const auto before = counters_.refreshed.load();
    co_await resolve_old_intents();
    auto due = std::make_shared<std::vector<core::StoredToken>>(std::move(*expiring));
    std::erase_if(*due, [&](const core::StoredToken& token) { return !is_due(token, now); });
    co_await for_each_limited(due->size(), settings_.ahead_at_once, [this, due](std::size_t i) { return refresh_one_ahead((*due)[i]); });
    co_return counters_.refreshed.load() - before;
}

// A refresh whose effect is not known is brought to its end also when nobody asks for the token. Younger intents belong to
// exchanges under way.
Task<void> TokenService::resolve_old_intents() {
    auto intents = co_await ports_.grants.all_intents();
    if (!intents) co_return;
    auto report = std::make_shared<RecoveryReport>();
    auto old = std::make_shared<std::vector<RefreshIntent>>(std::move(*intents));
    const auto oldest_under_way = ports_.clock.now() - settings_.lease_length;
    std::erase_if(*old, [&](const RefreshIntent& intent) { return intent.at > oldest_under_way; });
    co_await for_each_limited(old->size(), settings_.ahead_at_once, [this, old, report](std::size_t i) { return recover_one((*old)[i], report); });
}

// The jitter follows from the grant and its generation: the same at every look, and spread over all grants.
bool TokenService::is_due(const core::StoredToken& token, TimePoint now) const {
    const auto lifetime = token.expires_at - token.obtained_at;
    const auto ahead = std::min<std::chrono::milliseconds>(settings_.ahead, lifetime / 4);
    const auto jitter = std::min<std::chrono::milliseconds>(settings_.ahead_jitter, ahead / 2);
    const auto share = (std::hash<core::GrantId>{}(token.key.grant) + token.generation * 7919) % 1000;
    return token.expires_at - ahead + jitter * static_cast<std::int64_t>(share) / 1000 <= now;
}

Task<void> TokenService::refresh_one_ahead(core::StoredToken token) {
    if (sleeper_->stopped()) co_return;
    auto grant = co_await ports_.grants.find_grant(token.key.workspace, token.key.grant);
    if (!grant) co_return;
    auto connection = co_await ports_.connections.find_connection_by_id(token.key.workspace, grant->connection);
    if (!connection || backoff_.pending(connection->id)) co_return;
    using enum core::ConnectionState;
    if (connection->state != active && connection->state != expiring && connection->state != degraded) co_return;
    // Asked for as much as the round wants, which no token that is due still has.
    RefreshJob job{.connection = std::move(*connection),
                   .min_validity = std::chrono::ceil<std::chrono::seconds>(token.expires_at - ports_.clock.now()),
                   .request_id = "refresh-ahead"};
    auto seat = flights_.join(job.connection.id);
    if (!seat.flight) co_return;
    if (seat.must_start) start(co_await asio::this_coro::executor, std::move(job));
    static_cast<void>(co_await flights_.wait(seat.flight, ports_.clock.now() + settings_.caller_deadline));
}

Task<void> TokenService::run_refresh_ahead() {
    while (co_await sleeper_->sleep_until(ports_.clock, ports_.clock.now() + settings_.ahead_round)) static_cast<void>(co_await refresh_ahead_once());
}

void TokenService::stop() { sleeper_->stop(); }

Task<Result<RecoveryReport>> TokenService::recover() {
    auto intents = co_await ports_.grants.all_intents();
    if (!intents) co_return propagate(intents);
    auto report = std::make_shared<RecoveryReport>();
    auto found = std::make_shared<std::vector<RefreshIntent>>(std::move(*intents));
    report->found = found->size();
    co_await for_each_limited(found->size(), settings_.ahead_at_once, [this, found, report](std::size_t i) { return recover_one((*found)[i], report); });
    co_return *report;
}

Task<void> TokenService::recover_one(RefreshIntent intent, std::shared_ptr<RecoveryReport> report) {
    auto grant = co_await ports_.grants.find_grant(intent.workspace, intent.grant);
    if (!grant) co_return;
    auto connection = co_await ports_.connections.find_connection_by_id(intent.workspace, grant->connection);
    if (!connection || connection->state == core::ConnectionState::paused || backoff_.pending(connection->id)) {
        ++report->waiting;
        co_return;
    }
    // Nothing that is stored is good enough: the point is to learn whether the refresh token still works.
    RefreshJob job{.connection = std::move(*connection), .rejected_generation = grant->generation, .request_id = "recovery"};
    auto seat = flights_.join(job.connection.id);
    if (!seat.flight) co_return;
    if (seat.must_start) start(co_await asio::this_coro::executor, std::move(job));
    const auto outcome = co_await flights_.wait(seat.flight, ports_.clock.now() + settings_.caller_deadline);
    if (!outcome)
        ++report->waiting;
    else if (!outcome->error)
        ++report->kept;
    else if (outcome->error->code == Errc::grant_lost)
        ++report->lost;
    else if (outcome->error->code == Errc::reconnect_required)
        ++report->dead;
    else
        ++report->waiting;
}

}  // namespace renkei::app

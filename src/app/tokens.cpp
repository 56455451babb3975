#include "app/tokens.hpp"

#include "app/crash_point.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::app {
namespace {

constexpr std::chrono::seconds least_validity{5};
constexpr std::chrono::seconds youngest_rejected{10};

std::chrono::milliseconds wanted_pause(const Error& error) {
    const auto text = error.get("retry_after");
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr std::int64_t one_hour = 3600;
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, one_hour));
}

// What a caller is told before anything is looked up.
std::optional<Error> refusal_of(const core::Connection& connection) {
    using enum core::ConnectionState;
    switch (connection.state) {
        case paused: return Error{Errc::connection_paused, "the connection is paused"};
        case revoked: return Error{Errc::reconnect_required, "the connection was revoked"};
        case draft: return Error{Errc::connection_draft, "nobody has finished connecting it"};
        case needs_user:
            if (connection.state_slug == error_row(Errc::grant_lost).slug) return Error{Errc::grant_lost, connection.state_detail};
            return Error{Errc::reconnect_required, connection.state_detail};
        case active:
        case expiring:
        case degraded:
        case needs_admin:
        case needs_secret: break;
    }
    return std::nullopt;
}

}  // namespace

TokenService::TokenService(TokenPorts ports, TokenSettings settings)
    : ports_(ports),
      settings_(std::move(settings)),
      endpoint_({ports.connections, ports.vault, ports.http, ports.catalog, ports.clock, ports.random, ports.values}, settings_.exchange_deadline),
      cache_(settings_.most_cached),
      backoff_(ports.clock, ports.random),
      flights_(ports.clock, settings_.most_waiters),
      journal_(ports, endpoint_, cache_, counters_, settings_),
      sleeper_(std::make_unique<Sleeper>()) {}

TokenService::~TokenService() = default;

Result<LiveToken> TokenService::live(const CachedTokenPtr& token) const {
    token->last_used_millis.store(to_millis(ports_.clock.now()), std::memory_order_relaxed);
    return LiveToken{token->token.clone(), token->key, token->expires_at, *token->scopes, token->generation, token->credential_version};
}

CachedTokenPtr TokenService::cached(const core::ConnectionId& connection, std::chrono::seconds min_validity) const {
    auto token = cache_.find(connection);
    const auto now = ports_.clock.now();
    if (!token || needs_refresh(token->obtained_at, token->expires_at, now, std::max(min_validity, least_validity))) return nullptr;
    token->last_used_millis.store(to_millis(now), std::memory_order_relaxed);
    return token;
}

Task<Result<LiveToken>> TokenService::token_for(core::Connection connection, std::chrono::seconds min_validity, std::string request_id) {
    if (auto refusal = refusal_of(connection)) co_return fail(std::move(*refusal));
    RefreshJob job{.connection = std::move(connection), .min_validity = std::max(min_validity, least_validity), .request_id = std::move(request_id)};
    co_return co_await obtain(std::move(job));
}

Task<Result<LiveToken>> TokenService::first_token(core::Connection connection, std::string request_id) {
    forget(connection.id);
    // No stored token counts: the point is to learn whether the provider gives one now.
    RefreshJob job{.connection = std::move(connection), .min_validity = least_validity, .rejected_generation = UINT64_MAX, .request_id = std::move(request_id)};
    co_return co_await obtain(std::move(job));
}

Task<Result<LiveToken>> TokenService::obtain(RefreshJob job) {
    const auto until = ports_.clock.now() + settings_.caller_deadline;
    constexpr int most_flights = 3;
    CachedTokenPtr best;
    for (int i = 0; i < most_flights; ++i) {
        if (auto token = cached(job.connection.id, job.min_validity)) co_return live(token);
        if (auto failure = backoff_.pending(job.connection.id)) {
            if (auto old = cache_.find(job.connection.id); old && old->expires_at > ports_.clock.now() + least_validity) co_return live(old);
            co_return fail(std::move(*failure));
        }
        auto seat = flights_.join(job.connection.id);
        if (!seat.flight) co_return fail(Errc::too_many_requests, "too many calls wait for this connection's token");
        if (seat.must_start) start(co_await asio::this_coro::executor, job);
        const auto outcome = co_await flights_.wait(seat.flight, until);
        if (!outcome) co_return fail(Errc::provider_timeout, "the refresh of the connection's token did not end in time");
        if (!outcome->token) co_return fail(outcome->error.value_or(Error{Errc::internal, "a refresh ended without a token"}));
        best = outcome->token;
        // The flight was made for somebody with smaller wishes, and only looked into the store.
        if (outcome->asked_provider || !needs_refresh(best->obtained_at, best->expires_at, ports_.clock.now(), job.min_validity)) co_return live(best);
    }
    co_return live(best);
}

// The work is not the caller's: who gives up does not cut an exchange off. Its end is always told to the waiters.
void TokenService::start(Executor executor, RefreshJob job) {
    const auto key = job.connection.id;
    asio::co_spawn(executor, fly(std::move(job)), [this, key](std::exception_ptr thrown, FlightOutcome outcome) {
        if (thrown || !outcome) outcome = std::make_shared<RefreshOutcome>(RefreshOutcome{.error = Error{Errc::internal, "the refresh failed unexpectedly"}});
        flights_.finish(key, std::move(outcome));
    });
}

Task<FlightOutcome> TokenService::fly(RefreshJob job) {
    job.rejected_generation = std::max(job.rejected_generation, cache_.rejected_generation(job.connection.id));
    const auto connection = job.connection.id;
    auto outcome = std::make_shared<RefreshOutcome>(co_await journal_.refresh(std::move(job)));
    if (outcome->error)
        backoff_.failed(connection, *outcome->error, wanted_pause(*outcome->error));
    else
        backoff_.cleared(connection);
    if (outcome->token)
        cache_.publish(outcome->token);
    else
        cache_.drop(connection);
    if (outcome->asked_provider) crash_point(outcome->resolved ? "recover.after_publish" : "refresh.after_publish");
    co_return outcome;
}

// A token that was refused seconds after it was made would be refused again: renewing it each time would only hammer the
// provider.
void TokenService::reject(const core::TokenKey& key, std::uint64_t generation) { cache_.reject(key, generation, ports_.clock.now() - youngest_rejected); }

void TokenService::forget(const core::ConnectionId& connection) {
    cache_.forget(connection);
    backoff_.cleared(connection);
}

Task<void> TokenService::drain(std::chrono::milliseconds at_most) {
    co_await flights_.drain(ports_.clock.now() + at_most);
    static_cast<void>(co_await journal_.save_unsaved());
}

}  // namespace renkei::app

#include "app/refresh_journal.hpp"

#include "app/crash_point.hpp"
#include "app/ports/seal_places.hpp"
#include "app/refresh_try.hpp"
#include "app/timer.hpp"
#include "oauth/client/classify.hpp"

namespace renkei::app {
namespace {

RefreshQuestion question_of(const core::Connection& connection) {
    return {connection.workspace, connection.id, connection.registration, connection.mode == core::ConnectionMode::client_credentials};
}

}  // namespace

Task<RefreshOutcome> RefreshJournal::refresh(RefreshJob job) {
    constexpr int most_attempts = 4;
    auto outcome = std::make_shared<RefreshOutcome>();
    for (int i = 0; i < most_attempts; ++i) {
        const auto step = co_await attempt(job, outcome);
        if (step == Step::done) co_return std::move(*outcome);
    }
    co_return RefreshOutcome{.error = Error{Errc::provider_unavailable, "the grant kept changing while it was being refreshed"}};
}

// One pass of: is a stored one fresh, may we, announce, ask, remember.
Task<RefreshJournal::Step> RefreshJournal::attempt(RefreshJob job, std::shared_ptr<RefreshOutcome> outcome) {
    const auto give_up = [&](Error error) {
        outcome->error = std::move(error);
        return Step::done;
    };
    if (auto saved = co_await save(job.connection); !saved) co_return give_up(saved.error());
    auto rows = co_await find_rows(question_of(job.connection));
    if (!rows) co_return give_up(rows.error());
    const auto state = rows->grant.state;
    if (state == core::GrantState::dead) co_return give_up({Errc::reconnect_required, "the provider has ended the permission"});
    if (state == core::GrantState::lost) co_return give_up({Errc::grant_lost, "the answer to a token refresh was lost on the wire"});
    auto stored = open_token(*rows);
    const auto now = ports_.clock.now();
    if (stored && stored->generation > job.rejected_generation && !needs_refresh(stored->obtained_at, stored->expires_at, now, job.min_validity)) {
        outcome->token = std::move(stored);
        co_return Step::done;
    }
    if (!rows->registration) co_return give_up({Errc::not_found, "There is no such client registration."});
    auto provider = co_await endpoint_.client_of(*std::move(rows->registration), job.request_id);
    if (!provider) co_return give_up(provider.error());

    auto trial = std::make_shared<Try>(std::move(job), std::move(rows->grant), std::move(*provider), std::move(stored));
    trial->fence_before = rows->fence;
    if (auto opened = trial->open_refresh_tokens(ports_.vault); !opened) co_return give_up(opened.error());
    if (trial->needs_sign_in()) {
        co_await end_grant(trial, {Errc::reconnect_required, "the provider gave no refresh token, and the access token has ended"}, core::GrantState::dead,
                           outcome);
        co_return Step::done;
    }
    auto begun = co_await announce(trial);
    if (!begun) co_return give_up(begun.error());
    if (*begun == Step::start_over) co_return Step::start_over;
    outcome->asked_provider = true;
    outcome->resolved = trial->resumed;
    auto answer = co_await exchange(trial);
    co_return co_await settle(trial, std::move(answer), outcome);
}

Task<Result<RefreshRows>> RefreshJournal::find_rows(RefreshQuestion question) {
    auto rows = co_await ports_.grants.find_refresh(question);
    if (!rows && rows.error().code == Errc::not_found) co_return fail(Errc::connection_draft, "the connection has no grant yet");
    co_return rows;
}

CachedTokenPtr RefreshJournal::open_token(const RefreshRows& rows) {
    const auto& row = rows.token;
    if (!row) return nullptr;
    auto token = ports_.vault.open(access_token_place(row->key, row->generation), row->token);
    if (!token) return nullptr;
    auto out = make_beside_secrets<CachedToken>();
    out->key = row->key;
    out->connection = rows.grant.connection;
    out->token = std::move(*token);
    out->obtained_at = row->obtained_at;
    out->expires_at = row->expires_at;
    out->scopes = cache_.share(row->scopes);
    out->generation = row->generation;
    out->credential_version = rows.grant.credential_version;
    out->last_used_millis = to_millis(rows.grant.last_used_at);
    return out;
}

// Lease and intent in one commit, under the fence that was read. Where that does not go, one after the other: whoever holds
// the lease is waited for, and an intent that stands is taken over.
Task<Result<RefreshJournal::Step>> RefreshJournal::announce(std::shared_ptr<Try> trial) {
    const auto& grant = trial->grant;
    const auto now = ports_.clock.now();
    Lease lease{refresh_lease_name(grant.id), settings_.owner, trial->fence_before + 1, now + settings_.lease_length};
    crash_point("refresh.before_intent");
    UnitOfWork unit;
    unit.reserve(2);
    unit.emplace_back(ClaimLease{grant.workspace, lease.name, lease.owner, trial->fence_before, now, lease.until});
    unit.emplace_back(BeginRefresh{grant.workspace, grant.id, grant.generation, lease.fence, now});
    auto begun = co_await ports_.ledger.commit(grant.workspace, std::move(unit));
    if (begun) {
        trial->lease = std::move(lease);
        crash_point("refresh.after_intent");
        co_return Step::done;
    }
    if (begun.error().code != Errc::conflict) co_return propagate(begun);
    if (auto claimed = co_await claim_lease(trial); !claimed) co_return propagate(claimed);
    co_return co_await begin(trial);
}

// Not released at the end: it ends by itself, its owner may claim it again, and one durable write is saved.
Task<Result<void>> RefreshJournal::claim_lease(std::shared_ptr<Try> trial) {
    constexpr int most_waits = 40;
    constexpr std::chrono::milliseconds pause{250};
    for (int i = 0; i < most_waits; ++i) {
        auto lease = co_await ports_.leases.claim(trial->grant.workspace, refresh_lease_name(trial->grant.id), settings_.owner, ports_.clock.now(),
                                                  settings_.lease_length);
        if (lease) {
            trial->lease = std::move(*lease);
            co_return Result<void>{};
        }
        if (lease.error().code != Errc::conflict) co_return propagate(lease);
        co_await sleep_until(ports_.clock, ports_.clock.now() + pause);
    }
    co_return fail(Errc::rotation_unknown, "another process is refreshing this grant");
}

Task<Result<RefreshJournal::Step>> RefreshJournal::begin(std::shared_ptr<Try> trial) {
    const auto& grant = trial->grant;
    UnitOfWork unit;
    unit.emplace_back(BeginRefresh{grant.workspace, grant.id, grant.generation, trial->lease.fence, ports_.clock.now()});
    auto begun = co_await ports_.ledger.commit(grant.workspace, std::move(unit));
    if (begun) {
        crash_point("refresh.after_intent");
        co_return Step::done;
    }
    if (begun.error().code != Errc::conflict) co_return propagate(begun);
    if (co_await generation_moved(grant.workspace, grant.id, grant.generation)) co_return Step::start_over;
    auto intent = co_await ports_.grants.find_intent(grant.workspace, grant.id);
    if (!intent) {
        if (intent.error().code == Errc::not_found) co_return Step::start_over;
        co_return propagate(intent);
    }
    // A refresh of this very generation was announced and never ended: what it did at the provider is not known. Its intent
    // gives way to ours, so that whoever announced it cannot write any more.
    trial->resumed = true;
    trial->grant.state = core::GrantState::rotation_unknown;
    UnitOfWork take_over;
    take_over.emplace_back(EndRefresh{grant.workspace, grant.id, intent->generation, intent->fence});
    take_over.emplace_back(BeginRefresh{grant.workspace, grant.id, grant.generation, trial->lease.fence, ports_.clock.now()});
    take_over.emplace_back(UpdateGrant{trial->grant, grant.generation});
    if (auto taken = co_await ports_.ledger.commit(grant.workspace, std::move(take_over)); !taken) {
        if (taken.error().code == Errc::conflict || taken.error().code == Errc::not_found) co_return Step::start_over;
        co_return propagate(taken);
    }
    crash_point("recover.before_exchange");
    co_return Step::done;
}

Task<Result<oauth::TokenAnswer>> RefreshJournal::ask(std::shared_ptr<Try> trial, const Secret* refresh_token) {
    const auto scope = trial->asked_scope();
    // The token is the try's own and lives as long as it does.
    auto builder = [trial, refresh_token, scope](const ProviderClient& client, const oauth::Moment& moment) {
        return refresh_token != nullptr ? oauth::refresh_request(client.server, client.client, moment, *refresh_token)
                                        : oauth::client_credentials_request(client.server, client.client, moment, scope);
    };
    auto request = co_await endpoint_.build(std::shared_ptr<const ProviderClient>(trial, &trial->provider), std::move(builder));
    if (!request) co_return propagate(request);
    ++counters_.exchanges;
    auto answer = co_await endpoint_.exchange(trial->grant.workspace, std::move(*request), scope, trial->job.request_id);
    crash_point(trial->resumed ? "recover.after_exchange" : "refresh.after_exchange");
    co_return answer;
}

// The current refresh token, once. If it is refused and has never worked, the one before it, once: the answer that brought
// the current one may have been one of two. Never at a strict server, where showing an old token ends the grant.
Task<Result<oauth::TokenAnswer>> RefreshJournal::exchange(std::shared_ptr<Try> trial) {
    if (trial->of_app()) co_return co_await ask(trial, nullptr);
    auto answer = co_await ask(trial, &trial->current);
    if (!answer || !trial->may_try_previous()) co_return answer;
    const auto* failure = std::get_if<oauth::OAuthFailure>(&*answer);
    if (failure == nullptr || failure->error != "invalid_grant" || oauth::classify(*failure, false) != oauth::RefreshFailure::needs_user) co_return answer;
    if (co_await generation_moved(trial->grant.workspace, trial->grant.id, trial->grant.generation)) co_return answer;
    trial->used_previous = true;
    co_return co_await ask(trial, &trial->previous);
}

Task<bool> RefreshJournal::generation_moved(core::WorkspaceId workspace, core::GrantId id, std::uint64_t generation) {
    auto grant = co_await ports_.grants.find_grant(workspace, id);
    co_return grant && grant->generation != generation;
}

}  // namespace renkei::app

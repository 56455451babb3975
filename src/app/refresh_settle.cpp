#include "app/crash_point.hpp"
#include "app/refresh_try.hpp"
#include "base/encoding.hpp"
#include "oauth/client/classify.hpp"
#include "oauth/client/refusal_reason.hpp"

namespace renkei::app {
namespace {

constexpr int most_commits = 4;

bool is_storage(Errc code) { return code == Errc::storage_full || code == Errc::storage_failed || code == Errc::shutting_down; }

EndRefresh end_of(const core::Grant& grant, const Lease& lease) { return {grant.workspace, grant.id, grant.generation, lease.fence}; }

// Whether a success or a failure moves a connection in this state.
bool moves(core::ConnectionState from, core::ConnectionState to) {
    using enum core::ConnectionState;
    if (from == paused || from == revoked) return false;
    return from != to;
}

void use_old_token(RefreshOutcome& outcome, CachedTokenPtr old, Error error) {
    outcome.token = std::move(old);
    outcome.error = std::move(error);
}

}  // namespace

core::AuditRow RefreshJournal::audit(const Try& trial, bool allowed, std::string reason) const {
    core::AuditRow row;
    row.workspace = trial.grant.workspace;
    row.at = ports_.clock.now();
    row.principal_name = "renkei";
    row.action = "token.refresh";
    row.target = "connection:" + trial.job.connection.name.text();
    row.allowed = allowed;
    row.reason = std::move(reason);
    row.credential_version = trial.provider.credential_version;
    row.request_id = trial.job.request_id;
    return row;
}

// What becomes of the connection's row, which must still be as it was read.
Change change_of(core::Connection row, core::ConnectionState state, const Error& why, TimePoint now) {
    const bool good = state == core::ConnectionState::active;
    const std::string_view slug = good ? "" : error_row(why.code).slug;
    const bool news = moves(row.state, state) || (!good && (row.state_slug != slug || row.state_detail != why.detail));
    const auto expected = row.version;
    if (!news || row.state == core::ConnectionState::paused || row.state == core::ConnectionState::revoked)
        return ExpectConnection{row.workspace, row.id, expected};
    row.state = state;
    row.state_slug = slug;
    row.state_detail = good ? "" : why.detail;
    row.updated_at = now;
    row.version = expected + 1;
    return UpdateConnection{std::move(row), expected};
}

// Commits the unit together with the connection's new state. First with the row that the caller had; people edit it
// meanwhile, and then it is read again.
Task<Result<void>> RefreshJournal::commit(core::Connection connection, UnitOfWork unit, core::ConnectionState state, Error why) {
    const auto workspace = connection.workspace;
    const auto id = connection.id;
    Result<void> committed;
    for (int i = 0; i < most_commits; ++i) {
        if (i > 0) {
            auto row = co_await ports_.connections.find_connection_by_id(workspace, id);
            if (!row) co_return propagate(row);
            connection = *std::move(row);
        }
        UnitOfWork whole;
        whole.reserve(unit.size() + 1);
        whole.assign(unit.begin(), unit.end());
        whole.push_back(change_of(connection, state, why, ports_.clock.now()));
        committed = co_await ports_.ledger.commit(workspace, std::move(whole));
        if (committed || committed.error().code != Errc::conflict) co_return committed;
    }
    co_return committed;
}

Task<RefreshJournal::Step> RefreshJournal::settle(std::shared_ptr<Try> trial, Result<oauth::TokenAnswer> answer, std::shared_ptr<RefreshOutcome> outcome) {
    if (!answer) {
        ++counters_.failed_passing;
        co_await settle_unknown(trial, std::move(answer.error()), outcome);
        co_return Step::done;
    }
    if (auto* failure = std::get_if<oauth::OAuthFailure>(&*answer)) co_return co_await settle_failure(trial, std::move(*failure), outcome);
    co_return co_await settle_success(trial, std::get<oauth::TokenResponse>(std::move(*answer)), outcome);
}

// Fills the grant's next generation and the token of it.
Result<void> RefreshJournal::renew(Try& trial, oauth::TokenResponse& response, core::StoredToken& token) {
    auto& grant = trial.grant;
    const auto now = ports_.clock.now();
    const auto next = grant.generation + 1;
    if (!trial.of_app()) {
        const auto& used = trial.used_previous ? trial.previous : trial.current;
        const bool rotated = response.refresh_token && !response.refresh_token->equals(used);
        auto current = ports_.vault.seal(refresh_token_place(grant.workspace, grant.id, next), rotated ? *response.refresh_token : used);
        if (!current) return propagate(current);
        core::Sealed before;
        if (rotated) {
            auto sealed = ports_.vault.seal(previous_refresh_token_place(grant.workspace, grant.id, next), used);
            if (!sealed) return propagate(sealed);
            before = std::move(*sealed);
        }
        grant.refresh_token = std::move(*current);
        grant.previous_refresh_token = std::move(before);
        grant.proven = !rotated;
    }
    token.key = {grant.workspace, grant.id, {}, {}};
    auto sealed = ports_.vault.seal(access_token_place(token.key, next), response.access_token);
    if (!sealed) return propagate(sealed);
    token.token = std::move(*sealed);
    token.generation = next;
    token.obtained_at = now;
    token.expires_at = now + response.expires_in;
    token.scopes = response.scope;
    grant.generation = next;
    grant.state = core::GrantState::active;
    grant.failure_slug.clear();
    grant.credential_version = trial.provider.credential_version;
    if (response.scope_was_sent) {
        grant.scopes.clear();
        for (const auto scope : split(response.scope, ' '))
            if (!scope.empty()) grant.scopes.emplace_back(scope);
    }
    grant.updated_at = now;
    if (const auto used = cache_.find(trial.job.connection.id)) grant.last_used_at = std::max(grant.last_used_at, used->last_used());
    return {};
}

Task<RefreshJournal::Step> RefreshJournal::settle_success(std::shared_ptr<Try> trial, oauth::TokenResponse response, std::shared_ptr<RefreshOutcome> outcome) {
    const auto ended = end_of(trial->grant, trial->lease);
    core::StoredToken stored;
    if (auto renewed = renew(*trial, response, stored); !renewed) {
        outcome->error = renewed.error();
        co_return Step::done;
    }
    UnitOfWork unit;
    unit.emplace_back(UpdateGrant{trial->grant, ended.generation});
    unit.emplace_back(PutToken{stored});
    unit.emplace_back(ended);
    unit.emplace_back(AppendAudit{audit(*trial, true, "generation " + std::to_string(stored.generation))});
    auto committed = co_await commit(trial->job.connection, unit, core::ConnectionState::active, {});
    if (!committed) {
        if (committed.error().code == Errc::conflict && co_await generation_moved(ended.workspace, ended.grant, ended.generation)) co_return Step::start_over;
        // The provider has rotated and only this process knows the new token: it is kept until the store takes it.
        if (is_storage(committed.error().code)) keep_unsaved(*trial, std::move(unit));
        outcome->error = committed.error();
        if (committed.error().code == Errc::conflict) outcome->error = Error{Errc::rotation_unknown, "another process has taken this refresh over"};
        co_return Step::done;
    }
    crash_point(trial->resumed ? "recover.after_commit" : "refresh.after_commit");
    ++counters_.refreshed;
    auto fresh = make_beside_secrets<CachedToken>();
    fresh->key = stored.key;
    fresh->connection = trial->job.connection.id;
    fresh->token = std::move(response.access_token);
    fresh->obtained_at = stored.obtained_at;
    fresh->expires_at = stored.expires_at;
    fresh->scopes = cache_.share(std::move(stored.scopes));
    fresh->generation = stored.generation;
    fresh->credential_version = trial->grant.credential_version;
    fresh->last_used_millis = to_millis(trial->grant.last_used_at);
    outcome->token = std::move(fresh);
    co_return Step::done;
}

Task<RefreshJournal::Step> RefreshJournal::settle_failure(std::shared_ptr<Try> trial, oauth::OAuthFailure failure, std::shared_ptr<RefreshOutcome> outcome) {
    using oauth::RefreshFailure;
    // An invalid_grant is believed only if nobody has rotated the grant meanwhile.
    const bool moved = failure.error == "invalid_grant" && co_await generation_moved(trial->grant.workspace, trial->grant.id, trial->grant.generation);
    const auto explain = [&](Errc code) { return oauth::explained(code, failure); };
    switch (oauth::classify(failure, moved)) {
        case RefreshFailure::stale_generation: co_return Step::start_over;
        case RefreshFailure::needs_app_owner: co_await blame(trial, explain(Errc::needs_app_owner), core::ConnectionState::needs_secret, outcome); break;
        case RefreshFailure::needs_admin: co_await blame(trial, explain(Errc::needs_admin), core::ConnectionState::needs_admin, outcome); break;
        case RefreshFailure::needs_user:
            // Without a person there is nobody to sign in: the app's own access is a matter of its registration.
            if (trial->of_app())
                co_await blame(trial, explain(Errc::needs_app_owner), core::ConnectionState::needs_secret, outcome);
            else if (trial->resumed && trial->provider.manifest->strict_rotation)
                co_await end_grant(trial,
                                   {Errc::grant_lost, "the answer to a token refresh was lost on the wire, and the provider does not take the token before it"},
                                   core::GrantState::lost, outcome);
            else
                co_await end_grant(trial, explain(Errc::reconnect_required), core::GrantState::dead, outcome);
            break;
        case RefreshFailure::retry_later: {
            ++counters_.failed_passing;
            auto error = explain(failure.status == 429 ? Errc::provider_throttled : Errc::provider_unavailable);
            if (failure.retry_after) error.context.emplace_back("retry_after", std::to_string(failure.retry_after->count()));
            error.context.emplace_back("sent", "refused");  // the server has said that it did nothing
            co_await settle_unknown(trial, std::move(error), outcome);
            break;
        }
    }
    co_return Step::done;
}

// A passing fault. If it is not certain that nothing was rotated, the intent stays, and the next try resolves it.
Task<void> RefreshJournal::settle_unknown(std::shared_ptr<Try> trial, Error error, std::shared_ptr<RefreshOutcome> outcome) {
    const bool without_effect = trial->of_app() || certainly_not_sent(error) || error.get("sent") == "refused";
    UnitOfWork unit;
    if (trial->of_app() || (without_effect && !trial->resumed)) {
        unit.emplace_back(end_of(trial->grant, trial->lease));
    } else if (trial->grant.state != core::GrantState::rotation_unknown) {
        trial->grant.state = core::GrantState::rotation_unknown;
        trial->grant.updated_at = ports_.clock.now();
        unit.emplace_back(UpdateGrant{trial->grant, trial->grant.generation});
    }
    // Nothing is lost if this is not stored: the intent stands, and the next try finds it.
    if (!unit.empty()) static_cast<void>(co_await ports_.ledger.commit(trial->grant.workspace, std::move(unit)));
    use_old_token(*outcome, trial->old_token(ports_.clock.now()), std::move(error));
}

// The grant is as good as before; somebody else than the person must act.
Task<void> RefreshJournal::blame(std::shared_ptr<Try> trial, Error error, core::ConnectionState state, std::shared_ptr<RefreshOutcome> outcome) {
    ++counters_.failed_final;
    UnitOfWork unit;
    if (trial->of_app() || !trial->resumed) unit.emplace_back(end_of(trial->grant, trial->lease));
    unit.emplace_back(AppendAudit{audit(*trial, false, std::string(error_row(error.code).slug) + ": " + error.detail)});
    if (auto committed = co_await commit(trial->job.connection, std::move(unit), state, error); !committed && is_storage(committed.error().code))
        error = committed.error();
    use_old_token(*outcome, trial->old_token(ports_.clock.now()), std::move(error));
}

Task<void> RefreshJournal::end_grant(std::shared_ptr<Try> trial, Error error, core::GrantState state, std::shared_ptr<RefreshOutcome> outcome) {
    ++(state == core::GrantState::lost ? counters_.lost : counters_.failed_final);
    auto& grant = trial->grant;
    grant.state = state;
    grant.failure_slug = error_row(error.code).slug;
    grant.updated_at = ports_.clock.now();
    UnitOfWork unit;
    unit.emplace_back(UpdateGrant{grant, grant.generation});
    unit.emplace_back(DeleteTokens{grant.workspace, grant.id});
    if (trial->lease.fence != 0) unit.emplace_back(end_of(grant, trial->lease));
    unit.emplace_back(AppendAudit{audit(*trial, false, grant.failure_slug + ": " + error.detail)});
    if (auto committed = co_await commit(trial->job.connection, std::move(unit), core::ConnectionState::needs_user, error);
        !committed && is_storage(committed.error().code))
        error = committed.error();
    outcome->error = std::move(error);
}

void RefreshJournal::keep_unsaved(const Try& trial, UnitOfWork unit) {
    ++counters_.unsaved;
    auto kept = std::make_shared<Unsaved>(Unsaved{trial.job.connection, trial.grant.id, std::move(unit)});
    const std::lock_guard lock(mutex_);
    unsaved_.insert_or_assign(trial.job.connection.id, std::move(kept));
}

Task<Result<void>> RefreshJournal::save(core::Connection connection) {
    std::shared_ptr<Unsaved> kept;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = unsaved_.find(connection.id); found != unsaved_.end()) kept = found->second;
    }
    if (!kept) co_return Result<void>{};
    auto committed = co_await commit(connection, kept->unit, core::ConnectionState::active, {});
    if (!committed && is_storage(committed.error().code)) co_return committed;
    // Stored, or overtaken by a reconnect: either way there is nothing left to store.
    const std::lock_guard lock(mutex_);
    unsaved_.erase(connection.id);
    co_return Result<void>{};
}

Task<std::size_t> RefreshJournal::save_unsaved() {
    std::vector<core::Connection> waiting;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, kept] : unsaved_) waiting.push_back(kept->connection);
    }
    std::size_t left = 0;
    for (auto& connection : waiting)
        if (auto saved = co_await save(std::move(connection)); !saved) ++left;
    co_return left;
}

}  // namespace renkei::app

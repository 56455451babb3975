#include "app/connect_flow_impl.hpp"
#include "app/consent_requests.hpp"
#include "app/ports/seal_places.hpp"
#include "app/scope_standing.hpp"
#include "base/sign_in_reason.hpp"
#include "base/uri.hpp"
#include "oauth/client/classify.hpp"
#include "oauth/client/issuer.hpp"
#include "oauth/client/refusal_reason.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

std::unexpected<Error> not_ours(std::string detail) { return fail(Errc::callback_invalid, std::move(detail)); }

// A code that the server does not take: the person starts again. Everything else is the matter of whom the catalogue names.
Error refused(const oauth::OAuthFailure& failure) {
    using oauth::RefreshFailure;
    switch (oauth::classify(failure, false)) {
        case RefreshFailure::needs_app_owner: return oauth::explained(Errc::needs_app_owner, failure);
        case RefreshFailure::needs_admin: return oauth::explained(Errc::needs_admin, failure);
        case RefreshFailure::retry_later: return oauth::explained(failure.status == 429 ? Errc::provider_throttled : Errc::provider_unavailable, failure);
        case RefreshFailure::needs_user:
        case RefreshFailure::stale_generation: break;
    }
    // A code that has a reason of its own was good; the person or the policy was not.
    if (failure.error == "invalid_grant" && oauth::reason_of(failure) == nullptr) {
        auto error = oauth::explained(Errc::callback_invalid, failure);
        error.detail = "the provider does not take the authorization code: " + error.detail;
        return error;
    }
    return oauth::explained(Errc::consent_refused, failure);
}

bool same_identity(const core::PinnedIdentity& pinned, const oauth::SignedInPerson& person) {
    return pinned.issuer == person.issuer && pinned.tenant == person.tenant && pinned.subject == person.subject;
}

// Which other clouds a host of an answer belongs to, in words; empty unless it surely is none of the one that was asked.
std::string other_cloud(const Manifest& manifest, std::string_view asked, std::string_view answered) {
    const auto host = [](std::string_view address) {
        auto text = std::string(address);
        if (const auto at = text.find(oauth::tenant_mark); at != text.npos) text.replace(at, oauth::tenant_mark.size(), "common");
        const auto uri = Uri::parse(text.find("://") == text.npos ? "https://" + text : text);
        return uri ? uri->origin().substr(uri->origin().find("://") + 3) : std::string();
    };
    const auto ours = clouds_of(manifest, host(asked)), theirs = clouds_of(manifest, host(answered));
    std::string words;
    for (const auto* cloud : theirs) {
        if (ours.empty() || std::ranges::find(ours, cloud) != ours.end()) return {};
        words += (words.empty() ? "" : ", ") + cloud_words(*cloud);
    }
    return words;
}

// An answer of another national cloud is refused like any stranger's, but says so.
std::optional<Error> of_other_cloud(const Manifest* manifest, std::string_view asked, std::string_view answered, Error error) {
    if (manifest == nullptr || answered.empty()) return std::nullopt;
    auto words = other_cloud(*manifest, asked, answered);
    if (words.empty()) return std::nullopt;
    return because(std::move(error), "other-cloud", std::move(words));
}

std::string exact_tenant(const ProviderClient& provider) {
    // A domain name or a word for "any" says nothing about the id in the claim; an id does.
    constexpr std::size_t guid_length = 36;
    const auto& tenant = provider.tenant;
    const bool is_id = tenant.size() == guid_length && std::ranges::count(tenant, '-') == 4 && tenant.find('.') == tenant.npos;
    return is_id && provider.server.issuer.find(oauth::tenant_mark) != std::string::npos ? tenant : std::string{};
}

// The first sign-in for an account that was named: it must be that one. Afterwards the pinned ids count, because names move.
Result<void> check_first(const core::Connection& connection, const oauth::SignedInPerson& person) {
    if (connection.act_as.empty() || person.username == connection.act_as) return {};
    if (person.username.empty() && !connection.managed_by) return {};
    return fail(Errc::denied, "the connection is for " + connection.act_as + "; sign in at the provider with that account");
}

}  // namespace

std::vector<std::string> missing_scopes(const std::vector<std::string>& asked, const oauth::TokenResponse& response) {
    std::vector<std::string> granted;
    for (const auto part : split(response.scope, ' '))
        for (const auto scope : split(part, ','))
            if (!scope.empty()) granted.push_back(plain_scope(scope));
    std::vector<std::string> missing;
    for (const auto& scope : asked) {
        const auto plain = plain_scope(scope);
        if (plain == "offline_access") {
            if (!response.refresh_token) missing.push_back(scope);
        } else if (plain == "openid") {
            if (!response.id_token) missing.push_back(scope);
        } else if (response.scope_was_sent && plain != "profile" && plain != "email" && std::ranges::find(granted, plain) == granted.end()) {
            missing.push_back(scope);
        }
    }
    return missing;
}

// The state finds the sign-in, the cookie proves that this browser started it. Neither uses it up: a stranger who saw the
// state cannot spoil the sign-in of the person who started it.
Task<Result<PendingSignIn>> OAuthConnectFlow::find_pending(std::string connector, Fields query, std::optional<Secret> browser_secret) {
    auto state = oauth::state_of(query);
    if (!state) co_return propagate(state);
    const auto hash = ports_.vault.lookup_hash(*state);
    auto row = co_await ports_.one_time.find_one_time(std::string(sign_in_purpose), hash);
    if (!row) {
        if (row.error().code == Errc::not_found) co_return not_ours("no sign-in with this state was started here");
        co_return propagate(row);
    }
    if (row->used) co_return not_ours("this sign-in was finished before");
    if (row->expires_at <= ports_.clock.now()) co_return not_ours("this sign-in has expired");
    auto pending = from_one_time(*row, hash, ports_.vault);
    if (!pending) co_return propagate(pending);
    const auto given = browser_secret ? ports_.vault.lookup_hash(*browser_secret) : Digest{};
    if (!browser_secret || !constant_time_equal(as_text(given), as_text(pending->browser))) co_return not_ours("the sign-in was started in another browser");
    if (pending->connector != connector) co_return not_ours("the answer came to the address of another connector");
    co_return pending;
}

Task<Result<ConnectOutcome>> OAuthConnectFlow::finish(std::string connector, Fields query, std::optional<Secret> browser_secret, std::string request_id) {
    auto found = co_await find_pending(std::move(connector), query, std::move(browser_secret));
    if (!found) co_return propagate(found);
    auto pending = std::make_shared<PendingSignIn>(std::move(*found));
    // Used up before anything is sent: a second answer with the same state finds nothing, whatever becomes of this one.
    UnitOfWork use;
    use.emplace_back(UseOneTime{pending->workspace, std::string(sign_in_purpose), pending->hash, ports_.clock.now()});
    if (auto used = co_await ports_.ledger.commit(pending->workspace, std::move(use)); !used) {
        if (used.error().code == Errc::not_found) co_return not_ours("this sign-in was finished before");
        co_return propagate(used);
    }
    auto redeemed = co_await redeem(pending, std::move(query), request_id);
    if (!redeemed) {
        co_await note_refusal(pending, redeemed.error(), std::move(request_id));
        co_return fail(with_sign_in(std::move(redeemed.error()), {pending->workspace, pending->connection, pending->asked_by}));
    }
    auto outcome = co_await store(pending, std::make_shared<Redeemed>(std::move(*redeemed)), request_id);
    if (!outcome) co_await note_refusal(pending, outcome.error(), std::move(request_id));
    co_return outcome;
}

Task<Result<OAuthConnectFlow::Redeemed>> OAuthConnectFlow::redeem(std::shared_ptr<PendingSignIn> pending, Fields query, std::string request_id) {
    auto callback = oauth::ValidatedCallback::from(query, {.state = pending->state, .issuer = pending->issuer, .iss_required = pending->iss_required});
    const auto* manifest = ports_.catalog.find(pending->connector);
    for (const auto name : {"iss", "cloud_instance_host_name"}) {
        const auto* host = find_field(query, name);
        auto error = callback ? Error{Errc::callback_invalid, "the answer comes from another cloud than the one that was asked"} : callback.error();
        if (host == nullptr || (!callback && callback.error().code != Errc::callback_invalid)) continue;
        if (auto other = of_other_cloud(manifest, pending->issuer, *host, std::move(error))) co_return fail(*std::move(other));
    }
    if (!callback) co_return propagate(callback);
    auto connection = co_await ports_.connections.find_connection_by_id(pending->workspace, pending->connection);
    if (!connection) co_return propagate(connection);
    auto& endpoint = tokens_.endpoint();
    auto opened = co_await endpoint.client_of(pending->workspace, connection->registration, request_id);
    if (!opened) co_return propagate(opened);
    const auto provider = std::make_shared<const ProviderClient>(std::move(*opened));
    auto builder = [pending, code = callback->code().clone()](const ProviderClient& client, const oauth::Moment& moment) {
        return oauth::code_request(client.server, client.client, moment, {code, pending->code_verifier, pending->redirect_uri});
    };
    auto request = co_await endpoint.build(provider, std::move(builder));
    if (!request) co_return propagate(request);
    std::string asked;
    for (const auto& scope : pending->scopes) asked.append(asked.empty() ? "" : " ").append(scope);
    auto answer = co_await endpoint.exchange(pending->workspace, std::move(*request), asked, std::move(request_id));
    if (!answer) co_return propagate(answer);
    if (const auto* failure = std::get_if<oauth::OAuthFailure>(&*answer)) co_return fail(refused(*failure));
    co_return identify(*pending, *provider, std::get<oauth::TokenResponse>(std::move(*answer)), ports_.clock.now());
}

Result<OAuthConnectFlow::Redeemed> OAuthConnectFlow::identify(const PendingSignIn& pending, const ProviderClient& provider, oauth::TokenResponse response,
                                                              TimePoint now) {
    Redeemed out{std::move(response), {}, provider.credential_version};
    const bool asked_who = std::ranges::find(pending.scopes, "openid") != pending.scopes.end();
    // Without openid no nonce was sent, and an id_token that came all the same proves nothing.
    if (!asked_who) return out;
    if (!out.response.id_token) return fail(Errc::provider_bad_answer, "the provider did not say who signed in: the answer has no id_token");
    auto person = oauth::check_id_token(
        *out.response.id_token,
        {.client_id = provider.client.id, .issuer = provider.server.issuer, .tenant = exact_tenant(provider), .nonce = pending.nonce, .now = now});
    if (!person) {
        if (auto other = of_other_cloud(provider.manifest, provider.server.issuer, oauth::unchecked_issuer(*out.response.id_token), person.error()))
            return fail(*std::move(other));
        return propagate(person);
    }
    out.person = std::move(*person);
    return out;
}

Error OAuthConnectFlow::refusal_of(const oauth::OAuthFailure& failure) { return refused(failure); }

Task<Result<ConnectOutcome>> OAuthConnectFlow::accept(std::shared_ptr<PendingSignIn> pending, std::shared_ptr<ProviderClient> provider,
                                                      oauth::TokenResponse response, std::string request_id) {
    auto redeemed = identify(*pending, *provider, std::move(response), ports_.clock.now());
    Result<ConnectOutcome> outcome = redeemed ? co_await store(pending, std::make_shared<Redeemed>(std::move(*redeemed)), request_id) : propagate(redeemed);
    if (!outcome) co_await note_refusal(pending, outcome.error(), std::move(request_id));
    co_return outcome;
}

Result<void> OAuthConnectFlow::fill(core::Grant& grant, core::StoredToken& token, const Redeemed& redeemed) {
    const auto now = ports_.clock.now();
    ++grant.generation;
    grant.refresh_token = {};
    grant.previous_refresh_token = {};
    grant.proven = true;  // it comes from a sign-in
    if (redeemed.response.refresh_token) {
        auto sealed = ports_.vault.seal(refresh_token_place(grant.workspace, grant.id, grant.generation), *redeemed.response.refresh_token);
        if (!sealed) return propagate(sealed);
        grant.refresh_token = std::move(*sealed);
    }
    grant.credential_version = redeemed.credential_version;
    grant.scopes.clear();
    for (const auto scope : split(redeemed.response.scope, ' '))
        if (!scope.empty()) grant.scopes.emplace_back(scope);
    grant.identity = {redeemed.person.issuer, redeemed.person.tenant, redeemed.person.subject, redeemed.person.display};
    grant.state = core::GrantState::active;
    grant.failure_slug.clear();
    grant.updated_at = grant.last_used_at = now;
    token.key = {grant.workspace, grant.id, {}, {}};
    auto sealed = ports_.vault.seal(access_token_place(token.key, grant.generation), redeemed.response.access_token);
    if (!sealed) return propagate(sealed);
    token.token = std::move(*sealed);
    token.generation = grant.generation;
    token.obtained_at = now;
    token.expires_at = now + redeemed.response.expires_in;
    token.scopes = redeemed.response.scope;
    return {};
}

// Insert, or compare-and-swap on the generation that was read. A refresh that is cut off or under way is ended:
// whatever it brings is too old to be stored.
Task<Result<UnitOfWork>> OAuthConnectFlow::grant_changes(core::Connection connection, std::shared_ptr<PendingSignIn> pending,
                                                         std::shared_ptr<Redeemed> redeemed) {
    auto grants = co_await ports_.grants.grants_of_connection(connection.workspace, connection.id);
    if (!grants) co_return propagate(grants);
    const auto old = std::ranges::find_if(*grants, [](const auto& grant) { return grant.subject_kind != core::SubjectKind::app; });
    core::StoredToken token;
    UnitOfWork unit;
    if (old == grants->end()) {
        if (auto expected = check_first(connection, redeemed->person); !expected && !pending->other_account) co_return propagate(expected);
        core::Grant grant;
        grant.workspace = connection.workspace;
        grant.id = ports_.random.make<core::GrantId>();
        grant.connection = connection.id;
        grant.subject_kind = connection.act_as.empty() ? core::SubjectKind::person : core::SubjectKind::act_as;
        grant.subject = connection.act_as.empty() ? redeemed->person.subject : connection.act_as;
        grant.created_at = ports_.clock.now();
        if (auto filled = fill(grant, token, *redeemed); !filled) co_return propagate(filled);
        unit.emplace_back(InsertGrant{std::move(grant)});
    } else {
        // Pinned at the first sign-in: automations must not find themselves in somebody else's mailbox.
        if (!pending->other_account && !old->identity.subject.empty() && !same_identity(old->identity, redeemed->person))
            co_return fail(Errc::denied,
                           "the connection belongs to another account than the one that has just signed in; sign in with that one, or make a new connection");
        const auto expected = old->generation;
        auto intent = co_await ports_.grants.find_intent(old->workspace, old->id);
        if (intent) unit.emplace_back(EndRefresh{old->workspace, old->id, intent->generation, intent->fence});
        if (auto filled = fill(*old, token, *redeemed); !filled) co_return propagate(filled);
        unit.emplace_back(UpdateGrant{*old, expected});
    }
    unit.emplace_back(PutToken{std::move(token)});
    co_return unit;
}

Task<Result<ConnectOutcome>> OAuthConnectFlow::store(std::shared_ptr<PendingSignIn> pending, std::shared_ptr<Redeemed> redeemed, std::string request_id) {
    constexpr int most_commits = 4;
    Result<void> committed;
    for (int i = 0; i < most_commits; ++i) {
        auto connection = co_await ports_.connections.find_connection_by_id(pending->workspace, pending->connection);
        if (!connection) co_return propagate(connection);
        auto unit = co_await grant_changes(*connection, pending, redeemed);
        if (!unit) co_return propagate(unit);
        const auto expected = connection->version;
        if (connection->state != core::ConnectionState::paused) connection->state = core::ConnectionState::active;
        if (pending->other_account && !connection->act_as.empty() && !redeemed->person.username.empty()) connection->act_as = redeemed->person.username;
        connection->state_slug.clear();
        connection->state_detail.clear();
        connection->updated_at = ports_.clock.now();
        connection->version = expected + 1;
        auto row = audit(pending->workspace, "connection.connect", *connection, request_id);
        row.reason = "asked by " + pending->asked_by;
        row.credential_version = redeemed->credential_version;
        unit->emplace_back(UpdateConnection{*connection, expected});
        unit->emplace_back(AppendAudit{std::move(row)});
        committed = co_await ports_.ledger.commit(pending->workspace, std::move(*unit));
        if (committed) {
            tokens_.forget(connection->id);
            ConnectOutcome out{std::move(*connection), redeemed->person.display, {}, missing_scopes(pending->scopes, redeemed->response)};
            for (const auto scope : split(redeemed->response.scope, ' '))
                if (!scope.empty()) out.granted_scopes.emplace_back(scope);
            co_return out;
        }
        if (committed.error().code != Errc::conflict) break;
    }
    co_return propagate(committed);
}

Task<void> OAuthConnectFlow::note_refusal(std::shared_ptr<PendingSignIn> pending, Error error, std::string request_id) {
    auto connection = co_await ports_.connections.find_connection_by_id(pending->workspace, pending->connection);
    if (!connection) co_return;
    auto row = audit(pending->workspace, "connection.connect", *connection, std::move(request_id));
    row.allowed = false;
    row.reason = std::string(error_row(error.code).slug) + ": " + error.detail;
    UnitOfWork unit;
    unit.emplace_back(AppendAudit{std::move(row)});
    // The refusal itself is what the person must see, stored or not.
    static_cast<void>(co_await ports_.ledger.commit(pending->workspace, std::move(unit)));
}

}  // namespace renkei::app

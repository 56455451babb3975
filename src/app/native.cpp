#include "app/native.hpp"

#include "app/with_token.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::size_t longest_noted = 200;

std::string noted(const NativeCall& call) { return std::string(method_text(call.method)) + " " + call.path.substr(0, longest_noted); }

// Whoever has the address by now: the call goes to the one whom the fence means.
std::string with_user(std::string_view path, const std::string& user, const std::string& directory_id) {
    const auto at = path.find('/', 1);
    if (at == path.npos || !path.substr(at + 1).starts_with(user)) return std::string(path);
    return std::string(path.substr(0, at + 1)) + directory_id + std::string(path.substr(at + 1 + user.size()));
}

}  // namespace

Task<Result<void>> Native::note(By by, core::Connection connection, std::string reason, bool allowed) {
    const auto target = target_of("connection", connection.name.text());
    auto row = allowed ? audit_row(by, parts_.clock.now(), "native", target, std::move(reason))
                       : refusal_row(by, parts_.clock.now(), "native", target, std::move(reason));
    UnitOfWork unit;
    unit.emplace_back(AppendAudit{std::move(row)});
    co_return co_await parts_.ledger.commit(by.principal.workspace, std::move(unit));
}

// Who "/me" is: the one who signed in.
Task<Result<std::string>> Native::account_of(core::Connection connection) {
    auto grants = co_await parts_.grants.grants_of_connection(connection.workspace, connection.id);
    if (!grants) co_return propagate(grants);
    for (const auto& grant : *grants)
        if (auto spelled = core::parse_mailbox(grant.identity.display); spelled) co_return *std::move(spelled);
    co_return connection.act_as;
}

Task<Result<Granted>> Native::allow(By by, MailPlace place, NativeReach reach) {
    auto granted = co_await parts_.access.authorize(by.principal, place.connection, core::Action::native, place.mailbox, place.act_as);
    if (!granted) co_return granted;
    const auto& connection = granted->connection;
    switch (reach.kind) {
        case NativeReach::Kind::no_mailbox: co_return granted;
        case NativeReach::Kind::anybody:
            if (connection.fence.everything) co_return granted;
            co_return fail(Error{Errc::outside_fence,
                                 "this path may reach every mailbox, and the connection's list does not allow that; use a path of one user",
                                 {{"connection", connection.name.text()}}});
        case NativeReach::Kind::user:
            co_return co_await parts_.access.authorize(by.principal, place.connection, core::Action::native, reach.user, place.act_as);
        case NativeReach::Kind::own: break;
    }
    if (connection.mode == core::ConnectionMode::client_credentials)
        co_return bad_field("path", "this connection speaks for an application, which is nobody: write /users/ADDRESS instead of /me");
    auto account = co_await account_of(connection);
    if (!account) co_return propagate(account);
    // Without a name the connection's own mailbox would be judged, which another account may have signed in for.
    if (account->empty() && !connection.fence.everything)
        co_return fail(Error{Errc::outside_fence,
                             "nobody knows whose account signed in, so its mailbox cannot be on the list; sign in again with the scope `profile`",
                             {{"connection", connection.name.text()}}});
    co_return co_await parts_.access.authorize(by.principal, place.connection, core::Action::native, *std::move(account), place.act_as);
}

Task<Result<NativeAnswer>> Native::call(By by, MailPlace place, NativeCall wanted) {
    auto row = co_await parts_.connections.find_connection(by.principal.workspace, place.connection);
    const auto* manifest = row ? parts_.catalog.find(row->connector) : nullptr;
    const auto found = manifest == nullptr ? parts_.apis.end() : parts_.apis.find(manifest->native_api);
    // Whoever may not see the connection is told so, whatever it is.
    if (found == parts_.apis.end()) {
        auto granted = co_await parts_.access.authorize(by.principal, place.connection, core::Action::native, place.mailbox, place.act_as);
        if (!granted) co_return propagate(granted);
        co_return fail(Errc::bad_request, "Renkei does not speak this connector's own API");
    }
    auto reach = found->second->reach_of(wanted.path);
    if (!reach) co_return propagate(reach);
    const auto user = reach->kind == NativeReach::Kind::user ? reach->user : std::string();
    auto granted = co_await allow(by, place, *std::move(reach));
    if (!granted) {
        core::Connection refused;
        refused.name = place.connection;
        // The refusal stands whether or not it can be written down.
        static_cast<void>(co_await note(by, std::move(refused), noted(wanted) + ": " + granted.error().detail, false));
        co_return propagate(granted);
    }
    if (auto written = co_await note(by, granted->connection, noted(wanted), true); !written) co_return propagate(written);
    if (!user.empty() && !granted->directory_id.empty()) wanted.path = with_user(wanted.path, user, granted->directory_id);
    co_return co_await ask(*std::move(granted), *found->second, std::move(wanted), by.request_id);
}

Task<Result<NativeAnswer>> Native::ask(Granted granted, NativeApi& api, NativeCall wanted, std::string request_id) {
    auto registration = co_await parts_.connections.find_registration(granted.connection.workspace, granted.connection.registration);
    if (!registration) co_return propagate(registration);
    auto call = [&api, granted, cloud = registration->cloud, wanted = std::move(wanted), request_id](LiveToken live) {
        return api.call({granted.connection, cloud, granted.mailbox, std::move(live.token), request_id}, wanted);
    };
    co_return co_await with_token<NativeAnswer>(parts_.tokens, granted.connection, std::move(request_id), std::move(call));
}

}  // namespace renkei::app

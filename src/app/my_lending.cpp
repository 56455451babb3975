// My connections: connecting one's own account, and who may act with it.
#include "app/my_connections.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

// outlook.taro-3f2a: what people read in lists and in the audit. The end keeps two Taros apart.
core::Name name_below(const core::Name& above, std::string_view email, const core::ConnectionId& id) {
    constexpr std::size_t longest_above = 40, longest_person = 16;
    std::string text = above.text().substr(0, longest_above) + ".";
    for (const char c : email.substr(0, std::min(email.find('@'), longest_person))) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        text += fits ? c : '-';
    }
    const auto tail = id.text();
    return core::Name::parse(text + "-" + lower_ascii(tail.substr(tail.size() - 4))).value_or(above);
}

// What the one above says today; nothing that belongs to the person.
bool follow(core::Connection& own, const core::Connection& above) {
    if (own.scopes == above.scopes && own.registration == above.registration && own.folder == above.folder && own.title == above.title) return false;
    own.scopes = above.scopes;
    own.registration = above.registration;
    own.folder = above.folder;
    own.title = above.title;
    return true;
}

// Whose it is at the provider: the first sign-in must be that account, and its mailbox is the one that may be touched.
void use_account(core::Connection& own, std::string account) {
    own.fence.mailboxes = {account};
    own.mailbox = account;
    own.act_as = std::move(account);
}

}  // namespace

Task<Result<core::Connection>> MyConnections::make_own(By by, core::Connection above, std::string account) {
    const auto now = n_.clock.now();
    core::Connection own;
    own.workspace = above.workspace;
    own.id = n_.random.make<core::ConnectionId>();
    own.name = name_below(above.name, by.principal.name, own.id);
    own.title = above.title;
    own.connector = above.connector;
    own.registration = above.registration;
    own.mode = above.mode;
    use_account(own, std::move(account));
    own.scopes = above.scopes;
    own.owner = core::PersonId(by.principal.id);
    own.folder = above.folder;
    own.managed_by = above.id;
    own.created_at = own.updated_at = now;
    UnitOfWork unit;
    unit.push_back(ExpectConnection{above.workspace, above.id, above.version});
    unit.push_back(InsertConnection{own});
    unit.push_back(
        AppendAudit{audit_row(by, now, "connection.create", target_of("connection", own.name.text()), "a person's own, below " + above.name.text())});
    auto stored = co_await n_.store.commit(own.workspace, std::move(unit));
    // Somebody with two browsers was faster: then that one is theirs.
    if (!stored && stored.error().code == Errc::conflict)
        co_return co_await n_.store.find_connection_of_person(above.workspace, above.id, core::PersonId(by.principal.id));
    if (!stored) co_return propagate(stored);
    co_return own;
}

Task<Result<StartedAuthorization>> MyConnections::connect(By by, core::Name name) {
    auto mine = co_await look(by, name);
    if (!mine) co_return propagate(mine);
    if (mine->above && mine->above->state == core::ConnectionState::paused)
        co_return fail(Errc::connection_paused, "an administrator has paused the connection");
    if (mine->connection.state == core::ConnectionState::paused) co_return fail(Errc::connection_paused, "the connection is paused");
    if (mine->connection.mode != core::ConnectionMode::authorization_code)
        co_return fail(Errc::conflict, "nobody signs in for this connection here: it is made in another way");
    auto own = mine->connected ? Result<core::Connection>(mine->connection) : co_await make_own(by, *mine->above, mine->account);
    if (!own) co_return propagate(own);
    const bool renamed = mine->above && mine->grants.empty() && own->act_as != mine->account;
    if (renamed) use_account(*own, mine->account);
    if (mine->above && (follow(*own, *mine->above) || renamed)) {
        const auto version = own->version++;
        own->updated_at = n_.clock.now();
        UnitOfWork unit{UpdateConnection{*own, version}, AppendAudit{audit_row(by, n_.clock.now(), "connection.change",
                                                                               target_of("connection", own->name.text()), "as " + name.text() + " says")}};
        if (auto stored = co_await n_.store.commit(own->workspace, std::move(unit)); !stored) co_return propagate(stored);
    }
    co_return co_await n_.flow.start_own(std::move(by), *std::move(own));
}

Task<Result<void>> MyConnections::lend(By by, core::Name name, Lend wanted) {
    auto mine = co_await look(by, name);
    if (!mine) co_return propagate(mine);
    if (!mine->lendable().is_personal() && !mine->above)
        co_return fail(Errc::conflict, "nobody signs in for this connection: folders and keys say who may use it");
    auto row = co_await n_.permissions.row_of(by, mine->lendable(), core::PersonId(by.principal.id), wanted);
    if (!row) co_return propagate(row);
    const auto until = row->until ? " until " + iso_text(*row->until) : std::string(", without end");
    UnitOfWork unit;
    unit.push_back(AppendAudit{
        audit_row(by, row->created_at, "permission.give", target_of("connection", name.text()), text_of(row->actions) + " for " + wanted.holder + until)});
    unit.push_back(PutPermission{*std::move(row)});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

Task<Result<void>> MyConnections::withdraw(By by, core::Name name, core::PermissionId id) {
    auto mine = co_await look(by, name);
    if (!mine) co_return propagate(mine);
    const auto own = std::ranges::find_if(
        mine->lent, [&](const ShownPermission& one) { return one.permission.id == id && one.permission.person == core::PersonId(by.principal.id); });
    if (own == mine->lent.end()) co_return fail(Errc::not_found, "there is no such permission of yours");
    UnitOfWork unit;
    unit.push_back(DeletePermission{by.principal.workspace, id});
    unit.push_back(AppendAudit{
        audit_row(by, n_.clock.now(), "permission.withdraw", target_of("connection", name.text()), text_of(own->permission.actions) + " for " + own->holder)});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

}  // namespace renkei::app

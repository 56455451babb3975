#include "app/permissions.hpp"

#include "core/policy.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

std::string reason_of(const Lend& lend) {
    return text_of(lend.actions) + " for " + lend.holder + (lend.until ? " until " + iso_text(*lend.until) : std::string(", without end"));
}

}  // namespace

std::string text_of(const std::vector<core::Action>& actions) {
    std::string text;
    for (const auto action : actions) text.append(text.empty() ? "" : ", ").append(core::text_of(action));
    return text;
}

Task<Result<core::Connection>> Permissions::visible(By by, core::Name connection) {
    auto granted = co_await n_.access.authorize(by.principal, std::move(connection), core::Action::connections_read);
    if (!granted) co_return propagate(granted);
    if (granted->connection.token_type != core::TokenType::user_specific && !granted->connection.is_personal())
        co_return fail(Errc::conflict, "nobody's own account is behind this connection: folders and keys say who may use it");
    co_return std::move(granted->connection);
}

Task<Result<IdBytes>> Permissions::holder_of(core::WorkspaceId workspace, Lend wanted) {
    if (wanted.kind == core::Principal::Kind::person) {
        auto email = core::parse_mailbox(wanted.holder, "person");
        if (!email) co_return propagate(email);
        auto person = co_await n_.store.find_person_by_email(*email);
        if (!person && person.error().code != Errc::not_found) co_return propagate(person);
        auto membership = person ? co_await n_.store.find_membership(workspace, person->id) : Result<core::Membership>(fail(Errc::not_found, {}));
        if (!membership && membership.error().code != Errc::not_found) co_return propagate(membership);
        if (!membership || !membership->active) co_return bad_field("person", "there is no member " + *email);
        co_return person->id.bytes();
    }
    auto name = core::Name::parse(wanted.holder, "key");
    if (!name) co_return propagate(name);
    auto key = co_await n_.store.find_key(workspace, *name);
    if (!key && key.error().code != Errc::not_found) co_return propagate(key);
    if (!key || key->revoked_at) co_return bad_field("key", "there is no API key " + name->text() + " that works");
    co_return key->id.bytes();
}

Task<Result<core::Permission>> Permissions::row_of(By by, core::Connection connection, std::optional<core::PersonId> person, Lend wanted) {
    if (wanted.actions.empty()) co_return bad_field("actions", "name at least one action that is allowed");
    for (const auto action : wanted.actions)
        if (!core::may_be_lent(action)) co_return bad_field("actions", std::string(core::text_of(action)) + " is nothing that is done with an account");
    if (wanted.until && *wanted.until <= n_.clock.now()) co_return bad_field("until", "the date has passed");
    auto holder = co_await holder_of(connection.workspace, wanted);
    if (!holder) co_return propagate(holder);
    auto present = co_await n_.store.permissions_of(connection.workspace, connection.id);
    if (!present) co_return propagate(present);
    if (present->size() >= most_of_a_connection) co_return fail(Errc::conflict, "the connection has as many permissions as it may have: take some back first");
    core::Permission row;
    row.workspace = connection.workspace;
    row.id = n_.random.make<core::PermissionId>();
    row.connection = connection.id;
    row.person = person;
    row.holder = wanted.kind;
    row.holder_id = *holder;
    std::ranges::sort(wanted.actions);
    const auto doubles = std::ranges::unique(wanted.actions);
    wanted.actions.erase(doubles.begin(), doubles.end());
    row.actions = std::move(wanted.actions);
    row.until = wanted.until;
    row.given_by = by.principal.name;
    row.created_at = n_.clock.now();
    co_return row;
}

Task<Result<std::vector<ShownPermission>>> Permissions::shown(core::WorkspaceId workspace, std::vector<core::Permission> rows) {
    std::vector<core::ApiKey> keys;
    for (PageRequest page{"", 500};;) {
        auto found = co_await n_.store.list_keys(workspace, page);
        if (!found) co_return propagate(found);
        std::ranges::move(found->items, std::back_inserter(keys));
        if (found->next.empty()) break;
        page.after = found->next;
    }
    std::vector<ShownPermission> all;
    for (auto& row : rows) {
        ShownPermission shown{std::move(row), {}, {}};
        if (shown.permission.holder == core::Principal::Kind::key) {
            const auto key = std::ranges::find_if(keys, [&](const auto& one) { return one.id.bytes() == shown.permission.holder_id; });
            if (key != keys.end() && !key->revoked_at) shown.holder = key->name.text();
        } else if (auto holder = co_await n_.store.find_person(core::PersonId(shown.permission.holder_id))) {
            shown.holder = holder->email;
        }
        if (shown.permission.person)
            if (auto person = co_await n_.store.find_person(*shown.permission.person)) shown.person = person->email;
        all.push_back(std::move(shown));
    }
    co_return all;
}

Task<Result<std::vector<ShownPermission>>> Permissions::list(By by, core::Name name) {
    auto connection = co_await visible(by, std::move(name));
    if (!connection) co_return propagate(connection);
    auto rows = co_await n_.store.permissions_of(connection->workspace, connection->id);
    if (!rows) co_return propagate(rows);
    co_return co_await shown(connection->workspace, *std::move(rows));
}

Task<Result<ShownPermission>> Permissions::make_rule(By by, core::Name name, Lend wanted) {
    auto connection = co_await visible(by, name);
    if (!connection) co_return propagate(connection);
    if (connection->token_type != core::TokenType::user_specific)
        co_return fail(Errc::conflict, "only the person can say who may use their own connection; a rule is for a user-specific one");
    auto row = co_await row_of(by, *connection, std::nullopt, wanted);
    if (!row) co_return propagate(row);
    UnitOfWork unit;
    unit.push_back(PutPermission{*row});
    unit.push_back(AppendAudit{audit_row(by, row->created_at, "permission.rule", target_of("connection", name.text()), reason_of(wanted))});
    if (auto stored = co_await n_.store.commit(row->workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return ShownPermission{*std::move(row), wanted.holder, {}};
}

Task<Result<void>> Permissions::remove(By by, core::Name name, core::PermissionId id) {
    auto connection = co_await visible(by, name);
    if (!connection) co_return propagate(connection);
    auto rows = co_await n_.store.permissions_of(connection->workspace, connection->id);
    if (!rows) co_return propagate(rows);
    const auto row = std::ranges::find(*rows, id, &core::Permission::id);
    if (row == rows->end()) co_return fail(Errc::not_found, "there is no such permission");
    UnitOfWork unit;
    unit.push_back(DeletePermission{row->workspace, row->id});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "permission.remove", target_of("connection", name.text()),
                                         text_of(row->actions) + (row->person ? ", lent by a person" : ", a rule"))});
    co_return co_await n_.store.commit(row->workspace, std::move(unit));
}

Task<Result<std::vector<ConnectedPerson>>> Permissions::people(By by, core::Name name) {
    auto connection = co_await visible(by, std::move(name));
    if (!connection) co_return propagate(connection);
    auto below = co_await n_.store.connections_below(connection->workspace, connection->id);
    if (!below) co_return propagate(below);
    std::vector<ConnectedPerson> all;
    for (auto& own : *below) {
        auto person = co_await n_.store.find_person(*own.owner);
        if (!person) co_return propagate(person);
        auto grants = co_await n_.store.grants_of_connection(own.workspace, own.id);
        if (!grants) co_return propagate(grants);
        ConnectedPerson one{*std::move(person), std::move(own), {}, {}};
        if (!grants->empty()) {
            one.signed_in_as = grants->front().identity.display;
            one.last_used_at = grants->front().last_used_at;
        }
        all.push_back(std::move(one));
    }
    co_return all;
}

}  // namespace renkei::app

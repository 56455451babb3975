#include "tests/support/fake_store_tables.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::testing {
namespace {

using Tables = FakeStore::Tables;

template <class Row>
Result<Row> copy_of(const Row* row) {
    if (row == nullptr) return fail(Errc::not_found, "There is no such row.");
    return *row;
}

template <class Row, class Key>
std::vector<Row> sorted(std::vector<Row> rows, Key key) {
    std::ranges::sort(rows, {}, key);
    return rows;
}

constexpr auto name_of = [](const auto& row) { return row.name.text(); };

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// `rows` in order and all after the mark.
template <class Row, class Mark>
app::Page<Row> first_page(std::vector<Row> rows, const app::PageRequest& request, Mark mark) {
    app::Page<Row> page{std::move(rows), {}};
    const std::size_t limit = std::clamp(request.limit, 1u, 500u);
    if (page.items.size() > limit) {
        page.items.resize(limit);
        page.next = mark(page.items.back());
    }
    return page;
}

template <class TableType>
auto page_by_name(const TableType& table, core::WorkspaceId workspace, const app::PageRequest& request) {
    auto rows = table.all_where([&](const auto& row) { return row.workspace == workspace && row.name.text() > request.after; });
    return first_page(sorted(std::move(rows), name_of), request, name_of);
}

template <class Row>
Result<std::vector<Row>> in(core::WorkspaceId workspace, const auto& table) {
    return table.all_where([&](const Row& row) { return row.workspace == workspace; });
}

}  // namespace

Task<Result<core::Workspace>> FakeStore::find_workspace(core::WorkspaceId workspace) {
    return look([=](Tables& t) { return copy_of(t.workspaces.find(workspace)); });
}
Task<Result<std::vector<core::Workspace>>> FakeStore::all_workspaces() {
    return look([](Tables& t) { return Result<std::vector<core::Workspace>>(sorted(t.workspaces.all_where([](const auto&) { return true; }), name_of)); });
}
Task<Result<core::Person>> FakeStore::find_person(core::PersonId person) {
    return look([=](Tables& t) { return copy_of(t.persons.find(person)); });
}
Task<Result<core::Person>> FakeStore::find_person_by_email(std::string email) {
    return look([=](Tables& t) { return copy_of(t.persons.find_where([&](const auto& row) { return row.email == email; })); });
}
Task<Result<core::Membership>> FakeStore::find_membership(core::WorkspaceId workspace, core::PersonId person) {
    return look([=](Tables& t) { return copy_of(t.memberships.find({workspace, person})); });
}
Task<Result<std::vector<core::Group>>> FakeStore::all_groups(core::WorkspaceId workspace) {
    return look([=](Tables& t) { return Result<std::vector<core::Group>>(sorted(*in<core::Group>(workspace, t.groups), name_of)); });
}
Task<Result<std::vector<core::Folder>>> FakeStore::all_folders(core::WorkspaceId workspace) {
    return look([=](Tables& t) { return Result<std::vector<core::Folder>>(sorted(*in<core::Folder>(workspace, t.folders), name_of)); });
}
Task<Result<std::vector<core::FolderGrant>>> FakeStore::all_folder_grants(core::WorkspaceId workspace) {
    return look([=](Tables& t) { return in<core::FolderGrant>(workspace, t.folder_grants); });
}
Task<Result<std::string>> FakeStore::find_setting(core::WorkspaceId workspace, std::string name) {
    return look([=](Tables& t) { return copy_of(t.settings.find({workspace, name})); });
}
Task<Result<core::ApiKey>> FakeStore::find_key_by_hash(Digest hash) {
    return look([=](Tables& t) { return copy_of(t.keys.find_where([&](const auto& row) { return row.hash == hash; })); });
}
Task<Result<core::ApiKey>> FakeStore::find_key(core::WorkspaceId workspace, core::Name name) {
    return look([=](Tables& t) { return copy_of(t.keys.find_where([&](const auto& row) { return row.workspace == workspace && row.name == name; })); });
}
Task<Result<app::Page<core::ApiKey>>> FakeStore::list_keys(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return Result<app::Page<core::ApiKey>>(page_by_name(t.keys, workspace, page)); });
}
Task<Result<core::Connection>> FakeStore::find_connection(core::WorkspaceId workspace, core::Name name) {
    return look([=](Tables& t) { return copy_of(t.connections.find_where([&](const auto& row) { return row.workspace == workspace && row.name == name; })); });
}
Task<Result<core::Connection>> FakeStore::find_connection_by_id(core::WorkspaceId workspace, core::ConnectionId id) {
    return look([=](Tables& t) { return copy_of(t.connections.find({workspace, id})); });
}
Task<Result<app::Page<core::Connection>>> FakeStore::list_connections(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return Result<app::Page<core::Connection>>(page_by_name(t.connections, workspace, page)); });
}
Task<Result<core::ClientRegistration>> FakeStore::find_registration(core::WorkspaceId workspace, core::RegistrationId id) {
    return look([=](Tables& t) { return copy_of(t.registrations.find({workspace, id})); });
}
Task<Result<core::ClientRegistration>> FakeStore::find_registration_by_name(core::WorkspaceId workspace, core::Name name) {
    return look(
        [=](Tables& t) { return copy_of(t.registrations.find_where([&](const auto& row) { return row.workspace == workspace && row.name == name; })); });
}
Task<Result<app::Page<core::ClientRegistration>>> FakeStore::list_registrations(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return Result<app::Page<core::ClientRegistration>>(page_by_name(t.registrations, workspace, page)); });
}
Task<Result<std::vector<core::Connection>>> FakeStore::connections_of_registration(core::WorkspaceId workspace, core::RegistrationId id) {
    return look([=](Tables& t) {
        auto rows = t.connections.all_where([&](const auto& row) { return row.workspace == workspace && row.registration == id; });
        return Result<std::vector<core::Connection>>(sorted(std::move(rows), name_of));
    });
}
Task<Result<std::vector<core::Connection>>> FakeStore::connections_below(core::WorkspaceId workspace, core::ConnectionId above) {
    return look([=](Tables& t) {
        return Result<std::vector<core::Connection>>(
            sorted(t.connections.all_where([&](const auto& row) { return row.workspace == workspace && row.managed_by == above; }), name_of));
    });
}
Task<Result<core::Connection>> FakeStore::find_connection_of_person(core::WorkspaceId workspace, core::ConnectionId above, core::PersonId person) {
    return look([=](Tables& t) {
        return copy_of(t.connections.find_where([&](const auto& row) { return row.workspace == workspace && row.managed_by == above && row.owner == person; }));
    });
}
Task<Result<std::vector<core::Permission>>> FakeStore::permissions_of(core::WorkspaceId workspace, core::ConnectionId connection) {
    return look([=](Tables& t) {
        const auto age = [](const core::Permission& row) { return std::pair(row.created_at, row.id); };
        return Result<std::vector<core::Permission>>(
            sorted(t.permissions.all_where([&](const auto& row) { return row.workspace == workspace && row.connection == connection; }), age));
    });
}
Task<Result<core::Grant>> FakeStore::find_grant(core::WorkspaceId workspace, core::GrantId id) {
    return look([=](Tables& t) { return copy_of(t.grants.find({workspace, id})); });
}
Task<Result<std::vector<core::Grant>>> FakeStore::grants_of_connection(core::WorkspaceId workspace, core::ConnectionId id) {
    return look([=](Tables& t) {
        auto rows = t.grants.all_where([&](const auto& row) { return row.workspace == workspace && row.connection == id; });
        return Result<std::vector<core::Grant>>(sorted(std::move(rows), [](const auto& row) { return std::pair(row.subject_kind, row.subject); }));
    });
}
Task<Result<app::RefreshRows>> FakeStore::find_refresh(app::RefreshQuestion asked) {
    return look([=](Tables& t) -> Result<app::RefreshRows> {
        const auto grants = sorted(t.grants.all_where([&](const auto& row) {
            return row.workspace == asked.workspace && row.connection == asked.connection && (row.subject_kind == core::SubjectKind::app) == asked.of_app;
        }),
                                   [](const auto& row) { return std::pair(row.subject_kind, row.subject); });
        if (grants.empty()) return fail(Errc::not_found, "There is no such grant.");
        app::RefreshRows rows{grants.front(), {}, {}, 0};
        if (const auto* token = t.tokens.find({asked.workspace, rows.grant.id, {}, {}})) rows.token = *token;
        if (const auto* registration = t.registrations.find({asked.workspace, asked.registration})) rows.registration = *registration;
        if (const auto* lease = t.leases.find({asked.workspace, app::refresh_lease_name(rows.grant.id)})) rows.fence = lease->fence;
        return rows;
    });
}
Task<Result<core::StoredToken>> FakeStore::find_token(core::TokenKey key) {
    return look([=](Tables& t) { return copy_of(t.tokens.find(key)); });
}
Task<Result<std::vector<app::RefreshIntent>>> FakeStore::all_intents() {
    return look([](Tables& t) {
        return Result<std::vector<app::RefreshIntent>>(
            sorted(t.intents.all_where([](const auto&) { return true; }), [](const auto& row) { return std::pair(row.at, row.grant); }));
    });
}
Task<Result<app::RefreshIntent>> FakeStore::find_intent(core::WorkspaceId workspace, core::GrantId grant) {
    return look([=](Tables& t) { return copy_of(t.intents.find({workspace, grant})); });
}
Task<Result<std::vector<core::StoredToken>>> FakeStore::tokens_expiring(TimePoint until, TimePoint used_since, std::uint32_t limit) {
    return look([=](Tables& t) {
        auto rows = t.tokens.all_where([&](const core::StoredToken& row) {
            const auto* grant = t.grants.find({row.key.workspace, row.key.grant});
            return row.expires_at < until && grant != nullptr && grant->last_used_at >= used_since && grant->state == core::GrantState::active;
        });
        rows = sorted(std::move(rows), [](const auto& row) { return row.expires_at; });
        if (rows.size() > limit) rows.resize(limit);
        return Result<std::vector<core::StoredToken>>(std::move(rows));
    });
}
Task<Result<core::ConsentRequest>> FakeStore::find_consent(core::WorkspaceId workspace, core::ConsentId id) {
    return look([=](Tables& t) { return copy_of(t.consents.find({workspace, id})); });
}
Task<Result<core::ConsentRequest>> FakeStore::find_consent_by_link(Digest link) {
    return look([=](Tables& t) { return copy_of(t.consents.find_where([&](const auto& row) { return row.link == link; })); });
}
Task<Result<std::vector<core::ConsentRequest>>> FakeStore::consents_of(core::WorkspaceId workspace, core::ConnectionId connection) {
    return look([=](Tables& t) -> Result<std::vector<core::ConsentRequest>> {
        const auto order = [](const core::ConsentRequest& row) { return std::pair(row.created_at, row.id); };
        auto rows = sorted(t.consents.all_where([&](const auto& row) { return row.workspace == workspace && row.connection == connection; }), order);
        std::ranges::reverse(rows);
        return rows;
    });
}
Task<Result<app::Page<core::ConsentRequest>>> FakeStore::list_consents(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) -> Result<app::Page<core::ConsentRequest>> {
        const auto mark = [](const core::ConsentRequest& row) { return std::to_string(to_millis(row.created_at)) + '.' + row.id.text(); };
        const auto order = [](const core::ConsentRequest& row) { return std::pair(row.created_at, row.id); };
        auto rows = sorted(*in<core::ConsentRequest>(workspace, t.consents), order);
        std::ranges::reverse(rows);
        if (!page.after.empty()) {
            const auto dot = page.after.find('.');
            const auto at = number_in(std::string_view(page.after).substr(0, dot));
            const auto id = dot == std::string::npos ? std::nullopt : core::ConsentId::parse(page.after.substr(dot + 1));
            if (!at || !id) return fail(Errc::bad_request, "The cursor is not one that was handed out.");
            const std::pair after(from_millis(static_cast<std::int64_t>(*at)), *id);
            std::erase_if(rows, [&](const core::ConsentRequest& row) { return order(row) >= after; });
        }
        return first_page(std::move(rows), page, mark);
    });
}
Task<Result<core::Operation>> FakeStore::find_operation(core::WorkspaceId workspace, core::OperationId id) {
    return look([=](Tables& t) { return copy_of(t.operations.find({workspace, id})); });
}
Task<Result<app::Page<core::Operation>>> FakeStore::list_operations(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) -> Result<app::Page<core::Operation>> {
        const auto mark = [](const core::Operation& row) { return std::to_string(to_millis(row.created_at)) + '.' + row.id.text(); };
        const auto order = [](const core::Operation& row) { return std::pair(row.created_at, row.id); };
        auto rows = sorted(*in<core::Operation>(workspace, t.operations), order);
        std::ranges::reverse(rows);
        if (!page.after.empty()) {
            const auto dot = page.after.find('.');
            const auto at = number_in(std::string_view(page.after).substr(0, dot));
            const auto id = dot == std::string::npos ? std::nullopt : core::OperationId::parse(page.after.substr(dot + 1));
            if (!at || !id) return fail(Errc::bad_request, "The cursor is not one that was handed out.");
            const std::pair after(from_millis(static_cast<std::int64_t>(*at)), *id);
            std::erase_if(rows, [&](const core::Operation& row) { return order(row) >= after; });
        }
        return first_page(std::move(rows), page, mark);
    });
}
Task<Result<app::Page<core::OperationItem>>> FakeStore::operation_items(core::WorkspaceId workspace, core::OperationId id, app::PageRequest page) {
    return look([=](Tables& t) -> Result<app::Page<core::OperationItem>> {
        const auto after = number_in(page.after.empty() ? "0" : page.after);
        if (!after) return fail(Errc::bad_request, "The cursor is not one that was handed out.");
        std::vector<core::OperationItem> items;
        for (const auto& row : t.items.all_where([&](const auto& item) { return item.workspace == workspace && item.operation == id; }))
            if (page.after.empty() || row.item.index > *after) items.push_back(row.item);
        return first_page(std::move(items), page, [](const auto& item) { return std::to_string(item.index); });
    });
}
Task<Result<std::vector<core::Operation>>> FakeStore::unfinished_operations() {
    return look([](Tables& t) {
        auto rows =
            t.operations.all_where([](const auto& row) { return row.state == core::OperationState::queued || row.state == core::OperationState::running; });
        return Result<std::vector<core::Operation>>(sorted(std::move(rows), [](const auto& row) { return row.created_at; }));
    });
}
Task<Result<app::OneTime>> FakeStore::find_one_time(std::string purpose, Digest hash) {
    return look([=](Tables& t) -> Result<app::OneTime> {
        const auto* found = t.one_times.find_where([&](const auto& row) { return row.purpose == purpose && row.hash == hash; });
        return copy_of(found == nullptr ? nullptr : &found->row);
    });
}
Task<Result<std::vector<app::FoundOneTime>>> FakeStore::live_one_times(std::string purpose, TimePoint now, std::uint32_t limit) {
    return look([=](Tables& t) -> Result<std::vector<app::FoundOneTime>> {
        std::vector<app::FoundOneTime> found;
        for (const auto& row : t.one_times.all_where([&](const auto& one) { return one.purpose == purpose && !one.row.used && one.row.expires_at > now; }))
            found.push_back({row.hash, row.row});
        std::ranges::sort(found, {}, [](const auto& one) { return one.row.expires_at; });
        if (found.size() > limit) found.resize(limit);
        return found;
    });
}
Task<Result<app::IdempotentAnswer>> FakeStore::find_idempotency(core::WorkspaceId workspace, std::string scope) {
    return look([=](Tables& t) { return copy_of(t.answers.find({workspace, scope})); });
}
Task<Result<app::Page<core::AuditRow>>> FakeStore::list_audit(core::WorkspaceId workspace, app::AuditQuery query, app::PageRequest page) {
    return look([=](Tables& t) -> Result<app::Page<core::AuditRow>> {
        const auto before = number_in(page.after.empty() ? "18446744073709551615" : page.after);
        if (!before) return fail(Errc::bad_request, "The cursor is not one that was handed out.");
        auto rows = t.audits[workspace];
        std::ranges::reverse(rows);
        std::erase_if(rows, [&](const core::AuditRow& row) {
            const bool wanted = (query.action.empty() || row.action == query.action) && (query.target.empty() || row.target == query.target) &&
                                (query.principal.empty() || row.principal_name == query.principal);
            return !wanted || row.sequence >= *before;
        });
        return first_page(std::move(rows), page, [](const auto& row) { return std::to_string(row.sequence); });
    });
}
Task<Result<std::vector<app::DataKeyRow>>> FakeStore::all_data_keys() {
    return look([](Tables& t) { return Result<std::vector<app::DataKeyRow>>(t.data_keys.all_where([](const auto&) { return true; })); });
}

}  // namespace renkei::testing

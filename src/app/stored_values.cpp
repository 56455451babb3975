#include "app/stored_values.hpp"

#include "app/ports/seal_places.hpp"
#include "app/values.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

Result<void> check_value(const Secret& value, const std::optional<TimePoint>& expires_at, TimePoint now) {
    if (value.empty() || value.expose().size() > StoredValues::longest_value) return bad_field("value", "`value` must have 1 byte to 64 KiB");
    if (expires_at && *expires_at <= now) return bad_field("expires_at", "`expires_at` is in the past");
    return {};
}

bool refers_to(const std::string& text, core::SourceKind kind, const core::Name& name) {
    const auto source = core::parse_value_source(text, "source");
    return source && source->kind == kind && source->name == name.text();
}

template <class Row>
void add_fields(std::vector<Dependent>& out, std::string_view what, const Row& row, core::SourceKind kind, const core::Name& name) {
    for (const auto& [field, source] : row.sources)
        if (refers_to(source, kind, name)) out.push_back({std::string(what), row.name, field});
}

}  // namespace

Result<core::StoredValueVersion> StoredValues::seal(const core::StoredCredential& row, Secret value, std::optional<TimePoint> expires_at) const {
    core::StoredValueVersion version;
    version.version = row.versions.empty() ? 1 : row.versions.front().version + 1;
    version.created_at = n_.clock.now();
    version.expires_at = expires_at;
    auto sealed = n_.vault.seal(stored_credential_place(row.workspace, row.id, version.version), value);
    if (!sealed) return propagate(sealed);
    version.value = *std::move(sealed);
    return version;
}

Task<Result<core::StoredCredential>> StoredValues::create(By by, CreateStoredCredential wanted) {
    const auto now = n_.clock.now();
    if (auto good = check_value(wanted.value, wanted.expires_at, now); !good) co_return propagate(good);
    core::StoredCredential row;
    row.workspace = by.principal.workspace;
    row.id = n_.random.make<core::StoredCredentialId>();
    row.name = wanted.name;
    row.title = std::move(wanted.title);
    row.created_at = now;
    auto version = seal(row, std::move(wanted.value), wanted.expires_at);
    if (!version) co_return propagate(version);
    row.versions.push_back(*std::move(version));
    UnitOfWork unit;
    unit.push_back(InsertStoredCredential{row});
    unit.push_back(AppendAudit{audit_row(by, now, "credential.create", target_of("credential", row.name.text()), std::string(by_right), 1)});
    auto stored = co_await n_.store.commit(row.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is a stored credential " + row.name.text() + " already", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    co_return row;
}

Task<Result<core::StoredCredential>> StoredValues::add_version(By by, core::Name name, Secret value, std::optional<TimePoint> expires_at,
                                                               std::optional<std::uint64_t> expected) {
    const auto now = n_.clock.now();
    if (auto good = check_value(value, expires_at, now); !good) co_return propagate(good);
    auto row = co_await n_.store.find_stored_credential(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the stored credential was changed meanwhile");
    if (row->versions.size() >= core::most_stored_versions)
        co_return fail(Errc::conflict, "a stored credential keeps at most 8 versions: remove an old one first");
    auto version = seal(*row, std::move(value), expires_at);
    if (!version) co_return propagate(version);
    const auto number = version->version;
    row->versions.insert(row->versions.begin(), *std::move(version));
    const auto before = row->version++;
    UnitOfWork unit;
    unit.push_back(UpdateStoredCredential{*row, before});
    unit.push_back(AppendAudit{audit_row(by, now, "credential.rotate", target_of("credential", name.text()), std::string(by_right), number)});
    if (auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return row;
}

Task<Result<core::StoredCredential>> StoredValues::remove_version(By by, core::Name name, std::uint32_t version) {
    auto row = co_await n_.store.find_stored_credential(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    if (row->versions.front().version == version) co_return fail(Errc::conflict, "this is the version in use: add another one first");
    if (std::erase_if(row->versions, [&](const auto& one) { return one.version == version; }) == 0)
        co_return fail(Errc::not_found, "the stored credential has no such version");
    const auto before = row->version++;
    UnitOfWork unit;
    unit.push_back(UpdateStoredCredential{*row, before});
    unit.push_back(
        AppendAudit{audit_row(by, n_.clock.now(), "credential.version.remove", target_of("credential", name.text()), std::string(by_right), version)});
    if (auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return row;
}

Task<Result<std::vector<Dependent>>> StoredValues::dependents(By by, core::SourceKind kind, core::Name name) {
    std::vector<Dependent> out;
    const auto workspace = by.principal.workspace;
    PageRequest request{{}, 500};
    do {
        auto page = co_await n_.store.list_registrations(workspace, request);
        if (!page) co_return propagate(page);
        for (const auto& row : page->items) {
            add_fields(out, "registration", row, kind, name);
            if (std::ranges::any_of(row.credentials, [&](const auto& one) { return refers_to(one.source, kind, name); }))
                out.push_back({"registration", row.name, "credential"});
        }
        request.after = page->next;
    } while (!request.after.empty());
    do {
        auto page = co_await n_.store.list_connections(workspace, request);
        if (!page) co_return propagate(page);
        for (const auto& row : page->items) add_fields(out, "connection", row, kind, name);
        request.after = page->next;
    } while (!request.after.empty());
    co_return out;
}

Task<Result<void>> StoredValues::refuse_used(By by, core::SourceKind kind, core::Name name) {
    auto users = co_await dependents(std::move(by), kind, name);
    if (!users) co_return propagate(users);
    if (users->empty()) co_return Result<void>{};
    const auto& first = users->front();
    co_return fail(Errc::conflict, "in use by " + first.kind + " " + first.name.text() +
                                       (users->size() > 1 ? " and " + std::to_string(users->size() - 1) + " more" : std::string()));
}

Task<Result<void>> StoredValues::remove(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto row = co_await n_.store.find_stored_credential(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the stored credential was changed meanwhile");
    if (auto used = co_await refuse_used(by, core::SourceKind::credential, name); !used) co_return used;
    UnitOfWork unit;
    unit.push_back(DeleteStoredCredential{row->workspace, row->id});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "credential.remove", target_of("credential", name.text()), std::string(by_right))});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

Task<Result<core::Variable>> StoredValues::put_variable(By by, core::Name name, core::VariableType type, std::string value) {
    if (value.size() > 1024) co_return bad_field("value", "`value` must have at most 1,024 bytes");
    if (!core::is_of_type(type, value)) co_return bad_field("value", "`value` is no " + std::string(core::text_of(type)));
    core::Variable row{by.principal.workspace, name, type, std::move(value), 1, n_.clock.now()};
    UnitOfWork unit;
    unit.push_back(PutVariable{row});
    unit.push_back(AppendAudit{audit_row(by, row.updated_at, "variable.set", target_of("variable", name.text()), std::string(by_right))});
    if (auto stored = co_await n_.store.commit(row.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return co_await n_.store.find_variable(row.workspace, name);
}

Task<Result<void>> StoredValues::remove_variable(By by, core::Name name) {
    if (auto used = co_await refuse_used(by, core::SourceKind::variable, name); !used) co_return used;
    UnitOfWork unit;
    unit.push_back(DeleteVariable{by.principal.workspace, name});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "variable.remove", target_of("variable", name.text()), std::string(by_right))});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

Task<Result<bool>> StoredValues::literals_forbidden(By by) {
    auto setting = co_await n_.store.find_setting(by.principal.workspace, std::string(literals_setting));
    if (!setting && setting.error().code == Errc::not_found) co_return false;
    if (!setting) co_return propagate(setting);
    co_return *setting == "forbidden";
}

Task<Result<void>> StoredValues::forbid_literals(By by, bool forbidden) {
    UnitOfWork unit;
    unit.push_back(PutSetting{by.principal.workspace, std::string(literals_setting), forbidden ? "forbidden" : "allowed"});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "values.rule", "workspace", forbidden ? "typed secrets forbidden" : "typed secrets allowed")});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

}  // namespace renkei::app

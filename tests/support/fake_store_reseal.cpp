#include "tests/support/fake_store_tables.hpp"

namespace renkei::testing {
namespace {

using Tables = FakeStore::Tables;

// Bytes 2 to 5 of a sealed value are the version of its key.
bool older_than(const core::Sealed& sealed, std::uint32_t version) {
    if (sealed.bytes.size() <= 5) return false;
    std::uint32_t found = 0;
    for (const char c : sealed.bytes.substr(1, 4)) found = found << 8 | static_cast<std::uint8_t>(c);
    return found < version;
}

/// Calls `visit(place, sealed)` for every sealed column of the workspace; a value it returns takes the place of the old.
template <class Visit>
void each_sealed(Tables& t, core::WorkspaceId workspace, Visit visit) {
    Undo ignored;
    const auto mine = [&](const auto& row) { return row.workspace == workspace; };
    for (auto grant : t.grants.all_where(mine)) {
        visit(app::refresh_token_place(workspace, grant.id, grant.generation), grant.refresh_token);
        visit(app::previous_refresh_token_place(workspace, grant.id, grant.generation), grant.previous_refresh_token);
        t.grants.put(ignored, {workspace, grant.id}, grant);
    }
    for (auto token : t.tokens.all_where([&](const auto& row) { return row.key.workspace == workspace; })) {
        visit(app::access_token_place(token.key, token.generation), token.token);
        t.tokens.put(ignored, token.key, token);
    }
    for (auto registration : t.registrations.all_where(mine)) {
        for (auto& credential : registration.credentials) visit(app::credential_place(workspace, registration.id, credential.version), credential.material);
        t.registrations.put(ignored, {workspace, registration.id}, registration);
    }
    for (auto credential : t.stored_credentials.all_where(mine)) {
        for (auto& one : credential.versions) visit(app::stored_credential_place(workspace, credential.id, one.version), one.value);
        t.stored_credentials.put(ignored, {workspace, credential.id}, credential);
    }
    for (auto vault : t.external_vaults.all_where(mine)) {
        visit(app::external_vault_place(workspace, vault.id, vault.secret_version), vault.auth_secret);
        t.external_vaults.put(ignored, {workspace, vault.id}, vault);
    }
    for (auto once : t.one_times.all_where([&](const auto& row) { return row.row.workspace == workspace; })) {
        visit(app::one_time_place(workspace, once.hash), once.row.secret);
        t.one_times.put(ignored, {workspace, once.purpose, once.hash}, once);
    }
}

}  // namespace

Task<Result<std::vector<app::SealedValue>>> FakeStore::values_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version, std::uint32_t limit) {
    return look([=](Tables& tables) {
        std::vector<app::SealedValue> values;
        each_sealed(tables, workspace, [&](const app::SealPlace& place, core::Sealed& sealed) {
            if (values.size() < limit && older_than(sealed, key_version)) values.push_back({place, sealed, "fake"});
        });
        return Result<std::vector<app::SealedValue>>(std::move(values));
    });
}

Task<Result<std::uint64_t>> FakeStore::count_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version) {
    return look([=](Tables& tables) {
        std::uint64_t count = 0;
        each_sealed(tables, workspace, [&](const app::SealPlace&, core::Sealed& sealed) { count += older_than(sealed, key_version) ? 1 : 0; });
        return Result<std::uint64_t>(count);
    });
}

Task<Result<std::uint64_t>> FakeStore::replace_sealed(core::WorkspaceId workspace, std::vector<app::ResealedValue> values) {
    for (const auto& value : values)
        if (value.was.place.workspace != workspace) co_return fail(Errc::not_found, "A value belongs to another workspace.");
    co_return co_await look([=](Tables& tables) {
        std::uint64_t replaced = 0;
        each_sealed(tables, workspace, [&](const app::SealPlace&, core::Sealed& sealed) {
            for (const auto& value : values) {
                if (value.was.value != sealed || sealed.empty()) continue;
                sealed = value.now;
                ++replaced;
                break;
            }
        });
        return Result<std::uint64_t>(replaced);
    });
}

}  // namespace renkei::testing

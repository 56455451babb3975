#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/read.hpp"

namespace renkei::sqlite {
namespace {

// Bytes 2 to 5 of a sealed value are the version of its key, big-endian, so that SQL can compare it.
std::string version_bytes(std::uint32_t version) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(version >> shift & 0xff);
    return bytes;
}

// A sealed column: how to find old values of it and where they belong. All statements take (workspace, version, limit).
struct Column {
    std::string_view select;
    app::SealedValue (*read)(Use& row, core::WorkspaceId workspace);
    std::string_view replace;  ///< (now, rowid, was)
};

app::SealedValue value_of(Use& row, app::SealPlace place, char column) { return {place, {row.blob(0)}, column + std::to_string(row.number(1))}; }

constexpr Column columns[] = {
    {"SELECT refresh_token, rowid, grant_id, generation FROM grants WHERE workspace=? AND length(refresh_token)>5 AND substr(refresh_token,2,4)<? LIMIT ?",
     [](Use& row, core::WorkspaceId workspace) {
         return value_of(row, app::refresh_token_place(workspace, row.id<core::GrantId>(2), static_cast<std::uint64_t>(row.number(3))), '0');
     },
     "UPDATE grants SET refresh_token=? WHERE rowid=? AND refresh_token=?"},
    {"SELECT previous_refresh_token, rowid, grant_id, generation FROM grants WHERE workspace=? AND length(previous_refresh_token)>5"
     " AND substr(previous_refresh_token,2,4)<? LIMIT ?",
     [](Use& row, core::WorkspaceId workspace) {
         return value_of(row, app::previous_refresh_token_place(workspace, row.id<core::GrantId>(2), static_cast<std::uint64_t>(row.number(3))), '1');
     },
     "UPDATE grants SET previous_refresh_token=? WHERE rowid=? AND previous_refresh_token=?"},
    {"SELECT token, rowid, grant_id, generation, audience, scope_set FROM access_tokens WHERE workspace=? AND length(token)>5 AND substr(token,2,4)<? LIMIT ?",
     [](Use& row, core::WorkspaceId workspace) {
         const core::TokenKey key{workspace, row.id<core::GrantId>(2), row.text(4), row.text(5)};
         return value_of(row, app::access_token_place(key, static_cast<std::uint64_t>(row.number(3))), '2');
     },
     "UPDATE access_tokens SET token=? WHERE rowid=? AND token=?"},
    {"SELECT material, rowid, registration, version FROM client_credentials WHERE workspace=? AND length(material)>5 AND substr(material,2,4)<? LIMIT ?",
     [](Use& row, core::WorkspaceId workspace) {
         return value_of(row, app::credential_place(workspace, row.id<core::RegistrationId>(2), static_cast<std::uint32_t>(row.number(3))), '3');
     },
     "UPDATE client_credentials SET material=? WHERE rowid=? AND material=?"},
    {"SELECT secret, rowid, hash FROM one_time WHERE workspace=? AND length(secret)>5 AND substr(secret,2,4)<? LIMIT ?",
     [](Use& row, core::WorkspaceId workspace) { return value_of(row, app::one_time_place(workspace, row.digest(2)), '4'); },
     "UPDATE one_time SET secret=? WHERE rowid=? AND secret=?"},
    {"SELECT value, rowid, credential, version FROM stored_credential_versions WHERE workspace=? AND length(value)>5 AND substr(value,2,4)<? LIMIT ?",
     [](Use& row, core::WorkspaceId workspace) {
         return value_of(row, app::stored_credential_place(workspace, row.id<core::StoredCredentialId>(2), static_cast<std::uint32_t>(row.number(3))), '5');
     },
     "UPDATE stored_credential_versions SET value=? WHERE rowid=? AND value=?"},
    {"SELECT auth_secret, rowid, vault, secret_version FROM external_vaults WHERE workspace=? AND length(auth_secret)>5 AND substr(auth_secret,2,4)<? LIMIT ?",
     [](Use& row, core::WorkspaceId workspace) {
         return value_of(row, app::external_vault_place(workspace, row.id<core::ExternalVaultId>(2), static_cast<std::uint64_t>(row.number(3))), '6');
     },
     "UPDATE external_vaults SET auth_secret=? WHERE rowid=? AND auth_secret=?"},
};

// The same rows that are read, so that the two can never differ. Static: the database keeps statements by their text's place.
const std::vector<std::string>& count_statements() {
    static const auto all = [] {
        std::vector<std::string> made;
        for (const auto& column : columns) made.push_back("SELECT count(*) FROM (" + std::string(column.select) + ")");
        return made;
    }();
    return all;
}

}  // namespace

Task<Result<std::vector<app::SealedValue>>> SqliteStore::values_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version, std::uint32_t limit) {
    return read([=](Database& db) -> Result<std::vector<app::SealedValue>> {
        std::vector<app::SealedValue> values;
        const auto version = version_bytes(key_version);
        for (const auto& column : columns) {
            if (values.size() >= limit) break;
            auto some = db.all(column.select, [&](Use& row) { return column.read(row, workspace); }, workspace, Blob{version}, limit - values.size());
            if (!some) return propagate(some);
            std::ranges::move(*some, std::back_inserter(values));
        }
        return values;
    });
}

Task<Result<std::uint64_t>> SqliteStore::count_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version) {
    return read([=](Database& db) -> Result<std::uint64_t> {
        std::uint64_t count = 0;
        const auto version = version_bytes(key_version);
        for (const auto& sql : count_statements()) {
            auto some = db.one("count", sql, [](Use& row) { return row.number(0); }, workspace, Blob{version}, std::int64_t{-1});
            if (!some) return propagate(some);
            count += static_cast<std::uint64_t>(*some);
        }
        return count;
    });
}

Task<Result<std::uint64_t>> SqliteStore::replace_sealed(core::WorkspaceId workspace, std::vector<app::ResealedValue> values) {
    for (const auto& value : values)
        if (value.was.place.workspace != workspace) co_return fail(Errc::not_found, "A value belongs to another workspace.");
    auto shared = std::make_shared<const std::vector<app::ResealedValue>>(std::move(values));
    auto replaced = std::make_shared<std::uint64_t>(0);
    auto written = co_await write([=](Database& db) -> Result<void> {
        *replaced = 0;
        for (const auto& [was, now] : *shared) {
            const auto column = was.locator.empty() ? std::size(columns) : static_cast<std::size_t>(was.locator.front() - '0');
            const auto row = column < std::size(columns) ? parse_mark(std::string_view(was.locator).substr(1)) : std::nullopt;
            if (!row) return fail(Errc::not_found, "There is no such sealed value.");
            // A random nonce is part of each value: equal bytes are the same value in the same row.
            auto changed = db.change(columns[column].replace, now, *row, was.value);
            if (!changed) return propagate(changed);
            *replaced += static_cast<std::uint64_t>(*changed);
        }
        return {};
    });
    if (!written) co_return propagate(written);
    co_return *replaced;
}

}  // namespace renkei::sqlite

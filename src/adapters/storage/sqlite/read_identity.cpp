#include "adapters/storage/sqlite/read.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {

Task<Result<core::Workspace>> SqliteStore::find_workspace(core::WorkspaceId workspace) {
    return read(
        [=](Database& db) { return db.one("workspace", "SELECT " RENKEI_WORKSPACE_COLUMNS " FROM workspaces WHERE workspace=?", read_workspace, workspace); });
}

Task<Result<std::vector<core::Workspace>>> SqliteStore::all_workspaces() {
    return read([](Database& db) { return db.all("SELECT " RENKEI_WORKSPACE_COLUMNS " FROM workspaces ORDER BY name", read_workspace); });
}

Task<Result<core::Person>> SqliteStore::find_person(core::PersonId person) {
    return read([=](Database& db) { return db.one("person", "SELECT " RENKEI_PERSON_COLUMNS " FROM persons WHERE person=?", read_person, person); });
}

Task<Result<core::Person>> SqliteStore::find_person_by_email(std::string email) {
    return read([email = std::move(email)](Database& db) {
        return db.one("person", "SELECT " RENKEI_PERSON_COLUMNS " FROM persons WHERE email=?", read_person, email);
    });
}

Task<Result<core::Membership>> SqliteStore::find_membership(core::WorkspaceId workspace, core::PersonId person) {
    return read([=](Database& db) {
        return db.one("member", "SELECT " RENKEI_MEMBERSHIP_COLUMNS " FROM memberships WHERE workspace=? AND person=?", read_membership, workspace, person);
    });
}

Task<Result<std::vector<core::Group>>> SqliteStore::all_groups(core::WorkspaceId workspace) {
    return read(
        [=](Database& db) { return db.all("SELECT " RENKEI_GROUP_COLUMNS " FROM person_groups WHERE workspace=? ORDER BY name", read_group, workspace); });
}

Task<Result<std::vector<core::Folder>>> SqliteStore::all_folders(core::WorkspaceId workspace) {
    return read([=](Database& db) { return db.all("SELECT " RENKEI_FOLDER_COLUMNS " FROM folders WHERE workspace=? ORDER BY name", read_folder, workspace); });
}

Task<Result<std::vector<core::FolderGrant>>> SqliteStore::all_folder_grants(core::WorkspaceId workspace) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_FOLDER_GRANT_COLUMNS " FROM folder_grants WHERE workspace=? ORDER BY folder, holder, holder_id", read_folder_grant,
                      workspace);
    });
}

Task<Result<std::string>> SqliteStore::find_setting(core::WorkspaceId workspace, std::string name) {
    return read([workspace, name = std::move(name)](Database& db) {
        return db.one("setting", "SELECT value FROM settings WHERE workspace=? AND name=?", [](Use& row) { return row.text(0); }, workspace, name);
    });
}

Task<Result<core::ApiKey>> SqliteStore::find_key_by_hash(Digest hash) {
    return read([=](Database& db) { return db.one("key", "SELECT " RENKEI_KEY_COLUMNS " FROM api_keys WHERE hash=?", read_key, hash); });
}

Task<Result<core::ApiKey>> SqliteStore::find_key(core::WorkspaceId workspace, core::Name name) {
    return read([workspace, name = std::move(name)](Database& db) {
        return db.one("key", "SELECT " RENKEI_KEY_COLUMNS " FROM api_keys WHERE workspace=? AND name=?", read_key, workspace, name);
    });
}

Task<Result<core::ApiKey>> SqliteStore::find_key_by_id(core::WorkspaceId workspace, core::KeyId id) {
    return read(
        [=](Database& db) { return db.one("key", "SELECT " RENKEI_KEY_COLUMNS " FROM api_keys WHERE workspace=? AND api_key=?", read_key, workspace, id); });
}

Task<Result<app::Page<core::ApiKey>>> SqliteStore::list_keys(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) {
        const auto limit = rows_for(page);
        return page_of(db.all("SELECT " RENKEI_KEY_COLUMNS " FROM api_keys WHERE workspace=? AND name>? ORDER BY name LIMIT ?", read_key, workspace, page.after,
                              limit + 1),
                       limit, [](const core::ApiKey& key) { return key.name.text(); });
    });
}

Task<Result<std::vector<app::DataKeyRow>>> SqliteStore::all_data_keys() {
    return read([](Database& db) {
        return db.all("SELECT workspace, version, wrapped FROM data_keys ORDER BY workspace, version",
                      [](Use& row) { return app::DataKeyRow{row.id<core::WorkspaceId>(0), static_cast<std::uint32_t>(row.number(1)), row.blob(2)}; });
    });
}

}  // namespace renkei::sqlite

// Makes a store with many connected connections, as after days of use:
//   seed_store DATA_DIR MASTER_KEY_FILE COUNT KEYFILE [ROTATING PORT]
// Connection c000042 has the token "tok-000042-…" of about 800 bytes, alive for a day. KEYFILE gets a key with
// tokens:read in line 1 and a revoked key in line 2. ROTATING more, r000000 and on, have no token yet, and the refresh token
// rt-000042 for the endpoint https://localhost:PORT/token (rotating_tokens.hpp).
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "app/event_loops.hpp"
#include "app/keys.hpp"
#include "app/ports/seal_places.hpp"
#include "server/background.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>

namespace {

using namespace renkei;

struct Seed {
    std::unique_ptr<sqlite::SqliteStore> store;
    std::unique_ptr<vault::SealingVault> vault;
    app::EventLoops& loops;
    SystemRandom random;
    TimePoint now;
    core::Workspace workspace;
    core::Folder folder;
    core::ClientRegistration registration;

    template <class T>
    T must(Result<T> result) {
        if (result) return *std::move(result);
        std::fprintf(stderr, "seed_store: %s\n", result.error().detail.c_str());
        std::exit(1);
    }
    void commit(app::UnitOfWork unit) {
        if (auto done = server::run_on(loops.any(), store->commit(workspace.id, std::move(unit))); !done) {
            std::fprintf(stderr, "seed_store: %s\n", done.error().detail.c_str());
            std::exit(1);
        }
    }

    void make_workspace() {
        workspace = {random.make<core::WorkspaceId>(), *core::Name::parse("main"), "Bench", now};
        folder = {workspace.id, random.make<core::FolderId>(), *core::Name::parse("shared"), "Shared", {}, true};
        registration.workspace = workspace.id;
        registration.id = random.make<core::RegistrationId>();
        registration.name = *core::Name::parse("app");
        registration.connector = "microsoft";
        registration.cloud = "commercial";
        registration.tenant = "contoso.example";
        registration.client_id = "bench";
        registration.created_at = now;
        auto wrapped = must(vault->create_data_key(workspace.id));
        commit({app::PutWorkspace{workspace}, app::PutDataKey{workspace.id, 1, wrapped, true}, app::PutFolder{folder}, app::InsertRegistration{registration}});
    }

    void add_connection(app::UnitOfWork& unit, unsigned number) {
        core::Connection connection;
        connection.workspace = workspace.id;
        connection.id = random.make<core::ConnectionId>();
        connection.name = *core::Name::parse(fmt::format("c{:06}", number));
        connection.connector = "microsoft";
        connection.registration = registration.id;
        connection.mailbox = fmt::format("user{}@contoso.example", number);
        connection.fence.mailboxes = {connection.mailbox};
        connection.folder = folder.id;
        connection.state = core::ConnectionState::active;
        connection.created_at = connection.updated_at = now;
        core::Grant grant;
        grant.workspace = workspace.id;
        grant.id = random.make<core::GrantId>();
        grant.connection = connection.id;
        grant.generation = 1;
        grant.scopes = {"https://graph.microsoft.com/.default"};
        grant.created_at = grant.updated_at = grant.last_used_at = now;
        core::StoredToken token;
        token.key = {workspace.id, grant.id, "", ""};
        token.generation = 1;
        token.obtained_at = now;
        token.expires_at = now + std::chrono::hours(24);
        token.scopes = "https://graph.microsoft.com/.default";
        std::string text = fmt::format("tok-{:06}-", number);
        while (text.size() < 800) text += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[(text.size() * 7 + number) % 62];
        token.token = must(vault->seal(app::access_token_place(token.key, token.generation), Secret(text)));
        // As after the first look at the directory of an app that may not read it: the address is judged by its spelling.
        core::FenceRow row;
        row.workspace = workspace.id;
        row.connection = connection.id;
        row.entry = connection.fence.entries().front();
        row.trouble = core::FenceTrouble::no_right;
        row.names = {{row.entry.written, {}}};
        row.checked_at = now;
        const auto id = connection.id;
        unit.push_back(app::InsertConnection{std::move(connection)});
        unit.push_back(app::PutFenceEntry{std::move(row), {}});
        unit.push_back(app::PutFenceCheck{workspace.id, id, std::nullopt, now, now + std::chrono::hours(24)});
        unit.push_back(app::InsertGrant{std::move(grant)});
        unit.push_back(app::PutToken{std::move(token)});
    }

    void make_rotating(unsigned count, const std::string& port) {
        core::ClientRegistration app;
        app.workspace = workspace.id;
        app.id = random.make<core::RegistrationId>();
        app.name = *core::Name::parse("rotating");
        app.connector = "oauth";
        app.client_id = "bench";
        app.auth_method = core::ClientAuthMethod::none;
        app.authorization_endpoint = app.token_endpoint = "https://localhost:" + port + "/token";
        app.created_at = now;
        app::UnitOfWork unit{app::InsertRegistration{app}};
        for (unsigned number = 0; number < count; ++number) add_rotating(unit, app, number);
        commit(std::move(unit));
    }

    void add_rotating(app::UnitOfWork& unit, const core::ClientRegistration& app, unsigned number) {
        core::Connection connection;
        connection.workspace = workspace.id;
        connection.id = random.make<core::ConnectionId>();
        connection.name = *core::Name::parse(fmt::format("r{:06}", number));
        connection.connector = app.connector;
        connection.registration = app.id;
        connection.mode = core::ConnectionMode::authorization_code;
        connection.folder = folder.id;
        connection.state = core::ConnectionState::active;
        connection.created_at = connection.updated_at = now;
        core::Grant grant;
        grant.workspace = workspace.id;
        grant.id = random.make<core::GrantId>();
        grant.connection = connection.id;
        grant.subject_kind = core::SubjectKind::person;
        grant.generation = 1;
        grant.created_at = grant.updated_at = grant.last_used_at = now;
        grant.refresh_token = must(vault->seal(app::refresh_token_place(workspace.id, grant.id, 1), Secret(fmt::format("rt-{:06}", number))));
        unit.push_back(app::InsertConnection{std::move(connection)});
        unit.push_back(app::InsertGrant{std::move(grant)});
    }

    std::string add_key(const char* name, bool revoked) {
        const auto text = app::make_key_text(random);
        core::ApiKey key;
        key.workspace = workspace.id;
        key.id = random.make<core::KeyId>();
        key.name = *core::Name::parse(name);
        key.hash = vault->lookup_hash(text);
        key.rights = {core::Right{{core::Action::tokens_read}, {}, {}, {}, {}, {}}};
        key.created_at = now;
        if (revoked) key.revoked_at = now;
        commit({app::InsertKey{key}});
        return std::string(text.expose());
    }
};

}  // namespace

int main(int count, char** words) {
    if (count != 5 && count != 7) return std::fputs("usage: seed_store DATA_DIR MASTER_KEY_FILE COUNT KEYFILE [ROTATING PORT]\n", stderr), 2;
    const auto clock = make_system_clock();
    app::EventLoops loops(1);
    loops.start();
    Seed seed{{}, {}, loops, {}, clock->now(), {}, {}, {}};
    sqlite::Settings settings;
    settings.folder = words[1];
    seed.store = seed.must(sqlite::SqliteStore::open(std::move(settings)));
    vault::Settings keys;
    keys.key_file = words[2];
    seed.vault = seed.must(server::run_on(loops.any(), vault::SealingVault::open_store(std::move(keys), *seed.store, seed.random)));
    seed.make_workspace();
    const auto all = static_cast<unsigned>(std::atoi(words[3]));
    for (unsigned from = 0; from < all; from += 500) {
        app::UnitOfWork unit;
        for (unsigned number = from; number < std::min(all, from + 500); ++number) seed.add_connection(unit, number);
        seed.commit(std::move(unit));
    }
    if (count == 7) seed.make_rotating(static_cast<unsigned>(std::atoi(words[5])), words[6]);
    std::ofstream(words[4]) << seed.add_key("bench", false) << '\n' << seed.add_key("revoked", true) << '\n';
    seed.store.reset();
    loops.stop();
    loops.join();
    return 0;
}

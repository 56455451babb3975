// CPU time of a whole refresh (grant read, lease, intent, exchange, compare-and-swap commit, audit, token in memory) against
// a bare libcurl POST and one 2 KiB row in a group commit of 64: the same token endpoint, in turn, on the same disk. The
// time of the whole process counts, threads and kernel included.  refresh FOLDER   Prints one JSON line.
#include "adapters/http/client.hpp"
#include "adapters/providers/catalog_loader.hpp"
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "app/event_loops.hpp"
#include "app/ports/seal_places.hpp"
#include "app/tokens.hpp"
#include "bench/common.hpp"
#include "bench/token_server.hpp"
#include "server/background.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace {

using namespace renkei;
using bench::cpu_micros;
using bench::median;
using bench::must;

constexpr int rounds = 7;
constexpr int callers = 64;
constexpr int per_round = 64 * 24;

// Everything of the server that a refresh passes through.
struct Renkei {
    app::EventLoops loops{1};
    std::unique_ptr<Clock> clock = make_system_clock();
    SystemRandom random;
    std::unique_ptr<sqlite::SqliteStore> store;
    std::unique_ptr<vault::SealingVault> vault;
    std::unique_ptr<app::Catalog> catalog;
    std::unique_ptr<app::HttpClient> client;
    std::unique_ptr<app::TokenService> tokens;
    std::vector<core::Connection> connections;

    Renkei(const std::filesystem::path& folder, std::uint16_t port) {
        loops.start();
        sqlite::Settings settings;
        settings.folder = folder / "data";
        store = must(sqlite::SqliteStore::open(std::move(settings)));
        vault::Settings keys;
        keys.key_file = folder / "master.key";
        vault = must(server::run_on(loops.any(), vault::SealingVault::open_store(std::move(keys), *store, random)));
        catalog = must(providers::load_catalog({}));
        http::ClientSettings outside;
        outside.egress.push_back({"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}});
        outside.plain_http = PlainHttp::allow_plain_http_for_tests;
        client = must(http::make_http_client(std::move(outside), *clock, random));
        tokens = std::make_unique<app::TokenService>(app::TokenPorts{*store, *store, *store, *store, *vault, *client, *catalog, *clock, random});
        make_connections(fmt::format("http://127.0.0.1:{}/token", port));
    }
    ~Renkei() {
        tokens.reset();
        client.reset();
        store.reset();
        loops.stop();
        loops.join();
    }
    Renkei(const Renkei&) = delete;
    Renkei& operator=(const Renkei&) = delete;

    void commit(core::WorkspaceId workspace, app::UnitOfWork unit) { must(server::run_on(loops.any(), store->commit(workspace, std::move(unit)))); }

    void make_connections(const std::string& endpoint) {
        const auto now = clock->now();
        const core::Workspace workspace{random.make<core::WorkspaceId>(), *core::Name::parse("main"), "Bench", now};
        const core::Folder folder{workspace.id, random.make<core::FolderId>(), *core::Name::parse("shared"), "Shared", {}, true};
        auto wrapped = must(vault->create_data_key(workspace.id));
        core::ClientRegistration app;
        app.workspace = workspace.id;
        app.id = random.make<core::RegistrationId>();
        app.name = *core::Name::parse("app");
        app.connector = "oauth";
        app.client_id = "bench";
        app.authorization_endpoint = app.token_endpoint = endpoint;
        app.created_at = now;
        core::CredentialVersion secret;
        secret.version = 1;
        secret.material = must(vault->seal(app::credential_place(workspace.id, app.id, 1), Secret(std::string(40, 's'))));
        app.credentials = {std::move(secret)};
        commit(workspace.id,
               {app::PutWorkspace{workspace}, app::PutDataKey{workspace.id, 1, wrapped, true}, app::PutFolder{folder}, app::InsertRegistration{app}});
        for (int from = 0; from < (rounds + 1) * per_round; from += per_round) {
            app::UnitOfWork unit;
            for (int i = from; i < from + per_round; ++i) add_connection(unit, app, folder, i);
            commit(workspace.id, std::move(unit));
        }
    }

    void add_connection(app::UnitOfWork& unit, const core::ClientRegistration& app, const core::Folder& folder, int number) {
        core::Connection connection;
        connection.workspace = app.workspace;
        connection.id = random.make<core::ConnectionId>();
        connection.name = *core::Name::parse(fmt::format("c{:06}", number));
        connection.connector = app.connector;
        connection.registration = app.id;
        connection.mode = core::ConnectionMode::authorization_code;
        connection.folder = folder.id;
        connection.state = core::ConnectionState::active;
        connection.created_at = connection.updated_at = app.created_at;
        core::Grant grant;
        grant.workspace = app.workspace;
        grant.id = random.make<core::GrantId>();
        grant.connection = connection.id;
        grant.subject_kind = core::SubjectKind::person;
        grant.generation = 1;
        grant.created_at = grant.updated_at = grant.last_used_at = app.created_at;
        grant.refresh_token = must(vault->seal(app::refresh_token_place(app.workspace, grant.id, 1), Secret(std::string(900, 'r'))));
        connections.push_back(connection);
        unit.push_back(app::InsertConnection{std::move(connection)});
        unit.push_back(app::InsertGrant{std::move(grant)});
    }
};

// Every token is the connection's first: nothing is in memory or in the store, so each call is one refresh.
Task<int> caller(Renkei& world, int round, int number) {
    int done = 0;
    for (int i = number; i < per_round; i += callers, ++done) {
        auto connection = world.connections[static_cast<std::size_t>(round * per_round + i)];
        if (auto token = co_await world.tokens->token_for(std::move(connection), std::chrono::seconds(60), "bench"); !token) {
            std::fprintf(stderr, "refresh: %s\n", token.error().detail.c_str());
            std::_Exit(1);
        }
    }
    co_return done;
}

double our_round(Renkei& world, int round) {
    const auto before = cpu_micros();
    const auto refreshed = world.tokens->counters().refreshed.load();
    std::vector<std::future<int>> parts;
    for (int i = 0; i < callers; ++i) {
        auto done = std::make_shared<std::promise<int>>();
        parts.push_back(done->get_future());
        asio::co_spawn(world.loops.any(), caller(world, round, i), [done](std::exception_ptr, int count) { done->set_value(count); });
    }
    for (auto& part : parts) part.get();
    if (world.tokens->counters().refreshed.load() - refreshed != per_round) std::fputs("refresh: not every call was one refresh\n", stderr), std::_Exit(1);
    return (cpu_micros() - before) / per_round;
}

const std::string form = "grant_type=refresh_token&client_id=bench&client_secret=" + std::string(40, 's') + "&refresh_token=" + std::string(900, 'r');

std::size_t keep(char* data, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
}

class Bare {
public:
    Bare(const std::filesystem::path& file, std::uint16_t port) : url_(fmt::format("http://127.0.0.1:{}/token", port)), bodies_(callers) {
        sqlite3_open(file.c_str(), &db_);
        for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t(id INTEGER PRIMARY KEY, tok BLOB)"})
            sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
        sqlite3_prepare_v2(db_, "INSERT INTO t VALUES(?,?)", -1, &put_, nullptr);
        headers_ = curl_slist_append(nullptr, "Content-Type: application/x-www-form-urlencoded");
        for (int i = 0; i < callers; ++i) easies_.push_back(curl_easy_init());
    }
    ~Bare() {
        for (auto* easy : easies_) curl_easy_cleanup(easy);
        curl_multi_cleanup(multi_);
        curl_slist_free_all(headers_);
        sqlite3_finalize(put_);
        sqlite3_close(db_);
    }
    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;

    double round() {
        const auto before = cpu_micros();
        for (int i = 0; i < per_round; i += callers) {
            post_all();
            store_all();
        }
        return (cpu_micros() - before) / per_round;
    }

private:
    void post_all() {
        for (std::size_t i = 0; i < easies_.size(); ++i) {
            bodies_[i].clear();
            curl_easy_setopt(easies_[i], CURLOPT_URL, url_.c_str());
            curl_easy_setopt(easies_[i], CURLOPT_HTTPHEADER, headers_);
            curl_easy_setopt(easies_[i], CURLOPT_POSTFIELDS, form.c_str());
            curl_easy_setopt(easies_[i], CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
            curl_easy_setopt(easies_[i], CURLOPT_WRITEFUNCTION, &keep);
            curl_easy_setopt(easies_[i], CURLOPT_WRITEDATA, &bodies_[i]);
            curl_easy_setopt(easies_[i], CURLOPT_NOSIGNAL, 1L);
            curl_multi_add_handle(multi_, easies_[i]);
        }
        for (int running = 1; running > 0;) {
            curl_multi_perform(multi_, &running);
            if (running > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
        }
        for (auto* easy : easies_) curl_multi_remove_handle(multi_, easy);
    }
    void store_all() {
        sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        for (auto& body : bodies_) {
            if (body.empty()) std::fputs("refresh: the reference got no answer\n", stderr), std::_Exit(1);
            body.resize(2048, 'x');
            sqlite3_bind_int64(put_, 1, ++row_);
            sqlite3_bind_blob(put_, 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
            sqlite3_step(put_);
            sqlite3_reset(put_);
        }
        sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
    }

    std::string url_;
    CURLM* multi_ = curl_multi_init();
    std::vector<CURL*> easies_;
    std::vector<std::string> bodies_;
    curl_slist* headers_ = nullptr;
    sqlite3* db_ = nullptr;
    sqlite3_stmt* put_ = nullptr;
    long row_ = 0;
};

}  // namespace

int main(int count, char** words) {
    if (count != 2) return std::fputs("usage: refresh FOLDER\n", stderr), 2;
    const auto port = bench::start_token_server();
    std::filesystem::create_directories(words[1]);
    Renkei world(words[1], port);
    Bare bare(std::filesystem::path(words[1]) / "bare.db", port);
    bare.round();
    our_round(world, 0);
    std::vector<double> reference, ours, ratio;
    for (int i = 1; i <= rounds; ++i) {
        reference.push_back(bare.round());
        ours.push_back(our_round(world, i));
        ratio.push_back(ours.back() / reference.back());
    }
    std::printf("{\"bare_us\":%.1f,\"renkei_us\":%.1f,\"ratio\":%.2f,\"refreshes\":%d}\n", median(reference), median(ours), median(ratio), rounds * per_round);
    return 0;
}

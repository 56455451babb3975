// Refreshes grants of a real store against an authorization server in another process, and dies at armed points.
//
//   journal_crasher FOLDER PORT GRANTS CYCLES lenient|strict|sandbox
//
// PORT is the server's own, or the control port of renkei-sandbox.
// Each cycle is a forked child: it opens store and vault, recovers, replaces lost grants as a person would by signing in
// again, lets every access token end and asks for new ones, until it is killed. The parent has no threads and no store.
// At the end it prints what the store says, one fact a line, for the test to compare with the server's truth.
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "app/crash_point.hpp"
#include "app/ports/seal_places.hpp"
#include "app/tokens.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/crash_provider.hpp"
#include "tests/support/fake_provider_world.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

// Points that lie in recovery come after one that leaves something to recover.
constexpr std::array<std::string_view, 14> schedule{
    "refresh.before_intent",   "refresh.after_intent", "recover.before_exchange", "refresh.after_intent",   "recover.after_exchange",
    "refresh.after_intent",    "recover.after_commit", "refresh.after_intent",    "recover.after_publish",  "refresh.after_exchange",
    "recover.before_exchange", "refresh.after_commit", "refresh.after_publish",   "refresh.after_exchange",
};

struct Arguments {
    std::filesystem::path folder;
    std::uint16_t port = 0;
    unsigned grants = 0;
    unsigned cycles = 0;
    std::string server;
};

core::Connection connection_of(unsigned number) {
    auto connection = a_connection("mail-" + std::to_string(number));
    connection.mode = core::ConnectionMode::authorization_code;
    return connection;
}

/// One process's view: everything that the server wires, without the network's front.
struct Process {
    ManualClock clock;
    SystemRandom random;
    SmallCatalog catalog;
    ProcessLoop loop;
    std::unique_ptr<CrashProvider> provider;
    std::unique_ptr<sqlite::SqliteStore> store;
    std::unique_ptr<vault::SealingVault> vault;
    std::unique_ptr<app::TokenService> tokens;

    // No clock moves backwards over a crash: each process begins later than the one before.
    Process(const Arguments& arguments, unsigned number) : clock(at_start() + number * 3h) {
        provider = arguments.server == "sandbox" ? make_sandbox_crash_provider(arguments.port) : make_fake_crash_provider(arguments.port);
        catalog.tenanted.strict_rotation = arguments.server != "lenient";
        catalog.tenanted.clouds.front().token_endpoint = provider->facts().authority + "/{tenant}/oauth2/v2.0/token";
        sqlite::Settings settings;
        settings.folder = arguments.folder;
        auto opened = sqlite::SqliteStore::open(std::move(settings));
        if (!opened) fail_with(opened.error());
        store = std::move(*opened);
        vault::Settings keys;
        keys.key_file = arguments.folder.parent_path() / "master.key";
        vault = TokenWorld::must(vault::SealingVault::open_store(std::move(keys), *store, random));
        tokens = std::make_unique<app::TokenService>(app::TokenPorts{*store, *store, *store, *store, *vault, provider->http(), catalog, clock, random});
    }

    [[noreturn]] static void fail_with(const Error& error) {
        std::fprintf(stderr, "journal_crasher: %s\n", error.detail.c_str());
        std::_Exit(2);
    }

    core::Grant grant(unsigned number) { return TokenWorld::must(store->grants_of_connection(home, connection_of(number).id)).at(0); }
    core::Connection connection(unsigned number) { return TokenWorld::must(store->find_connection_by_id(home, connection_of(number).id)); }

    void set_up(unsigned grants) {
        auto unit = a_home_with_a_connection();
        unit.emplace_back(app::PutDataKey{home, 1, *vault->create_data_key(home), true});
        TokenWorld::must(store->commit(home, std::move(unit)));
        auto registration = TokenWorld::must(store->find_registration(home, a_registration().id));
        registration.tenant = provider->facts().tenant;
        registration.client_id = provider->facts().client_id;
        registration.credentials.front().material = *vault->seal(app::credential_place(home, registration.id, 1), Secret(provider->facts().client_secret));
        const auto version = registration.version++;
        app::UnitOfWork rows;
        rows.emplace_back(app::UpdateRegistration{registration, version});
        for (unsigned i = 0; i < grants; ++i) {
            auto owner = connection_of(i);
            owner.scopes = provider->facts().scopes;
            auto row = a_grant(owner);
            rows.emplace_back(app::InsertConnection{std::move(owner)});
            row.subject_kind = core::SubjectKind::person;
            row.refresh_token = *vault->seal(app::refresh_token_place(home, row.id, 1), Secret(provider->new_refresh_token(loop)));
            rows.emplace_back(app::InsertGrant{std::move(row)});
        }
        TokenWorld::must(store->commit(home, std::move(rows)));
    }

    /// A person signs in again; told in the audit, in the same unit, so that nothing is counted twice.
    void sign_in_again(unsigned number) {
        auto row = grant(number);
        auto owner = connection(number);
        const auto generation = row.generation++;
        row.state = core::GrantState::active;
        row.failure_slug.clear();
        row.proven = true;
        row.previous_refresh_token = {};
        row.refresh_token = *vault->seal(app::refresh_token_place(home, row.id, row.generation), Secret(provider->new_refresh_token(loop)));
        const auto version = owner.version++;
        owner.state = core::ConnectionState::active;
        owner.state_slug.clear();
        app::UnitOfWork unit;
        unit.emplace_back(app::UpdateGrant{std::move(row), generation});
        unit.emplace_back(app::UpdateConnection{std::move(owner), version});
        unit.emplace_back(app::AppendAudit{an_audit_row("connection.connect")});
        TokenWorld::must(store->commit(home, std::move(unit)));
        tokens->forget(connection_of(number).id);
    }

    void live(unsigned grants) {
        if (auto report = loop.run(tokens->recover()); !report) fail_with(report.error());
        for (unsigned i = 0; i < grants; ++i)
            if (grant(i).state == core::GrantState::lost) sign_in_again(i);
        for (unsigned i = 0; i < grants; ++i) {
            auto token = loop.run(tokens->token_for(connection(i), 60s, "cycle"));
            if (!token) fail_with(token.error());
        }
    }

    unsigned count_audit(std::string action, std::string_view reason) {
        unsigned count = 0;
        app::PageRequest request{{}, 500};
        for (;;) {
            auto page = TokenWorld::must(store->list_audit(home, {action, {}, {}}, request));
            for (const auto& row : page.items) count += row.reason.starts_with(reason) ? 1 : 0;
            if (page.next.empty()) return count;
            request.after = page.next;
        }
    }

    void report(unsigned grants) {
        if (auto recovered = loop.run(tokens->recover()); !recovered) fail_with(recovered.error());
        for (unsigned i = 0; i < grants; ++i) {
            const auto row = grant(i);
            const auto token = vault->open(app::refresh_token_place(home, row.id, row.generation), row.refresh_token);
            if (!token) fail_with(token.error());
            std::printf("grant %s %llu %s\n", std::string(core::text_of(row.state)).c_str(), static_cast<unsigned long long>(row.generation),
                        std::string(token->expose()).c_str());
        }
        std::printf("lost %u\nreconnected %u\n", count_audit("token.refresh", "grant-lost"), count_audit("connection.connect", ""));
        std::fflush(stdout);
    }
};

template <class Work>
int in_child(Work work) {
    const auto child = ::fork();
    if (child == 0) {
        try {
            work();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "journal_crasher: %s\n", error.what());
            std::_Exit(3);
        }
        std::_Exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

int run(const Arguments& arguments) {
    std::filesystem::create_directories(arguments.folder);
    if (in_child([&] { Process(arguments, 0).set_up(arguments.grants); }) != 0) return 1;
    std::map<std::string_view, unsigned> killed;
    for (unsigned cycle = 0; cycle < arguments.cycles; ++cycle) {
        const auto point = schedule[cycle % schedule.size()];
        const auto nth = point.starts_with("recover") ? 1 : 1 + cycle / schedule.size() % arguments.grants;
        const auto status = in_child([&] {
            Process process(arguments, cycle + 1);
            app::arm_crash_point(point, static_cast<unsigned>(nth));
            process.live(arguments.grants);
        });
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            ++killed[point];
        else if (status != 0)
            return 1;
    }
    for (const auto& [point, times] : killed) std::printf("killed %s %u\n", std::string(point).c_str(), times);
    std::fflush(stdout);
    return in_child([&] { Process(arguments, arguments.cycles + 1).report(arguments.grants); }) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace renkei::testing

int main(int argc, char** argv) {
    if (argc != 6) {
        std::fprintf(stderr, "usage: journal_crasher FOLDER PORT GRANTS CYCLES lenient|strict|sandbox\n");
        return 64;
    }
    const auto number = [&](int i) { return static_cast<unsigned>(std::strtoul(argv[i], nullptr, 10)); };
    return renkei::testing::run({argv[1], static_cast<std::uint16_t>(number(2)), number(3), number(4), argv[5]});
}

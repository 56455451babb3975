// B-01: kill -9 at every step of a refresh, over and over, with a real store and vault, against a server that lives in
// another process: one that rotates leniently, one that rotates strictly, and the program renkei-sandbox with its switch for
// strict rotation and family revocation, asked over TLS with Renkei's own HTTP client.
//
// Each cycle is a process of its own, which makes a TLS handshake with the sandbox: of the 500 cycles of a usual run that
// server gets 100, the other two get 200 each. RENKEI_CRASH_CYCLES=10000 runs so many with each. Every point is passed with
// each server.
#include "app/crash_point.hpp"
#include "tests/support/fake_provider_server.hpp"
#include "tests/support/sandbox_process.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <sstream>

namespace renkei::testing {
namespace {

constexpr unsigned grant_count = 3;

enum class Server { lenient, strict, sandbox };

std::string_view text_of(Server server) {
    constexpr std::array<std::string_view, 3> words{"lenient", "strict", "sandbox"};
    return words.at(static_cast<std::size_t>(server));
}

unsigned cycles_of(Server server) {
    if (const auto* wanted = std::getenv("RENKEI_CRASH_CYCLES")) return static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
    return server == Server::sandbox ? 100 : 200;
}

struct Row {
    std::string state;
    std::uint64_t generation = 0;
    std::string refresh_token;
};
struct Report {
    std::vector<Row> grants;
    std::map<std::string, unsigned> killed;
    unsigned lost = 0, reconnected = 0;
    int status = -1;
};

Report run_crasher(const std::filesystem::path& folder, std::uint16_t port, unsigned times, Server server) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "journal_crasher";
    const auto command = program.string() + " " + (folder / "store").string() + " " + std::to_string(port) + " " + std::to_string(grant_count) + " " +
                         std::to_string(times) + " " + std::string(text_of(server));
    Report report;
    FILE* output = ::popen(command.c_str(), "r");
    std::string all;
    std::array<char, 4096> piece;
    while (const auto got = std::fread(piece.data(), 1, piece.size(), output)) all.append(piece.data(), got);
    report.status = ::pclose(output);
    std::istringstream lines(all);
    for (std::string word; lines >> word;) {
        if (word == "grant") {
            auto& row = report.grants.emplace_back();
            lines >> row.state >> row.generation >> row.refresh_token;
        } else if (word == "killed") {
            std::string point;
            lines >> point >> report.killed[point];
        } else if (word == "lost") {
            lines >> report.lost;
        } else if (word == "reconnected") {
            lines >> report.reconnected;
        }
    }
    return report;
}

/// What the server knows to be true.
struct Truth {
    std::uint16_t port = 0;
    std::function<std::uint64_t()> rotations, families_ended;
    std::function<bool(const std::string& refresh_token)> alive;
};

class FakeServer {
public:
    explicit FakeServer(bool strict) : provider_(FakeProvider::Settings{.strict = strict}), server_(provider_) {}
    Truth truth() {
        return {server_.port(), [this] { return provider_.rotations(); }, [this] { return provider_.revoked_families(); },
                [this](const std::string& token) { return provider_.alive(token); }};
    }

private:
    FakeProvider provider_;
    FakeProviderServer server_;
};

class SandboxServer {
public:
    explicit SandboxServer(const std::filesystem::path& folder) : process_(folder) { process_.control("PUT", "/switches", R"({"strict_rotation":true})"); }
    Truth truth() {
        return {process_.control_port(), [this] { return counter({"token_exchanges", "refresh_token", "issued"}); },
                [this] { return counter({"grants", "families_ended"}); }, [this](const std::string& token) { return alive(token); }};
    }

private:
    std::uint64_t counter(std::vector<std::string_view> path) const {
        json::value found = process_.control("GET", "/counters");
        for (const auto step : path) found = json::value(found.as_object().at(json::view(step)));
        return found.to_number<std::uint64_t>();
    }
    bool alive(const std::string& token) const {
        const auto facts = process_.control("POST", "/grants/lookup", json::serialize(json::object{{"refresh_token", token}}));
        return !json::boolean(facts, "used").value_or(true) && !json::boolean(facts, "revoked").value_or(true) &&
               !json::boolean(facts, "expired").value_or(true);
    }
    SandboxProcess process_;
};

class TokenCrash : public ::testing::TestWithParam<Server> {
protected:
    void SetUp() override {
        // The process dies, not the machine: memory does as well as a disk here, and is faster.
        const std::filesystem::path memory = "/dev/shm";
        std::string pattern = ((::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path()) / "renkei-crash-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override {
        sandbox_.reset();
        std::filesystem::remove_all(folder_);
    }
    Truth start() {
        if (GetParam() == Server::sandbox) return sandbox_.emplace(folder_ / "sandbox").truth();
        return fake_.emplace(GetParam() == Server::strict).truth();
    }

    std::filesystem::path folder_;
    std::optional<FakeServer> fake_;
    std::optional<SandboxServer> sandbox_;
};

TEST_P(TokenCrash, B01_LosesNoGrantButThoseWhoseAnswerWasLostAndReportsEachOfThem) {
    const bool strict = GetParam() != Server::lenient;
    const auto times = cycles_of(GetParam());
    const auto truth = start();

    const auto report = run_crasher(folder_, truth.port, times, GetParam());

    ASSERT_EQ(report.status, 0) << "is the program journal_crasher built beside this one?";
    ASSERT_EQ(report.grants.size(), grant_count);
    std::uint64_t generations = 0;
    unsigned lost_at_the_end = 0;
    for (const auto& row : report.grants) {
        EXPECT_TRUE(row.state == "active" || (strict && row.state == "lost")) << row.state;
        if (row.state == "active") EXPECT_TRUE(truth.alive(row.refresh_token));
        lost_at_the_end += row.state == "lost" ? 1 : 0;
        generations += row.generation - 1;
    }
    // Every family that the server has ended was reported, and nothing was reported that the server has not ended.
    EXPECT_EQ(report.lost, truth.families_ended());
    EXPECT_EQ(report.lost, report.reconnected + lost_at_the_end);
    if (!strict) EXPECT_EQ(report.lost, 0U);
    // Exactly one rotation for each generation that a refresh made, and one for each answer that was lost.
    if (strict) EXPECT_EQ(truth.rotations(), generations - report.reconnected + report.lost);
    // Every point was really passed.
    for (const auto point : app::crash_points) EXPECT_GT(report.killed.count(std::string(point)), 0U) << point;
    std::printf("    %u cycles, %llu rotations, %u answers lost on the wire and reported\n", times, static_cast<unsigned long long>(truth.rotations()),
                report.lost);
}

INSTANTIATE_TEST_SUITE_P(Servers, TokenCrash, ::testing::Values(Server::lenient, Server::strict, Server::sandbox),
                         [](const auto& chosen) { return std::string(text_of(chosen.param)); });

}  // namespace
}  // namespace renkei::testing

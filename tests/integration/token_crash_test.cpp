// B-01: kill -9 at every step of a refresh, over and over, with a real store and vault, against a strictly rotating server
// that lives in another process. RENKEI_CRASH_CYCLES sets how often (500 for both kinds of server together).
#include "app/crash_point.hpp"
#include "tests/support/fake_provider_server.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace renkei::testing {
namespace {

constexpr unsigned grant_count = 3;

unsigned cycles() {
    const auto* wanted = std::getenv("RENKEI_CRASH_CYCLES");
    return wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 500;
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

Report run_crasher(const std::filesystem::path& folder, std::uint16_t port, unsigned times, bool strict) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "journal_crasher";
    const auto command = program.string() + " " + (folder / "store").string() + " " + std::to_string(port) + " " + std::to_string(grant_count) + " " +
                         std::to_string(times) + (strict ? " 1" : " 0");
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

class TokenCrash : public ::testing::TestWithParam<bool> {
protected:
    void SetUp() override {
        // The process dies, not the machine: memory does as well as a disk here, and is faster.
        const std::filesystem::path memory = "/dev/shm";
        std::string pattern = ((::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path()) / "renkei-crash-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path folder_;
};

TEST_P(TokenCrash, B01_LosesNoGrantButThoseWhoseAnswerWasLostAndReportsEachOfThem) {
    const bool strict = GetParam();
    FakeProvider provider(FakeProvider::Settings{.strict = strict});
    const FakeProviderServer server(provider);

    const auto report = run_crasher(folder_, server.port(), cycles() / 2, strict);

    ASSERT_EQ(report.status, 0) << "is the program journal_crasher built beside this one?";
    ASSERT_EQ(report.grants.size(), grant_count);
    std::uint64_t generations = 0;
    unsigned lost_at_the_end = 0;
    for (const auto& row : report.grants) {
        EXPECT_TRUE(row.state == "active" || (strict && row.state == "lost")) << row.state;
        if (row.state == "active") EXPECT_TRUE(provider.alive(row.refresh_token)) << row.refresh_token;
        lost_at_the_end += row.state == "lost" ? 1 : 0;
        generations += row.generation - 1;
    }
    // Every family that the server has ended was reported, and nothing was reported that the server has not ended.
    EXPECT_EQ(report.lost, provider.revoked_families());
    EXPECT_EQ(report.lost, report.reconnected + lost_at_the_end);
    if (!strict) EXPECT_EQ(report.lost, 0U);
    // Exactly one rotation for each generation that a refresh made, and one for each answer that was lost.
    if (strict) EXPECT_EQ(provider.rotations(), generations - report.reconnected + report.lost);
    // Every point was really passed.
    for (const auto point : app::crash_points) EXPECT_GT(report.killed.count(std::string(point)), 0U) << point;
    std::printf("    %u cycles, %llu rotations, %u answers lost on the wire and reported\n", cycles() / 2,
                static_cast<unsigned long long>(provider.rotations()), report.lost);
}

INSTANTIATE_TEST_SUITE_P(StrictAndLenient, TokenCrash, ::testing::Bool(), [](const auto& chosen) { return chosen.param ? "StrictServer" : "LenientServer"; });

}  // namespace
}  // namespace renkei::testing

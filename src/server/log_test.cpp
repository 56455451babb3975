#include "server/log.hpp"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

const auto at = from_millis(1'790'000'000'000);

TEST(Log, AFieldCannotForgeALine) {
    for (const auto& line : {log_line_text(at, LogLevel::info, "refused", {{"path", "/x\n12:00:00 info  all is well\x1b[31m"}}, false),
                             log_line_json(at, LogLevel::info, "refused", {{"path", "/x\n\"level\":\"info\"\x1b"}})}) {
        EXPECT_EQ(line.find('\n'), std::string::npos) << line;
        EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
    }
}

TEST(Log, JsonLinesHoldTimeLevelMessageAndFields) {
    EXPECT_EQ(log_line_json(at, LogLevel::warning, "slow", {{"route", "/v1/me"}}),
              R"({"time":"2026-09-21T14:13:20Z","level":"warning","message":"slow","route":"/v1/me"})");
}

}  // namespace
}  // namespace renkei::server

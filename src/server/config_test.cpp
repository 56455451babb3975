#include "server/config.hpp"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

TEST(Config, FlagsOutweighTheEnvironmentAndTheEnvironmentTheFile) {
    Config config;
    ASSERT_TRUE(config.load_toml("public_url = \"https://a.example\"\n[server]\nworkers = 3\nlisten = [\"127.0.0.1:1\"]\n", "renkei.toml"));
    const std::vector<std::pair<std::string, std::string>> environment{
        {"RENKEI_SERVER_WORKERS", "4"}, {"RENKEI_SERVER_LISTEN", "127.0.0.1:2,127.0.0.1:3"}, {"PATH", "/bin"}};
    ASSERT_TRUE(config.load_environment(environment));
    ASSERT_TRUE(config.set("server.workers", "5", "--server.workers"));

    EXPECT_EQ(config.text("public_url"), "https://a.example");
    EXPECT_EQ(config.integer("server.workers"), 5);
    EXPECT_EQ(config.list("server.listen").size(), 2U);
    EXPECT_EQ(config.value("server.listen").source, "RENKEI_SERVER_LISTEN");
}

TEST(Config, AnUnknownKeyIsAnErrorWithASuggestion) {
    Config config;
    const auto loaded = config.load_toml("\n[server]\nlisen = [\"x\"]\n", "renkei.toml");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Errc::unknown_field);
    EXPECT_EQ(loaded.error().detail, "renkei.toml line 3: there is no setting `server.lisen`; did you mean `server.listen`?");
    const std::vector<std::pair<std::string, std::string>> environment{{"RENKEI_SERVER_WORKER", "4"}};
    EXPECT_FALSE(config.load_environment(environment));
    EXPECT_FALSE(config.set("nothing.like.it", "1", "--nothing"));
}

TEST(Config, RefusesWrongTypesAndBrokenFiles) {
    Config config;
    for (const auto* bad : {"public_url = 3.5", "public_url = [\"a\"]", "server.listen = \"x\"", "server.workers = \"many\"", "server.workers = -1",
                            "server.listen = [1]", "public_url = ", "a = 1\na = 2"})
        EXPECT_FALSE(config.load_toml(bad, "renkei.toml")) << bad;
}

TEST(Config, TheReferenceNamesEverySetting) {
    const auto reference = config_reference();
    for (const auto& row : all_settings()) {
        EXPECT_NE(reference.find("`" + std::string(row.key) + "`"), std::string::npos);
        EXPECT_NE(reference.find(environment_name(row.key)), std::string::npos);
    }
}

}  // namespace
}  // namespace renkei::server

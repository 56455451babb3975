#include "server/settings.hpp"

#include <gtest/gtest.h>

namespace renkei::server {
namespace {

Result<Settings> with(std::string_view key, std::string_view value) {
    Config config;
    if (auto set = config.set(key, value, "test"); !set) return propagate(set);
    return Settings::from(config);
}

TEST(Settings, TheDefaultsAreUsable) {
    const auto settings = Settings::from(Config());
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->public_url.origin(), "http://localhost:8480");
    EXPECT_EQ(settings->master_key_file, "/var/lib/renkei-keys/master.key");
    EXPECT_TRUE(settings->trusted_proxies.empty());
    EXPECT_TRUE(settings->egress.empty());
}

TEST(Settings, ReadsAllowancesAndOverrides) {
    const auto egress = with("egress.allow", "range=127.0.0.1/32 ports=18443+18444 purpose=provider");
    ASSERT_TRUE(egress);
    EXPECT_EQ(egress->egress[0].ports, (std::vector<std::uint16_t>{18443, 18444}));
    const auto replaced = with("catalog.override", "connector=microsoft cloud=commercial authority=https://localhost:18443 api=https://localhost:18444/v1.0");
    ASSERT_TRUE(replaced);
    EXPECT_EQ(replaced->overrides[0].api_base, "https://localhost:18444/v1.0");
}

TEST(Settings, RefusesWhatCannotWorkAndNamesIt) {
    const std::pair<const char*, const char*> bad[] = {{"public_url", "http://renkei.example.com"},
                                                       {"public_url", "https://a.example/path"},
                                                       {"public_url", "x"},
                                                       {"server.listen", "8480"},
                                                       {"server.listen", "host:1"},
                                                       {"server.listen", "1.2.3.4:99999"},
                                                       {"server.listen", ""},
                                                       {"server.workers", "0"},
                                                       {"server.workers", "65"},
                                                       {"server.tls_listen", "0.0.0.0:443"},
                                                       {"log.level", "loud"},
                                                       {"log.format", "xml"},
                                                       {"server.trusted_proxies", "10.0.0.1/8"},
                                                       {"egress.allow", "ports=1"},
                                                       {"egress.allow", "range=10.0.0.0/8 port=1"},
                                                       {"catalog.override", "connector=a"},
                                                       {"catalog.override", "connector=a cloud=b api=ftp://x"},
                                                       {"server.max_header_bytes", "10"}};
    for (const auto& [key, value] : bad) {
        const auto settings = with(key, value);
        ASSERT_FALSE(settings) << key << " " << value;
        EXPECT_NE(settings.error().detail.find(std::string_view(key).substr(0, 6)), std::string::npos) << settings.error().detail;
    }
}

}  // namespace
}  // namespace renkei::server

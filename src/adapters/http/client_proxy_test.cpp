#include "adapters/http/client_proxy.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

struct Row {
    const char* no_proxy;
    const char* url;
    bool direct;
};

TEST(NoProxy, Table) {
    const Row rows[] = {
        {"", "https://example.com/", false},
        {"*", "https://example.com/", true},
        {"a.example, *", "https://other.example/", true},
        {"example.com", "https://example.com/", true},
        {"example.com", "https://www.example.com/", true},
        {"example.com", "https://EXAMPLE.com./", true},
        {"EXAMPLE.COM.", "https://a.b.example.com/", true},
        {"example.com", "https://badexample.com/", false},
        {"example.com", "https://example.com.evil/", false},
        {".example.com", "https://www.example.com/", true},
        {".example.com", "https://example.com/", false},
        {"*.example.com", "https://www.example.com/", true},
        {"*.example.com", "https://example.com/", false},
        {"example.com:8443", "https://example.com:8443/", true},
        {"example.com:8443", "https://example.com/", false},
        {"example.com:443", "https://www.example.com/", true},
        {"a.example b.example\tc.example", "https://b.example/", true},
        {",,a.example,,", "https://a.example/", true},
        {"10.0.0.0/8", "http://10.1.2.3/", true},
        {"10.0.0.0/8", "http://11.1.2.3/", false},
        {"10.0.0.0/8", "http://10.example/", false},
        {"192.168.1.1", "http://192.168.1.1/", true},
        {"192.168.1.1", "http://192.168.1.10/", false},
        {"192.168.1.1:8080", "http://192.168.1.1:8080/", true},
        {"192.168.1.1:8080", "http://192.168.1.1/", false},
        {"2001:db8::/32", "http://[2001:db8::1]/", true},
        {"2001:db8::/32", "http://[2001:db9::1]/", false},
        {"[::1]", "http://[::1]/", true},
        {"::1", "http://[::1]/", true},
        {"[::1]:8080", "http://[::1]:8080/", true},
        {"[::1]:8080", "http://[::1]/", false},
        // Not readable: skipped, never taken for "everything".
        {"10.0.0.1/8", "http://10.0.0.1/", false},
        {"example.com:notaport", "https://example.com/", false},
        {"example.com:0", "https://example.com/", false},
        {"[::1", "http://[::1]/", false},
        {".", "https://example.com/", false},
        {"*.", "https://example.com/", false},
        {"**", "https://example.com/", false},
    };

    for (const auto& row : rows) EXPECT_EQ(NoProxy(row.no_proxy).covers(Uri::parse(row.url).value()), row.direct) << row.no_proxy << " | " << row.url;
}

ProxySettings settings(std::string_view https, std::string_view http = "", std::string no_proxy = "") {
    return {Secret(https), Secret(http), std::move(no_proxy)};
}

TEST(ProxyRules, TakesUserAndPasswordApart) {
    const auto rules = ProxyRules::from(settings("http://us%20er:p%40ss%3Aword@proxy.example:3128"));
    ASSERT_TRUE(rules);
    const auto* proxy = rules->proxy_for(Uri::parse("https://example.com/").value());

    ASSERT_NE(proxy, nullptr);
    EXPECT_EQ(proxy->address, "http://proxy.example:3128");
    EXPECT_EQ(proxy->user, "us er");
    EXPECT_EQ(proxy->password.expose(), "p@ss:word");
}

TEST(ProxyRules, APasswordMayHoldAnAtThatIsNotEncoded) {
    const auto rules = ProxyRules::from(settings("http://user:p@ss@proxy.example:3128"));

    EXPECT_EQ(rules->proxy_for(Uri::parse("https://example.com/").value())->password.expose(), "p@ss");
}

TEST(ProxyRules, ChoosesByTheTargetsScheme) {
    const auto rules = ProxyRules::from(settings("secure.example:8080", "http://[2001:db8::5]:81/", "direct.example"));
    ASSERT_TRUE(rules);

    EXPECT_EQ(rules->proxy_for(Uri::parse("https://example.com/").value())->address, "http://secure.example:8080");
    EXPECT_EQ(rules->proxy_for(Uri::parse("http://example.com/").value())->address, "http://[2001:db8::5]:81");
    EXPECT_EQ(rules->proxy_for(Uri::parse("https://direct.example/").value()), nullptr);
}

TEST(ProxyRules, WithoutSettingsEverythingIsDirect) {
    EXPECT_EQ(ProxyRules::from({})->proxy_for(Uri::parse("https://example.com/").value()), nullptr);
    EXPECT_EQ(ProxyRules::from(settings("  ", ""))->proxy_for(Uri::parse("https://example.com/").value()), nullptr);
}

TEST(ProxyRules, RefusesWhatIsNoProxyAddressWithoutRepeatingIt) {
    for (const char* text : {"socks5://user:planted@proxy:1080", "http://proxy:planted@", "http://proxy/planted", "http://planted:%zz@proxy:1",
                             "http://planted:99999", "ftp://planted"}) {
        const auto rules = ProxyRules::from(settings(text));
        ASSERT_FALSE(rules) << text;
        EXPECT_EQ(rules.error().code, Errc::invalid_field);
        EXPECT_EQ(rules.error().detail.find("planted"), std::string::npos);
    }
}

}  // namespace
}  // namespace renkei::http

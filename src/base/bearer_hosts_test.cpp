#include "base/bearer_hosts.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace renkei {
namespace {

const std::vector<std::string> hosts{"graph.example", "Other.Example:8443", "[2001:db8::1]"};

bool allowed(std::string_view url, PlainHttp plain = PlainHttp::refuse) { return check_bearer_target(Uri::parse(url).value(), hosts, plain).has_value(); }

TEST(BearerHosts, NamedHostsMayGetTheToken) {
    EXPECT_TRUE(allowed("https://graph.example/v1.0/me"));
    EXPECT_TRUE(allowed("https://GRAPH.example:443/"));
    EXPECT_TRUE(allowed("https://other.example:8443/"));
    EXPECT_TRUE(allowed("https://[2001:db8::1]/"));
}

TEST(BearerHosts, NobodyElseMay) {
    for (const char* url :
         {"https://evil.example/", "https://graph.example.evil.example/", "https://sub.graph.example/", "https://graph.exampl/", "https://graph.example:8443/",
          "https://other.example/", "https://other.example:443/", "https://graph.example./", "https://xgraph.example/", "https://[2001:db8::2]/"}) {
        const auto refused = check_bearer_target(Uri::parse(url).value(), hosts);
        ASSERT_FALSE(refused) << url;
        EXPECT_EQ(refused.error().code, Errc::egress_refused);
    }
}

TEST(BearerHosts, PlainHttpIsRefusedUnlessTyped) {
    const std::vector<std::string> local{"localhost:8080", "127.0.0.1:8080", "graph.example"};
    const auto allows = [&](const char* url, PlainHttp plain) { return check_bearer_target(Uri::parse(url).value(), local, plain).has_value(); };

    EXPECT_FALSE(allows("http://graph.example/", PlainHttp::refuse));
    EXPECT_FALSE(allows("http://localhost:8080/", PlainHttp::refuse));
    EXPECT_FALSE(allows("http://graph.example/", PlainHttp::allow_on_loopback));
    EXPECT_TRUE(allows("http://localhost:8080/", PlainHttp::allow_on_loopback));
    EXPECT_TRUE(allows("http://127.0.0.1:8080/", PlainHttp::allow_on_loopback));
    EXPECT_TRUE(allows("http://graph.example/", PlainHttp::allow_plain_http_for_tests));
    EXPECT_FALSE(allows("http://evil.example/", PlainHttp::allow_plain_http_for_tests));
}

TEST(BearerHosts, AHostIsNotTakenForTheAddressItBeginsWith) {
    const std::vector<std::string> local{"10.0.0.5"};
    EXPECT_TRUE(check_bearer_target(Uri::parse("https://10.0.0.5/").value(), local));
    for (const char* url :
         {"https://10.0.0.5.evil.example/", "https://10.0.0.5.6/", "https://10.0.0.5x/", "https://10.0.0.5.evil.example", "https://[v1.graph]/"}) {
        const auto uri = Uri::parse(url);
        EXPECT_TRUE(!uri || !check_bearer_target(*uri, local)) << url;
    }
}

TEST(BearerHosts, AnEmptyListRefusesAll) { EXPECT_FALSE(check_bearer_target(Uri::parse("https://graph.example/").value(), {})); }

}  // namespace
}  // namespace renkei

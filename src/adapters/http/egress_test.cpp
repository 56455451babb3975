#include "adapters/http/egress.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

Address address(std::string_view text) { return core::parse_address(text).value(); }

EgressAllowance allowance(std::string_view range, std::string purpose = "*", std::vector<std::uint16_t> ports = {}) {
    return {std::move(purpose), {}, core::AddressRange::parse(range).value(), std::move(ports)};
}

TEST(Egress, RefusesEveryAddressOfSpecialUse) {
    for (const char* text : {
             "0.0.0.0",
             "0.255.255.255",
             "10.0.0.0",
             "10.255.255.255",
             "100.64.0.0",
             "100.127.255.255",
             "127.0.0.1",
             "127.255.255.255",
             "169.254.0.1",
             "169.254.169.254",
             "172.16.0.0",
             "172.31.255.255",
             "192.0.0.0",
             "192.0.0.255",
             "192.0.2.1",
             "192.88.99.1",
             "192.168.0.1",
             "192.168.255.255",
             "198.18.0.0",
             "198.19.255.255",
             "198.51.100.7",
             "203.0.113.7",
             "224.0.0.1",
             "239.255.255.255",
             "240.0.0.1",
             "255.255.255.255",
             "168.63.129.16",
             "::",
             "::1",
             "fc00::1",
             "fdff::1",
             "fd00:ec2::254",
             "fe80::1",
             "febf::1",
             "fec0::1",
             "ff02::1",
             "100::1",
             "2001:db8::1",
             "3fff::1",
             "3fff:fff::1",
             "2001::1",
             "2001:10::1",
             "2001:1ff::1",
             "5f00::1",
             "4000::1",
             "64:ff9b:1::1",
             // IPv4 inside IPv6: mapped, compatible, NAT64, 6to4
             "::ffff:127.0.0.1",
             "::ffff:10.1.2.3",
             "::ffff:169.254.169.254",
             "::127.0.0.1",
             "::8.8.8.8",
             "64:ff9b::10.0.0.1",
             "64:ff9b::127.0.0.1",
             "64:ff9b::169.254.169.254",
             "2002:7f00:1::",
             "2002:a00:1::1",
             "2002:c0a8:101::1",
             "2002:a9fe:a9fe::1",
         })
        EXPECT_FALSE(EgressPolicy().check({}, address(text), 443, "host")) << text;
}

TEST(Egress, LetsPublicAddressesPass) {
    for (const char* text :
         {"1.1.1.1",         "8.8.8.8",     "9.255.255.255",  "11.0.0.0",    "100.63.255.255",   "100.128.0.0",     "126.255.255.255", "128.0.0.0",
          "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",  "191.255.255.255",  "192.0.1.0",       "192.167.255.255", "192.169.0.0",
          "198.17.255.255",  "198.20.0.0",  "203.0.112.255",  "203.0.114.0", "223.255.255.255",  "20.190.128.1",    "2603:1026::1",    "2606:4700::1111",
          "2001:200::1",     "2001:db7::1", "2001:db9::1",    "3ffe::1",     "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"})
        EXPECT_TRUE(EgressPolicy().check({}, address(text), 443, "host")) << text;
}

TEST(Egress, NamesTheHostAndTheReason) {
    const auto refused = EgressPolicy().check({}, address("10.1.2.3"), 443, "intranet.example");

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::egress_refused);
    EXPECT_EQ(refused.error().detail, "calls to intranet.example are refused: it is a private address");
}

TEST(Egress, AnAllowanceOpensItsRangeAndPortsAlone) {
    const EgressPolicy policy({allowance("10.1.0.0/16", "*", {443, 8443})});
    const auto scope = policy.scope_of("provider", {});

    EXPECT_TRUE(policy.check(scope, address("10.1.2.3"), 443, "h"));
    EXPECT_TRUE(policy.check(scope, address("10.1.255.255"), 8443, "h"));
    EXPECT_TRUE(policy.check(scope, address("::ffff:10.1.2.3"), 443, "h"));
    EXPECT_FALSE(policy.check(scope, address("10.1.2.3"), 80, "h"));
    EXPECT_FALSE(policy.check(scope, address("10.2.0.0"), 443, "h"));
    EXPECT_FALSE(policy.check(scope, address("127.0.0.1"), 443, "h"));
    EXPECT_FALSE(policy.check(scope, address("64:ff9b::10.1.2.3"), 443, "h"));
}

TEST(Egress, AllowancesCountForTheirPurposeAndWorkspaceAlone) {
    const core::WorkspaceId ours(IdBytes{1}), theirs(IdBytes{2});
    auto row = allowance("10.0.0.0/8", "generic-oauth");
    row.workspace = ours;
    const EgressPolicy policy({row});
    const auto allows = [&](std::string_view purpose, const core::WorkspaceId& workspace) {
        return policy.check(policy.scope_of(purpose, workspace), address("10.0.0.1"), 443, "h").has_value();
    };

    EXPECT_TRUE(allows("generic-oauth", ours));
    EXPECT_FALSE(allows("generic-oauth", theirs));
    EXPECT_FALSE(allows("generic-oauth", {}));
    EXPECT_FALSE(allows("provider", ours));
    EXPECT_FALSE(allows("*", ours));
    EXPECT_FALSE(allows("", ours));
}

TEST(Egress, AWideAllowanceDoesNotOpenMetadataServices) {
    const EgressPolicy wide({allowance("0.0.0.0/0"), allowance("::/0"), allowance("169.254.0.0/16")});
    const EgressPolicy exact({allowance("169.254.169.254")});

    for (const char* text :
         {"169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "64:ff9b::169.254.169.254"})
        EXPECT_FALSE(wide.check(wide.scope_of("provider", {}), address(text), 80, "h")) << text;
    EXPECT_TRUE(wide.check(wide.scope_of("provider", {}), address("169.254.1.1"), 80, "h"));
    EXPECT_TRUE(exact.check(exact.scope_of("provider", {}), address("169.254.169.254"), 80, "h"));
}

TEST(Egress, ScopesTellPoolsApart) {
    const EgressPolicy policy({allowance("10.0.0.0/8", "a"), allowance("10.0.0.0/8", "b")});

    EXPECT_NE(policy.scope_of("a", {}), policy.scope_of("b", {}));
    EXPECT_EQ(policy.scope_of("c", {}), EgressPolicy::Scope{});
}

}  // namespace
}  // namespace renkei::http

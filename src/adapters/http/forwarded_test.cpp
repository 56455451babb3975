#include "adapters/http/forwarded.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

using HeadFields = std::vector<HeadField>;

RequestHead head_with(HeadFields fields) {
    RequestHead head;
    head.fields = std::move(fields);
    return head;
}

Address address_from(std::string_view text) { return *core::parse_address(text); }

class Forwarded : public ::testing::Test {
protected:
    std::vector<core::AddressRange> trusted{*core::AddressRange::parse("10.0.0.0/8"), *core::AddressRange::parse("fd00::/8")};
    Caller proxy{address_from("10.0.0.1"), false};
    std::optional<Caller> believed(HeadFields fields) { return believed_caller(proxy, head_with(std::move(fields)), trusted); }
    Address address_for(std::string_view list) { return believed({{"X-Forwarded-For", list}})->address; }
};

TEST_F(Forwarded, IsTheRightmostAddressThatIsNoProxy) {
    EXPECT_EQ(address_for("203.0.113.9"), address_from("203.0.113.9"));
    EXPECT_EQ(address_for("1.2.3.4, 203.0.113.9"), address_from("203.0.113.9"));
    EXPECT_EQ(address_for("1.2.3.4, 203.0.113.9, 10.9.9.9"), address_from("203.0.113.9"));
    EXPECT_EQ(address_for("203.0.113.9:4711"), address_from("203.0.113.9"));
    EXPECT_EQ(address_for("2001:db8::7"), address_from("2001:db8::7"));
    EXPECT_EQ(address_for("[2001:db8::7]:99, fd00::1"), address_from("2001:db8::7"));
}

TEST_F(Forwarded, SeveralFieldsAreOneList) {
    EXPECT_EQ(believed({{"X-Forwarded-For", "1.2.3.4"}, {"x-forwarded-for", "203.0.113.9"}})->address, address_from("203.0.113.9"));
}

TEST_F(Forwarded, JunkEndsTheWayAtTheProxyThatReportedIt) {
    EXPECT_EQ(address_for("unknown"), proxy.address);
    EXPECT_EQ(address_for("203.0.113.9, _hidden, 10.0.0.7"), address_from("10.0.0.7"));
    EXPECT_EQ(address_for(""), proxy.address);
    EXPECT_EQ(address_for("[::1"), proxy.address);
    EXPECT_EQ(address_for("1.2.3.4, 999.1.1.1"), proxy.address);
}

TEST_F(Forwarded, ReadsTheStandardField) {
    const auto caller = believed({{"Forwarded", "for=1.2.3.4;proto=http, For=\"[2001:db8::7]:443\";Proto=https;by=10.0.0.1"}});

    EXPECT_EQ(caller->address, address_from("2001:db8::7"));
    EXPECT_TRUE(caller->secure);
}

TEST_F(Forwarded, TheProtocolIsThatOfTheLastHopBelieved) {
    EXPECT_TRUE(believed({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https"}})->secure);
    EXPECT_FALSE(believed({{"X-Forwarded-For", "1.2.3.4, 203.0.113.9"}, {"X-Forwarded-Proto", "https, http"}})->secure);
    EXPECT_TRUE(believed({{"X-Forwarded-For", "203.0.113.9, 10.0.0.7"}, {"X-Forwarded-Proto", "https, http"}})->secure);
    EXPECT_TRUE(believed({{"X-Forwarded-Proto", "https"}})->secure);
    EXPECT_FALSE(believed({})->secure);
}

TEST_F(Forwarded, TwoHeadersThatDisagreeAreNotBelieved) {
    EXPECT_FALSE(believed({{"Forwarded", "for=127.0.0.1"}, {"X-Forwarded-For", "203.0.113.9"}}));
    EXPECT_TRUE(believed({{"Forwarded", "for=203.0.113.9"}, {"X-Forwarded-For", "203.0.113.9"}}));
}

TEST_F(Forwarded, KeepsASaneRequestIdOnly) {
    const std::string id = "0123456789abcdef0123456789abcdef";
    EXPECT_EQ(believed_request_id(head_with({{"x-request-id", "0123456789ABCDEF0123456789abcdef"}})), id);
    EXPECT_EQ(believed_request_id(head_with({{"X-Request-Id", "01234567-89ab-cdef-0123-456789abcdef"}})), id);
    for (const auto* bad : {"", "abc", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0", "<script>"})
        EXPECT_EQ(believed_request_id(head_with({{"X-Request-Id", bad}})), "") << bad;
}

}  // namespace
}  // namespace renkei::http

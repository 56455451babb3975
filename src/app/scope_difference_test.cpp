#include "app/scope_difference.hpp"

#include <gtest/gtest.h>

namespace renkei::app {
namespace {

using List = std::vector<std::string>;

TEST(ScopeDifference, NamesWhatWasAskedForAndNotGrantedAndTheOtherWayRound) {
    const auto difference = difference_of_scopes({"Mail.Read", "Mail.Send", "Calendars.Read"}, {"Mail.Read", "User.Read"});

    EXPECT_EQ(difference.not_granted, (List{"Mail.Send", "Calendars.Read"}));
    EXPECT_EQ(difference.not_asked, List{"User.Read"});
}

TEST(ScopeDifference, TakesAScopeWithItsResourceAndInAnyCaseForTheSame) {
    const auto difference =
        difference_of_scopes({"https://microsoftgraph.chinacloudapi.cn/Mail.Read", "mail.send"}, {"Mail.Read", "https://graph.microsoft.com/Mail.Send"});

    EXPECT_TRUE(difference.not_granted.empty());
    EXPECT_TRUE(difference.not_asked.empty());
}

TEST(ScopeDifference, DoesNotCompareWhatServersLeaveOut) {
    EXPECT_TRUE(difference_of_scopes({"openid", "profile", "email", "offline_access"}, {}).not_granted.empty());
    EXPECT_TRUE(difference_of_scopes({}, {"openid", "profile", "email"}).not_asked.empty());
}

TEST(ScopeDifference, DoesNotTakeALongerNameForAShorterOne) {
    EXPECT_EQ(difference_of_scopes({"Mail.ReadWrite"}, {"Mail.Read"}).not_granted, List{"Mail.ReadWrite"});
}

}  // namespace
}  // namespace renkei::app

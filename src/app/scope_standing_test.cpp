#include "app/scope_standing.hpp"

#include <gtest/gtest.h>

namespace renkei::app {
namespace {

using List = std::vector<std::string>;

// A sign-in that asked for `asked` and was granted `granted`, with nothing else in the answer.
ScopeStanding standing(List asked, List granted, List always = {}) {
    core::Connection connection;
    connection.mode = core::ConnectionMode::authorization_code;
    connection.scopes = std::move(asked);
    Manifest manifest;
    manifest.always_scopes = std::move(always);
    core::Grant grant;
    grant.scopes = std::move(granted);
    return scope_standing(connection, manifest, grant);
}

TEST(ScopeStanding, B06_NamesWhatWasAskedForAndNotGrantedAndTheOtherWayRound) {
    const auto found = standing({"Mail.Read", "Mail.Send", "Calendars.Read"}, {"Mail.Read", "User.Read"});

    EXPECT_EQ(found.not_granted, (List{"Mail.Send", "Calendars.Read"}));
    EXPECT_EQ(found.not_asked, List{"User.Read"});
}

TEST(ScopeStanding, TakesAScopeWithItsResourceAndInAnyCaseForTheSame) {
    const auto found = standing({"https://microsoftgraph.chinacloudapi.cn/Mail.Read", "mail.send"}, {"Mail.Read", "https://graph.microsoft.com/Mail.Send"});

    EXPECT_TRUE(found.not_granted.empty());
    EXPECT_TRUE(found.not_asked.empty());
}

TEST(ScopeStanding, WhatServersLeaveOutCountsAsGrantedOnlyWhereItShows) {
    core::Connection connection;
    connection.mode = core::ConnectionMode::authorization_code;
    Manifest manifest;
    manifest.always_scopes = {"openid", "offline_access"};
    core::Grant grant;
    EXPECT_EQ(scope_standing(connection, manifest, grant).not_granted, (List{"openid", "offline_access"}));

    grant.identity.subject = "oid-1";
    EXPECT_EQ(scope_standing(connection, manifest, grant).not_granted, List{"offline_access"});
    grant.refresh_token = {"sealed"};
    EXPECT_TRUE(scope_standing(connection, manifest, grant).not_granted.empty());
    EXPECT_TRUE(standing({}, {"openid", "profile", "email"}).not_asked.empty());
}

TEST(ScopeStanding, DoesNotTakeALongerNameForAShorterOne) { EXPECT_EQ(standing({"Mail.ReadWrite"}, {"Mail.Read"}).not_granted, List{"Mail.ReadWrite"}); }

TEST(ScopeStanding, ASignInAsksForEachScopeOnceAndAnApplicationForNothingMoreThanItsOwn) {
    core::Connection connection;
    Manifest manifest;
    connection.mode = core::ConnectionMode::device_code;
    connection.scopes = {"Mail.Read", "OpenID"};
    manifest.always_scopes = {"openid", "offline_access"};
    EXPECT_EQ(asked_scopes(connection, manifest), (List{"Mail.Read", "OpenID", "offline_access"}));

    connection.mode = core::ConnectionMode::client_credentials;
    EXPECT_EQ(asked_scopes(connection, manifest), (List{"Mail.Read", "OpenID"}));
}

}  // namespace
}  // namespace renkei::app

// B-06: the least scopes for what is wanted, from the catalogue that is shipped.
#include "adapters/providers/catalog_loader.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/browser.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using List = std::vector<std::string>;
using app::PermissionKind;

const app::Manifest& microsoft() {
    static const auto catalog = providers::load_catalog({}).value();
    return *catalog->find("microsoft");
}
List least(List actions, List triggers, PermissionKind permissions = PermissionKind::delegated) {
    return app::least_scopes(microsoft(), actions, triggers, permissions).value().scopes;
}

TEST(LeastScopes, U43_AConnectionForNothingInParticularAsksForTheLeast) {
    EXPECT_EQ(least({}, {}), (List{"openid", "profile", "offline_access", "Mail.Read"}));
}

TEST(LeastScopes, U32_TheAppsOwnAccessNeedsTwoAndWithACertificateOneOfThreeIsEnough) {
    const auto found = app::least_scopes(microsoft(), {}, {}, PermissionKind::application).value();

    EXPECT_EQ(found.scopes, (List{"Mail.Read", "User.Read.All"}));
    EXPECT_EQ(found.any_of, (List{"Mail.Read", "User.Read.All", "User.Read"})) << "U-27";
}

TEST(LeastScopes, U70_TriggersAskForTheirs) {
    EXPECT_EQ(least({}, {"mail:received_shared"}), (List{"openid", "profile", "offline_access", "Mail.Read", "Mail.Read.Shared"}));
    EXPECT_EQ(least({}, {"mail:received"}), (List{"openid", "profile", "offline_access", "Mail.Read"})) << "U-73";
    EXPECT_EQ(least({}, {"calendar:changed"}), (List{"openid", "profile", "offline_access", "Calendars.Read"})) << "U-71";
    EXPECT_EQ(least({}, {"calendar:changed_shared"}), (List{"openid", "profile", "offline_access", "Calendars.Read.Shared"})) << "U-72";
}

TEST(LeastScopes, B06_AWiderScopeMakesTheNarrowerOneSuperfluous) {
    EXPECT_EQ(least({"mail:read", "mail:write", "mail:send"}, {}), (List{"openid", "profile", "offline_access", "Mail.ReadWrite", "Mail.Send"}));
    EXPECT_EQ(least({"mail:read", "mail:write_shared"}, {}), (List{"openid", "profile", "offline_access", "Mail.Read", "Mail.ReadWrite.Shared"}))
        << "somebody else's mailbox is not one's own";
    EXPECT_EQ(least({"mail:read_shared"}, {}, PermissionKind::application), (List{"Mail.Read"}));
}

TEST(LeastScopes, B06_EveryActionAndTriggerIsNoMoreThanTheDefaultsAllow) {
    for (const auto* table : {&microsoft().action_scopes, &microsoft().trigger_scopes})
        for (const auto& row : *table) EXPECT_FALSE(row.delegated.empty() || row.application.empty()) << row.action;
}

TEST(LeastScopes, B06_AWordThatTheConnectorDoesNotHaveIsRefusedWithTheNearestOne) {
    const auto refused = app::least_scopes(microsoft(), {"mail:raed"}, {}, PermissionKind::delegated).error();

    EXPECT_EQ(refused.get("field"), "actions");
    EXPECT_NE(refused.detail.find("`mail:read`"), std::string::npos) << refused.detail;
    EXPECT_EQ(app::least_scopes(microsoft(), {}, {"mail:send"}, PermissionKind::delegated).error().get("field"), "triggers");
}

TEST(LeastScopes, B06_TheApiGivesThemAsTheCloudWantsThem) {
    ApiWorld world;
    world.catalog.tenanted.action_scopes = microsoft().action_scopes;
    world.catalog.tenanted.clouds.front().scope_prefix = "https://graph.example/";
    const auto answer = world.post("/v1/connectors/microsoft/scopes", R"({"actions":["mail:read"],"triggers":[]})");

    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json::serialize(answer.json.at("scopes")), R"(["openid","offline_access","Mail.Read"])");
    EXPECT_EQ(json::serialize(answer.json.at("full_scopes")), R"(["openid","offline_access","https://graph.example/Mail.Read"])");
    EXPECT_EQ(world.post("/v1/connectors/microsoft/scopes", R"({"actions":["x"]})").text("field"), "actions");
    EXPECT_EQ(world.post("/v1/connectors/microsoft/scopes", R"({"permissions":"all"})").text("field"), "permissions");
    EXPECT_EQ(world.post("/v1/connectors/microsoft/scopes", R"({"cloud":"mars"})").text("field"), "cloud");
    EXPECT_EQ(world.post("/v1/connectors/nothing/scopes", "{}").status, 404);
}

}  // namespace
}  // namespace renkei::testing

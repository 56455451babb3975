// A-52 and ADR 19: people whose user name at the provider is not their e-mail address.
#include "tests/support/managed_world.hpp"

namespace renkei::testing {
namespace {

TEST_F(ManagedConnections, A52_WhoIsCalledSomethingElseAtTheProviderConnectsOnceTheirAccountNameIsSet) {
    constexpr auto upn = "t.yamada@corp.example";
    EXPECT_EQ(connect(browser, upn).status, 403) << "the e-mail address is what counts by itself";
    const auto set = world.ask({"PATCH", "/v1/people/taro@acme.example", R"({"account_name":"T.Yamada@Corp.example"})", world.admin});
    ASSERT_EQ(set.status, 200) << set.body;
    EXPECT_EQ(set.text("account_name"), upn) << "one spelling";
    EXPECT_EQ(world.get("/v1/people").json.at("items").at(1).at("account_name").as_string(), upn);
    EXPECT_NE(world.store.audit(home).back().reason.find(upn), std::string::npos);
    EXPECT_NE(browser.get("/my/connections/outlook").body.find(upn), std::string::npos) << "said before the button is pressed";

    EXPECT_EQ(connect(browser).status, 403) << "the e-mail address is another account now";
    EXPECT_EQ(connect(browser, "somebody@corp.example", "oid-else").status, 403);
    EXPECT_EQ(connect(browser, upn).status, 200);
    EXPECT_EQ(taros()->act_as, upn);
    EXPECT_EQ(taros()->fence.mailboxes, std::vector<std::string>{upn});
    EXPECT_EQ(lend().status, 303);
    EXPECT_EQ(read().status, 200) << "called by the e-mail address as before";
    EXPECT_EQ(world.mail_provider.mailbox, upn);
}

TEST_F(ManagedConnections, A52_TheAccountNameCountsAtTheFirstSignInAndNeverAgain) {
    given_taro_is_connected();
    const auto set = world.ask({"PATCH", "/v1/people/taro@acme.example", R"({"account_name":"boss@acme.example"})", world.admin});
    ASSERT_EQ(set.status, 200) << set.body;

    EXPECT_EQ(connect(browser, "boss@acme.example", "oid-boss").status, 403) << "pinned by tenant and object id";
    EXPECT_EQ(connect(browser, "renamed@acme.example").status, 200) << "names move, the pinned account is the same";
    EXPECT_EQ(taros()->act_as, taro_mail);
}

TEST_F(ManagedConnections, A52_OnlyWhoManagesPeopleSetsAnAccountNameAndOnlyAnAddressIsOne) {
    const auto set = [&](const std::string& body, const std::string& key) { return world.ask({"PATCH", "/v1/people/taro@acme.example", body, key}); };
    const auto looker = world.add_key("people-looker", {Action::people_read});
    const auto stranger = world.add_key("people-elsewhere", {Action::people_read, Action::people_write}, elsewhere);
    const std::string good = R"({"account_name":"t.yamada@corp.example"})";

    EXPECT_EQ(set(good, looker).status, 403);
    EXPECT_EQ(set(good, stranger).status, 404);
    EXPECT_EQ(world.ask({"PATCH", "/v1/people/hanako@acme.example", good, world.add_key("people-writer", {Action::people_read, Action::people_write})}).status,
              403)
        << "about an administrator only an administrator decides";
    for (const auto* wrong :
         {R"({"account_name":"yamada"})", R"({"account_name":"a@b\r\nx"})", R"({"account_name":"<script>@b.example"})", R"({"account_name":7})"})
        EXPECT_EQ(set(wrong, world.admin).status, 400) << wrong;
    EXPECT_EQ(world.get("/v1/people/taro@acme.example").text("account_name"), taro_mail);

    EXPECT_EQ(set(good, world.admin).text("account_name"), "t.yamada@corp.example");
    EXPECT_EQ(set(R"({"account_name":""})", world.admin).text("account_name"), taro_mail) << "the e-mail address again";
    EXPECT_EQ(set(R"({"account_name":"taro@acme.example"})", world.admin).text("account_name"), taro_mail);
}

TEST_F(ManagedConnections, A52_AnAccountNameGoesWithTheMembership) {
    ASSERT_EQ(world.ask({"PATCH", "/v1/people/taro@acme.example", R"({"account_name":"t.yamada@corp.example"})", world.admin}).status, 200);
    ASSERT_EQ(world.ask({"DELETE", "/v1/people/taro@acme.example", {}, world.admin}).status, 204);
    const auto again = world.post("/v1/people", R"({"email":"taro@acme.example","display_name":"Taro","roles":["user"]})");

    EXPECT_EQ(again.text("account_name"), taro_mail) << again.body;
}

}  // namespace
}  // namespace renkei::testing

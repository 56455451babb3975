#include "sandbox/control/control_test_world.hpp"
#include "tests/support/graph_world.hpp"

namespace {

using namespace renkei;
using namespace renkei::testing;

struct Directory : ::testing::Test, GraphWorld {
    std::string reader = app_token({"User.Read.All", "GroupMember.Read.All"});
    sandbox::Faults faults;
    sandbox::Counters counters;
    sandbox::ControlService control{{world, faults, counters, {graph.get()}, graph.get(), [] { return std::string("{}"); }}};

    sandbox::ServerResponse tell(const std::string& path, const std::string& body, Method method = Method::post) {
        return control.handle(sandbox::make_request(method, path, body, {{"Content-Type", "application/json"}}));
    }
    std::vector<std::string> texts(const json::object& answer, std::string_view member) {
        std::vector<std::string> out;
        for (const auto& one : answer.at("value").as_array())
            out.push_back(one.is_string() ? std::string(json::view(one.as_string())) : text_at(one.as_object(), member));
        return out;
    }
    std::vector<std::string> found(const std::string& filter) {
        return texts(get("/v1.0/users?$filter=" + percent_encode(filter), reader), "userPrincipalName");
    }
    std::string id_of(std::string_view upn) { return world.find_user(upn)->id; }
    std::string group(std::string_view mail) { return world.find_group(mail)->id; }
};
using SandboxDirectory = Directory;

TEST_F(SandboxDirectory, ResolvesAnAddressToItsOwnerByMailAndByProxyAddress) {
    EXPECT_EQ(found("mail eq 'invoices@contoso.example'"), std::vector<std::string>{shared_box});
    EXPECT_EQ(found("proxyAddresses/any(p:p eq 'smtp:seikyu@contoso.example')"), std::vector<std::string>{shared_box});
    EXPECT_EQ(found("mail eq 'SALES@contoso.example' or proxyAddresses/any(x:x eq 'SMTP:sales@contoso.example')"), std::vector<std::string>{alice});
    EXPECT_EQ(found("startswith(userPrincipalName,'al') and accountEnabled eq true"), std::vector<std::string>{alice});
    EXPECT_EQ(found("displayName ne 'x' and not (startswith(mail,'sato') or mail eq 'alice@contoso.example') and department eq '経理部'"),
              std::vector<std::string>{shared_box});
    EXPECT_TRUE(found("mail eq 'dave@fabrikam.example'").empty()) << "another tenant";
    EXPECT_TRUE(found("mail eq 'nomail@contoso.example'").empty()) << "no mailbox, no address";
    EXPECT_TRUE(found("mail eq 'it''s@contoso.example'").empty());
}

TEST_F(SandboxDirectory, RefusesFiltersThatItDoesNotUnderstand) {
    for (const auto* filter : {"mail", "mail eq", "mail eq alice", "mail lt 'a'", "shoeSize eq '1'", "mail eq 'a", "mail eq 'a' extra", "(mail eq 'a'", "()",
                               "not", "mail/any(p:p eq 'a')", "proxyAddresses/any(p:q eq 'a')", "proxyAddresses/any(p eq 'a')", "startswith(mail)",
                               "startswith(mail,'a'", "mail eq 'a' or", "", ",", "password eq 'x'"})
        expect_refusal(call(Method::get, "/v1.0/users?$filter=" + percent_encode(filter), reader), 400, "Request_UnsupportedQuery");
    expect_refusal(call(Method::get, "/v1.0/users?$filter=" + std::string(60, '('), reader), 400, "Request_UnsupportedQuery");
    expect_refusal(call(Method::get, "/v1.0/users?$filter=" + percent_encode("mail eq '" + std::string(5000, 'a') + "'"), reader), 400,
                   "Request_UnsupportedQuery");
    expect_refusal(call(Method::get, "/v1.0/users?$search=x", reader), 400, "ErrorInvalidUrlQuery");
}

TEST_F(SandboxDirectory, AProfileTellsAddressesAndWhetherTheAccountIsEnabled) {
    const std::string select = "?$select=id,userPrincipalName,mail,proxyAddresses,accountEnabled";
    const auto box = get(std::string("/v1.0/users/") + shared_box + select, reader);
    expect_schema(box, "user");
    EXPECT_EQ(box.at("proxyAddresses"), (json::array{"SMTP:invoices@contoso.example", "smtp:seikyu@contoso.example"}));
    EXPECT_EQ(json::boolean(box, "accountEnabled"), false) << "nobody signs in to a shared mailbox";
    EXPECT_EQ(json::boolean(get(std::string("/v1.0/users/") + alice + select, reader), "accountEnabled"), true);
    EXPECT_EQ(json::boolean(get("/v1.0/users/tanaka.taro@contoso.example" + select, reader), "accountEnabled"), false);
    expect_schema(get("/v1.0/users/" + id_of(alice) + select, reader), "user");
    expect_refusal(call(Method::get, "/v1.0/users/sales@contoso.example", reader), 404, "Request_ResourceNotFound");
    EXPECT_EQ(call(Method::get, "/v1.0/users/sales@contoso.example/messages", app_token({"Mail.Read"})).status, 200) << "Exchange takes every address";
}

TEST_F(SandboxDirectory, BasicProfilesCannotBeAskedForWhatTheyHide) {
    const auto basic = app_token({"User.ReadBasic.All"});
    const auto profile = get(std::string("/v1.0/users/") + alice + "?$select=id,proxyAddresses,accountEnabled", basic);

    EXPECT_FALSE(profile.contains("proxyAddresses"));
    EXPECT_FALSE(profile.contains("accountEnabled"));
    for (const auto* filter : {"accountEnabled eq true", "proxyAddresses/any(p:p eq 'smtp:sales@contoso.example')"})
        expect_refusal(call(Method::get, "/v1.0/users?$filter=" + percent_encode(filter), basic), 403, "Authorization_RequestDenied");
}

TEST_F(SandboxDirectory, MembersComeInPagesWithTheirKind) {
    std::vector<std::string> seen;
    std::string target = "/v1.0/groups/" + group("all@contoso.example") + "/members?$top=4&$select=userPrincipalName";
    int pages = 0;
    for (; !target.empty() && pages < 10; ++pages) {
        const auto page = get(target, reader);
        for (const auto& one : page.at("value").as_array()) {
            EXPECT_EQ(text_at(one.as_object(), "@odata.type"), "#microsoft.graph.user");
            seen.push_back(text_at(one.as_object(), "userPrincipalName"));
        }
        const auto next = json::text(page, "@odata.nextLink").value_or("");
        target = next.empty() ? "" : std::string(next.substr(next.find("/v1.0")));
    }

    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen.size(), 9u);
}

TEST_F(SandboxDirectory, TransitiveMembersFollowGroupsInGroupsAndEndInCircles) {
    const auto eigyo = group("eigyo@contoso.example");
    EXPECT_EQ(texts(get("/v1.0/groups/" + eigyo + "/members", reader), "id"), (std::vector<std::string>{id_of(ichiro), group("overseas@contoso.example")}));
    EXPECT_EQ(texts(get("/v1.0/groups/" + eigyo + "/transitiveMembers", reader), "id"),
              (std::vector<std::string>{id_of(ichiro), group("overseas@contoso.example"), id_of(alice)}));
    const auto& circle = world.groups()[4];
    EXPECT_EQ(texts(get("/v1.0/groups/" + circle.id + "/transitiveMembers", reader), "id").size(), 3u);
}

TEST_F(SandboxDirectory, MembersShowTheirAliasesToWhoMayReadWholeProfilesAndAsksForThem) {
    const std::string target = "/v1.0/groups/" + group("eigyo@contoso.example") + "/transitiveMembers?$select=id,proxyAddresses";
    const auto shows = [&](const std::string& path, const std::string& with) {
        return get(path, with).at("value").as_array().front().as_object().contains("proxyAddresses");
    };

    EXPECT_TRUE(shows(target, app_token({"GroupMember.Read.All", "User.Read.All"})));
    EXPECT_FALSE(shows(target, app_token({"GroupMember.Read.All", "User.ReadBasic.All"})));
    EXPECT_FALSE(shows(target.substr(0, target.find('?')), app_token({"GroupMember.Read.All", "User.Read.All"})));
}

TEST_F(SandboxDirectory, MembershipsOfAPersonDirectAndThroughGroups) {
    const std::string me = "/v1.0/users/" + id_of(alice);
    EXPECT_EQ(texts(get(me + "/memberOf", reader), "mail"), (std::vector<std::string>{"all@contoso.example", "overseas@contoso.example"}));
    EXPECT_EQ(texts(get(me + "/transitiveMemberOf", reader), "mail"),
              (std::vector<std::string>{"all@contoso.example", "overseas@contoso.example", "eigyo@contoso.example"}));
    EXPECT_EQ(texts(post(me + "/getMemberGroups", reader, R"({"securityEnabledOnly":false})", 200), "").size(), 3u);
    EXPECT_TRUE(texts(post(me + "/getMemberGroups", reader, R"({"securityEnabledOnly":true})", 200), "").empty());
    expect_refusal(call(Method::post, me + "/getMemberGroups", reader, "{}"), 400, "BadRequest");
    expect_refusal(call(Method::get, me + "/getMemberGroups", reader), 405, "Request_BadRequest");
    EXPECT_EQ(get("/v1.0/me/memberOf", token(alice, {"User.Read"})).at("value").as_array().size(), 2u) << "one's own";
}

TEST_F(SandboxDirectory, GroupsNeedTheirPermissionDelegatedAndForApplications) {
    const auto accounting = group("accounting@contoso.example");
    for (const auto& target : std::vector<std::string>{"/v1.0/groups", "/v1.0/groups/" + accounting, "/v1.0/groups/" + accounting + "/members",
                                                       "/v1.0/groups/" + accounting + "/transitiveMembers", "/v1.0/users/" + id_of(ichiro) + "/memberOf"}) {
        SCOPED_TRACE(target);
        for (const auto& little : {app_token({"User.Read.All"}), app_token({"Mail.Read"}), token(alice, {"User.Read", "User.Read.All"})})
            expect_refusal(call(Method::get, target, little), 403, "Authorization_RequestDenied");
        for (const auto* enough : {"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"}) {
            EXPECT_EQ(call(Method::get, target, app_token({enough})).status, 200) << enough;
            EXPECT_EQ(call(Method::get, target, token(alice, {enough})).status, 200) << enough;
        }
    }
}

TEST_F(SandboxDirectory, UnknownGroupsAndThoseOfOtherTenantsAreNotFound) {
    for (const auto& id : {group("purchasing@fabrikam.example"), std::string("nonsense"), std::string("accounting@contoso.example")})
        for (const auto* rest : {"", "/members", "/transitiveMembers"})
            expect_refusal(call(Method::get, "/v1.0/groups/" + id + rest, reader), 404, "Request_ResourceNotFound");
    EXPECT_EQ(texts(get("/v1.0/groups?$filter=" + percent_encode("mail eq 'accounting@contoso.example'"), reader), "displayName"),
              std::vector<std::string>{"経理部"});
    expect_refusal(call(Method::get, "/v1.0/groups?$filter=owner%20eq%20'x'", reader), 400, "Request_UnsupportedQuery");
}

TEST_F(SandboxDirectory, MembersWithoutARightToReadPeopleShowTheirIdsOnly) {
    const auto page = get("/v1.0/groups/" + group("overseas@contoso.example") + "/members", app_token({"GroupMember.Read.All"}));

    EXPECT_EQ(page.at("value").as_array()[0], (json::object{{"id", id_of(alice)}, {"@odata.type", "#microsoft.graph.user"}}));
}

TEST_F(SandboxDirectory, B05_AnAddressMovesToAnotherPersonAndOpensTheirMailbox) {
    const auto before = found("proxyAddresses/any(p:p eq 'smtp:sales@contoso.example')");
    deliver(alice, "Subject: of Alice\r\n\r\nx");
    deliver("bob@contoso.example", "Subject: of Bob\r\n\r\nx");

    EXPECT_EQ(tell("/users/move-address", R"({"address":"sales@contoso.example","to":"bob@contoso.example"})").status, 200);

    EXPECT_EQ(before, std::vector<std::string>{alice});
    EXPECT_EQ(found("proxyAddresses/any(p:p eq 'smtp:sales@contoso.example')"), std::vector<std::string>{"bob@contoso.example"});
    EXPECT_EQ(texts(get("/v1.0/users/sales@contoso.example/messages", app_token({"Mail.Read"})), "subject"), std::vector<std::string>{"of Bob"});
}

TEST_F(SandboxDirectory, ASignInNameThatMovesLeavesItsOwnerWithAnother) {
    const auto alices = id_of(alice);
    EXPECT_EQ(tell("/users/move-address", R"({"address":"alice@contoso.example","to":"bob@contoso.example"})").status, 200);

    EXPECT_EQ(id_of("former-alice@contoso.example"), alices);
    EXPECT_EQ(id_of(alice), id_of("bob@contoso.example"));
}

TEST_F(SandboxDirectory, RenamedPeopleKeepTheirIdAndTheirOldAddressUnlessToldOtherwise) {
    const auto alices = id_of(alice);
    EXPECT_EQ(tell("/users/rename", R"({"user":"alice@contoso.example","upn":"alice.smith@contoso.example","display_name":"Alice Smith"})").status, 200);
    EXPECT_EQ(id_of("alice.smith@contoso.example"), alices);
    EXPECT_EQ(id_of(alice), alices);
    EXPECT_EQ(tell("/users/rename", R"({"user":"alice.smith@contoso.example","upn":"a@contoso.example","keep_alias":false})").status, 200);
    EXPECT_EQ(world.find_user("alice.smith@contoso.example"), nullptr);
    EXPECT_EQ(id_of("a@contoso.example"), alices);
}

TEST_F(SandboxDirectory, TheControlEndpointRefusesChangesThatCannotBe) {
    const std::pair<const char*, const char*> wrong[] = {{"/users/move-address", R"({"to":"bob@contoso.example"})"},
                                                         {"/users/move-address", R"({"address":"sales@contoso.example","to":"nobody"})"},
                                                         {"/users/move-address", R"({"address":"sales@contoso.example","to":"alice@contoso.example"})"},
                                                         {"/users/move-address", R"({"address":"no address","to":"bob@contoso.example"})"},
                                                         {"/users/rename", R"({"user":"alice@contoso.example"})"},
                                                         {"/users/rename", R"({"user":"alice@contoso.example","upn":"bob@contoso.example"})"},
                                                         {"/users/rename", R"({"user":"alice@contoso.example","upn":"x"})"},
                                                         {"/users/rename", R"({"user":"nobody","upn":"x@contoso.example"})"},
                                                         {"/groups/members", R"({"group":"nothing"})"},
                                                         {"/groups/members", R"({"group":"all@contoso.example","add":["nobody"]})"},
                                                         {"/groups/members", R"({"group":"all@contoso.example","remove":"alice@contoso.example"})"},
                                                         {"/users/rename", "[]"}};
    for (const auto& [path, body] : wrong) EXPECT_EQ(tell(path, body).status, 400) << path << body;
    EXPECT_NE(world.find_user("sales@contoso.example"), nullptr);
}

TEST_F(SandboxDirectory, GroupMembersCanBeChanged) {
    EXPECT_EQ(tell("/groups/members", R"({"group":"overseas@contoso.example","add":["bob@contoso.example"],"remove":["alice@contoso.example"]})").status, 200);

    EXPECT_EQ(world.find_group("overseas@contoso.example")->members, std::vector<std::string>{id_of("bob@contoso.example")});
}

TEST_F(SandboxDirectory, B05_AnAccessPolicyKeepsAnApplicationToItsMailboxes) {
    const auto app = app_token({"Mail.ReadWrite", "Mail.Send", "User.Read.All"});
    deliver(shared_box, "Subject: x\r\n\r\nx");
    ASSERT_EQ(tell("/switches", R"({"apps":{"daemon":{"mailboxes":["invoices@contoso.example"]}}})", Method::put).status, 200);

    EXPECT_EQ(call(Method::get, std::string("/v1.0/users/") + shared_box + "/messages", app).status, 200);
    EXPECT_EQ(call(Method::get, "/v1.0/users/seikyu@contoso.example/messages", app).status, 200) << "the alias opens the same mailbox";
    const std::string send = R"({"message":{"toRecipients":[{"emailAddress":{"address":"a@b.example"}}]}})";
    for (const auto* other : {alice, hanako, "nobody@contoso.example"}) {
        const auto at = std::string("/v1.0/users/") + other;
        expect_refusal(call(Method::get, at + "/messages", app), 403, "ErrorAccessDenied");
        expect_refusal(call(Method::get, at + "/mailFolders/inbox", app), 403, "ErrorAccessDenied");
        expect_refusal(call(Method::post, at + "/messages", app, "{}"), 403, "ErrorAccessDenied");
        expect_refusal(call(Method::post, at + "/sendMail", app, send), 403, "ErrorAccessDenied");
    }
    EXPECT_EQ(call(Method::get, std::string("/v1.0/users/") + alice, app).status, 200) << "the directory is not fenced by it";
    ASSERT_EQ(tell("/switches", R"({"apps":{"daemon":{"mailboxes":null}}})", Method::put).status, 200);
    EXPECT_EQ(call(Method::get, std::string("/v1.0/users/") + alice + "/messages", app).status, 200);
}

TEST_F(SandboxDirectory, B05_RbacForApplicationsGivesRightsInSomeMailboxesWithoutConsent) {
    const auto app = app_token({});
    const auto box = std::string("/v1.0/users/") + shared_box;
    expect_refusal(call(Method::get, box + "/messages", app), 403, "ErrorAccessDenied");
    ASSERT_EQ(
        tell("/switches", R"({"apps":{"daemon":{"exchange_roles":["Application Mail.Read"],"exchange_mailboxes":["invoices@contoso.example"]}}})", Method::put)
            .status,
        200);

    EXPECT_EQ(call(Method::get, box + "/messages", app).status, 200);
    expect_refusal(call(Method::post, box + "/messages", app, "{}"), 403, "ErrorAccessDenied");
    expect_refusal(call(Method::get, std::string("/v1.0/users/") + alice + "/messages", app), 403, "ErrorAccessDenied");
    EXPECT_EQ(call(Method::get, std::string("/v1.0/users/") + alice + "/messages", app_token({"Mail.Read"})).status, 200) << "rights add up";
}

TEST_F(SandboxDirectory, U12_OneNativeCallEachOfTheOtherConnectorsWithItsScope) {
    const auto team = group("accounting@contoso.example");
    const struct {
        const char* scope;
        std::string target;
        const char* code;
    } calls[] = {{"Files.Read", "/v1.0/me/drive", "accessDenied"},
                 {"Files.ReadWrite.All", "/v1.0/me/drive/root/children", "accessDenied"},
                 {"Team.ReadBasic.All", "/v1.0/me/joinedTeams", "Forbidden"},
                 {"Channel.ReadBasic.All", "/v1.0/teams/" + team + "/channels", "Forbidden"},
                 {"Sites.Read.All", "/v1.0/sites/root", "accessDenied"},
                 {"Organization.Read.All", "/v1.0/organization", "Authorization_RequestDenied"}};
    for (const auto& one : calls) {
        SCOPED_TRACE(one.target);
        expect_refusal(call(Method::get, one.target, token(hanako, {"Mail.Read"})), 403, one.code);
        expect_refusal(call(Method::get, one.target, ""), 401, "InvalidAuthenticationToken");
        expect_refusal(call(Method::post, one.target, token(hanako, {one.scope}), "{}"), 405, "Request_BadRequest");
        EXPECT_TRUE(get(one.target, token(hanako, {one.scope})).contains("@odata.context"));
    }
    EXPECT_EQ(texts(get("/v1.0/me/drive/root/children", token(hanako, {"Files.Read"})), "name"), (std::vector<std::string>{"請求書", "見積.xlsx"}));
    EXPECT_EQ(texts(get("/v1.0/me/joinedTeams", token(hanako, {"Team.ReadBasic.All"})), "displayName"), std::vector<std::string>{"経理部"});
    EXPECT_EQ(texts(get("/v1.0/organization", token(hanako, {"User.Read"})), "displayName"), std::vector<std::string>{"コントソ商事株式会社"});
}

TEST_F(SandboxDirectory, U12_ApplicationsReachThemByUserAndNotAsMe) {
    const auto at = "/v1.0/users/" + id_of(hanako);
    EXPECT_EQ(call(Method::get, at + "/drive/root/children", app_token({"Files.Read.All"})).status, 200);
    EXPECT_EQ(call(Method::get, at + "/joinedTeams", app_token({"Team.ReadBasic.All"})).status, 200);
    EXPECT_EQ(call(Method::get, "/v1.0/sites/root", app_token({"Sites.Read.All"})).status, 200);
    EXPECT_EQ(call(Method::get, "/v1.0/organization", app_token({"Organization.Read.All"})).status, 200);
    expect_refusal(call(Method::get, "/v1.0/me/drive", app_token({"Files.Read.All"})), 400, "BadRequest");
    expect_refusal(call(Method::get, "/v1.0/organization", app_token({"User.Read"})), 403, "Authorization_RequestDenied");
    expect_refusal(call(Method::get, at + "/drive", app_token({"Files.Read"})), 403, "accessDenied");
    expect_refusal(call(Method::get, at + "/drive", token(alice, {"Files.Read.All"})), 403, "accessDenied");
    expect_refusal(call(Method::get, at + "/joinedTeams", token(alice, {"Team.ReadBasic.All"})), 403, "Forbidden");
    expect_refusal(call(Method::get, "/v1.0/teams/" + group("accounting@contoso.example") + "/channels", token(alice, {"Channel.ReadBasic.All"})), 403,
                   "Forbidden");
    expect_refusal(call(Method::get, "/v1.0/teams/" + group("all@contoso.example") + "/channels", app_token({"Channel.ReadBasic.All"})), 404, "NotFound");
    expect_refusal(call(Method::get, std::string("/v1.0/users/") + shared_box + "/drive", app_token({"Files.Read.All"})), 404, "ResourceNotFound");
}

}  // namespace

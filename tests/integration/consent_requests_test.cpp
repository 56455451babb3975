// B-13: an approval that is needed becomes a request, goes to the administrator, and the person goes on. Most of these are attacks.
#include "tests/support/consent_world.hpp"

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(ConsentRequests, B13_ARefusedSignInWaitsIsApprovedAndGoesOn) {
    const auto wait = refused(person);
    ASSERT_TRUE(wait.starts_with("/consent/")) << wait;
    const auto waiting = person.get(wait, {{"Accept-Language", "ja"}});
    EXPECT_EQ(waiting.status, 200);
    EXPECT_NE(waiting.body.find("承認待ち"), waiting.body.npos);
    EXPECT_NE(waiting.body.find("https://renkei.example" + link_of(wait) + "<"), waiting.body.npos) << "the link to forward";
    EXPECT_EQ(waiting.headers.get("Refresh"), "5");
    EXPECT_EQ(waiting.body.find("hanako"), waiting.body.npos) << "the provider's text";
    EXPECT_EQ(state(), "open");
    EXPECT_EQ(json::text(newest(), "link"), "https://renkei.example" + link_of(wait));

    const auto page = admin.get(link_of(wait));
    EXPECT_EQ(page.status, 200);
    for (const auto* text : {"taro-mail", "Mail.Read", "client"}) EXPECT_NE(page.body.find(text), page.body.npos) << text;
    const auto address = approve_at(admin, wait);
    const auto at = Uri::parse(address).value();
    EXPECT_EQ(at.path, "/" + std::string(guid) + "/v2.0/adminconsent");
    EXPECT_EQ(*find_field(query_of(address), "redirect_uri"), "https://renkei.example/provisioning_/callback/microsoft");
    EXPECT_EQ(*find_field(query_of(address), "scope"), "Mail.Read openid offline_access");
    const auto approved = answer(admin, address);
    EXPECT_EQ(approved.status, 200) << approved.body;
    EXPECT_EQ(state(), "granted");
    EXPECT_EQ(json::text(newest(), "granted_tenant"), guid);

    const auto ready = person.get(wait);
    EXPECT_EQ(ready.headers.get("Refresh"), "");
    EXPECT_NE(ready.body.find("Continue"), ready.body.npos);
    const auto link = path_of(person.post(wait, {}).headers.get("Location"));
    ASSERT_TRUE(link.starts_with("/connect/")) << link;
    EXPECT_EQ(person.get(link).status, 200);
    EXPECT_EQ(person.post(link, {}).status, 303) << "the sign-in goes on";
}

TEST_F(ConsentRequests, A52_APersonsOwnAccountGoesOnWhereTheyAreSignedInAndNotByALink) {
    const auto wait = refused(person);
    answer(admin, approve_at(admin, wait));
    auto row = *run_task(world.store.find_connection(home, a_name("taro-mail")));
    row.managed_by = row.id;
    const auto before = row.version++;
    world.commit(home, {app::UpdateConnection{row, before}});

    EXPECT_EQ(person.post(wait, {}).headers.get("Location"), "https://renkei.example/my/connections");
}

TEST_F(ConsentRequests, B13_EveryStepIsInTheAudit) {
    const auto wait = refused(person);
    answer(admin, approve_at(admin, wait));

    std::vector<std::string> actions;
    for (const auto& row : world.store.audit(home))
        if (row.action.starts_with("consent.")) actions.push_back(row.action + (row.allowed ? "" : " refused"));
    EXPECT_EQ(actions, (std::vector<std::string>{"consent.request", "consent.start", "consent.decide"}));
}

TEST_F(ConsentRequests, B13_TheSameQuestionIsOneRequest) {
    const auto first = refused(person);
    Browser again(world);
    const auto second = refused(again);

    EXPECT_EQ(first, second);
    EXPECT_EQ(world.get("/v1/consent-requests").json.at("items").get_array().size(), 1U);
    EXPECT_EQ(again.get(second).status, 200);
    EXPECT_EQ(person.get(first).status, 404) << "the browser that asked last waits";
}

TEST_F(ConsentRequests, B13_OnlyTheBrowserThatAskedWaitsAndGoesOn) {
    const auto wait = refused(person);
    answer(admin, approve_at(admin, wait));

    for (auto* stranger : {&admin}) {
        EXPECT_EQ(stranger->get(wait).status, 404);
        EXPECT_EQ(stranger->post(wait, {}).status, 404);
    }
    person.cookies["__Host-renkei-waiting"] = std::string(43, 'A');
    EXPECT_EQ(person.post(wait, {}).status, 404);
}

TEST_F(ConsentRequests, B13_NobodyGoesOnBeforeTheApproval) {
    const auto wait = refused(person);
    EXPECT_EQ(person.post(wait, {}).status, 409);
}

TEST_F(ConsentRequests, B13_AStateThatIsUnknownUsedOrExpiredApprovesNothing) {
    const auto wait = refused(person);
    const auto address = approve_at(admin, wait);
    const auto unknown = admin.get(std::string(callback) + "?admin_consent=True&tenant=" + std::string(guid) + "&state=consent.unknown");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_EQ(state(), "open");

    world.clock.advance(app::ConsentRequests::answer_lives);
    EXPECT_EQ(answer(admin, address).status, 400) << "expired";
    EXPECT_EQ(state(), "open");

    const auto fresh = approve_at(admin, wait);
    EXPECT_EQ(answer(admin, fresh).status, 200);
    const auto rows = world.store.audit(home).size();
    EXPECT_EQ(answer(admin, fresh).status, 400) << "twice";
    EXPECT_EQ(world.store.audit(home).size(), rows);
}

TEST_F(ConsentRequests, B13_AnAnswerInAnotherBrowserApprovesNothingAndSpoilsNothing) {
    const auto wait = refused(person);
    const auto address = approve_at(admin, wait);

    EXPECT_EQ(answer(person, address).status, 400);
    person.cookies["__Host-renkei-approval"] = std::string(43, 'A');
    EXPECT_EQ(answer(person, address).status, 400) << "with a cookie of another approval";
    EXPECT_EQ(state(), "open");
    EXPECT_EQ(answer(admin, address).status, 200) << "the stranger has not used it up";
}

TEST_F(ConsentRequests, B13_AnotherTenantsApprovalIsNotThisOne) {
    const auto wait = refused(person);
    EXPECT_EQ(answer(admin, approve_at(admin, wait), other_guid).status, 400);
    EXPECT_EQ(state(), "open");
    for (const auto* wrong : {"", "common", "organizations", "..", "a/b"}) {
        EXPECT_EQ(answer(admin, approve_at(admin, wait), wrong).status, 400) << wrong;
        EXPECT_EQ(state(), "open");
    }
}

TEST_F(ConsentRequests, B13_AnAnswerThatDoesNotSayYesIsNone) {
    const auto wait = refused(person);
    for (const auto* query : {"tenant=8f1c6e0a-0000-4000-8000-000000000001", "admin_consent=False&tenant=8f1c6e0a-0000-4000-8000-000000000001",
                              "admin_consent=True", "admin_consent=True&admin_consent=True&tenant=8f1c6e0a-0000-4000-8000-000000000001"}) {
        const auto address = approve_at(admin, wait);
        EXPECT_EQ(admin.get(std::string(callback) + "?" + query + "&state=" + percent_encode(state_of(address))).status, 400) << query;
        EXPECT_EQ(state(), "open") << query;
    }
}

TEST_F(ConsentRequests, B13_ANoIsARefusalAndAFaultDecidesNothing) {
    const auto wait = refused(person);
    const auto with = [&](const std::string& error) {
        const auto address = approve_at(admin, wait);
        return admin.get(std::string(callback) + "?admin_consent=True&" + error + "&state=" + percent_encode(state_of(address)));
    };
    EXPECT_EQ(with("error=temporarily_unavailable").status, 502);
    EXPECT_EQ(state(), "open");

    const auto no = with("error=access_denied&error_description=AADSTS65004%3A+Hanako+declined+%3Cb%3E");
    EXPECT_EQ(no.status, 409);
    EXPECT_EQ(no.body.find("Hanako"), no.body.npos);
    EXPECT_EQ(state(), "refused");
    EXPECT_EQ(json::text(newest(), "reason"), "admin-refused");
    EXPECT_NE(person.get(wait).body.find("did not approve"), std::string::npos);
    EXPECT_EQ(admin.get(link_of(wait)).status, 410) << "the link works for one decision";
    EXPECT_EQ(admin.post(link_of(wait), {}).status, 410);
}

TEST_F(ConsentRequests, B13_TheOldStyleRefusalIsUnderstood) {
    const auto wait = refused(person);
    const auto address = approve_at(admin, wait);
    EXPECT_EQ(admin.get(std::string(callback) + "?error=permission_denied&state=" + percent_encode(state_of(address))).status, 409);
    EXPECT_EQ(state(), "refused");
}

TEST_F(ConsentRequests, B13_AnAnswerAtAnotherConnectorsAddressIsRefused) {
    const auto wait = refused(person);
    const auto address = approve_at(admin, wait);
    EXPECT_EQ(admin.get("/provisioning_/callback/oauth?admin_consent=True&tenant=" + std::string(guid) + "&state=" + percent_encode(state_of(address))).status,
              400);
    EXPECT_EQ(state(), "open");
}

TEST_F(ConsentRequests, B13_NothingLeadsElsewhere) {
    for (const auto* code : {"https://evil.example", "..%2f..", "unknown", "%3Cscript%3E"})
        for (const auto* tail : {"", "/wait"}) {
            const auto page = person.get("/consent/" + std::string(code) + tail);
            EXPECT_EQ(page.status, 404) << code;
            EXPECT_EQ(page.headers.get("Location"), "");
            EXPECT_EQ(page.body.find("<script>"), page.body.npos);
        }
}

TEST_F(ConsentRequests, B13_AnExpiredRequestIsOver) {
    const auto wait = refused(person);
    const auto address = approve_at(admin, wait);
    world.clock.advance(app::ConsentRequests::request_lives);

    EXPECT_EQ(admin.get(link_of(wait)).status, 410);
    EXPECT_EQ(answer(admin, address).status, 400);
    EXPECT_EQ(state(), "expired");
    EXPECT_NE(person.get(wait).body.find("in time"), std::string::npos);
}

TEST_F(ConsentRequests, B13_AWithdrawnOneCannotBeApprovedAnyMore) {
    const auto wait = refused(person);
    const auto address = approve_at(admin, wait);
    const auto path = "/v1/consent-requests/" + std::string(*json::text(newest(), "id"));

    EXPECT_EQ(world.post(path + "/cancel", "{}").text("state"), "cancelled");
    EXPECT_EQ(answer(admin, address).status, 410);
    EXPECT_EQ(state(), "cancelled");
    EXPECT_EQ(world.post(path + "/cancel", "{}").status, 409);
    EXPECT_EQ(admin.get(link_of(wait)).status, 410);
}

TEST_F(ConsentRequests, B13_AnApiCallerAsksShowsAndSeesOnlyTheirs) {
    const auto made = world.post("/v1/consent-requests", R"({"connection":"taro-mail"})");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string path(made.headers.get("Location"));
    EXPECT_EQ(world.get(path).text("state"), "open");
    EXPECT_EQ(admin.get(path_of(made.text("link"))).status, 200);
    EXPECT_EQ(person.get(path_of(made.text("link")) + "/wait").status, 404) << "nobody waits";

    const auto stranger = world.add_key("stranger", {core::Action::connections_read, core::Action::connections_write}, elsewhere);
    EXPECT_EQ(world.get(path, stranger).status, 404);
    EXPECT_EQ(world.post(path + "/cancel", "{}", stranger).status, 404);
    EXPECT_TRUE(world.get("/v1/consent-requests", stranger).json.at("items").get_array().empty());
    EXPECT_EQ(world.post("/v1/consent-requests", R"({"connection":"taro-mail"})", stranger).status, 404);
    const auto reader = world.add_key("looker", {core::Action::connections_read});
    EXPECT_EQ(world.post(path + "/cancel", "{}", reader).status, 403);
    EXPECT_EQ(world.get("/v1/consent-requests/nonsense").status, 404);
    EXPECT_EQ(world.post("/v1/consent-requests", R"({"connection":"nothing"})").status, 404);
}

TEST_F(ConsentRequests, B13_AnotherRefusalIsAPageAsBeforeAndMakesNoRequest) {
    for (const auto* error : {"error=access_denied", "error=access_denied&error_description=AADSTS65004%3A", "error=access_denied&error_uri=x%3Fcode%3D53003"})
        EXPECT_TRUE(refused(person, error).starts_with("409")) << error;
    EXPECT_TRUE(world.get("/v1/consent-requests").json.at("items").get_array().empty());
}

TEST_F(ConsentRequests, B13_WhoComesBackWithoutAcceptingMayAskTheAdministratorOnce) {
    const auto page = person.get(std::string(callback) + "?error=access_denied&error_subcode=cancel&error_description=AADSTS65004%3A+x&state=" + begin(person),
                                 {{"Accept-Language", "ja"}});
    EXPECT_EQ(page.status, 409);
    constexpr std::string_view before = "action=\"";
    const auto at = page.body.find(before) + before.size();
    const auto action = page.body.substr(at, page.body.find('"', at) - at);
    ASSERT_TRUE(action.starts_with("/consent/") && action.ends_with("/ask")) << page.body;
    EXPECT_TRUE(world.get("/v1/consent-requests").json.at("items").get_array().empty()) << "nobody has asked yet";

    const auto asked = person.post(action, {});
    EXPECT_EQ(asked.status, 303);
    EXPECT_EQ(person.get(path_of(asked.headers.get("Location"))).status, 200);
    EXPECT_EQ(state(), "open");
    EXPECT_EQ(person.post(action, {}).status, 410) << "twice";
    EXPECT_EQ(person.post("/consent/unknown/ask", {}).status, 404);
}

TEST_F(ConsentRequests, B13_WithoutAPageForAdministratorsTheRefusalIsTold) {
    world.catalog.tenanted.clouds.front().admin_consent_endpoint.clear();
    EXPECT_TRUE(refused(person).starts_with("409"));
    EXPECT_EQ(world.post("/v1/consent-requests", R"({"connection":"taro-mail"})").code(), "conflict");
}

TEST_F(ConsentRequests, B13_WithATenantForAllTheDomainOfTheAccountTellsWhichOneMustAnswer) {
    make_app("any", "common");
    const auto made = world.post("/v1/connections", R"({"name":"any-mail","registration":"any","mode":"authorization_code","act_as":"taro@contoso.example"})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto start = [&] {
        const auto link = path_of(world.post("/v1/consent-requests", R"({"connection":"any-mail"})").text("link"));
        return std::string(admin.post(link, {}).headers.get("Location"));
    };
    world.provider.publish("https://login.example/contoso.example/v2.0/.well-known/openid-configuration", "down", 503);
    EXPECT_EQ(Uri::parse(start()).value().path, "/organizations/v2.0/adminconsent");

    world.provider.publish("https://login.example/contoso.example/v2.0/.well-known/openid-configuration",
                           R"({"issuer":"https://login.example/)" + std::string(guid) + R"(/v2.0"})");
    const auto address = start();
    EXPECT_EQ(Uri::parse(address).value().path, "/" + std::string(guid) + "/v2.0/adminconsent");
    EXPECT_EQ(answer(admin, address, other_guid).status, 400);
    EXPECT_EQ(state(), "open");
}

TEST_F(ConsentRequests, U61_NewScopesAreAskedNextTimeAndTheOldGrantWorksMeanwhileAndAfterANo) {
    auto connection = a_connection("hanako-mail");
    connection.folder = world.shared.id;
    connection.mode = core::ConnectionMode::authorization_code;
    connection.scopes = {"Mail.Read"};
    auto grant = a_grant(connection);
    grant.subject_kind = core::SubjectKind::person;
    grant.scopes = {"https://graph.example/mail.read", "Calendars.Read"};
    grant.refresh_token = {"sealed"};
    grant.identity = {"https://login.example/tenant-1/v2.0", "tenant-1", "oid-1", "hanako@acme.example"};
    world.commit(home, {app::InsertConnection{connection}, app::InsertGrant{grant}});

    const auto changed = world.ask({"PATCH", "/v1/connections/hanako-mail", R"({"scopes":["Mail.Read","Mail.Send"]})", world.admin});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.text("state"), "active");
    const auto shown = world.get("/v1/connections/hanako-mail").json.at("scope_standing");
    EXPECT_EQ(json::serialize(shown.at("not_granted")), R"(["Mail.Send"])");
    EXPECT_EQ(json::serialize(shown.at("not_asked")), R"(["Calendars.Read"])") << "B-06";

    const auto link = path_of(world.post("/v1/connections/hanako-mail/link", "{}").text("url"));
    const std::string address(person.post(link, {}).headers.get("Location"));
    EXPECT_NE(find_field(query_of(address), "scope")->find("Mail.Send"), std::string::npos) << "the next sign-in asks for the new one";
    person.get(std::string(callback) + "?error=access_denied&state=" + state_of(address));

    EXPECT_EQ(world.get("/v1/connections/hanako-mail").text("state"), "active") << "a no costs nothing";
    EXPECT_EQ(run_task(world.store.grants_of_connection(home, connection.id))->front().state, core::GrantState::active);
    EXPECT_EQ(run_task(world.store.grants_of_connection(home, connection.id))->front().generation, grant.generation);
}

TEST_F(ConsentRequests, B06_NobodyGuessesWhatTheAppsOwnAccessMayDo) {
    world.add_connection("app-mail");
    EXPECT_FALSE(world.get("/v1/connections/app-mail").json.get_object().contains("scope_standing"));
}

TEST_F(ConsentRequests, U50_AnAnswerOfAnotherCloudIsRefusedAndNamed) {
    auto& clouds = world.catalog.tenanted.clouds;
    clouds.front().recognised_by = {"login.example"};
    auto china = clouds.front();
    china.key = "china";
    china.title_en = "China";
    china.authorization_endpoint = china.token_endpoint = "https://login.cn.example/{tenant}/x";
    china.recognised_by = {"login.cn.example"};
    clouds.push_back(china);
    for (const auto* query : {"code=x&iss=https%3A%2F%2Flogin.cn.example%2Ftenant-1%2Fv2.0", "code=x&cloud_instance_host_name=login.cn.example"}) {
        const auto page = person.get(std::string(callback) + "?" + query + "&state=" + begin(person));
        EXPECT_EQ(page.status, 400) << query;
        EXPECT_NE(page.body.find("China (china)"), page.body.npos) << page.body;
    }
    const auto nobody = person.get(std::string(callback) + "?code=x&iss=https%3A%2F%2Fevil.example%2Fx&state=" + begin(person));
    EXPECT_EQ(nobody.status, 400);
    EXPECT_EQ(nobody.body.find("China"), nobody.body.npos);
    EXPECT_EQ(nobody.body.find("evil.example"), nobody.body.npos);
}

}  // namespace
}  // namespace renkei::testing

#include "sandbox/login/login_test_world.hpp"

namespace renkei::sandbox {
namespace {

TEST(SandboxAuthorize, AutomaticConsentAnswersWithARedirectAtOnce) {
    LoginWorld w;
    const auto answer = w.authorize({{"state", "a+b &c=%ü\"<"}, {"client_info", "1"}});

    EXPECT_EQ(answer.status, 302);
    EXPECT_TRUE(answer.headers.get("Location").starts_with("http://localhost:8400/callback?code="));
    const auto fields = w.redirected(answer);
    EXPECT_EQ(w.field(fields, "state"), "a+b &c=%ü\"<");
    EXPECT_FALSE(w.field(fields, "client_info").empty());
    EXPECT_FALSE(w.field(fields, "session_state").empty());
}

TEST(SandboxAuthorize, StateComesBackOnlyIfItWasSent) {
    LoginWorld w;

    EXPECT_EQ(find_field(w.redirected(w.authorize()), "state"), nullptr);
}

TEST(SandboxAuthorize, AutomaticRefusalIs65004) {
    LoginWorld w;
    const auto answer = w.authorize({{"sandbox_consent", "deny"}, {"state", "s"}});

    expect_redirected(answer, 65004, "access_denied");
    EXPECT_EQ(w.field(w.redirected(answer), "error_subcode"), "cancel");
    EXPECT_EQ(w.field(w.redirected(answer), "state"), "s");
}

TEST(SandboxAuthorize, FragmentAndFormPost) {
    LoginWorld w;
    const auto fragment = w.authorize({{"response_mode", "fragment"}});
    const auto form = w.authorize({{"response_mode", "form_post"}, {"state", "\"><script>"}});

    EXPECT_FALSE(w.field(w.redirected(fragment, '#'), "code").empty());
    EXPECT_EQ(form.status, 200);
    EXPECT_NE(form.body.find("action=\"http://localhost:8400/callback\""), std::string::npos);
    EXPECT_NE(form.body.find("value=\"&quot;&gt;&lt;script&gt;\""), std::string::npos);
}

TEST(SandboxAuthorize, APostedRequestIsTheSame) {
    LoginWorld w;
    const auto answer = w.post("/common/oauth2/v2.0/authorize", w.authorization());

    EXPECT_EQ(answer.status, 302);
}

TEST(SandboxAuthorize, AnUnregisteredAddressShowsAPageAndNeverRedirects) {
    LoginWorld w;

    for (const auto* uri :
         {"https://evil.example/callback", "http://localhost:8400/other", "http://localhost:8400/callback?x=1", "https://localhost:8400/callback",
          "http://localhost.evil.example:8400/callback", "javascript:alert(1)", "/callback", "http://localhost:8400/Callback"})
        expect_page(w.authorize({{"redirect_uri", uri}}), 50011);
    expect_page(w.authorize({{"redirect_uri", "-"}}), 900971);
}

TEST(SandboxAuthorize, ALoopbackAddressMayHaveAnyPort) {
    LoginWorld w;

    EXPECT_EQ(w.authorize({{"redirect_uri", "http://localhost:49152/callback"}}).status, 302);
    EXPECT_EQ(w.authorize({{"redirect_uri", "https://127.0.0.1:7000/provisioning_/callback/microsoft"}}).status, 302);
    w.world.add_redirects({"https://renkei.example/provisioning_/callback/microsoft"});
    EXPECT_EQ(w.authorize({{"redirect_uri", "https://renkei.example/provisioning_/callback/microsoft"}}).status, 302);
    expect_page(w.authorize({{"redirect_uri", "https://renkei.example:444/provisioning_/callback/microsoft"}}), 50011);
}

TEST(SandboxAuthorize, AnAddressWithoutAPathGetsASlash) {
    LoginWorld w;
    const auto answer = w.authorize({{"client_id", w.app("public").id}, {"redirect_uri", "http://localhost:3000"}});

    EXPECT_TRUE(answer.headers.get("Location").starts_with("http://localhost:3000/?code="));
}

TEST(SandboxAuthorize, UnknownAppAndTenantAndDoubleParametersShowAPage) {
    LoginWorld w;

    expect_page(w.authorize({{"client_id", "nobody"}}), 700016);
    expect_page(w.authorize({{"client_id", "-"}}), 900144);
    expect_page(w.authorize({}, "nobody.example"), 90002);
    expect_page(w.authorize({{"client_id", w.app("single").id}}, "common"), 50194);
    expect_page(w.get("/common/oauth2/v2.0/authorize?" + form_encode(w.authorization()) + "&state=1&state=2"), 9000411);
}

TEST(SandboxAuthorize, WrongRequestsAreRedirectedWithTheirError) {
    LoginWorld w;

    expect_redirected(w.authorize({{"response_type", "-"}}), 900144, "invalid_request");
    expect_redirected(w.authorize({{"response_type", "token"}}), 70005, "unsupported_response_type");
    expect_redirected(w.authorize({{"response_type", "code id_token"}}), 700054, "unsupported_response_type");
    expect_redirected(w.authorize({{"response_mode", "pigeon"}}), 70007, "unsupported_response_type");
    expect_redirected(w.authorize({{"scope", "-"}}), 900144, "invalid_request");
    expect_redirected(w.authorize({{"scope", "User.Raed"}}), 70011, "invalid_scope");
    expect_redirected(w.authorize({{"scope", "https://nothing.example/User.Read"}}), 500011, "invalid_resource");
    expect_redirected(w.authorize({{"scope", "https://graph.microsoft.com/.default User.Read"}}), 70011, "invalid_scope");
    expect_redirected(w.authorize({{"code_challenge", "short"}}), 501491, "invalid_request");
    expect_redirected(w.authorize({{"code_challenge_method", "S512"}}), 50147, "invalid_request");
    expect_redirected(w.authorize({{"code_challenge", "-"}}), 50147, "invalid_request");
    expect_redirected(w.authorize({{"prompt", "always"}}), 9002313, "invalid_request");
    expect_redirected(w.authorize({{"sandbox_consent", "perhaps"}}), 9002313, "invalid_request");
}

TEST(SandboxAuthorize, SeveralResourcesAreAllowedHere) {
    LoginWorld w;

    EXPECT_EQ(w.authorize({{"scope", "offline_access User.Read https://outlook.office.com/SMTP.Send"}}).status, 302);
}

TEST(SandboxAuthorize, PromptNoneWithoutASessionIs50058) {
    LoginWorld w;

    expect_redirected(w.authorize({{"prompt", "none"}, {"sandbox_consent", "-"}, {"login_hint", "-"}}), 50058, "login_required");
}

TEST(SandboxAuthorize, DisabledUnknownForeignAndSharedAccountsAreShownOnAPage) {
    LoginWorld w;

    expect_page(w.authorize({{"login_hint", "tanaka.taro@contoso.example"}}), 50057);
    expect_page(w.authorize({{"login_hint", "invoices@contoso.example"}}), 50057);
    expect_page(w.authorize({{"login_hint", "dave@fabrikam.example"}}), 50020);
    expect_page(w.authorize({{"login_hint", "nobody@contoso.example"}}), 50034);
    expect_page(w.authorize({}, "consumers"), 50020);
}

TEST(SandboxAuthorize, OnCommonAnyTenantsUserSignsIn) {
    LoginWorld w;
    const auto code = w.code({{"login_hint", "dave@fabrikam.example"}}, "common");
    const auto body = w.body(w.token(w.redemption(code), "common"));

    EXPECT_EQ(w.world.check_access_token(w.text(body, "access_token"))->tenant, w.world.tenants()[1].id);
}

// The pages of a person: what a script without JavaScript does with them.
struct Person {
    LoginWorld w;
    std::string session;

    static std::string hidden_flow(const ServerResponse& page) {
        const std::string mark = "name=\"flow\" value=\"";
        const auto at = page.body.find(mark);
        if (at == std::string::npos) return {};
        const auto start = at + mark.size();
        return page.body.substr(start, page.body.find('"', start) - start);
    }
    ServerResponse open(Fields more = {}) {
        Fields fields{{"sandbox_consent", "-"}, {"login_hint", "-"}};
        fields.insert(fields.end(), more.begin(), more.end());
        return w.authorize(fields, LoginWorld::contoso, session.empty() ? Headers{} : Headers{{"Cookie", "other=1; " + session}});
    }
    ServerResponse submit(const ServerResponse& page, Fields fields) {
        fields.insert(fields.begin(), {"flow", hidden_flow(page)});
        auto answer = w.post(std::string("/") + LoginWorld::contoso + "/login", fields);
        if (const auto cookie = answer.headers.get("Set-Cookie"); !cookie.empty()) session = std::string(cookie.substr(0, cookie.find(';')));
        return answer;
    }
    ServerResponse give_password(const ServerResponse& page, const std::string& login = LoginWorld::alice, const std::string& password = "Wonderland-7") {
        return submit(page, {{"login", login}, {"passwd", password}, {"signin", "1"}});
    }
};

TEST(SandboxPages, PasswordThenConsentThenTheCode) {
    Person person;
    const auto consent = person.give_password(person.open({{"state", "s"}}));
    EXPECT_NE(consent.body.find("Sign you in and read your profile"), std::string::npos);
    const auto done = person.submit(consent, {{"accept", "1"}});

    EXPECT_EQ(done.status, 302);
    EXPECT_EQ(person.w.field(person.w.redirected(done), "state"), "s");
    EXPECT_EQ(person.w.token(person.w.redemption(person.w.field(person.w.redirected(done), "code"))).status, 200);
}

TEST(SandboxPages, OneFormWithTheFieldsThatClientsLookFor) {
    Person person;
    const auto page = person.open();

    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body.find("<script"), std::string::npos);
    EXPECT_EQ(page.body.find("<form"), page.body.rfind("<form"));
    for (const auto* part : {"method=\"post\"", "name=\"login\"", "name=\"passwd\"", "name=\"cancel\"", "type=\"password\""})
        EXPECT_NE(page.body.find(part), std::string::npos) << part;
    EXPECT_EQ(page.headers.get("Cache-Control"), "no-store");
}

TEST(SandboxPages, SpeakJapaneseToWhoAsksForIt) {
    LoginWorld w;
    const auto page = w.authorize({{"sandbox_consent", "-"}}, LoginWorld::contoso, {{"Accept-Language", "ja,en;q=0.5"}});

    EXPECT_NE(page.body.find("パスワード"), std::string::npos);
    EXPECT_NE(page.body.find("lang=\"ja\""), std::string::npos);
}

TEST(SandboxPages, AWrongPasswordAsksAgainAndEscapesWhatWasTyped) {
    Person person;
    const auto again = person.give_password(person.open(), "\"><b>x", "y");
    EXPECT_NE(again.body.find("AADSTS50034"), std::string::npos);
    EXPECT_EQ(again.body.find("<b>x"), std::string::npos);

    const auto wrong = person.give_password(again, LoginWorld::alice, "wrong");
    EXPECT_NE(wrong.body.find("AADSTS50126"), std::string::npos);
    EXPECT_TRUE(person.session.empty());
}

TEST(SandboxPages, NobodySignsInToASharedMailboxWithAnEmptyPassword) {
    Person person;

    EXPECT_NE(person.give_password(person.open(), "invoices@contoso.example", "").body.find("AADSTS50126"), std::string::npos);
}

TEST(SandboxPages, CancelGoesBackWithAccessDenied) {
    Person person;
    expect_redirected(person.submit(person.open(), {{"cancel", "1"}}), 65004, "access_denied");

    expect_redirected(person.submit(person.give_password(person.open()), {{"cancel", "1"}}), 65004, "access_denied");
}

TEST(SandboxPages, EachPageIsAnsweredOnceAndInTime) {
    Person person;
    const auto page = person.open();
    person.give_password(page);
    expect_page(person.give_password(page), 50089);

    const auto late = person.open();
    person.w.manual.advance(std::chrono::minutes(15));
    expect_page(person.give_password(late), 50089);
}

TEST(SandboxPages, ADisabledUserWithTheRightPasswordIs50057) {
    Person person;

    expect_page(person.give_password(person.open(), "tanaka.taro@contoso.example", "Owari-1999"), 50057);
    EXPECT_TRUE(person.session.empty());
}

TEST(SandboxPages, ASessionSignsInSilentlyUntilItEnds) {
    Person person;
    person.submit(person.give_password(person.open()), {{"accept", "1"}});

    EXPECT_EQ(person.open().status, 302);
    EXPECT_FALSE(person.w.field(person.w.redirected(person.open({{"prompt", "none"}})), "code").empty());
    expect_redirected(person.open({{"prompt", "none"}, {"scope", "Mail.Send"}}), 65001, "consent_required");
    EXPECT_NE(person.open({{"prompt", "login"}}).body.find("name=\"passwd\""), std::string::npos);
    EXPECT_NE(person.open({{"prompt", "select_account"}}).body.find("name=\"passwd\""), std::string::npos);
    EXPECT_NE(person.open({{"prompt", "consent"}}).body.find("name=\"accept\""), std::string::npos);
    expect_redirected(person.open({{"prompt", "none"}, {"login_hint", "bob@contoso.example"}}), 50058, "login_required");

    person.w.get("/common/oauth2/v2.0/logout", {{"Cookie", person.session}});
    expect_redirected(person.open({{"prompt", "none"}}), 50058, "login_required");
}

TEST(SandboxPages, SigningOutRedirectsToRegisteredAddressesOnly) {
    LoginWorld w;

    EXPECT_EQ(w.get("/common/oauth2/v2.0/logout?post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8400%2Fcallback").status, 302);
    EXPECT_EQ(w.get("/common/oauth2/v2.0/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example").status, 200);
}

}  // namespace
}  // namespace renkei::sandbox

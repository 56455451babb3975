// What somebody may try with the forms and pages of connections.
#include "tests/support/connection_forms.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::ConnectionState;

class ApiFormsAttacks : public ::testing::Test, protected FormWorld {
protected:
    ApiFormsAttacks() { world.add_connection("invoice-mail"); }
    static constexpr const char* steps[] = {"pause", "resume", "connect", "sign-in", "device", "link", "check", "remove", "fence/check", "consent"};
};

TEST_F(ApiFormsAttacks, MassAssignment_AFieldThatTheFormDoesNotHaveChangesNothing) {
    const auto commits = world.store.commits();
    for (const auto* field : {"state", "owner", "workspace", "id", "version", "connector", "mode", "auth_method", "act_as", "fence.everything",
                              "registration_id", "issuer", "all_scopes", "NAME"}) {
        const auto page = send("secret", filled({{"client_secret", "s3cret"}, {field, "x"}}));
        EXPECT_EQ(page.status, 400) << field;
    }
    EXPECT_EQ(send("secret", filled({{"client_secret", "s3cret"}}), {{"name", "a file"}}).status, 400) << "a file in a field for text";
    EXPECT_EQ(send("secret", filled({{"client_secret", "s3cret"}, {"can", "native:everything"}})).status, 400) << "a choice that was not offered";
    EXPECT_FALSE(has_connection("new-mail"));
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(ApiFormsAttacks, TwoFieldsOfOneNameAreRefused) {
    auto fields = filled({{"client_secret", "s3cret"}});
    fields.emplace_back("mailbox", "boss@acme.example");
    EXPECT_EQ(send("secret", fields).status, 400);
    EXPECT_FALSE(has_connection("new-mail"));

    fields = filled({{"client_secret", "s3cret"}});
    fields.emplace_back("can", "mail:read");
    fields.emplace_back("can", "mail:send");
    EXPECT_EQ(send("secret", fields).status, 303) << "ticks of one list are several";
}

TEST_F(ApiFormsAttacks, Csrf_AFormWithoutTheTokenOfThisBrowserOrFromElsewhereIsRefused) {
    const auto good = form_token_in(browser.get(address("secret")).body);
    auto with = [&](const std::string& token) {
        auto fields = filled({{"client_secret", "s3cret"}});
        if (!token.empty()) fields.emplace_back("form", token);
        return fields;
    };
    Browser other(world);
    other.sign_in("taro@acme.example", usual_password);
    const auto of_other = form_token_in(other.get(address("secret")).body);
    for (const auto& token : {std::string(), std::string("guess"), of_other}) EXPECT_EQ(browser.upload(address("secret"), with(token)).status, 403) << token;
    EXPECT_EQ(browser.upload(address("secret"), with(good), {}, {{"Origin", "https://evil.example"}}).status, 403);
    EXPECT_EQ(browser.upload(address("secret"), with(good), {}, {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
    for (const auto* step : steps) EXPECT_EQ(browser.post(std::string("/connections/invoice-mail/") + step, {}).status, 403) << step;
    EXPECT_EQ(browser.upload("/connections/invoice-mail/credential", {{"client_secret", "x"}}).status, 403);
    EXPECT_FALSE(has_connection("new-mail"));
    EXPECT_EQ(connection("invoice-mail").state, ConnectionState::active);
}

TEST_F(ApiFormsAttacks, ARoleWithoutTheRightIsRefusedAndThatIsAudited) {
    for (const auto* who : {"jiro@acme.example", "yuki@acme.example"}) {
        Browser limited(world);
        limited.sign_in(who, usual_password);
        const auto token = form_token_in(limited.get("/my/account").body);
        EXPECT_EQ(limited.get("/connections").status, 200) << "they may look";
        EXPECT_FALSE(holds(limited.get("/connections"), "/connections/new"));
        EXPECT_FALSE(holds(limited.get("/connections/invoice-mail"), "/pause"));
        EXPECT_EQ(limited.get("/connections/new").status, 403);
        EXPECT_EQ(limited.get(address("secret")).status, 403);
        auto fields = filled({{"client_secret", "s3cret"}, {"form", token}});
        EXPECT_EQ(limited.upload(address("secret"), fields).status, 403);
        for (const auto* step : {"pause", "resume", "connect", "sign-in", "device", "link", "remove", "fence/check", "fence/confirm", "consent"}) {
            EXPECT_EQ(limited.post(std::string("/connections/invoice-mail/") + step, {{"form", token}}).status, 403) << step;
            EXPECT_FALSE(world.store.audit(home).back().allowed);
            EXPECT_EQ(world.store.audit(home).back().principal_name, who);
        }
        EXPECT_EQ(limited.get("/connections/invoice-mail/credential").status, 403);
    }
    EXPECT_FALSE(has_connection("new-mail"));
    EXPECT_EQ(connection("invoice-mail").state, ConnectionState::active);
}

TEST_F(ApiFormsAttacks, OnlyARoleThatMaySeeTheAppSeesItsIds) {
    Browser user(world), auditor(world);
    user.sign_in("jiro@acme.example", usual_password);
    auditor.sign_in("yuki@acme.example", usual_password);
    EXPECT_FALSE(holds(user.get("/connections/invoice-mail"), "tenant-1"));
    EXPECT_TRUE(holds(auditor.get("/connections/invoice-mail"), "tenant-1"));
}

TEST_F(ApiFormsAttacks, B05_EveryMailboxIsAnAdministratorsChoiceAndShowsInRed) {
    Browser builder(world);
    builder.sign_in("taro@acme.example", usual_password);
    EXPECT_FALSE(holds(builder.get(address("secret")), "fence_all"));
    auto fields = filled({{"client_secret", "s3cret"}, {"fence_all", "yes"}});
    fields.emplace_back("form", form_token_in(builder.get(address("secret")).body));
    EXPECT_EQ(builder.upload(address("secret"), fields).status, 400);
    fields = filled({{"client_secret", "s3cret"}, {"fence", "a@acme.example\n *\n"}});
    fields.emplace_back("form", form_token_in(builder.get(address("secret")).body));
    EXPECT_EQ(builder.upload(address("secret"), fields).status, 400) << "nor as a line of the list";
    EXPECT_FALSE(has_connection("new-mail"));
    EXPECT_EQ(audited("registration.create"), 0) << "refused at the form, before anything is made";

    EXPECT_EQ(send("secret", filled({{"client_secret", "s3cret"}, {"fence_all", "yes"}, {"fence", "a@acme.example"}})).status, 400) << "not both";
    EXPECT_EQ(send("secret", filled({{"client_secret", "s3cret"}, {"fence_all", "yes"}})).status, 303);
    EXPECT_TRUE(connection("new-mail").fence.everything);
    EXPECT_TRUE(holds(browser.get("/connections/new-mail"), "class=\"refused\">■ *"));
}

TEST_F(ApiFormsAttacks, AnotherWorkspacesConnectionsAndAppsAreNotThere) {
    Browser abroad(world);
    abroad.sign_in("abroad@other.example", usual_password);
    const auto token = form_token_in(abroad.get("/my/account").body);
    EXPECT_FALSE(holds(abroad.get("/connections"), "invoice-mail"));
    EXPECT_EQ(abroad.get("/connections/invoice-mail").status, 404);
    EXPECT_EQ(abroad.get("/connections/invoice-mail/remove").status, 404);
    EXPECT_EQ(abroad.get("/connections/invoice-mail/credential").status, 404);
    for (const auto* step : steps) EXPECT_EQ(abroad.post(std::string("/connections/invoice-mail/") + step, {{"form", token}}).status, 404) << step;
    auto fields = filled({{"registration", "microsoft-app"}});
    fields.emplace_back("form", form_token_in(abroad.get(address("secret")).body));
    EXPECT_FALSE(holds(abroad.get(address("secret")), "microsoft-app"));
    EXPECT_EQ(abroad.upload(address("secret"), fields).status, 400);
    EXPECT_EQ(connection("invoice-mail").state, ConnectionState::active);
}

TEST_F(ApiFormsAttacks, Injection_NamesTitlesAndProvidersStringsStayText) {
    const std::string evil = "\"><script>alert(1)</script><img src=x>";
    auto row = connection("invoice-mail");
    row.title = evil;
    row.state = ConnectionState::needs_admin;
    row.state_slug = "needs-admin";
    row.state_detail = evil;
    row.scopes = {"<script>"};
    row.version = 2;
    auto grant = run_task(world.store.grants_of_connection(home, row.id))->front();
    grant.identity.display = evil;
    const auto generation = grant.generation++;
    world.commit(home, {app::UpdateConnection{row, 1}, app::UpdateGrant{grant, generation}});
    const auto no_markup = [&](const Answer& page) {
        EXPECT_FALSE(holds(page, "<script")) << page.body;
        EXPECT_FALSE(holds(page, "<img"));
        EXPECT_EQ(page.headers.get("Content-Security-Policy").find("default-src 'none'"), 0u);
    };
    no_markup(browser.get("/connections"));
    no_markup(browser.get("/connections/invoice-mail"));
    no_markup(browser.get("/connections/invoice-mail/remove"));
    for (const auto* field : {"name", "title", "mailbox", "client_id", "tenant", "fence", "scopes", "expires"})
        no_markup(send("secret", filled({{field, evil}})));
    no_markup(browser.get("/connections/new?connector=" + percent_encode(evil)));
    no_markup(browser.get("/connections/" + percent_encode(evil)));
}

TEST_F(ApiFormsAttacks, HeaderInjection_NoFieldReachesAHeader) {
    const auto page = send("secret", filled({{"client_secret", "s3cret"}, {"name", "a\r\nSet-Cookie: x=y"}}));
    EXPECT_EQ(page.status, 400);
    EXPECT_EQ(page.headers.count("Set-Cookie"), 0u);
    for (const auto* next : {"//evil.example", "/connections//evil.example", "/connections/../../evil", "https://evil.example/connections"})
        EXPECT_EQ(Browser(world)
                      .submit("/sign-in", "/sign-in", {{"email", "hanako@acme.example"}, {"password", std::string(usual_password)}, {"next", next}})
                      .headers.get("Location"),
                  "/my/connections")
            << next;
}

TEST_F(ApiFormsAttacks, AnAddressOfAFormThatIsNotOfferedIsNotThere) {
    for (const auto* path : {"/connections/new/nonsense", "/connections/new/federated", "/connections/new/secret?connector=nowhere",
                             "/connections/new/certificate?connector=oauth", "/connections/new?connector=nowhere"})
        EXPECT_EQ(browser.get(path).status, 404) << path;
}

TEST_F(ApiFormsAttacks, ABodyThatIsNoFormIsRefusedAsAPage) {
    const auto at = address("secret");
    const auto ask = [&](std::string type, std::string body) {
        Ask request{"POST", at, std::move(body)};
        request.content_type = std::move(type);
        request.headers.set("Origin", "https://renkei.example");
        request.cookie = "__Host-renkei-session=" + browser.session();
        return world.ask(std::move(request));
    };
    for (const auto& [type, body] : Fields{{"multipart/form-data", "--x--"},
                                           {"multipart/form-data; boundary=x", "garbage"},
                                           {"multipart/form-data; boundary=x", "--x\r\n\r\n\r\n--x--"},
                                           {"multipart/mixed; boundary=x", "--x--"},
                                           {"application/json", "{}"},
                                           {"text/plain", "a=b"}}) {
        const auto answer = ask(type, body);
        EXPECT_TRUE(answer.status == 400 || answer.status == 415) << type << answer.status;
        EXPECT_EQ(answer.headers.get("Content-Type"), "text/html; charset=utf-8");
    }
    EXPECT_EQ(ask("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n\xff\xfe\r\n--x--").status, 400)
        << "no UTF-8";
}

}  // namespace
}  // namespace renkei::testing

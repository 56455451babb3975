// Every field of the forms of the source documents reaches the place that it is for: the store, the provider's address, the request.
#include "base/json.hpp"
#include "base/uri.hpp"
#include "tests/support/connection_forms.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::ClientAuthMethod;
using core::ConnectionMode;
using core::ConnectionState;

class ApiFormFields : public ::testing::Test, protected FormWorld {
protected:
    Answer send_certificate(Fields changes = {}) {
        auto fields = filled({{"password", "letmein"}});
        for (auto& [name, value] : changes) {
            std::erase_if(fields, [&](const auto& field) { return field.first == name; });
            if (!value.empty()) fields.emplace_back(name, value);
        }
        return send("certificate", fields, {{"file", pair.pfx("letmein")}});
    }
    /// The page's button for this browser, then the provider's sign-in page: its address.
    Uri at_the_provider(const std::string& name = "new-mail") {
        const auto started = browser.submit("/connections/" + name, "/connections/" + name + "/sign-in", {});
        EXPECT_EQ(started.status, 303) << started.body;
        address_ = std::string(started.headers.get("Location"));
        return Uri::parse(address_).value();
    }
    Answer back_from_the_provider(FakeProvider::Person person = {}) {
        return browser.get("/provisioning_/callback/microsoft?" + form_encode(world.provider.consent(address_, std::move(person))));
    }
    Answer read_mail(const std::string& connection = "new-mail") {
        if (key_.empty()) key_ = world.add_key("robot", {core::Action::mail_read});
        return world.ask({.method = "GET", .target = "/v1/mail/messages", .key = key_, .headers = {{"Renkei-Connection", connection}}});
    }
    static std::string asked(const Uri& address, std::string_view field) {
        const auto query = form_decode(address.query).value();
        const auto* value = find_field(query, field);
        return value == nullptr ? "" : *value;
    }
    ClientKeyPair pair = a_key_pair(world.clock.now());

private:
    std::string address_, key_;
};

// --- form A: client certificate --------------------------------------------------------------------------------------
TEST_F(ApiFormFields, U20_TheClientIdIsTheOneThatTheAssertionSpeaksFor) {
    EXPECT_EQ(send_certificate({{"client_id", ""}}).status, 400) << "required";
    EXPECT_EQ(send_certificate({{"client_id", "６６６６"}}).status, 400) << "RFC 6749 appendix A.1: visible ASCII";
    EXPECT_EQ(world.provider.exchanges(), 0u);

    ASSERT_EQ(send_certificate().status, 303);

    EXPECT_EQ(app("new-mail").client_id, "client");
    const auto form = world.provider.requests().back().form;
    EXPECT_EQ(*find_field(form, "client_id"), "client");
    const auto assertion = *find_field(form, "client_assertion");
    const auto begin = assertion.find('.') + 1;
    const auto claims = json::parse(decode_base64url(assertion.substr(begin, assertion.find('.', begin) - begin)).value()).value();
    EXPECT_EQ(claims.at("iss").as_string(), "client");
    EXPECT_EQ(claims.at("sub").as_string(), "client");
}

TEST_F(ApiFormFields, U21_TheCertificatesPasswordOpensItAndIsKeptNowhere) {
    for (const auto* wrong : {"LETMEIN", "letmein ", ""}) {
        const auto refused = send_certificate({{"password", wrong}});
        EXPECT_EQ(refused.status, 400) << wrong;
        EXPECT_TRUE(holds(refused, "The password does not open the file")) << refused.body;
    }
    EXPECT_FALSE(has_connection("new-mail"));

    const auto made = send_certificate();

    EXPECT_EQ(made.status, 303);
    EXPECT_FALSE(holds(made, "letmein"));
    EXPECT_FALSE(holds(browser.get("/connections/new-mail"), "letmein"));
    EXPECT_EQ(connection("new-mail").state, ConnectionState::active);
}

TEST_F(ApiFormFields, U22_TheBase64TextOfAPfxIsAsGoodAsTheFile) {
    auto text = base64(as_bytes(pair.pfx("letmein")));
    for (std::size_t at = 76; at < text.size(); at += 78) text.insert(at, "\r\n");  // as certutil and base64 write it
    EXPECT_EQ(send("certificate", filled({{"password", "letmein"}, {"text", text.substr(0, text.size() / 2)}})).status, 400) << "half of it";

    ASSERT_EQ(send("certificate", filled({{"password", "letmein"}, {"text", text}})).status, 303);

    ASSERT_EQ(send_certificate({{"name", "by-file"}}).status, 303);
    EXPECT_EQ(app("new-mail").credentials.front().certificate.thumbprint_sha256, app("by-file").credentials.front().certificate.thumbprint_sha256);
    EXPECT_EQ(connection("new-mail").state, ConnectionState::active);
}

TEST_F(ApiFormFields, U23_TheTokenIsAskedForInTheTenantOfTheForm) {
    ASSERT_EQ(send_certificate().status, 303);
    EXPECT_EQ(world.provider.requests().back().url, "https://login.example/tenant-1/oauth2/v2.0/token");
    ASSERT_EQ(send_certificate({{"name", "by-domain"}, {"tenant", "acme.onmicrosoft.example"}}).status, 303);
    EXPECT_EQ(app("by-domain").tenant, "acme.onmicrosoft.example");
    EXPECT_EQ(world.provider.requests().back().url, "https://login.example/acme.onmicrosoft.example/oauth2/v2.0/token");

    for (const auto* wrong : {"two words", "../other", "a/b", "acme.example.", ".acme.example", "a..b", "common"})
        EXPECT_EQ(send_certificate({{"name", "wrong"}, {"tenant", wrong}}).status, 400) << wrong;
    EXPECT_FALSE(has_connection("wrong"));
}

TEST_F(ApiFormFields, U24_TheEnvironmentOfTheFormDecidesWhoIsAsked) {
    world.catalog.tenanted.clouds.back().token_endpoint = "https://login.second.example/{tenant}/oauth2/v2.0/token";
    ASSERT_EQ(send_certificate({{"cloud", ""}}).status, 303) << "optional";
    EXPECT_EQ(app("new-mail").cloud, "global");
    EXPECT_EQ(world.provider.requests().back().url, "https://login.example/tenant-1/oauth2/v2.0/token");

    ASSERT_EQ(send_certificate({{"name", "elsewhere"}, {"cloud", "second"}}).status, 303);

    EXPECT_EQ(app("elsewhere").cloud, "second");
    EXPECT_EQ(world.provider.requests().back().url, "https://login.second.example/tenant-1/oauth2/v2.0/token");
    EXPECT_EQ(send_certificate({{"name", "wrong"}, {"cloud", "third"}}).status, 400);
    EXPECT_FALSE(has_connection("wrong"));
}

TEST_F(ApiFormFields, U25_TheAccountIsRequiredAndMayBeASharedMailbox) {
    const auto without = send_certificate({{"mailbox", ""}});
    EXPECT_EQ(without.status, 400);
    EXPECT_TRUE(holds(without, "id=\"mailbox-refused\"")) << without.body;
    EXPECT_EQ(send_certificate({{"mailbox", "no address"}}).status, 400);
    EXPECT_FALSE(has_connection("new-mail"));

    ASSERT_EQ(send_certificate({{"mailbox", "Shared@Acme.example"}}).status, 303);

    EXPECT_EQ(connection("new-mail").mailbox, "shared@acme.example");
    EXPECT_EQ(connection("new-mail").fence.mailboxes, std::vector<std::string>{"shared@acme.example"});
    EXPECT_EQ(read_mail().status, 200);
    EXPECT_EQ(world.mail_provider.mailbox, "shared@acme.example");
}

TEST_F(ApiFormFields, U27_TheFormsNameThePermissionsThatTheirKindNeedsAtLeast) {
    EXPECT_TRUE(holds(browser.get(address("certificate")), "one of these permissions at least: Mail.Read, User.Read<"));
    EXPECT_TRUE(holds(browser.get(address("secret")), "needs these application permissions at least: Mail.Read, User.Read.All<")) << "U-32";
    EXPECT_TRUE(holds(browser.get(address("own-app")), "these are asked for: openid, offline_access, Mail.Read<")) << "U-43";
    EXPECT_TRUE(holds(browser.get(address("certificate"), {{"Accept-Language", "ja"}}), "次のいずれかの許可が必要です: Mail.Read, User.Read<"));
}

// --- scopes ----------------------------------------------------------------------------------------------------------
TEST_F(ApiFormFields, U61_ScopesTypedByHandAreAskedForBesideTheLeast) {
    const auto saved = send("own-app", filled({{"client_secret", "s3cret"}, {"can", "mail:send"}, {"scopes", "Tasks.Read,Contacts.Read\r\n\tTasks.Read"}}));
    ASSERT_EQ(saved.status, 303) << saved.body;

    EXPECT_EQ(asked(at_the_provider(), "scope"), "openid offline_access Mail.Send Tasks.Read Contacts.Read");
    EXPECT_EQ(send("own-app", filled({{"name", "wrong"}, {"client_secret", "s3cret"}, {"scopes", "Tasks\"Read"}})).status, 400);
}

TEST_F(ApiFormFields, B06_AFormAsksForTheLeastOfWhatIsTicked) {
    world.catalog.tenanted.action_scopes.push_back({"mail:write", {"Mail.ReadWrite"}, {"Mail.ReadWrite"}, {}});
    auto fields = filled({{"client_secret", "s3cret"}});
    for (const auto* can : {"mail:read", "mail:write"}) fields.emplace_back("can", can);

    EXPECT_EQ(send("own-app", fields).status, 303);
    fields.front().second = "for-app";
    EXPECT_EQ(send("secret", fields).status, 303);

    EXPECT_EQ(connection("new-mail").scopes, (std::vector<std::string>{"openid", "offline_access", "Mail.ReadWrite"}));
    EXPECT_EQ(connection("for-app").scopes, std::vector<std::string>{"Mail.ReadWrite"});
}

// --- forms B and C, and what Automation Anywhere calls modes ----------------------------------------------------------
TEST_F(ApiFormFields, A20_EachWayMakesAConnectionOfItsMode) {
    struct Row {
        const char *kind, *name;
        Fields fields;
        ConnectionMode mode;
        ClientAuthMethod method;
    };
    const Row rows[] = {
        {"secret", "by-secret", {{"client_secret", "s3cret"}}, ConnectionMode::client_credentials, ClientAuthMethod::client_secret_post},
        {"own-app", "by-own-app", {{"client_secret", "s3cret"}}, ConnectionMode::authorization_code, ClientAuthMethod::client_secret_post},
        {"public", "by-public", {}, ConnectionMode::authorization_code, ClientAuthMethod::none},
        {"managed",
         "by-managed",
         {{"client_secret", "s3cret"}, {"token_type", "shared"}},
         ConnectionMode::authorization_code,
         ClientAuthMethod::client_secret_post},
    };
    const auto choose = browser.get("/connections/new");
    for (const auto& row : rows) {
        EXPECT_TRUE(holds(choose, address(row.kind))) << row.kind;
        auto fields = row.fields;
        fields.emplace_back("name", row.name);
        ASSERT_EQ(send(row.kind, filled(fields)).status, 303) << row.kind;
        EXPECT_EQ(connection(row.name).mode, row.mode) << row.kind;
        EXPECT_EQ(app(row.name).auth_method, row.method) << row.kind;
    }
}

TEST_F(ApiFormFields, U40_AnOwnAppSignsInWithItsSecretAndAProofKeyInOneTenantOrInAny) {
    for (const auto* tenant : {"tenant-1", "common"}) {
        const std::string name = std::string("of-") + tenant;
        ASSERT_EQ(send("own-app", filled({{"name", name}, {"tenant", tenant}, {"mailbox", "hanako@acme.example"}, {"client_secret", "s3cret"}})).status, 303);

        const auto asked_at = at_the_provider(name);
        EXPECT_TRUE(asked_at.path.starts_with("/" + std::string(tenant) + "/")) << asked_at.path;
        EXPECT_EQ(asked(asked_at, "redirect_uri"), "https://renkei.example/provisioning_/callback/microsoft");
        EXPECT_EQ(asked(asked_at, "code_challenge_method"), "S256");
        EXPECT_EQ(back_from_the_provider().status, 200) << tenant;

        const auto form = world.provider.requests().back().form;
        EXPECT_EQ(*find_field(form, "client_secret"), "s3cret");
        EXPECT_NE(find_field(form, "code_verifier"), nullptr);
        EXPECT_EQ(connection(name).state, ConnectionState::active);
    }
}

TEST_F(ApiFormFields, A40_ClientTenantRedirectAndUserNameOfAPublicClientReachTheProvider) {
    const auto form = browser.get(address("public"));
    for (const auto* field : {"name=\"client_id\"", "name=\"tenant\"", "name=\"mailbox\"", "/provisioning_/callback/microsoft"})
        EXPECT_TRUE(holds(form, field)) << field;
    ASSERT_EQ(send("public", filled({{"mailbox", "team@acme.example"}, {"act_as", "hanako@acme.example"}})).status, 303) << "A-31: the user with access";

    const auto asked_at = at_the_provider();

    EXPECT_TRUE(asked_at.path.starts_with("/tenant-1/")) << asked_at.path;
    EXPECT_EQ(asked(asked_at, "client_id"), "client");
    EXPECT_EQ(asked(asked_at, "login_hint"), "hanako@acme.example");
    EXPECT_EQ(asked(asked_at, "redirect_uri"), "https://renkei.example/provisioning_/callback/microsoft");
    EXPECT_EQ(asked(asked_at, "code_challenge").size(), 43u);
}

TEST_F(ApiFormFields, A41_TheFirstTimeIsAttendedAndNothingWorksBefore) {
    ASSERT_EQ(send("own-app", filled({{"client_secret", "s3cret"}, {"act_as", "hanako@acme.example"}, {"mailbox", "invoice@acme.example"}})).status, 303);
    EXPECT_EQ(read_mail().code(), "connection-draft");
    EXPECT_EQ(world.mail_provider.asked, 0);
    EXPECT_EQ(world.provider.exchanges(), 0u);

    at_the_provider();
    EXPECT_EQ(read_mail().code(), "connection-draft") << "at the provider, and not back yet";
    ASSERT_EQ(back_from_the_provider().status, 200);

    EXPECT_EQ(read_mail().status, 200) << "and from now on unattended";
}

TEST_F(ApiFormFields, A42_TheLastPageSaysHowItEndedAndMayBeClosed) {
    ASSERT_EQ(send("public", filled({{"registration", "microsoft-app"}, {"client_id", ""}, {"tenant", ""}, {"cloud", ""}})).status, 400)
        << "an app with a secret is no public client";
    ASSERT_EQ(send("own-app", filled({{"client_secret", "s3cret"}, {"mailbox", "hanako@acme.example"}})).status, 303);
    const auto address = at_the_provider();
    const auto refused = browser.get("/provisioning_/callback/microsoft?error=access_denied&state=" + percent_encode(asked(address, "state")));
    EXPECT_EQ(refused.status, 409);
    EXPECT_FALSE(holds(refused, "The connection works"));
    EXPECT_TRUE(holds(refused, "Who must act"));
    EXPECT_EQ(connection("new-mail").state, ConnectionState::draft);

    at_the_provider();
    const auto done = back_from_the_provider();

    EXPECT_EQ(done.status, 200);
    EXPECT_TRUE(holds(done, "The connection works. You may close this page."));
    EXPECT_TRUE(holds(done, "hanako@acme.example"));
}

}  // namespace
}  // namespace renkei::testing

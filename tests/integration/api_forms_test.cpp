// The forms with which a person makes a connection: every kind, and what each field refuses, in both languages.
#include "app/ports/seal_places.hpp"
#include "tests/support/connection_forms.hpp"

#include <gtest/gtest.h>

#include <array>

namespace renkei::testing {
namespace {

using core::ClientAuthMethod;
using core::ConnectionMode;
using core::ConnectionState;

constexpr const char* calendar_file = R"({"client_id":"client","tenant_id":"tenant-1","client_secret":"s3cret"})";

class ApiForms : public ::testing::Test, protected FormWorld {
protected:
    static std::string lookup(std::string_view domain) { return "https://login.example/" + std::string(domain) + "/v2.0/.well-known/openid-configuration"; }
    std::string secret_of(const core::ClientRegistration& row) {
        return std::string(world.vault.open(app::credential_place(home, row.id, row.credentials.front().version), row.credentials.front().material)->expose());
    }
};

TEST_F(ApiForms, U10_TheWayGoesFromTheListOverConnectorAndKindToTheForm) {
    EXPECT_TRUE(holds(browser.get("/connections"), "href=\"/connections/new\""));
    const auto choose = browser.get("/connections/new");
    for (const auto* text :
         {"Cloud mail", "OAuth 2.0", "Client certificate", "Client credentials", "Bring your own app", "Authorization code with PKCE", "Device code"})
        EXPECT_TRUE(holds(choose, text)) << text;
    for (const auto* kind : {"certificate", "secret", "own-app", "public", "device"}) {
        EXPECT_TRUE(holds(choose, address(kind))) << kind;
        EXPECT_EQ(browser.get(address(kind)).status, 200) << kind;
    }
    EXPECT_TRUE(holds(choose, "not set up")) << "federated credential and managed identity say what they wait for";
    EXPECT_FALSE(holds(browser.get("/connections/new?connector=oauth"), "/connections/new/certificate"));
}

TEST_F(ApiForms, U41_TheRedirectUriIsReadBeforeAnythingIsSent) {
    for (const auto* kind : {"own-app", "public"})
        EXPECT_TRUE(holds(browser.get(address(kind)), "https://renkei.example/provisioning_/callback/microsoft")) << kind;
    EXPECT_EQ(world.provider.exchanges(), 0u);
}

TEST_F(ApiForms, U51_TheFirstEnvironmentIsTheDefaultAndTheTenantBeginsWithCommon) {
    const auto page = browser.get(address("secret"));
    EXPECT_TRUE(holds(page, "<option value=\"global\">Everywhere</option><option value=\"second\">Second</option>"));
    EXPECT_TRUE(holds(page, "value=\"common\""));
    EXPECT_TRUE(holds(browser.get(address("secret"), {{"Accept-Language", "ja"}}), "全世界"));
}

TEST_F(ApiForms, U30_AnAppWithASecretIsConnectedAtOnce) {
    const auto answer = send("secret", filled({{"client_secret", " s3cret\n"}, {"expires", "2099-01-31"}, {"title", "請求書"}, {"can", "mail:send"}}));

    ASSERT_EQ(answer.status, 303) << answer.body;
    EXPECT_EQ(answer.headers.get("Location"), "/connections/new-mail?done=connected");
    EXPECT_TRUE(holds(browser.get("/connections/new-mail?done=connected"), "The connection works"));
    const auto made = connection("new-mail");
    EXPECT_EQ(made.state, ConnectionState::active);
    EXPECT_EQ(made.mode, ConnectionMode::client_credentials);
    EXPECT_EQ(made.fence.mailboxes, std::vector<std::string>{"invoice@acme.example"}) << "the fence begins with the account";
    EXPECT_EQ(made.scopes, std::vector<std::string>{"Mail.Send"});
    EXPECT_EQ(made.title, "請求書");
    EXPECT_EQ(secret_of(app("new-mail")), "s3cret") << "blanks around a pasted secret are nobody's";
    EXPECT_EQ(iso_text(*app("new-mail").credentials.front().expires_at).substr(0, 10), "2099-01-31");
    for (const auto* action : {"registration.create", "connection.create", "connection.connect"}) EXPECT_EQ(audited(action), 1) << action;
}

TEST_F(ApiForms, H10_AFileGivesWhatItHoldsAndTheSecretIsNeverShown) {
    const auto answer = send("secret", filled({{"client_id", ""}, {"tenant", "common"}}), {{"file", calendar_file}});

    ASSERT_EQ(answer.status, 303) << answer.body;
    EXPECT_EQ(app("new-mail").client_id, "client");
    EXPECT_EQ(app("new-mail").tenant, "tenant-1");
    EXPECT_EQ(connection("new-mail").state, ConnectionState::active);
    EXPECT_EQ(audited("import.register"), 1);
}

TEST_F(ApiForms, U20_ACertificateIsTakenAsFileAsTextAndAsAPair) {
    const auto pair = a_key_pair(world.clock.now());
    const auto pfx = pair.pfx("letmein");
    EXPECT_NE(send("certificate", filled({{"name", "by-file"}, {"password", "letmein"}}), {{"file", pfx}}).status, 400);
    EXPECT_NE(send("certificate", filled({{"name", "by-text"}, {"password", "letmein"}, {"text", base64(as_bytes(pfx))}, {"algorithm", "RS256"}})).status, 400);
    EXPECT_NE(send("certificate", filled({{"name", "by-pair"}}), {{"file", pair.certificate}, {"key_file", pair.key.pem()}}).status, 400);

    for (const auto* name : {"by-file", "by-text", "by-pair"}) {
        const auto made = app(name);
        EXPECT_EQ(made.auth_method, ClientAuthMethod::client_certificate) << name;
        EXPECT_EQ(made.credentials.front().certificate.thumbprint_sha256.size(), 64u);
        EXPECT_TRUE(has_connection(name));
        EXPECT_TRUE(holds(browser.get(std::string("/connections/") + name), made.credentials.front().certificate.thumbprint_sha1));
    }
    EXPECT_EQ(app("by-file").assertion_algorithm, core::AssertionAlgorithm::ps256);
    EXPECT_EQ(app("by-text").assertion_algorithm, core::AssertionAlgorithm::rs256);
}

TEST_F(ApiForms, U42_AnOwnAppStaysADraftUntilThePersonSignsInWithThisBrowser) {
    const auto saved = send("own-app", filled({{"client_secret", "s3cret"}, {"act_as", "Hanako@Acme.example"}, {"mailbox", "shared@acme.example"}}));
    ASSERT_EQ(saved.headers.get("Location"), "/connections/new-mail") << saved.body;
    EXPECT_EQ(connection("new-mail").state, ConnectionState::draft);
    EXPECT_EQ(connection("new-mail").act_as, "hanako@acme.example");
    EXPECT_EQ(connection("new-mail").mailbox, "shared@acme.example");
    EXPECT_EQ(connection("new-mail").scopes, (std::vector<std::string>{"openid", "offline_access", "Mail.Read"})) << "the least set (U-43)";
    EXPECT_EQ(world.provider.exchanges(), 0u);

    const auto started = browser.submit("/connections/new-mail", "/connections/new-mail/sign-in", {});
    ASSERT_EQ(started.status, 303) << started.body;
    const std::string provider(started.headers.get("Location"));
    EXPECT_TRUE(provider.starts_with("https://login.example/tenant-1/oauth2/v2.0/authorize?"));
    EXPECT_TRUE(browser.cookies.contains("__Host-renkei-connect"));
    const auto done = browser.get("/provisioning_/callback/microsoft?" + form_encode(world.provider.consent(provider)));

    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(connection("new-mail").state, ConnectionState::active);
    EXPECT_TRUE(holds(browser.get("/connections/new-mail"), "Signed in as"));
}

TEST_F(ApiForms, A40_APublicClientHasNoSecretAndATypedOneIsRefused) {
    EXPECT_FALSE(holds(browser.get(address("public")), "client_secret"));
    EXPECT_EQ(send("public", filled({{"client_secret", "s3cret"}})).status, 400);
    EXPECT_FALSE(has_connection("new-mail"));

    EXPECT_EQ(send("public", filled()).headers.get("Location"), "/connections/new-mail");
    EXPECT_EQ(app("new-mail").auth_method, ClientAuthMethod::none);
    EXPECT_TRUE(app("new-mail").credentials.empty());
}

TEST_F(ApiForms, U11_ADeviceCodeIsShownAtOnce) {
    const auto answer = send("device", filled({{"registration", "microsoft-app"}}));

    ASSERT_EQ(answer.status, 303) << answer.body;
    ASSERT_TRUE(answer.headers.get("Location").starts_with("https://renkei.example/device/"));
    const auto page = browser.get(std::string(answer.headers.get("Location").substr(std::string_view("https://renkei.example").size())));
    EXPECT_TRUE(holds(page, "WDJB-MJHT"));
    EXPECT_EQ(page.headers.get("Refresh"), "3");
}

TEST_F(ApiForms, A50_AManagedConnectionIsSharedOrEverybodysOwn) {
    const auto form = browser.get(address("managed"));
    for (const auto* text : {"Provider type: built-in", "Token type", "<option value=\"shared\">shared</option>", "user-specific"})
        EXPECT_TRUE(holds(form, text)) << text;
    EXPECT_TRUE(holds(browser.get(address("managed", "oauth")), "Provider type: custom"));

    EXPECT_EQ(send("managed", filled({{"name", "for-all"}, {"client_secret", "s3cret"}, {"token_type", "shared"}})).headers.get("Location"),
              "/connections/for-all");
    EXPECT_EQ(connection("for-all").token_type, core::TokenType::shared);
    EXPECT_EQ(connection("for-all").state, ConnectionState::draft);
    EXPECT_EQ(send("managed", filled({{"name", "for-each"}, {"mailbox", ""}, {"client_secret", "s3cret"}, {"token_type", "user_specific"}})).status, 303);
    EXPECT_EQ(connection("for-each").token_type, core::TokenType::user_specific);
    const auto page = browser.get("/connections/for-each");
    EXPECT_TRUE(holds(page, "each person signs in under My connections"));
    EXPECT_FALSE(holds(page, "/connections/for-each/sign-in")) << "nobody connects another person's account";
    EXPECT_TRUE(holds(browser.get("/my/connections"), "for-each")) << "and is offered there";
    EXPECT_EQ(send("managed", filled({{"name", "open"}, {"registration", "microsoft-app"}, {"mailbox", ""}, {"token_type", "user_specific"}})).status, 303);
    EXPECT_EQ(send("managed", filled({{"name", "without-secret"}, {"token_type", "shared"}})).status, 303);
    EXPECT_EQ(app("without-secret").auth_method, ClientAuthMethod::none);
}

TEST_F(ApiForms, A50_WhatEverybodysOwnConnectionCannotHaveIsSaidBesideTheField) {
    const auto with_mailbox = send("managed", filled({{"client_secret", "s3cret"}, {"token_type", "user_specific"}}), {}, "ja");
    EXPECT_EQ(with_mailbox.status, 400);
    EXPECT_TRUE(holds(with_mailbox, "各自のアカウントを使用します"));
    const auto common = send("managed", filled({{"mailbox", ""}, {"tenant", "common"}, {"client_secret", "s3cret"}, {"token_type", "user_specific"}}));
    EXPECT_EQ(common.status, 400);
    EXPECT_TRUE(holds(common, "id=\"tenant-refused\">User-specific connections need an app of one organisation"));
    EXPECT_EQ(send("managed", filled({{"client_secret", "s3cret"}, {"token_type", "everybody"}})).status, 400);
    EXPECT_FALSE(has_connection("new-mail"));
}

TEST_F(ApiForms, AGenericServerIsDescribedByItsAddresses) {
    const Fields fields{
        {"name", "wiki"}, {"client_id", "client"}, {"client_secret", "s3cret"}, {"issuer", "https://login.example"}, {"scopes", "read, write\nread"}};
    const auto answer = send("own-app", fields, {}, "en", "oauth");

    ASSERT_EQ(answer.status, 303) << answer.body;
    EXPECT_EQ(app("wiki").issuer, "https://login.example");
    EXPECT_EQ(connection("wiki").scopes, (std::vector<std::string>{"read", "write"}));
    EXPECT_EQ(send("own-app", {{"name", "wiki2"}, {"client_id", "c"}, {"client_secret", "s"}, {"tenant", "common"}}, {}, "en", "oauth").status, 400)
        << "no such field here";
}

TEST_F(ApiForms, AnAppThatIsThereIsChosenAndNoSecondOneIsMade) {
    const auto before = apps();
    const auto answer = send("secret", {{"name", "new-mail"}, {"mailbox", "invoice@acme.example"}, {"registration", "microsoft-app"}});

    ASSERT_EQ(answer.status, 303) << answer.body;
    EXPECT_EQ(apps(), before);
    EXPECT_EQ(connection("new-mail").registration, app("microsoft-app").id);
    EXPECT_EQ(send("public", filled({{"name", "other"}, {"registration", "microsoft-app"}})).status, 400) << "an app with a secret is no public client";
    EXPECT_EQ(send("secret", filled({{"name", "other"}, {"registration", "nowhere"}})).status, 400);
    EXPECT_FALSE(has_connection("other"));
}

TEST_F(ApiForms, AllRefusalsOfAFormComeAtOnceBesideTheirFieldInBothLanguages) {
    const Fields wrong = filled({{"name", "Große Namen"},
                                 {"client_id", ""},
                                 {"tenant", "not a tenant"},
                                 {"mailbox", "nobody"},
                                 {"fence", "a@acme.example\nnot one"},
                                 {"scopes", "a\"b"},
                                 {"client_secret", "typed secret"},
                                 {"expires", "2020-01-01"},
                                 {"folder", "nowhere"}});
    struct Words {
        const char *field, *en, *ja;
    };
    constexpr std::array<Words, 8> expected{{{"name", "invoice-mail", "invoice-mail"},
                                             {"client_id", "application (client) ID", "アプリケーション（クライアント）ID"},
                                             {"tenant", "contoso.onmicrosoft.com", "contoso.onmicrosoft.com"},
                                             {"mailbox", "Enter one mailbox address", "アドレスを 1 件入力"},
                                             {"fence", "Line 2:", "2 行目"},
                                             {"scopes", "Quotes and backslashes", "引用符"},
                                             {"expires", "2027-03-31", "2027-03-31"},
                                             {"folder", "Choose a folder", "フォルダーを一覧から選択"}}};
    for (const std::string language : {"en", "ja"}) {
        const auto page = send("secret", wrong, {}, language);
        EXPECT_EQ(page.status, 400);
        EXPECT_TRUE(holds(page, language == "en" ? "8 fields need correction" : "8 つの項目を修正してください")) << page.body;
        for (const auto& [field, en, ja] : expected) {
            if (std::string_view(field) != "folder") EXPECT_TRUE(holds(page, "id=\"" + std::string(field) + "-refused\"")) << field << language;
            EXPECT_TRUE(holds(page, "href=\"#" + std::string(field) + "\"")) << field << language;
            if (std::string_view(field) != "folder") EXPECT_TRUE(holds(page, language == "en" ? en : ja)) << field << language;
        }
        EXPECT_TRUE(holds(page, "value=\"Große Namen\"")) << "what was typed stays";
        EXPECT_TRUE(holds(page, "a@acme.example\nnot one"));
        EXPECT_FALSE(holds(page, "typed secret")) << "but never a secret";
        EXPECT_TRUE(holds(page, "class=\"notice bad\" role=\"alert\""));
    }
    EXPECT_EQ(apps(), 1u) << "nothing was made";
    EXPECT_EQ(world.provider.exchanges(), 0u);
}

TEST_F(ApiForms, U26_EachFailureOfACertificateHasItsOwnWords) {
    const auto pair = a_key_pair(world.clock.now());
    struct Try {
        Fields fields, files;
        const char *en, *ja;
    };
    const Try tries[] = {
        {{{"password", "wrong"}}, {{"file", pair.pfx("letmein")}}, "The password does not open the file", "パスワードでファイルを開けません"},
        {{}, {{"file", "no certificate at all"}}, "none of the files", "インポートできる種類"},
        {{{"text", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}}, {}, "PEM", "PEM"},
        {{}, {{"file", pair.certificate}}, "There is no private key", "秘密鍵が含まれていません"},
        {{}, {{"file", "\x30\x82\x90\x00\x02\x01\x03" + std::string(110 << 10, 'x')}}, "larger than 100 KiB", "100 KiB を超えています"},
        {{}, {}, "Choose a .pfx or .pem file", "または .pem ファイルを選択"},
        {{{"text", "AAAA"}}, {{"file", pair.pem()}}, "Choose a .pfx or .pem file", "または .pem ファイルを選択"},
    };
    for (const auto& one : tries) {
        for (const std::string language : {"en", "ja"}) {
            auto fields = filled();
            fields.insert(fields.end(), one.fields.begin(), one.fields.end());
            const auto page = send("certificate", fields, one.files, language);
            EXPECT_EQ(page.status, 400) << one.en;
            EXPECT_TRUE(holds(page, language == "en" ? one.en : one.ja)) << one.en << "\n" << page.body;
        }
    }
    EXPECT_EQ(apps(), 1u);
}

TEST_F(ApiForms, B17_AFileIsKeptForTheNextTryAndForThisWorkspaceAlone) {
    const auto first = send("secret", filled({{"name", "NOT A NAME"}, {"client_id", ""}}), {{"file", calendar_file}});
    EXPECT_EQ(first.status, 400);
    EXPECT_TRUE(holds(first, "value=\"client\"")) << "what the file said stands in the form";
    EXPECT_FALSE(holds(first, "s3cret"));
    constexpr std::string_view before = "name=\"import\" value=\"";
    const auto at = first.body.find(before);
    ASSERT_NE(at, std::string::npos);
    const auto handle = first.body.substr(at + before.size(), first.body.find('"', at + before.size()) - at - before.size());

    Browser abroad(world);
    abroad.sign_in("abroad@other.example", usual_password);
    Fields stolen = filled({{"import", handle}});
    stolen.emplace_back("form", form_token_in(abroad.get(address("secret")).body));
    const auto refused = abroad.upload(address("secret"), stolen);
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(holds(refused, "not kept any more"));

    EXPECT_EQ(send("secret", filled({{"import", handle}})).status, 303);
    EXPECT_EQ(send("secret", filled({{"name", "again"}, {"import", handle}})).status, 400) << "once";
    world.clock.advance(std::chrono::hours(2));
}

TEST_F(ApiForms, U31_CommonIsExplainedAndTheMailboxsDomainIsOffered) {
    const auto page = send("secret", filled({{"tenant", "common"}, {"client_secret", "s3cret"}}));
    EXPECT_EQ(page.status, 400);
    EXPECT_TRUE(holds(page, "stands for every organisation"));
    EXPECT_TRUE(holds(page, "Find the tenant of the mailbox&#39;s domain, acme.example"));

    world.provider.publish(lookup("acme.example"), R"({"issuer":"https://login.example/8f1c6e0a-0000-4000-8000-000000000001/v2.0"})");
    EXPECT_NE(send("secret", filled({{"tenant", "common"}, {"client_secret", "s3cret"}, {"tenant_from_mailbox", "yes"}})).status, 400);
    EXPECT_EQ(app("new-mail").tenant, "common") << "what was typed stays";
    EXPECT_EQ(app("new-mail").resolved_tenant, "8f1c6e0a-0000-4000-8000-000000000001");
    EXPECT_EQ(audited("registration.resolve_tenant"), 1) << "by the same use case as for the API";
    EXPECT_EQ(send("own-app", filled({{"name", "person"}, {"tenant", "common"}, {"client_secret", "s3cret"}})).status, 303)
        << "a person's sign-in takes common";
}

TEST_F(ApiForms, U31_ADomainThatLeadsNowhereIsSaidAtTheTenantAndNothingIsMade) {
    const auto before = apps();
    const Fields fields = filled({{"tenant", "common"}, {"client_secret", "s3cret"}, {"tenant_from_mailbox", "yes"}});
    world.provider.publish(lookup("acme.example"), R"({"error":"invalid_tenant","error_codes":[90002]})", 400);
    const auto nowhere = send("secret", fields, {}, "ja");
    EXPECT_EQ(nowhere.status, 400);
    EXPECT_TRUE(holds(nowhere, "ドメイン acme.example のテナントが見つかりません")) << nowhere.body;
    EXPECT_TRUE(holds(nowhere, "からテナントを特定する")) << "offered again";

    world.provider.publish(lookup("acme.example"), R"({"issuer":"https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"})");
    EXPECT_TRUE(holds(send("secret", fields), "domain of personal accounts"));
    world.provider.publish(lookup("acme.example"), "down", 503);
    EXPECT_EQ(send("secret", fields).status, 400);
    EXPECT_EQ(send("secret", filled({{"tenant", "common"}, {"client_secret", "s3cret"}, {"tenant_from_mailbox", "yes"}, {"mailbox", "nobody"}})).status, 400);
    EXPECT_EQ(apps(), before);
    EXPECT_FALSE(has_connection("new-mail"));
}

TEST_F(ApiForms, B06_TheFormProposesWhatTheApiAndTheCommandLinePropose) {
    world.catalog.tenanted.action_scopes.push_back({"mail:write", {"Mail.ReadWrite"}, {"Mail.ReadWrite"}, {}});
    const auto least = [&](const std::string& permissions) {
        return world.post("/v1/connectors/microsoft/scopes", R"({"actions":["mail:read","mail:write"],"permissions":")" + permissions + R"("})")
            .json.at("scopes");
    };
    const auto scopes = [&](std::string_view kind, const std::string& name) {
        auto fields = filled({{"name", name}, {"client_secret", "s3cret"}});
        for (const auto* one : {"mail:read", "mail:write"}) fields.emplace_back("can", one);
        EXPECT_EQ(send(kind, fields).status, 303) << kind;
        json::array list;
        for (const auto& scope : connection(name).scopes) list.emplace_back(scope);
        return json::value(std::move(list));
    };

    EXPECT_EQ(json::serialize(scopes("secret", "by-app")), json::serialize(least("application"))) << "Mail.ReadWrite makes Mail.Read superfluous";
    EXPECT_EQ(json::serialize(scopes("own-app", "by-person")), json::serialize(least("delegated")));
}

TEST_F(ApiForms, AFailureAfterTheAppWasMadeLeavesNoAppBehind) {
    auto taken = a_connection("new-mail");
    taken.folder = world.shared.id;
    world.commit(home, {app::InsertConnection{taken}});
    const auto before = apps();

    const auto page = send("secret", filled({{"client_secret", "s3cret"}}));
    EXPECT_EQ(page.status, 400);
    EXPECT_TRUE(holds(page, "This name is taken"));
    EXPECT_EQ(apps(), before);
    EXPECT_EQ(send("secret", filled({{"name", "new"}, {"client_secret", "s3cret"}})).status, 400) << "the address of the form itself";
}

TEST_F(ApiForms, U13_WhatTheProviderRefusesIsSaidWithWhoMustActAndTheDraftIsRepairedHere) {
    const auto page = send("secret", filled({{"client_secret", "wrong"}}));
    EXPECT_EQ(page.status, 409) << page.body;
    for (const auto* text : {"Who must act", "The owner of the app registration", "Message to copy", "/connections/new-mail/credential"})
        EXPECT_TRUE(holds(page, text)) << text;
    EXPECT_EQ(connection("new-mail").state, ConnectionState::needs_secret);

    const auto form = browser.get("/connections/new-mail/credential");
    const auto send_new = [&](Fields fields, const Fields& files = {}) {
        fields.emplace_back("form", form_token_in(form.body));
        return browser.upload("/connections/new-mail/credential", fields, files);
    };
    EXPECT_EQ(send_new({}).status, 400) << "nothing given";
    EXPECT_EQ(send_new({{"client_secret", "s3cret"}, {"expires", "2001-01-01"}}).status, 400);
    EXPECT_TRUE(holds(send_new({}, {{"file", R"({"client_id":"other","tenant_id":"t","client_secret":"s"})"}}), "belongs to another app"));
    EXPECT_EQ(send_new({{"client_secret", "s3cret"}, {"client_id", "mine"}}).status, 400) << "a field that this form does not have";
    EXPECT_EQ(send_new({{"client_secret", "s3cret"}}).headers.get("Location"), "/connections/new-mail?done=connected");
    EXPECT_EQ(connection("new-mail").state, ConnectionState::active);
    EXPECT_EQ(app("new-mail").client_id, "client");
}

}  // namespace
}  // namespace renkei::testing

#include "base/encoding.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/certificates.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::testing {
namespace {

constexpr const char* calendar_file = R"({"client_id":"11111111-2222-3333-4444-555555555555","tenant_id":"contoso.example","client_secret":"hush-hush"})";

class ApiImports : public ::testing::Test {
protected:
    Answer recognise(const std::string& file, const std::string& password = {}, std::string_view language = "en") {
        json::object body{{"content", base64(as_bytes(file))}};
        if (!password.empty()) body["password"] = password;
        return world.ask({"POST", "/v1/imports", json::serialize(body), world.admin, {{"Accept-Language", std::string(language)}}});
    }
    Answer put(const Answer& recognised, const std::string& body) { return world.post("/v1/imports/" + recognised.text("import") + "/register", body); }
    core::ClientRegistration stored(std::string_view name) { return run_task(world.store.find_registration_by_name(home, a_name(name))).value(); }
    std::string opened(const core::ClientRegistration& row) {
        const auto& newest = row.credentials.front();
        return std::string(world.vault.open(app::credential_place(home, row.id, newest.version), newest.material)->expose());
    }
    long audited(std::string_view action) const {
        const auto rows = world.store.audit(home);
        return std::ranges::count(rows, action, &core::AuditRow::action);
    }

    ApiWorld world;
};

TEST_F(ApiImports, H10_ACalendarFileIsRecognisedInAnyOrderAndSpelling) {
    const char* files[] = {
        calendar_file,
        "\xef\xbb\xbf  {\"client_secret\":\"hush-hush\",\r\n \"tenant_id\":\"contoso.example\", \"client_id\":\"11111111-2222-3333-4444-555555555555\"}\r\n",
        R"({"clientSecret":"hush-hush","tenantId":"contoso.example","clientId":"11111111-2222-3333-4444-555555555555","note":1})",
        R"({"ClientID":" 11111111-2222-3333-4444-555555555555 ","TENANT_ID":"contoso.example","client-secret":"hush-hush"})",
        R"({"office365":{"client_id":"11111111-2222-3333-4444-555555555555","tenant_id":"contoso.example","client_secret":"hush-hush"}})",
    };
    int number = 0;
    for (const auto* file : files) {
        const auto recognised = recognise(file);
        ASSERT_EQ(recognised.status, 201) << recognised.body;
        EXPECT_EQ(recognised.text("kind"), "office_calendar_json");
        EXPECT_EQ(recognised.text("tenant"), "contoso.example");
        EXPECT_EQ(recognised.body.find("hush"), std::string::npos) << "the secret is never shown";

        const auto name = "calendar-" + std::to_string(number++);
        const auto made = put(recognised, R"({"name":")" + name + "\"}");
        ASSERT_EQ(made.status, 201) << made.body;
        EXPECT_EQ(made.text("client_id"), "11111111-2222-3333-4444-555555555555");
        EXPECT_EQ(made.text("tenant"), "contoso.example");
        EXPECT_EQ(made.body.find("hush"), std::string::npos);
        EXPECT_EQ(opened(stored(name)), "hush-hush");
    }
    EXPECT_EQ(audited("import.recognise"), number);
    EXPECT_EQ(audited("import.register"), number);
    EXPECT_EQ(audited("registration.create"), number);
}

TEST_F(ApiImports, B17_AServicePrincipalOfTheAzureCommandLineIsRecognised) {
    const auto plain = recognise(R"json({"appId":"a","displayName":"Renkei Mail (prod)","password":"hush-hush","tenant":"contoso.example"})json");
    const auto sdk = recognise(
        R"({"clientId":"a","clientSecret":"hush-hush","subscriptionId":"s","tenantId":"contoso.example","activeDirectoryEndpointUrl":"https://login.example"})");

    for (const auto* answer : {&plain, &sdk}) {
        ASSERT_EQ(answer->status, 201) << answer->body;
        EXPECT_EQ(answer->text("kind"), "service_principal_json");
        EXPECT_EQ(answer->text("client_id"), "a");
        EXPECT_EQ(answer->text("tenant"), "contoso.example");
        EXPECT_EQ(answer->text("connector"), "microsoft");
        EXPECT_EQ(answer->body.find("hush"), std::string::npos);
    }
    EXPECT_EQ(plain.text("suggested_name"), "renkei-mail-prod");
    ASSERT_EQ(put(plain, R"({"name":"renkei-mail-prod"})").status, 201);
    EXPECT_EQ(opened(stored("renkei-mail-prod")), "hush-hush");
}

TEST_F(ApiImports, B17_APfxAndAPemBecomeRegistrationsWithACertificate) {
    const auto pair = a_key_pair(world.clock.now());
    const auto pfx = pair.pfx("s3cret");
    const std::pair<std::string, const char*> files[] = {{pfx, "pfx"},
                                                         {base64(as_bytes(pfx)), "pfx"},
                                                         {pair.pem(), "pem"},
                                                         {"-----BEGIN CERTIFICATE-----\n" + base64(as_bytes(pfx)) + "\n-----END CERTIFICATE-----\n", "pfx"}};
    int number = 0;
    for (const auto& [file, kind] : files) {
        const auto recognised = recognise(file, "s3cret");
        ASSERT_EQ(recognised.status, 201) << recognised.body;
        EXPECT_EQ(recognised.text("kind"), kind);
        EXPECT_EQ(recognised.text("suggested_name"), "renkei-test");
        EXPECT_EQ(recognised.json.at("needs").as_array().size(), 2U);
        EXPECT_EQ(recognised.body.find("PRIVATE"), std::string::npos);

        const auto name = "cert-" + std::to_string(number++);
        EXPECT_EQ(put(recognised, R"({"name":")" + name + "\"}").text("field"), "client_id");
        const auto made = put(recognised, R"({"name":")" + name + R"(","client_id":"c","tenant":"contoso.example"})");
        ASSERT_EQ(made.status, 201) << made.body;
        EXPECT_EQ(made.text("auth_method"), "client_certificate");
        EXPECT_EQ(stored(name).credentials.front().certificate.thumbprint_sha1, recognised.json.at("certificate").at("thumbprint_sha1").as_string());
        EXPECT_EQ(opened(stored(name)), pair.key.pem());
    }
}

TEST_F(ApiImports, B17_AnImportMayBecomeTheNewestCredentialOfAnExistingRegistration) {
    const auto recognised = recognise(calendar_file);

    const auto added = put(recognised, R"({"registration":"microsoft-app"})");

    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.json.at("credentials").as_array().size(), 2U);
    EXPECT_EQ(opened(stored("microsoft-app")), "hush-hush");
}

TEST_F(ApiImports, B17_AnImportIsRegisteredOnceWithinAnHourAndInItsWorkspaceOnly) {
    const auto once = recognise(calendar_file), late = recognise(calendar_file), foreign = recognise(calendar_file);
    const auto stranger = world.add_key("stranger", {core::Action::registrations_write}, elsewhere);

    ASSERT_EQ(put(once, R"({"name":"a"})").status, 201);
    EXPECT_EQ(put(once, R"({"name":"b"})").status, 410);
    EXPECT_EQ(world.post("/v1/imports/" + foreign.text("import") + "/register", R"({"name":"a"})", stranger).status, 410);
    EXPECT_EQ(world.post("/v1/imports/nothing/register", R"({"name":"b"})").status, 410);
    world.clock.advance(std::chrono::hours(1));
    EXPECT_EQ(put(late, R"({"name":"b"})").status, 410);
}

TEST_F(ApiImports, B17_ARefusedRegistrationDoesNotUseTheImportUp) {
    const auto recognised = recognise(calendar_file);

    EXPECT_EQ(put(recognised, R"({"name":"microsoft-app"})").status, 409) << "the name is taken";
    EXPECT_EQ(put(recognised, R"({})").text("field"), "name");
    EXPECT_EQ(put(recognised, R"({"name":"a","registration":"b"})").text("field"), "name");
    EXPECT_EQ(put(recognised, R"({"name":"a","connector":"nothing"})").text("field"), "connector");
    EXPECT_EQ(put(recognised, R"({"registration":"nothing"})").status, 404);
    world.store.fail_next_commits(1);
    EXPECT_EQ(put(recognised, R"({"name":"a"})").status, 500);

    EXPECT_EQ(put(recognised, R"({"name":"a"})").status, 201);
}

TEST_F(ApiImports, H10_WhatIsWrongWithAFileIsSaidByNameAndInTheReadersLanguage) {
    const auto pair = a_key_pair(world.clock.now());
    const std::pair<std::string, const char*> cases[] = {
        {R"({"client_id":"a","tenant_id":"t"})", "import-key-missing"},
        {R"({"clientId":"a"})", "import-key-missing"},
        {R"({"client_id":"a","clientId":"b","tenant_id":"t","client_secret":"hush-hush"})", "import-key-twice"},
        {R"({"client_id":7,"tenant_id":"t","client_secret":"hush-hush"})", "import-value-refused"},
        {R"({"client_id":"","tenant_id":"t","client_secret":"hush-hush"})", "import-value-refused"},
        {R"({"client_id":"a","tenant_id":"t","client_secret":"hush\nhush"})", "import-value-refused"},
        {R"({"hello":"world"})", "import-not-recognised"},
        {R"({"client_id":"a",)", "import-not-recognised"},
        {"{}", "import-not-recognised"},
        {"hello, this is a letter", "import-not-recognised"},
        {std::string("PK\x03\x04 an archive", 14), "import-not-recognised"},
        {pair.pfx("s3cret"), "certificate-wrong-password"},
        {pair.certificate, "certificate-no-private-key"},
        {sandbox::der_of(pair.certificate), "certificate-not-pkcs12"},
    };
    const auto commits = world.store.commits();
    for (const auto& [file, reason] : cases) {
        const auto english = recognise(file), japanese = recognise(file, {}, "ja");
        EXPECT_EQ(english.status, 400) << reason;
        EXPECT_EQ(english.text("reason"), reason) << english.body;
        EXPECT_EQ(english.text("field"), reason == std::string_view("certificate-wrong-password") ? "password" : "content");
        EXPECT_NE(english.text("detail"), japanese.text("detail"));
        EXPECT_EQ(english.body.find("hush"), std::string::npos);
    }
    EXPECT_EQ(recognise(R"({"clientId":"a"})").text("detail"), "the file has no tenant_id, client_secret");
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(ApiImports, B17_FilesThatAreTooLargeAreRefusedBeforeTheyAreParsed) {
    const auto json_file = [](std::size_t size) { return R"({"client_id":"a","tenant_id":"t","client_secret":")" + std::string(size, 's') + "\"}"; };

    EXPECT_EQ(recognise(json_file(app::most_json_file_bytes)).text("reason"), "import-json-too-large");
    EXPECT_EQ(recognise(json_file(app::most_json_file_bytes)).status, 413);
    EXPECT_EQ(recognise("{" + std::string(app::most_json_file_bytes, '[')).status, 413) << "no parser has seen it";
    EXPECT_EQ(recognise(std::string("\x30\x83\x01\x90\x00\x02\x01\x03", 8) + std::string(oauth::most_certificate_bytes, 'x')).text("reason"),
              "certificate-too-large");
    EXPECT_EQ(recognise("-----BEGIN CERTIFICATE-----\n" + std::string(oauth::most_certificate_bytes, 'x')).text("reason"), "certificate-too-large");
    EXPECT_EQ(recognise(std::string(app::most_import_bytes + 10, 'x')).status, 400);
    EXPECT_EQ(world.post("/v1/imports", R"({"content":"no base64!"})").text("field"), "content");
    EXPECT_EQ(world.post("/v1/imports", R"({"content":""})").text("field"), "content");
    EXPECT_EQ(world.post("/v1/imports", R"({"content":"e30="})", world.reader).status, 403);
}

}  // namespace
}  // namespace renkei::testing

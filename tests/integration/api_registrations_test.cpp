#include "base/encoding.hpp"
#include "server/world.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/certificates.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::testing {
namespace {

class ApiRegistrations : public ::testing::Test {
protected:
    using S = core::ConnectionState;
    /// A connection in this state, which says why.
    core::Connection add_connection(std::string_view name, S state) {
        auto row = world.add_connection(name);
        const auto before = row.version++;
        row.state = state;
        row.state_slug = "needs-app-owner";
        row.state_detail = "the provider did not take the client secret";
        world.commit(home, {app::UpdateConnection{row, before}});
        return row;
    }
    core::Connection now(std::string_view name) { return run_task(world.store.find_connection(home, a_name(name))).value(); }
    Answer add_secret(std::string_view secret = "newer", std::string_view registration = "microsoft-app") {
        return world.post("/v1/registrations/" + std::string(registration) + "/credentials", R"({"client_secret":")" + std::string(secret) + "\"}");
    }
    std::size_t reopened() const {
        const auto rows = world.store.audit(home);
        return static_cast<std::size_t>(std::ranges::count(rows, "connection.reopen", &core::AuditRow::action));
    }
    /// As the server wires it: the pauses after failures are forgotten.
    void forget_pauses() { world.store.observe(&forgetter.emplace(*world.tokens)); }

    ApiWorld world;
    std::optional<server::TokenForgetter> forgetter;
};

TEST_F(ApiRegistrations, ASecretGoesInAndNeverComesOut) {
    const auto made = world.post("/v1/registrations", R"({"name":"app","connector":"microsoft","client_id":"c:l+i%e&n t","client_secret":"p@ss:w+o%r&d !"})");

    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("tenant"), "common");
    EXPECT_EQ(made.text("cloud"), "global");
    EXPECT_EQ(made.text("client_id"), "c:l+i%e&n t");
    EXPECT_EQ(made.text("redirect_uri"), "https://renkei.example/provisioning_/callback/microsoft");
    for (const auto* path : {"/v1/registrations/app", "/v1/registrations", "/v1/audit"})
        EXPECT_EQ(world.get(path).body.find("w+o%r"), std::string::npos) << path;
    const auto stored = run_task(world.store.find_registration_by_name(home, a_name("app"))).value();
    EXPECT_EQ(stored.credentials.front().material.bytes.find("w+o%r"), std::string::npos);
    EXPECT_EQ(world.vault.open(app::credential_place(home, stored.id, 1), stored.credentials.front().material)->expose(), "p@ss:w+o%r&d !");
}

TEST_F(ApiRegistrations, BadOnesNameTheFieldAndNeverTheSecret) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"name":"app","connector":"mikrosoft","client_id":"c","client_secret":"hush-hush"})", "connector"},
        {R"({"name":"app","connector":"microsoft","client_id":"c"})", "client_secret"},
        {R"({"name":"app","connector":"microsoft","client_id":"","client_secret":"hush-hush"})", "client_id"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","tenant":"a/b"})", "tenant"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","tenant":"contoso.example."})", "tenant"},
        {R"({"name":"app","connector":"microsoft","client_id":"６６６６","client_secret":"hush-hush"})", "client_id"},
        {R"({"name":"app","connector":"microsoft","client_id":"a\u0007b","client_secret":"hush-hush"})", "client_id"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","cloud":"mars"})", "cloud"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","issuer":"https://a.example"})", "issuer"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","auth_method":"none"})", "auth_method"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","auth_method":"private_key_jwt","private_key":"hush-hush"})", "private_key"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","private_key":"x"})", "client_secret"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":["hush-hush"]})", "client_secret"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush"})", "issuer"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush","token_endpoint":"http://a.example/token"})", "token_endpoint"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush","token_endpoint":"https://u:p@a.example/t"})", "token_endpoint"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush","issuer":"https://a.example","tenant":"t"})", "tenant"},
    };
    for (const auto& [body, field] : cases) {
        const auto answer = world.post("/v1/registrations", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.text("field"), field) << answer.body;
        EXPECT_EQ(answer.body.find("hush-hush"), std::string::npos);
    }
}

TEST_F(ApiRegistrations, AGenericServerTakesAllFourWaysToProveTheClient) {
    const std::string rest = R"(,"connector":"oauth","client_id":"c","issuer":"https://id.example")";
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"a","auth_method":"client_secret_basic","client_secret":"s")" + rest + "}").status, 201);
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"b","auth_method":"client_secret_post","client_secret":"s")" + rest + "}").status, 201);
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"c","auth_method":"none")" + rest + "}").status, 201);
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"d","auth_method":"none","client_secret":"s")" + rest + "}").text("field"), "client_secret");
}

TEST_F(ApiRegistrations, ANewCredentialIsANewVersionAndTheNewest) {
    const auto added = world.post("/v1/registrations/microsoft-app/credentials", R"({"client_secret":"newer","expires_at":"2027-01-01T00:00:00Z"})");

    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.json.at("credentials").as_array().size(), 2u);
    EXPECT_EQ(added.json.at("credentials").as_array().front().at("version").as_int64(), 2);
    EXPECT_EQ(world.store.audit(home).back().credential_version, 2u);
    EXPECT_EQ(world.post("/v1/registrations/microsoft-app/credentials", "{}").text("field"), "client_secret");
    EXPECT_EQ(world.post("/v1/registrations/microsoft-app/credentials", R"({"client_secret":"old","expires_at":"2020-01-01T00:00:00Z"})").text("field"),
              "expires_at");
    EXPECT_EQ(world.post("/v1/registrations/nothing/credentials", R"({"client_secret":"s"})").status, 404);
}

std::string with_certificate(const std::string& name, json::object certificate) {
    return json::serialize(
        json::object{{"name", name}, {"connector", "microsoft"}, {"tenant", "tenant-1"}, {"client_id", "c"}, {"client_certificate", std::move(certificate)}});
}
std::string base64_of(const std::string& bytes) { return base64(as_bytes(bytes)); }

TEST_F(ApiRegistrations, U22_ACertificateGoesInAndItsThumbprintsAndExpiryComeOut) {
    const auto pair = a_key_pair(world.clock.now());
    const std::pair<const char*, json::object> ways[] = {
        {"by-pfx", {{"pfx", base64_of(pair.pfx("s3cret"))}, {"password", "s3cret"}}},
        {"by-pem", {{"pem", pair.pem()}}},
        {"by-pair", {{"pem", pair.certificate}, {"private_key", pair.key.pem()}}},
    };
    for (const auto& [name, certificate] : ways) {
        const auto made = world.post("/v1/registrations", with_certificate(name, certificate));

        ASSERT_EQ(made.status, 201) << made.body;
        EXPECT_EQ(made.text("auth_method"), "client_certificate");
        EXPECT_EQ(made.text("assertion_algorithm"), "PS256");
        const auto& shown = made.json.at("credentials").as_array().front();
        EXPECT_EQ(shown.at("kind").as_string(), "certificate");
        EXPECT_EQ(shown.at("expires_at").as_string(), json::view(iso_text(world.clock.now() + std::chrono::days(365))));
        EXPECT_EQ(shown.at("certificate").at("subject").as_string(), "CN=renkei-test,O=Renkei sandbox");
        EXPECT_EQ(shown.at("certificate").at("thumbprint_sha1").as_string().size(), 40U);
        EXPECT_EQ(shown.at("certificate").at("thumbprint_sha256").as_string().size(), 64U);
        const auto stored = run_task(world.store.find_registration_by_name(home, a_name(name))).value();
        EXPECT_EQ(world.vault.open(app::credential_place(home, stored.id, 1), stored.credentials.front().material)->expose(), pair.key.pem());
        EXPECT_EQ(world.get("/v1/registrations").body.find("PRIVATE"), std::string::npos);
        EXPECT_EQ(world.get("/v1/audit").body.find("s3cret"), std::string::npos);
    }
}

TEST_F(ApiRegistrations, U26_AWrongCertificateIsRefusedByItsNameInTheReadersLanguage) {
    const auto pair = a_key_pair(world.clock.now());
    const auto pfx = base64_of(pair.pfx("s3cret"));
    const auto old = base64_of(a_key_pair(world.clock.now() - std::chrono::days(400)).pfx("s3cret"));
    const auto early = base64_of(a_key_pair(world.clock.now() + std::chrono::days(400)).pfx("s3cret"));
    struct Case {
        json::object certificate;
        const char* reason;
        const char* field;
    };
    const Case cases[] = {
        {{{"pfx", "%%%"}}, "certificate-not-base64", "client_certificate.pfx"},
        {{{"pfx", "aGVsbG8gd29ybGQh"}}, "certificate-not-pkcs12", "client_certificate.pfx"},
        {{{"pfx", pfx}, {"password", "wr0ng"}}, "certificate-wrong-password", "client_certificate.password"},
        {{{"pfx", old}, {"password", "s3cret"}}, "certificate-expired", "client_certificate.pfx"},
        {{{"pfx", early}, {"password", "s3cret"}}, "certificate-not-yet-valid", "client_certificate.pfx"},
        {{{"pem", pair.certificate}}, "certificate-no-private-key", "client_certificate.pem"},
        {{{"pem", pair.key.pem()}}, "certificate-missing", "client_certificate.pem"},
        {{{"pem", "hello"}}, "certificate-not-pem", "client_certificate.pem"},
        {{{"pem", pair.certificate + sandbox::PrivateKey::make_rsa().pem()}}, "certificate-key-mismatch", "client_certificate.pem"},
        {{{"pem", pair.certificate + sandbox::PrivateKey::make_ec().pem()}}, "certificate-key-not-taken", "client_certificate.pem"},
        {{{"pem", pair.pem() + sandbox::PrivateKey::make_rsa().pem()}}, "certificate-several-keys", "client_certificate.pem"},
    };
    const auto commits = world.store.commits();
    for (const auto& [certificate, reason, field] : cases) {
        const auto english = world.post("/v1/registrations", with_certificate("app", certificate));
        const auto japanese = world.ask({"POST", "/v1/registrations", with_certificate("app", certificate), world.admin, {{"Accept-Language", "ja"}}});

        EXPECT_EQ(english.status, 400) << reason;
        EXPECT_EQ(english.text("reason"), reason) << english.body;
        EXPECT_EQ(english.text("field"), field) << reason;
        EXPECT_EQ(japanese.text("reason"), reason);
        EXPECT_NE(english.text("detail"), japanese.text("detail")) << reason;
        EXPECT_NE(english.text("remedy"), japanese.text("remedy")) << reason;
        for (const auto* answer : {&english, &japanese}) EXPECT_EQ(answer->body.find("s3cret") + 1 + answer->body.find("wr0ng") + 1, 0U) << answer->body;
    }
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(ApiRegistrations, U22_ACertificateIsGivenInOneWayAndOnlyWhereItBelongs) {
    const auto pair = a_key_pair(world.clock.now());
    const auto refused = [&](const std::string& body) { return world.post("/v1/registrations", body).text("field"); };

    EXPECT_EQ(refused(with_certificate("app", {})), "client_certificate.pfx");
    EXPECT_EQ(refused(with_certificate("app", {{"pfx", "TQ=="}, {"pem", "x"}})), "client_certificate.pfx");
    EXPECT_EQ(refused(with_certificate("app", {{"pem", pair.pem()}, {"pasword", "x"}})), "client_certificate.pasword");
    EXPECT_EQ(refused(R"({"name":"app","connector":"microsoft","client_id":"c","auth_method":"client_certificate"})"), "client_certificate");
    EXPECT_EQ(refused(R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"s","assertion_algorithm":"RS256"})"), "assertion_algorithm");
    EXPECT_EQ(
        refused(R"({"name":"app","connector":"oauth","client_id":"c","issuer":"https://id.example","client_certificate":{"pem":"x"},"auth_method":"none"})"),
        "client_certificate");
    EXPECT_EQ(world.post("/v1/registrations", with_certificate("app", {{"pfx", std::string(153'601, 'M')}})).text("field"), "client_certificate.pfx");
    EXPECT_EQ(world.post("/v1/registrations", with_certificate("app", {{"pfx", std::string(150'000, 'M')}})).status, 413);
}

TEST_F(ApiRegistrations, U22_ACertificateMayFollowASecretAndASecretACertificate) {
    const auto pair = a_key_pair(world.clock.now());
    const std::string path = "/v1/registrations/microsoft-app/credentials";

    const auto certificate = world.post(path, json::serialize(json::object{{"client_certificate", json::object{{"pem", pair.pem()}}}}));
    ASSERT_EQ(certificate.status, 201) << certificate.body;
    EXPECT_EQ(certificate.text("auth_method"), "client_certificate");
    const auto dated =
        world.post(path, json::serialize(json::object{{"client_certificate", json::object{{"pem", pair.pem()}}}, {"expires_at", "2027-01-01T00:00:00Z"}}));
    EXPECT_EQ(dated.text("field"), "expires_at");
    EXPECT_EQ(world.post(path, "{}").text("field"), "client_certificate");

    const auto secret = world.post(path, R"({"client_secret":"again"})");
    ASSERT_EQ(secret.status, 201) << secret.body;
    EXPECT_EQ(secret.text("auth_method"), "client_secret_post");
    EXPECT_EQ(secret.json.at("credentials").as_array().size(), 3U);
}

TEST_F(ApiRegistrations, H12_ANewCredentialReopensWhatWaitedForIt) {
    const auto before = add_connection("invoice-mail", S::needs_secret);
    add_connection("order-mail", S::needs_secret);
    const auto commits = world.store.commits();
    world.clock.advance(std::chrono::minutes(5));

    ASSERT_EQ(add_secret().status, 201);

    EXPECT_EQ(world.store.commits(), commits + 1) << "all in the transaction of the credential";
    for (const auto* name : {"invoice-mail", "order-mail"}) {
        const auto row = now(name);
        EXPECT_EQ(row.state, S::active) << name;
        EXPECT_EQ(row.state_slug + row.state_detail, "") << name;
        EXPECT_EQ(row.updated_at, world.clock.now()) << name;
        EXPECT_EQ(row.version, before.version + 1) << name;
    }
    EXPECT_EQ(reopened(), 2U);
    for (const auto& row : world.store.audit(home))
        if (row.action == "connection.reopen") {
            EXPECT_TRUE(row.target == "connection:invoice-mail" || row.target == "connection:order-mail") << row.target;
            EXPECT_EQ(row.credential_version, 2U);
            EXPECT_EQ(row.principal_name, "admin");
        }
}

TEST_F(ApiRegistrations, H12_ANewCredentialReopensNothingElse) {
    const S others[] = {S::draft, S::expiring, S::degraded, S::needs_user, S::needs_admin, S::paused, S::revoked};
    int number = 0;
    for (const auto state : others) add_connection("mail-" + std::to_string(number++), state);
    auto registration = a_registration("other-app");
    world.commit(home, {app::InsertRegistration{registration}});
    auto foreign = world.add_connection("foreign-mail");
    const auto before = foreign.version++;
    foreign.registration = registration.id;
    foreign.state = S::needs_secret;
    world.commit(home, {app::UpdateConnection{foreign, before}});

    ASSERT_EQ(add_secret().status, 201);

    number = 0;
    for (const auto state : others) {
        const auto row = now("mail-" + std::to_string(number++));
        EXPECT_EQ(row.state, state);
        EXPECT_EQ(row.state_slug, "needs-app-owner");
        EXPECT_EQ(row.version, 2U);
    }
    EXPECT_EQ(now("foreign-mail").state, S::needs_secret) << "it waits for another registration's secret";
    EXPECT_EQ(reopened(), 0U);
}

TEST_F(ApiRegistrations, ACredentialThatIsNotStoredReopensNothing) {
    add_connection("invoice-mail", S::needs_secret);
    const std::string path = "/v1/registrations/microsoft-app/credentials";

    EXPECT_EQ(world.post(path, "{}").status, 400);
    EXPECT_EQ(world.post(path, R"({"client_secret":"old","expires_at":"2020-01-01T00:00:00Z"})").status, 400);
    EXPECT_EQ(world.ask({"POST", path, R"({"client_secret":"newer"})", world.admin, {{"If-Match", "\"7\""}}}).status, 412);
    EXPECT_EQ(world.post(path, R"({"client_secret":"newer"})", world.reader).status, 403);
    world.store.fail_next_commits(1);
    EXPECT_EQ(add_secret().status, 500);

    EXPECT_EQ(now("invoice-mail").state, S::needs_secret);
    EXPECT_EQ(reopened(), 0U);
}

// Where the connections of a registration cannot be read, all else can.
class HalfBlindStore final : public FakeStore {
public:
    Task<Result<std::vector<core::Connection>>> connections_of_registration(core::WorkspaceId, core::RegistrationId) override {
        co_return fail(Errc::storage_failed, "The store was told to fail.");
    }
};

TEST_F(ApiRegistrations, ACredentialIsNotStoredWhenWhatWaitsForItCannotBeRead) {
    HalfBlindStore store;
    const auto registration = a_registration();
    ASSERT_TRUE(run_task(store.commit(home, {app::PutWorkspace{a_workspace()}, app::InsertRegistration{registration}})));
    app::Registrations registrations({store, world.vault, world.catalog, world.clock, world.random, world.pool, world.values});
    app::By by;
    by.principal.workspace = home;
    app::NewCredential credential;
    credential.client_secret = Secret("newer");

    const auto added = run_task(registrations.add_credential(by, registration.name, std::move(credential), {}));

    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, Errc::storage_failed);
    EXPECT_EQ(run_task(store.find_registration(home, registration.id)).value().credentials.size(), 1U) << "a repeat does everything";
}

TEST_F(ApiRegistrations, AReopenedConnectionWorksAtItsNextUseOrSaysAgainThatItDoesNot) {
    forget_pauses();
    add_connection("invoice-mail", S::needs_secret);
    world.clock.advance(std::chrono::hours(2));  // its token has ended
    const auto read = [&] { return world.get("/v1/connections/invoice-mail/token", world.reader); };
    ASSERT_EQ(read().code(), "needs-app-owner");
    ASSERT_EQ(world.provider.requests().size(), 0U) << "nobody asks while it waits";

    ASSERT_EQ(add_secret("not the right one").status, 201);
    EXPECT_EQ(read().code(), "needs-app-owner");
    EXPECT_EQ(world.provider.requests().size(), 1U) << "the new secret was tried";
    EXPECT_EQ(now("invoice-mail").state, S::needs_secret);

    ASSERT_EQ(add_secret("s3cret").status, 201);
    EXPECT_EQ(read().status, 200);
    EXPECT_EQ(now("invoice-mail").state, S::active);
}

TEST_F(ApiRegistrations, OneInUseIsNotRemoved) {
    world.add_connection("invoice-mail");

    const auto refused = world.ask({"DELETE", "/v1/registrations/microsoft-app", {}, world.admin});
    world.ask({"DELETE", "/v1/connections/invoice-mail", {}, world.admin});

    EXPECT_EQ(refused.status, 409);
    EXPECT_NE(refused.text("detail").find("1 connection"), std::string::npos);
    EXPECT_EQ(world.ask({"DELETE", "/v1/registrations/microsoft-app", {}, world.admin}).status, 204);
    EXPECT_EQ(world.get("/v1/registrations/microsoft-app").status, 404);
}

TEST_F(ApiRegistrations, AClosedVaultStoresNothing) {
    world.vault.lock();
    const auto commits = world.store.commits();

    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"s"})").code(), "vault-locked");

    EXPECT_EQ(world.store.commits(), commits);
    EXPECT_EQ(world.ask({"GET", "/readyz"}).status, 503);
    EXPECT_EQ(world.ask({"GET", "/healthz"}).status, 200);
}

}  // namespace
}  // namespace renkei::testing

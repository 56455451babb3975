// Client certificates on their way to a token endpoint.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "tests/support/api_world.hpp"
#include "tests/support/certificates.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace renkei::testing {
namespace {

class TokenAssertion : public ::testing::Test {
protected:
    TokenAssertion() : pair(a_key_pair(world.clock.now())) {}

    core::RegistrationId add(core::AssertionAlgorithm algorithm) {
        json::object body{{"name", "cert"},
                          {"connector", "microsoft"},
                          {"tenant", "tenant-1"},
                          {"client_id", "c"},
                          {"assertion_algorithm", json::view(core::text_of(algorithm))},
                          {"client_certificate", json::object{{"pem", pair.pem()}}}};
        const auto made = world.post("/v1/registrations", json::serialize(body));
        EXPECT_EQ(made.status, 201) << made.body;
        return run_task(world.store.find_registration_by_name(home, a_name("cert"))).value().id;
    }
    std::shared_ptr<const app::ProviderClient> opened(core::RegistrationId id) {
        return std::make_shared<const app::ProviderClient>(run_task(world.tokens->endpoint().client_of(home, id, "r")).value());
    }
    /// The header of the assertion in a request for an app-only token.
    json::object header_of(std::shared_ptr<const app::ProviderClient> client) {
        auto builder = [](const app::ProviderClient& one, const oauth::Moment& moment) {
            return oauth::client_credentials_request(one.server, one.client, moment, "s");
        };
        const auto request = run_task(world.tokens->endpoint().build(std::move(client), builder)).value();
        const auto form = form_decode(request.secret_body->expose()).value();
        EXPECT_EQ(find_field(form, "client_secret"), nullptr);
        return json::parse(decode_base64url(split(*find_field(form, "client_assertion"), '.').front()).value())->get_object();
    }

    ApiWorld world;
    ClientKeyPair pair;
};

TEST_F(TokenAssertion, IsSignedInAPoolAndNeverOnTheEventLoop) {
    std::thread::id signed_on;
    const auto look = [&](const app::ProviderClient&, const oauth::Moment&) -> Result<HttpRequest> {
        signed_on = std::this_thread::get_id();
        return HttpRequest{};
    };
    ASSERT_TRUE(run_task(world.tokens->endpoint().build(opened(add(core::AssertionAlgorithm::ps256)), look)));
    EXPECT_NE(signed_on, std::this_thread::get_id());

    const auto by_secret = run_task(world.store.find_registration_by_name(home, a_name("microsoft-app"))).value().id;
    ASSERT_TRUE(run_task(world.tokens->endpoint().build(opened(by_secret), look)));
    EXPECT_EQ(signed_on, std::this_thread::get_id()) << "a secret needs no other thread";
}

TEST_F(TokenAssertion, U22_NamesTheCertificateAsItsAlgorithmWantsIt) {
    const auto der = sandbox::der_of(pair.certificate);
    const auto header = header_of(opened(add(core::AssertionAlgorithm::ps256)));

    EXPECT_EQ(json::text(header, "alg"), "PS256");
    EXPECT_EQ(json::text(header, "x5t#S256"), base64url(sha256(der)));

    ASSERT_EQ(world.ask({"DELETE", "/v1/registrations/cert", {}, world.admin}).status, 204);
    const auto old = header_of(opened(add(core::AssertionAlgorithm::rs256)));
    EXPECT_EQ(json::text(old, "alg"), "RS256");
    EXPECT_EQ(json::text(old, "x5t"), base64url(as_bytes(sandbox::sha1_bytes(der))));
}

TEST_F(TokenAssertion, U26_AnExpiredCertificateIsPassedOverWhileAnotherCredentialLives) {
    const auto id = add(core::AssertionAlgorithm::ps256);
    ASSERT_EQ(world.post("/v1/registrations/cert/credentials", R"({"client_secret":"s","expires_at":"2028-12-31T00:00:00Z"})").status, 201);
    ASSERT_EQ(opened(id)->client.auth.method, oauth::ClientAuthMethod::client_secret_post) << "the newest";
    ASSERT_EQ(world.post("/v1/registrations/cert/credentials", json::serialize(json::object{{"client_certificate", json::object{{"pem", pair.pem()}}}})).status,
              201);
    ASSERT_EQ(opened(id)->client.auth.method, oauth::ClientAuthMethod::private_key_jwt);

    world.clock.advance(std::chrono::days(366));

    const auto later = opened(id);
    EXPECT_EQ(later->client.auth.method, oauth::ClientAuthMethod::client_secret_post);
    EXPECT_EQ(later->credential_version, 2U);
}

}  // namespace
}  // namespace renkei::testing

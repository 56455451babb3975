// U-31 and U-50: a tenant is resolved from a mailbox's domain, and a tenant of another cloud is named.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

constexpr std::string_view guid = "8f1c6e0a-0000-4000-8000-000000000001";
constexpr std::string_view consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";

class TenantLookup : public ::testing::Test {
protected:
    TenantLookup() {
        auto& clouds = world.catalog.tenanted.clouds;
        clouds.front().title_en = "Global";
        clouds.front().recognised_by = {"login.example", "graph.example"};
        auto china = clouds.front();
        china.key = "china";
        china.title_en = "China";
        china.issuer = "https://login.cn.example/{tenant}/v2.0";
        china.authorization_endpoint = "https://login.cn.example/{tenant}/oauth2/v2.0/authorize";
        china.token_endpoint = "https://login.cn.example/{tenant}/oauth2/v2.0/token";
        china.recognised_by = {"login.cn.example", "graph.cn.example"};
        clouds.push_back(china);
        world.post("/v1/registrations", R"({"name":"any","connector":"microsoft","client_id":"client","client_secret":"s3cret"})");
        for (const auto* host : {"login.example", "login.cn.example"})
            for (const auto* tenant : {"contoso.example", "tenant-9"}) unknown(host, tenant);
    }
    static std::string address(std::string_view host, std::string_view tenant) {
        return "https://" + std::string(host) + "/" + std::string(tenant) + "/v2.0/.well-known/openid-configuration";
    }
    void unknown(std::string_view host, std::string_view tenant) {
        world.provider.publish(address(host, tenant), R"({"error":"invalid_tenant","error_description":"AADSTS90002: hanako","error_codes":[90002]})", 400);
    }
    void known(std::string_view host, std::string_view tenant, std::string_view id = guid, std::string more = {}) {
        world.provider.publish(address(host, tenant), R"({"issuer":"https://)" + std::string(host) + "/" + std::string(id) + R"(/v2.0")" + more + "}");
    }
    Answer resolve(std::string address, std::string name = "any") {
        return world.post("/v1/registrations/" + name + "/resolve-tenant", R"({"address":")" + address + R"("})");
    }
    ApiWorld world;
};

TEST_F(TenantLookup, U31_TheDomainOfAMailboxGivesTheTenantAndWhatWasTypedStays) {
    known("login.example", "contoso.example");

    const auto answer = resolve("Sales@Contoso.example");

    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.text("tenant"), "common");
    EXPECT_EQ(answer.text("resolved_tenant"), guid);
    EXPECT_EQ(world.store.audit(home).back().action, "registration.resolve_tenant");
    EXPECT_EQ(resolve("contoso.example").status, 200) << "a bare domain, again";
}

TEST_F(TenantLookup, U31_CommonIsExplainedForAppOnlyAccessAndWorksOnceItIsResolved) {
    const auto body = R"({"name":"sales","registration":"any","mode":"client_credentials","mailbox":"sales@contoso.example"})";
    const auto refused = world.post("/v1/connections", body);
    ASSERT_EQ(refused.status, 201) << refused.body;
    const auto& problem = refused.json.at("problem").get_object();
    EXPECT_EQ(json::text(problem, "reason"), "shared-tenant");
    EXPECT_NE(json::text(problem, "remedy")->find("resolve-tenant"), std::string_view::npos);

    known("login.example", "contoso.example");
    ASSERT_EQ(resolve("sales@contoso.example").status, 200);
    const auto connected = world.post("/v1/connections/sales/connect", "{}");

    EXPECT_EQ(connected.status, 200) << connected.body;
    EXPECT_EQ(world.provider.requests().back().url, "https://login.example/" + std::string(guid) + "/oauth2/v2.0/token");
}

TEST_F(TenantLookup, U31_BadInputIsRefusedByItsName) {
    known("login.example", "outlook.example", consumers);
    for (const auto& [address, reason] : {std::pair{"sales@contoso.example", "domain-not-found"}, {"me@outlook.example", "domain-consumer"}}) {
        const auto answer = resolve(address);
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(answer.text("field"), "address");
        EXPECT_EQ(answer.text("reason"), reason);
        EXPECT_EQ(answer.body.find("hanako"), std::string::npos) << "the provider's text";
    }
    for (const auto* wrong : {"sales", "a@b@", "../common", "contoso.example/x", "contoso..example", "", "@", "a@x?y.example", "localhost"})
        EXPECT_EQ(resolve(wrong).status, 400) << wrong;
    EXPECT_EQ(resolve("sales@contoso.example", "nothing").status, 404);
    EXPECT_EQ(run_task(world.store.find_registration_by_name(home, a_name("any")))->resolved_tenant, "");
}

TEST_F(TenantLookup, U31_AnAnswerThatIsNoDescriptionIsNotBelieved) {
    const auto at = address("login.example", "contoso.example");
    for (const auto* page : {"<html>sign in at the proxy</html>", "[]", "{}", R"({"issuer":7})", R"({"issuer":"https://login.example/"})",
                             R"({"issuer":"https://login.example/..%2f/v2.0"})", R"({"issuer":"https://login.example/{tenantid}/v2.0"})"}) {
        world.provider.publish(at, page);
        EXPECT_EQ(resolve("contoso.example").code(), "provider-bad-answer") << page;
    }
    world.provider.publish(at, "busy", 503);
    EXPECT_EQ(resolve("contoso.example").code(), "provider-unavailable");
    world.provider.publish(at, "{}", 429);
    EXPECT_EQ(resolve("contoso.example").code(), "provider-throttled");
}

TEST_F(TenantLookup, U50_ADomainOfAnotherCloudIsNamed) {
    known("login.cn.example", "contoso.example");

    const auto answer = resolve("contoso.example");

    EXPECT_EQ(answer.text("reason"), "other-cloud");
    EXPECT_EQ(answer.text("detail"), "the tenant or the app belongs to another Microsoft cloud: China (china)");
    EXPECT_EQ(answer.text("actor"), "app-owner");
}

TEST_F(TenantLookup, U50_ADescriptionThatNamesAnotherCloudIsBelieved) {
    known("login.example", "contoso.example", guid, R"(,"msgraph_host":"graph.cn.example","tenant_region_scope":"AS")");

    EXPECT_EQ(resolve("contoso.example").text("reason"), "other-cloud");
    known("login.example", "contoso.example", guid, R"(,"msgraph_host":"nobody.example","cloud_instance_name":"login.example")");
    EXPECT_EQ(resolve("contoso.example").status, 200) << "a name that nobody knows says nothing";
}

TEST_F(TenantLookup, U50_ARefusalBecauseOfTheWrongCloudNamesTheRightOne) {
    world.post("/v1/registrations", R"({"name":"gov","connector":"microsoft","tenant":"tenant-9","client_id":"client","client_secret":"s3cret"})");
    known("login.cn.example", "tenant-9", "tenant-9");
    const auto body = R"({"name":"lost","registration":"gov","mode":"client_credentials","mailbox":"sales@contoso.example"})";
    world.provider.refuse_with("invalid_request", {90002});

    const auto answer = world.post("/v1/connections", body);

    const auto& problem = answer.json.at("problem").get_object();
    EXPECT_EQ(json::text(problem, "reason"), "other-cloud") << answer.body;
    EXPECT_NE(json::text(problem, "detail")->find("China (china)"), std::string_view::npos);
    EXPECT_EQ(json::text(problem, "provider_code"), "AADSTS90002");
}

TEST_F(TenantLookup, U50_ATenantThatIsNowhereStaysNotFound) {
    world.post("/v1/registrations", R"({"name":"gov","connector":"microsoft","tenant":"tenant-9","client_id":"client","client_secret":"s3cret"})");
    world.provider.refuse_with("invalid_request", {90002});

    const auto answer = world.post("/v1/connections", R"({"name":"lost","registration":"gov","mode":"client_credentials","mailbox":"sales@contoso.example"})");

    EXPECT_EQ(json::text(answer.json.at("problem").get_object(), "reason"), "tenant-not-found") << answer.body;
}

TEST_F(TenantLookup, U31_ARegistrationThatNamesItsTenantIsNotResolved) {
    world.post("/v1/registrations", R"({"name":"own","connector":"microsoft","tenant":"tenant-9","client_id":"client","client_secret":"s3cret"})");
    EXPECT_EQ(resolve("contoso.example", "own").code(), "conflict");
}

TEST_F(TenantLookup, KindsThatNeedAMappedSourceAreRefusedByName) {
    for (const auto* kind : {"federated_credential", "managed_identity"}) {
        const auto body = R"({"name":"wif","connector":"microsoft","client_id":"client","auth_method":")" + std::string(kind) + R"("})";
        const auto answer = world.post("/v1/registrations", body);
        EXPECT_EQ(answer.status, 409) << answer.body;
        EXPECT_EQ(answer.code(), "needs-operator");
        EXPECT_EQ(answer.text("reason"), "source-not-mapped");
        EXPECT_EQ(answer.text("field"), "auth_method");
        EXPECT_NE(answer.text("detail").find(kind), std::string::npos);
    }
    EXPECT_EQ(world.get("/v1/registrations/wif").status, 404);
}

}  // namespace
}  // namespace renkei::testing

#include "sandbox/graph/graph.hpp"
#include "sandbox/login/login_test_world.hpp"

namespace renkei::sandbox {
namespace {

const Cloud& other(std::string_view key) { return *find_cloud(key); }
const char* const others[] = {"us_gov_l4", "us_gov_l5", "china"};

std::string graph_scope(const Cloud& cloud, std::string_view name) { return std::string(cloud.graph) + "/" + std::string(name); }

// The daemon's token in a world of its own cloud.
ServerResponse app_token(LoginWorld& w, const std::string& scope) {
    return w.token(w.as("daemon", {{"grant_type", "client_credentials"}, {"scope", scope}}), w.world.tenants().front().id);
}

TEST(SandboxClouds, U50_AreFourWithTheVendorsHosts) {
    std::vector<std::string> seen;
    for (const auto& cloud : clouds()) seen.push_back(std::string(cloud.key) + " " + std::string(cloud.login_host) + " " + std::string(cloud.graph));

    EXPECT_EQ(seen, (std::vector<std::string>{"commercial login.microsoftonline.com https://graph.microsoft.com",
                                              "us_gov_l4 login.microsoftonline.us https://graph.microsoft.us",
                                              "us_gov_l5 login.microsoftonline.us https://dod-graph.microsoft.us",
                                              "china login.partner.microsoftonline.cn https://microsoftgraph.chinacloudapi.cn"}));
}

TEST(SandboxClouds, ShareNoTenantDomainUserAppOrSecret) {
    std::vector<std::unique_ptr<LoginWorld>> worlds;
    std::set<std::string> seen;
    for (const auto& cloud : clouds()) {
        worlds.push_back(std::make_unique<LoginWorld>(cloud));
        auto& world = worlds.back()->world;
        for (const auto& tenant : world.tenants()) EXPECT_TRUE(seen.insert(tenant.id).second && seen.insert(tenant.domains.front()).second) << tenant.id;
        for (const auto& user : world.users()) EXPECT_TRUE(seen.insert(user.id).second && seen.insert(user.upn).second) << user.upn;
        for (const auto& group : world.groups()) EXPECT_TRUE(seen.insert(group.id).second) << group.name;
        for (const auto& app : world.apps()) {
            EXPECT_TRUE(seen.insert(app.id).second) << app.key;
            for (const auto& secret : app.secrets) EXPECT_TRUE(seen.insert(secret.value).second) << app.key;
        }
    }
}

TEST(SandboxClouds, GiveTokensForTheirOwnGraph) {
    for (const auto& cloud : clouds()) {
        LoginWorld w(cloud);
        const auto tokens = w.body(app_token(w, graph_scope(cloud, ".default")));
        const auto facts = w.world.check_access_token(w.text(tokens, "access_token"));

        ASSERT_TRUE(facts) << cloud.key;
        EXPECT_EQ(facts->audience, cloud.graph);
        EXPECT_TRUE(facts->allows("Mail.Read"));
    }
}

TEST(SandboxClouds, SignPeopleInWithFullyQualifiedScopes) {
    for (const auto* key : others) {
        LoginWorld w(other(key));
        const auto tenant = w.world.tenants().front();
        const auto upn = w.world.users()[3].upn;
        const auto scope = "openid offline_access " + graph_scope(other(key), "Mail.Read");
        const auto code = w.code({{"scope", scope}, {"login_hint", upn}}, tenant.id);
        const auto tokens = w.body(w.token(w.redemption(code), tenant.id));

        EXPECT_EQ(w.text(tokens, "scope"), "openid " + graph_scope(other(key), "Mail.Read"));
        EXPECT_FALSE(w.text(tokens, "refresh_token").empty()) << key;
    }
}

TEST(SandboxClouds, TheGraphOfAnotherCloudAndShortNamesAreNoResourceHere) {
    for (const auto* key : others) {
        LoginWorld w(other(key));
        const auto tenant = w.world.tenants().front().id;
        expect_aadsts(app_token(w, "https://graph.microsoft.com/.default"), 500011, "invalid_resource");
        expect_redirected(w.authorize({{"scope", "openid Mail.Read"}, {"login_hint", w.world.users()[3].upn}}, tenant), 500011, "invalid_resource");
    }
    LoginWorld commercial;
    expect_aadsts(app_token(commercial, "https://graph.microsoft.us/.default"), 500011, "invalid_resource");
}

TEST(SandboxClouds, AnAppATenantAndAUserOfAnotherCloudAreUnknown) {
    LoginWorld commercial;
    for (const auto* key : others) {
        LoginWorld w(other(key));
        const auto tenant = w.world.tenants().front();
        const Fields foreign_app{{"grant_type", "client_credentials"},
                                 {"client_id", commercial.app("daemon").id},
                                 {"client_secret", commercial.secret("daemon")},
                                 {"scope", graph_scope(other(key), ".default")}};

        expect_aadsts(w.token(foreign_app, tenant.id), 700016, "unauthorized_client");
        expect_aadsts(w.token(w.as("daemon", {{"grant_type", "client_credentials"}, {"scope", "x"}}), LoginWorld::contoso), 90002, "invalid_request");
        expect_aadsts(w.get("/contoso.example/v2.0/.well-known/openid-configuration"), 90002, "invalid_tenant");
        expect_page(w.authorize({{"scope", graph_scope(other(key), "Mail.Read")}, {"login_hint", LoginWorld::alice}}, tenant.id), 50034);
    }
}

TEST(SandboxClouds, ARefreshTokenOfAnotherCloudIsInvalid) {
    LoginWorld commercial;
    const auto token = LoginWorld::text(commercial.signed_in(), "refresh_token");
    LoginWorld w(other("china"));

    expect_aadsts(w.token(w.as("web", {{"grant_type", "refresh_token"}, {"refresh_token", token}}), w.world.tenants().front().id), 70000, "invalid_grant");
}

TEST(SandboxClouds, AnAccessTokenOfAnotherCloudHasTheWrongAudienceAtGraph) {
    for (const auto& from : clouds())
        for (const auto& to : clouds()) {
            LoginWorld source(from), target(to);
            const auto token = LoginWorld::text(LoginWorld::body(app_token(source, graph_scope(from, ".default"))), "access_token");
            const auto graph = make_graph((&from == &to ? source : target).world);
            const auto answer = graph->handle(make_request(Method::get, "/v1.0/users", {}, {{"Authorization", "Bearer " + token}}));

            EXPECT_EQ(answer.status, &from == &to ? 200 : 401) << from.key << " at " << to.key;
            if (&from == &to) continue;
            EXPECT_NE(answer.body.find("InvalidAuthenticationToken"), std::string::npos);
            EXPECT_NE(answer.body.find("Invalid audience"), std::string::npos) << answer.body;
        }
}

TEST(SandboxClouds, WhatOnlyTheCommercialGraphHasIsNotImplementedElsewhere) {
    for (const auto* key : others) {
        LoginWorld w(other(key));
        const auto graph = make_graph(w.world);
        const auto token = LoginWorld::text(LoginWorld::body(app_token(w, graph_scope(other(key), ".default"))), "access_token");
        const auto& upn = w.world.users()[3].upn;
        const auto id = graph->deliver({upn, "Subject: x\r\n\r\nx"});
        ASSERT_TRUE(id);

        const auto target = "/v1.0/users/" + upn + "/messages/" + percent_encode(*id) + "/permanentDelete";
        const auto answer = graph->handle(make_request(Method::post, target, {}, {{"Authorization", "Bearer " + token}}));
        EXPECT_EQ(answer.status, 501) << answer.body;
    }
}

}  // namespace
}  // namespace renkei::sandbox

// What holds for every row of the route table: generated from it, so that a new row is tested by being there.
#include "tests/support/api_requests.hpp"
#include "tests/support/openapi_schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace renkei::testing {
namespace {

using api::Requires;

std::string name_of(const api::Route& route) { return std::string(method_text(route.method)) + " " + std::string(route.pattern); }

class ApiTable : public ::testing::Test {
protected:
    ApiTable() {
        world.add_connection("invoice-mail");
        world.add_key("robot", {core::Action::mail_read});
        world.commit(home, {app::PutPerson{a_person(5, "taro@acme.example")}, app::PutMembership{{home, a_person(5).id, {core::Role::user}, {}}},
                            app::PutGroup{{home, id_of<core::GroupId>(5), a_name("sales"), "Sales", std::nullopt}}});
        world.post("/v1/external-vaults", R"({"name":"main","kind":"hashicorp","auth":"token","address":"https://vault.example","auth_secret":"s3cret"})");
        operation = world.post("/v1/operations", R"({"kind":"connections.check"})").text("id");
        world.wait_for_operation(operation);
    }
    ApiWorld world;
    std::string operation;
};

TEST_F(ApiTable, IsTheSameAsTheDocument) {
    std::set<std::string> table, document;
    for (const auto* route : world.api->router().all()) table.insert(name_of(*route));
    for (auto& operation_name : OpenApi::document().operations()) document.insert(std::move(operation_name));

    EXPECT_EQ(table, document);
}

TEST_F(ApiTable, NamesTheSameRightsAsTheDocument) {
    for (const auto* route : world.api->router().all()) {
        const auto method = method_text(route->method);
        const auto right = route->needs.kind == Requires::Kind::right ? std::string(core::text_of(route->needs.action)) : "";
        EXPECT_EQ(right, OpenApi::document().right_of(method, route->pattern)) << name_of(*route);
        const bool open = route->needs.kind == Requires::Kind::nothing || route->needs.kind == Requires::Kind::visitor;
        EXPECT_EQ(open, OpenApi::document().is_public(method, route->pattern)) << name_of(*route);
    }
}

TEST_F(ApiTable, A_KeyIsAskedForByEveryRouteThatNeedsOne) {
    auto revoked = a_key("revoked");
    revoked.revoked_at = world.clock.now();
    auto expired = a_key("expired");
    expired.id = world.random.make<core::KeyId>();
    expired.expires_at = world.clock.now();
    auto fenced = a_key("from-elsewhere");
    fenced.allowed_ranges = {core::AddressRange::parse("10.0.0.0/8").value()};
    for (auto* key : {&revoked, &expired, &fenced}) key->rights = {core::Right{{core::Action::connections_read, core::Action::mail_read}, {}, {}, {}, {}, {}}};
    const std::vector<std::string> wrong{
        "", "rk_" + std::string(43, 'A'), "no key at all", world.add_key(revoked), world.add_key(expired), world.add_key(fenced)};
    const auto commits = world.store.commits();
    for (const auto* route : world.api->router().all()) {
        if (route->needs.kind == Requires::Kind::nothing || route->needs.is_page()) continue;
        std::set<std::string> bodies;
        for (const auto& key : wrong) {
            auto ask = sample_request(*route, operation);
            ask.key = key;
            const auto answer = world.ask(std::move(ask));
            EXPECT_EQ(answer.status, 401) << name_of(*route);
            // What a session is asked about itself no key opens, right or wrong.
            EXPECT_EQ(answer.code(), route->needs.kind == Requires::Kind::session ? "session-refused" : "unauthenticated");
            EXPECT_EQ(answer.headers.get("WWW-Authenticate"), "Bearer realm=\"renkei\"");
            bodies.insert(answer.body);
        }
        EXPECT_EQ(bodies.size(), 1u) << name_of(*route) << " tells one wrong key from another";
    }
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(ApiTable, A_KeyWithoutTheRightIsRefusedAndThatIsAudited) {
    const auto looker = world.add_key("looker", {core::Action::people_read}), reader = world.add_key("mail-looker", {core::Action::mail_read});
    for (const auto* route : world.api->router().all()) {
        if (route->needs.kind != Requires::Kind::right) continue;
        auto ask = sample_request(*route, operation);
        const bool people = route->needs.action == core::Action::people_read;
        ask.key = people ? reader : looker;
        const auto answer = world.ask(std::move(ask));
        EXPECT_EQ(answer.status, 403) << name_of(*route);
        EXPECT_EQ(answer.code(), "denied");
        EXPECT_NE(answer.text("detail").find(core::text_of(route->needs.action)), std::string::npos);
        const auto row = world.store.audit(home).back();
        EXPECT_FALSE(row.allowed);
        EXPECT_EQ(row.principal_name, people ? "mail-looker" : "looker");
        EXPECT_NE(row.target.find(route->pattern), std::string::npos);
    }
}

TEST_F(ApiTable, AnotherWorkspacesThingsAreNotFoundByAnyRoute) {
    std::vector<core::Action> all;
    for (int i = 0; i < static_cast<int>(core::Action::count_); ++i) all.push_back(static_cast<core::Action>(i));
    const auto stranger = world.add_key("stranger", all, elsewhere);
    const auto before = world.store.audit(home).size();
    for (const auto* route : world.api->router().all()) {
        if (route->needs.kind != Requires::Kind::right || route->pattern.find("/connectors") != route->pattern.npos) continue;
        const bool names_something = route->pattern.find("{name}") != route->pattern.npos || route->pattern.find("{id}") != route->pattern.npos ||
                                     route->pattern.find("{person}") != route->pattern.npos || route->pattern.starts_with("/v1/mail");
        // This one makes a thing of that name in the caller's own workspace.
        if (route->method == Method::put && route->pattern == "/v1/variables/{name}") continue;
        auto ask = sample_request(*route, operation);
        ask.key = stranger;
        const auto answer = world.ask(std::move(ask));
        if (names_something) EXPECT_EQ(answer.status, 404) << name_of(*route) << ' ' << answer.body;
        EXPECT_EQ(answer.body.find("acme"), std::string::npos) << name_of(*route) << ' ' << answer.body;
        EXPECT_EQ(answer.body.find("invoice@"), std::string::npos) << name_of(*route) << ' ' << answer.body;
    }
    EXPECT_EQ(world.store.audit(home).size(), before) << "something was written into the other workspace";
    EXPECT_EQ(world.get("/v1/connections/invoice-mail").text("state"), "active");
}

TEST_F(ApiTable, EveryRouteWorksForWhoMayUseIt) {
    std::vector<core::Action> all;
    for (int i = 0; i < static_cast<int>(core::Action::count_); ++i) all.push_back(static_cast<core::Action>(i));
    const auto everything = world.add_key("everything", all);
    for (const auto* route : world.api->router().all()) {
        // A session's own routes open to the session alone (tests/integration/automations_test.cpp).
        if (route->needs.kind == Requires::Kind::nothing || route->needs.kind == Requires::Kind::session || route->needs.is_page()) continue;
        auto ask = sample_request(*route, operation);
        ask.key = everything;
        const auto answer = world.ask(std::move(ask));
        EXPECT_NE(answer.status, 401) << name_of(*route);
        EXPECT_LT(answer.status, 500) << name_of(*route) << ' ' << answer.body;
        EXPECT_EQ(answer.route, route->pattern);
        EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
        EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
    }
    EXPECT_TRUE(world.failures.empty()) << world.failures.front();
}

TEST_F(ApiTable, NoApiKeyOpensAPageForPersonsAndNoSessionARouteForKeys) {
    for (const auto* route : world.api->router().all()) {
        const auto kind = route->needs.kind;
        EXPECT_EQ(route->needs.is_page(), !route->pattern.starts_with("/v1/") && kind != Requires::Kind::nothing) << name_of(*route);
        if (kind != Requires::Kind::person && kind != Requires::Kind::person_with) continue;
        auto ask = sample_request(*route, operation);
        ask.key = world.admin;
        const auto answer = world.ask(std::move(ask));
        EXPECT_EQ(answer.status, 303) << name_of(*route);
        EXPECT_TRUE(answer.headers.get("Location").starts_with("/sign-in")) << name_of(*route);
    }
}

TEST_F(ApiTable, OtherMethodsGet405WithTheAllowedOnes) {
    for (const auto* route : world.api->router().all())
        for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            auto ask = sample_request(*route, operation);
            const auto match = world.api->router().find(*parse_method(method), ask.target.substr(0, ask.target.find('?')));
            if (match->route != nullptr) continue;
            ask.method = method;
            const auto answer = world.ask(std::move(ask));
            EXPECT_EQ(answer.status, 405) << method << ' ' << route->pattern;
            EXPECT_NE(answer.headers.get("Allow").find(method_text(route->method)), std::string::npos);
            EXPECT_EQ(answer.headers.get("Allow").find(std::string(method) + ","), std::string::npos);
        }
}

TEST_F(ApiTable, OptionsTellsTheMethodsAndNoOriginIsLetIn) {
    const auto answer = world.ask({"OPTIONS", "/v1/connections/invoice-mail", {}, {}, {{"Origin", "https://evil.example"}}});

    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.headers.get("Allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
    EXPECT_FALSE(answer.headers.has("Access-Control-Allow-Origin"));
}

TEST_F(ApiTable, HeadHasTheFieldsOfGetWithoutContent) {
    const auto get = world.get("/v1/connections/invoice-mail");
    const auto head = world.ask({"HEAD", "/v1/connections/invoice-mail", {}, world.admin});

    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(head.body.empty());
    EXPECT_EQ(head.headers.get("ETag"), get.headers.get("ETag"));
    EXPECT_EQ(head.headers.get("Content-Length"), std::to_string(get.body.size()));
}

}  // namespace
}  // namespace renkei::testing

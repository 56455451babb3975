#pragma once

// A sandbox world with Graph in it, called through handle() without a network. Header only, like graph_schema.hpp.

#include "base/encoding.hpp"
#include "sandbox/graph/graph.hpp"
#include "tests/support/graph_schema.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {

inline constexpr const char* hanako = "sato.hanako@contoso.example";
inline constexpr const char* ichiro = "suzuki.ichiro@contoso.example";
inline constexpr const char* alice = "alice@contoso.example";
inline constexpr const char* dave = "dave@fabrikam.example";
inline constexpr const char* shared_box = "invoices@contoso.example";

struct GraphWorld {
    ManualClock manual;
    std::unique_ptr<sandbox::WorldClock> clock = sandbox::make_world_clock(manual);
    SystemRandom random;
    sandbox::World world{*clock, random};
    std::unique_ptr<sandbox::MailService> graph = sandbox::make_graph(world);
    int issued = 0;

    /// A delegated token.
    std::string token(const char* upn, std::vector<std::string> scopes = {"User.Read", "Mail.ReadWrite", "Mail.Send"}) {
        const auto* user = world.find_user(upn);
        sandbox::TokenFacts facts;
        facts.tenant = user->tenant;
        facts.app = "0a000000-0000-4000-8000-000000000001";
        facts.user = user->id;
        facts.scopes = std::move(scopes);
        return issue(std::move(facts));
    }
    /// An application's own token, in Contoso.
    std::string app_token(std::vector<std::string> roles) {
        sandbox::TokenFacts facts;
        facts.tenant = world.find_user(hanako)->tenant;
        facts.app = "0a000000-0000-4000-8000-000000000003";
        facts.roles = std::move(roles);
        return issue(std::move(facts));
    }
    std::string issue(sandbox::TokenFacts facts) {
        if (facts.audience.empty()) facts.audience = sandbox::graph_audience;
        facts.expires = world.now() + std::chrono::hours(1);
        const std::string text = "token-" + std::to_string(++issued);
        world.tokens().access[text] = std::move(facts);
        return text;
    }

    sandbox::ServerResponse call(Method method, std::string_view target, const std::string& bearer, std::string body = {}, Headers headers = {}) {
        if (!bearer.empty()) headers.set("Authorization", "Bearer " + bearer);
        if (!body.empty() && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
        return graph->handle(sandbox::make_request(method, target, std::move(body), std::move(headers)));
    }
    /// A GET that must answer 200 with an object.
    json::object get(std::string_view target, const std::string& bearer, Headers headers = {}) {
        return object(call(Method::get, target, bearer, {}, std::move(headers)), 200, target);
    }
    json::object post(std::string_view target, const std::string& bearer, std::string body, int status = 201) {
        return object(call(Method::post, target, bearer, std::move(body)), status, target);
    }
    static json::object object(const sandbox::ServerResponse& response, int status, std::string_view target) {
        EXPECT_EQ(response.status, status) << target << " " << response.body.substr(0, 600);
        auto parsed = json::parse(response.body);
        EXPECT_TRUE(parsed && parsed->is_object()) << target << " " << response.body.substr(0, 600);
        return parsed && parsed->is_object() ? parsed->as_object() : json::object();
    }

    std::string deliver(const char* mailbox, std::string eml, std::optional<TimePoint> received = {}, std::string folder = "inbox") {
        auto id = graph->deliver({mailbox, std::move(eml), std::move(folder), false, received});
        EXPECT_TRUE(id.has_value());
        return id.value_or("");
    }
};

inline std::string text_at(const json::object& from, std::string_view name) {
    const auto found = json::text(from, name);
    return std::string(found.value_or("(none)"));
}

/// The refusal has this status and code and the vendor's whole form (section 7.1 of the vendor's errors).
inline void expect_refusal(const sandbox::ServerResponse& response, int status, std::string_view code) {
    EXPECT_EQ(response.status, status) << response.body.substr(0, 400);
    auto parsed = json::parse(response.body);
    ASSERT_TRUE(parsed && parsed->is_object()) << response.body.substr(0, 400);
    const auto* error = json::find(parsed->as_object(), "error");
    ASSERT_TRUE(error && error->is_object());
    EXPECT_EQ(text_at(error->as_object(), "code"), code) << response.body.substr(0, 400);
    EXPECT_FALSE(text_at(error->as_object(), "message").empty());
    const auto* inner = json::find(error->as_object(), "innerError");
    ASSERT_TRUE(inner && inner->is_object());
    for (const char* name : {"date", "request-id", "client-request-id"}) EXPECT_TRUE(inner->as_object().contains(name)) << name;
    EXPECT_FALSE(response.headers.get("request-id").empty());
}

inline void expect_schema(const json::object& entity, const std::string& type) {
    json::object own;
    for (const auto& [key, value] : entity)
        if (!std::string_view(key).starts_with("@odata.") || key == "@odata.type") own[key] = value;
    for (const auto& problem : GraphSchema::instance().problems(own, type)) ADD_FAILURE() << problem;
}

inline void expect_collection(const json::object& answer, const std::string& type) {
    EXPECT_TRUE(answer.contains("@odata.context"));
    const auto* value = json::find(answer, "value");
    ASSERT_TRUE(value && value->is_array());
    for (const auto& one : value->as_array()) expect_schema(one.as_object(), type);
}

}  // namespace renkei::testing

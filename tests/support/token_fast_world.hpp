#pragma once

#include "tests/support/api_world.hpp"
#include "tests/support/openapi_schema.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace renkei::testing {

inline constexpr std::string_view token_target = "/v1/connections/invoice-mail/token";

/// A world in which one token is read both ways.
class TokenFastTest : public ::testing::Test {
protected:
    TokenFastTest() { world.add_connection("invoice-mail"); }

    struct Read {
        std::string_view method = "GET";
        std::string_view target = token_target;
        std::string authorization{};  ///< empty: the reader's
        std::string_view mailbox{};
        std::string_view address = "192.0.2.7";
    };
    /// The answer's body, or nothing: the request is left to the ordinary way.
    std::optional<std::string> fast(const Read& read) {
        const auto authorization = read.authorization.empty() ? "Bearer " + world.reader : read.authorization;
        std::string body;
        app::FastAnswer answer{.body = body};
        const app::FastRequest request{read.method, read.target, authorization, {}, read.mailbox, core::parse_address(read.address).value(), true};
        if (!world.api->try_fast(request, answer)) {
            EXPECT_EQ(body, "") << "an answer that is not given is not begun";
            return {};
        }
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.content_type, "application/json");
        EXPECT_EQ(answer.route, "/v1/connections/{name}/token");
        for (const auto& problem : OpenApi::document().problems("GET", answer.route, answer.status, answer.content_type, body)) ADD_FAILURE() << problem;
        return body;
    }
    bool is_fast() { return fast({}).has_value(); }
    bool is_fast_with(const std::string& key) { return fast({.authorization = "Bearer " + key}).has_value(); }

    Answer ordinary(std::string key = {}, std::string mailbox = {}, std::string address = "192.0.2.7") {
        Headers headers;
        if (!mailbox.empty()) headers.set("Renkei-Mailbox", std::move(mailbox));
        return world.ask({"GET", std::string(token_target), {}, key.empty() ? world.reader : std::move(key), headers, {}, std::move(address)});
    }
    void warm(const std::string& key = {}) {
        ASSERT_EQ(ordinary(key).status, 200);
        ASSERT_TRUE(is_fast_with(key.empty() ? world.reader : key));
    }
    core::Connection connection() { return run_task(world.store.find_connection(home, a_name("invoice-mail"))).value(); }
    template <class Edit>
    void edit(Edit change) {
        auto row = connection();
        const auto before = row.version++;
        change(row);
        world.commit(home, {app::UpdateConnection{row, before}});
    }
    static std::string token_in(const std::string& body) {
        const auto parsed = json::parse(body);
        if (!parsed || !parsed->is_object()) return "(no JSON)";
        return std::string(json::text(parsed->get_object(), "access_token").value_or("(none)"));
    }

    ApiWorld world;
};

}  // namespace renkei::testing

#pragma once

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "sandbox/login/login.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace renkei::sandbox {

/// A key pair made once for all tests: RSA keys are slow to make.
inline const PrivateKey& test_rsa_key() {
    static const auto key = PrivateKey::make_rsa();
    return key;
}
inline const std::string& test_certificate() {
    static const auto pem = make_certificate({"test"}, test_rsa_key(), {}, test_rsa_key());
    return pem;
}

/// An identity platform with a clock that stands still, and the words to talk to it.
struct LoginWorld {
    explicit LoginWorld(const Cloud& cloud = commercial_cloud()) : world(*clock, random, cloud) {}

    ManualClock manual;
    std::unique_ptr<WorldClock> clock = make_world_clock(manual);
    SystemRandom random;
    World world;
    LoginService login{world, TokenSigner(test_rsa_key(), test_certificate())};

    static constexpr const char* contoso = "c0270500-1a2b-4c3d-8e4f-000000000001";
    static constexpr const char* base = "https://localhost:18443";
    static constexpr const char* redirect = "http://localhost:8400/callback";
    static constexpr const char* alice = "alice@contoso.example";
    static constexpr const char* verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    static constexpr const char* challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";  // RFC 7636 appendix B

    App& app(std::string_view key) { return *world.find_app(key); }
    std::string secret(std::string_view key) { return app(key).secrets.front().value; }

    ServerResponse get(const std::string& target, Headers headers = {}) { return login.handle(make_request(Method::get, target, {}, std::move(headers))); }
    ServerResponse post(const std::string& target, const Fields& form, Headers headers = {}) {
        headers.set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8");
        return login.handle(make_request(Method::post, target, form_encode(form), std::move(headers)));
    }
    ServerResponse token(Fields form, std::string_view segment = contoso, Headers headers = {}) {
        return post("/" + std::string(segment) + "/oauth2/v2.0/token", form, std::move(headers));
    }
    /// Client id and secret of an app in front of other fields.
    Fields as(std::string_view key, Fields more) {
        Fields form{{"client_id", app(key).id}, {"client_secret", secret(key)}};
        form.insert(form.end(), more.begin(), more.end());
        return form;
    }

    Fields authorization(Fields more = {}) {
        Fields fields{
            {"client_id", app("web").id},  {"response_type", "code"},         {"redirect_uri", redirect}, {"scope", "openid profile offline_access User.Read"},
            {"code_challenge", challenge}, {"code_challenge_method", "S256"}, {"login_hint", alice},      {"sandbox_consent", "accept"}};
        for (auto& [name, value] : more) {
            std::erase_if(fields, [&](const auto& field) { return field.first == name; });
            if (value != "-") fields.emplace_back(name, value);
        }
        return fields;
    }
    ServerResponse authorize(Fields more = {}, std::string_view segment = contoso, Headers headers = {}) {
        return get("/" + std::string(segment) + "/oauth2/v2.0/authorize?" + form_encode(authorization(std::move(more))), std::move(headers));
    }
    static Fields redirected(const ServerResponse& response, char mark = '?') {
        const std::string location(response.headers.get("Location"));
        const auto at = location.find(mark);
        return at == std::string::npos ? Fields{} : form_decode(location.substr(at + 1)).value_or(Fields{});
    }
    static std::string field(const Fields& fields, std::string_view name) {
        const auto* value = find_field(fields, name);
        return value ? *value : std::string();
    }
    std::string code(Fields more = {}, std::string_view segment = contoso) { return field(redirected(authorize(std::move(more), segment)), "code"); }
    Fields redemption(const std::string& code, std::string_view key = "web") {
        return as(key, {{"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", redirect}, {"code_verifier", verifier}});
    }
    /// Signs alice in; the JSON of the tokens.
    json::object signed_in(std::string_view key = "web", const std::string& scope = "openid profile offline_access User.Read") {
        return body(token(redemption(code({{"client_id", app(key).id}, {"scope", scope}}), key)));
    }
    ServerResponse refresh(const std::string& refresh_token, std::string_view key = "web", Fields more = {}) {
        Fields form{{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}};
        form.insert(form.end(), more.begin(), more.end());
        return token(as(key, std::move(form)));
    }

    static json::object body(const ServerResponse& response) {
        auto parsed = json::parse(response.body);
        if (!parsed || !parsed->is_object()) {
            ADD_FAILURE() << "no JSON object: " << response.body;
            return {};
        }
        return parsed->get_object();
    }
    static std::string text(const json::object& from, std::string_view name) { return std::string(json::text(from, name).value_or("")); }
};

/// That an answer is this failure, with the whole error body of the platform.
inline void expect_aadsts(const ServerResponse& response, int code, std::string_view error, int status = 400) {
    EXPECT_EQ(response.status, status) << response.body;
    const auto body = LoginWorld::body(response);
    EXPECT_EQ(LoginWorld::text(body, "error"), error);
    EXPECT_TRUE(LoginWorld::text(body, "error_description").starts_with("AADSTS" + std::to_string(code) + ": ")) << response.body;
    const auto* codes = json::find(body, "error_codes");
    ASSERT_TRUE(codes && codes->is_array());
    EXPECT_EQ(codes->get_array(), json::array{code});
    for (const auto* member : {"timestamp", "trace_id", "correlation_id", "error_uri"}) EXPECT_FALSE(LoginWorld::text(body, member).empty()) << member;
}

/// That a redirect carries this failure.
inline void expect_redirected(const ServerResponse& response, int code, std::string_view error) {
    EXPECT_EQ(response.status, 302) << response.body;
    const auto fields = LoginWorld::redirected(response);
    EXPECT_EQ(LoginWorld::field(fields, "error"), error);
    EXPECT_TRUE(LoginWorld::field(fields, "error_description").starts_with("AADSTS" + std::to_string(code) + ": "))
        << LoginWorld::field(fields, "error_description");
    EXPECT_TRUE(LoginWorld::field(fields, "code").empty());
}

/// That a page shows this failure and nothing is redirected.
inline void expect_page(const ServerResponse& response, int code) {
    EXPECT_FALSE(response.headers.has("Location"));
    EXPECT_TRUE(response.headers.get("Content-Type").starts_with("text/html"));
    EXPECT_NE(response.body.find("AADSTS" + std::to_string(code) + ":"), std::string::npos) << response.body;
}

}  // namespace renkei::sandbox

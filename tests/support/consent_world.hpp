#pragma once

#include "app/consent_requests.hpp"
#include "base/uri.hpp"
#include "tests/support/browser.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {

inline constexpr std::string_view guid = "8f1c6e0a-0000-4000-8000-000000000001";
inline constexpr std::string_view other_guid = "8f1c6e0a-0000-4000-8000-000000000002";
inline constexpr std::string_view callback = "/provisioning_/callback/microsoft";

/// Sign-ins that an administrator must approve, by the browsers of a person and of an administrator.
class ConsentRequests : public ::testing::Test {
protected:
    ConsentRequests() {
        world.catalog.tenanted.clouds.front().admin_consent_endpoint = "https://login.example/{tenant}/v2.0/adminconsent";
        make_app("app", guid);
        make_connection("taro-mail", "app");
    }
    void make_app(std::string_view name, std::string_view tenant) {
        const auto made = world.post("/v1/registrations", R"({"name":")" + std::string(name) + R"(","connector":"microsoft","tenant":")" + std::string(tenant) +
                                                              R"(","client_id":"client","client_secret":"s3cret"})");
        ASSERT_EQ(made.status, 201) << made.body;
    }
    void make_connection(std::string_view name, std::string_view app) {
        const auto made = world.post("/v1/connections", R"({"name":")" + std::string(name) + R"(","registration":")" + std::string(app) +
                                                            R"(","mode":"authorization_code","mailbox":"taro@acme.example","scopes":["Mail.Read"]})");
        ASSERT_EQ(made.status, 201) << made.body;
    }
    static std::string path_of(std::string_view url) {
        constexpr std::string_view ours = "https://renkei.example";
        return url.starts_with(ours) ? std::string(url.substr(ours.size())) : "not ours: " + std::string(url);
    }
    static Fields query_of(std::string_view url) { return form_decode(Uri::parse(url).value().query).value(); }
    static std::string state_of(std::string_view url) { return *find_field(query_of(url), "state"); }
    /// The person's sign-in up to the provider; gives the state.
    std::string begin(Browser& browser, const std::string& connection = "taro-mail") {
        const auto link = path_of(world.post("/v1/connections/" + connection + "/link", "{}").text("url"));
        return state_of(browser.post(link, {}).headers.get("Location"));
    }
    /// A sign-in that needs an approval; gives the page on which the person waits.
    std::string refused(Browser& browser, const std::string& error = "error=access_denied&error_description=AADSTS90094%3A+hanako") {
        const auto answer = browser.get(std::string(callback) + "?" + error + "&state=" + begin(browser));
        return answer.status == 303 ? path_of(answer.headers.get("Location")) : std::to_string(answer.status) + answer.body;
    }
    static std::string link_of(const std::string& wait) { return wait.substr(0, wait.rfind("/wait")); }
    /// The administrator goes to the provider; gives the address there.
    std::string approve_at(Browser& by, const std::string& wait) { return std::string(by.post(link_of(wait), {}).headers.get("Location")); }
    Answer answer(Browser& by, const std::string& address, std::string_view tenant = guid) {
        return by.get(std::string(callback) + "?admin_consent=True&tenant=" + std::string(tenant) + "&state=" + percent_encode(state_of(address)));
    }
    json::object newest() { return world.get("/v1/consent-requests").json.at("items").at(0).get_object(); }
    std::string state() { return std::string(json::text(newest(), "state").value_or("")); }

    ApiWorld world;
    Browser person{world}, admin{world, "192.0.2.9"};
};

}  // namespace renkei::testing

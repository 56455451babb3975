#pragma once

#include "tests/support/browser.hpp"

#include "base/uri.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace renkei::testing {

using core::Action;
using core::Role;

inline constexpr std::string_view taro_mail = "taro@acme.example";

/// A user-specific connection, Taro who connects his own account below it, and a robot that would like to use it.
class ManagedConnections : public ::testing::Test {
protected:
    ManagedConnections() {
        hanako = add_member(world, 1, "hanako@acme.example", {Role::administrator});
        taro = add_member(world, 2, std::string(taro_mail), {Role::user});
        auto registration = *run_task(world.store.find_registration(home, a_registration().id));
        registration.tenant = "tenant-1";
        const auto before = registration.version++;
        world.commit(home, {app::UpdateRegistration{registration, before}});
        const auto made =
            world.post("/v1/connections", R"({"name":"outlook","registration":"microsoft-app","mode":"authorization_code","token_type":"user_specific",
            "scopes":["Mail.Read","Mail.Send"],"fence":{"mailboxes":["team@acme.example"]}})");
        EXPECT_EQ(made.status, 201) << made.body;
        robot = world.add_key("robot", {Action::mail_read, Action::mail_send, Action::tokens_read});
        browser.sign_in(taro_mail, usual_password);
    }

    /// Taro signs in at the provider as `account`; gives the page at the end.
    Answer connect(Browser& with, std::string account = std::string(taro_mail), std::string subject = "oid-taro", std::string tenant = "tenant-1") {
        const auto sent = with.submit("/my/connections/outlook", "/my/connections/outlook/connect", {});
        if (sent.status != 303) return sent;
        const auto back = world.provider.consent(std::string(sent.headers.get("Location")), {std::move(subject), std::move(tenant), std::move(account)});
        return with.get("/provisioning_/callback/microsoft?" + form_encode(back));
    }
    Answer lend(std::string key = "robot", Fields actions = {{"action", "mail:read"}}, std::string until = {}) {
        Fields fields{{"key", std::move(key)}, {"until", std::move(until)}};
        fields.insert(fields.end(), actions.begin(), actions.end());
        return browser.submit("/my/connections/outlook", "/my/connections/outlook/lend", std::move(fields));
    }
    /// The robot reads mail as somebody.
    Answer read(std::string act_as = std::string(taro_mail), std::string mailbox = {}, std::string connection = "outlook") {
        Ask ask{"GET", "/v1/mail/messages", {}, robot};
        ask.headers.set("Renkei-Connection", std::move(connection));
        if (!act_as.empty()) ask.headers.set("Renkei-Act-As", std::move(act_as));
        if (!mailbox.empty()) ask.headers.set("Renkei-Mailbox", std::move(mailbox));
        return world.ask(std::move(ask));
    }
    core::Connection offered() { return *run_task(world.store.find_connection(home, a_name("outlook"))); }
    Result<core::Connection> taros() { return run_task(world.store.find_connection_of_person(home, offered().id, taro.id)); }
    std::vector<core::Permission> permissions() { return *run_task(world.store.permissions_of(home, offered().id)); }
    void given_taro_is_connected() { EXPECT_EQ(connect(browser).status, 200); }

    ApiWorld world;
    core::Person hanako, taro;
    std::string robot;
    Browser browser{world};
};

}  // namespace renkei::testing

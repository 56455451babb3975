#pragma once

#include "tests/support/browser.hpp"
#include "tests/support/certificates.hpp"

#include <algorithm>
#include <string>

namespace renkei::testing {

/// A workspace with an administrator, a builder, a user and an auditor, and a connector that offers every kind of sign-in.
struct FormWorld {
    FormWorld() {
        using core::Role;
        auto& connector = world.catalog.tenanted;
        connector.modes = {"client_credentials", "authorization_code", "device_code"};
        connector.client_auth = {"client_secret_post", "none", "client_certificate"};
        connector.clouds.front().title_en = "Everywhere";
        connector.clouds.front().title_ja = "全世界";
        auto second = connector.clouds.front();
        second.key = "second";
        second.title_en = "Second";
        second.title_ja = "第二";
        connector.clouds.push_back(second);
        connector.action_scopes = {{"connect", {"openid", "offline_access", "Mail.Read"}, {"Mail.Read", "User.Read.All"}, {"Mail.Read", "User.Read"}},
                                   {"mail:read", {"Mail.Read"}, {"Mail.Read"}, {}},
                                   {"mail:send", {"Mail.Send"}, {"Mail.Send"}, {}}};
        world.catalog.generic.modes = connector.modes;
        world.catalog.generic.client_auth = {"client_secret_basic", "none"};
        world.catalog.generic.account_required = false;
        add_member(world, 1, "hanako@acme.example", {Role::administrator});
        add_member(world, 2, "taro@acme.example", {Role::builder});
        add_member(world, 3, "jiro@acme.example", {Role::user});
        add_member(world, 4, "yuki@acme.example", {Role::auditor});
        add_member(world, 6, "abroad@other.example", {Role::administrator}, elsewhere);
        browser.sign_in("hanako@acme.example", usual_password);
    }

    static std::string address(std::string_view kind, std::string_view connector = "microsoft") {
        return "/connections/new/" + std::string(kind) + "?connector=" + std::string(connector);
    }
    Headers in(std::string_view language) const { return {{"Origin", "https://renkei.example"}, {"Accept-Language", std::string(language)}}; }
    /// A form that is right, with changes; an empty value of a change takes the field away.
    Fields filled(Fields changes = {}) {
        Fields fields{{"name", "new-mail"}, {"mailbox", "invoice@acme.example"}, {"client_id", "client"}, {"tenant", "tenant-1"}, {"cloud", "global"}};
        for (auto& [name, value] : changes) {
            std::erase_if(fields, [&](const auto& field) { return field.first == name; });
            if (!value.empty()) fields.emplace_back(name, value);
        }
        return fields;
    }
    Answer send(std::string_view kind, Fields fields, Fields files = {}, std::string_view language = "en", std::string_view connector = "microsoft") {
        const auto at = address(kind, connector);
        fields.emplace_back("form", form_token_in(browser.get(at).body));
        return browser.upload(at, fields, files, in(language));
    }
    bool has_connection(std::string_view name) { return run_task(world.store.find_connection(home, a_name(name))).has_value(); }
    core::Connection connection(std::string_view name) { return run_task(world.store.find_connection(home, a_name(name))).value(); }
    core::ClientRegistration app(std::string_view name) { return run_task(world.store.find_registration_by_name(home, a_name(name))).value(); }
    std::size_t apps() { return run_task(world.store.list_registrations(home, {{}, 500}))->items.size(); }
    long audited(std::string_view action) { return std::ranges::count(world.store.audit(home), action, &core::AuditRow::action); }

    ApiWorld world;
    Browser browser{world};
};

inline bool holds(const Answer& answer, std::string_view text) { return answer.body.find(text) != std::string::npos; }

}  // namespace renkei::testing

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "sandbox/control/control.hpp"
#include "sandbox/login/conditions.hpp"

#include <algorithm>
#include <functional>

namespace renkei::sandbox {
namespace {

// Changes are collected first and made together, so that a mistake changes nothing.
using Changes = std::vector<std::function<void()>>;

std::unexpected<Error> unknown_member(std::string_view name) {
    return std::unexpected(Error{Errc::unknown_field, "there is no such switch", {{"field", std::string(name)}}});
}

Result<void> take_bool(const json::value& value, std::string_view name, bool& target, Changes& changes) {
    if (!value.is_bool()) return bad_field(name, "must be true or false");
    changes.push_back([&target, on = value.get_bool()] { target = on; });
    return {};
}

Result<void> take_seconds(const json::value& value, std::string_view name, std::chrono::seconds& target, Changes& changes) {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > 100'000'000) return bad_field(name, "must be a whole number of seconds");
    changes.push_back([&target, seconds = std::chrono::seconds(value.get_int64())] { target = seconds; });
    return {};
}

Result<std::vector<std::string>> take_texts(const json::value& value, std::string_view name) {
    if (!value.is_array()) return bad_field(name, "must be an array of strings");
    std::vector<std::string> texts;
    for (const auto& one : value.get_array()) {
        if (!one.is_string()) return bad_field(name, "must be an array of strings");
        texts.emplace_back(json::view(one.get_string()));
    }
    return texts;
}

// A list of people as object ids.
Result<std::vector<std::string>> take_people(World& world, const json::value& value, std::string_view name) {
    auto texts = take_texts(value, name);
    if (!texts) return texts;
    for (auto& one : *texts) {
        const auto* user = world.find_user(one);
        if (!user) return bad_field(name, "there is no user `" + one + "`");
        one = user->id;
    }
    return texts;
}

// A number of the error catalogue that Conditional Access answers with; 0 lifts it.
Result<void> take_condition(World& world, const json::value& value, int& code, std::uint64_t& set, Changes& changes) {
    const auto number = value.is_int64() ? value.get_int64() : -1;
    if (number != 0 && (number < 0 || number > 10'000'000 || !is_condition(static_cast<int>(number))))
        return bad_field("condition", "must be 0 or a number of a demand (50076, 50079, 50158 …) or a block (53000 to 53004, 530032 …)");
    changes.push_back([&world, &code, &set, number] {
        code = static_cast<int>(number);
        set = ++world.tokens().conditions;
    });
    return {};
}

struct AppTexts {
    std::string_view name;
    std::vector<std::string> App::* member;
    bool people;
};
constexpr AppTexts app_texts[] = {{"roles", &App::roles, false},
                                  {"redirects", &App::redirects, false},
                                  {"spa_redirects", &App::spa_redirects, false},
                                  {"registered_roles", &App::registered_roles, false},
                                  {"registered_scopes", &App::registered_scopes, false},
                                  {"assigned", &App::assigned, true},
                                  {"exchange_roles", &App::exchange_roles, false},
                                  {"exchange_mailboxes", &App::exchange_mailboxes, true}};

Result<void> take_app_texts(World& world, const json::value& value, const std::string& name, App& app, Changes& changes) {
    if (name == "mailboxes" && value.is_null()) {
        changes.push_back([&app] { app.mailboxes.reset(); });
        return {};
    }
    const auto* row = std::ranges::find(app_texts, std::string_view(name), &AppTexts::name);
    const bool listed = row != std::end(app_texts);
    if (!listed && name != "secrets" && name != "mailboxes") return unknown_member(name);
    auto texts = name == "mailboxes" || (listed && row->people) ? take_people(world, value, name) : take_texts(value, name);
    if (!texts) return propagate(texts);
    changes.push_back([&app, name, row, listed, texts = std::move(*texts)] {
        if (listed) {
            app.*(row->member) = texts;
        } else if (name == "mailboxes") {
            app.mailboxes = texts;
        } else {
            // The live secrets become these; those before are gone.
            app.secrets.clear();
            for (const auto& text : texts) app.secrets.push_back({text});
        }
    });
    return {};
}

struct AppFlag {
    std::string_view name;
    bool App::* member;
};
constexpr AppFlag app_flags[] = {{"strict_rotation", &App::strict_rotation},
                                 {"consent_required", &App::consent_required},
                                 {"enabled", &App::enabled},
                                 {"multi_tenant", &App::multi_tenant},
                                 {"deleted", &App::deleted},
                                 {"assignment_required", &App::assignment_required},
                                 {"public_client", &App::public_client}};

Result<void> take_app(World& world, const std::string& key, const json::object& from, Changes& changes) {
    auto* app = world.find_app(key);
    if (!app) return bad_field("apps." + key, "there is no such app");
    for (const auto& entry : from) {
        const std::string name(entry.key());
        const auto* flag = std::ranges::find(app_flags, std::string_view(name), &AppFlag::name);
        Result<void> taken;
        if (flag != std::end(app_flags))
            taken = take_bool(entry.value(), name, app->*(flag->member), changes);
        else if (name == "condition")
            taken = take_condition(world, entry.value(), app->condition, app->condition_set, changes);
        else if (name == "sign_in_frequency")
            taken = take_seconds(entry.value(), name, app->sign_in_frequency, changes);
        else if (name == "secret_expires_in") {
            if (!entry.value().is_int64()) return bad_field(name, "must be a whole number of seconds, 0 for at once");
            changes.push_back([&world, app, seconds = entry.value().get_int64()] {
                for (auto& secret : app->secrets) secret.expires = world.now() + std::chrono::seconds(seconds);
            });
        } else
            taken = take_app_texts(world, entry.value(), name, *app, changes);
        if (!taken) return taken;
    }
    return {};
}

SandboxUser* find_even_deleted(World& world, std::string_view who) {
    for (auto& user : world.users())
        if (user.deleted && (equal_ignoring_case(user.id, who) || equal_ignoring_case(user.upn, who))) return &user;
    return world.find_user(who);
}

Result<void> take_user(World& world, const std::string& who, const json::object& from, Changes& changes) {
    auto* user = find_even_deleted(world, who);
    if (!user) return bad_field("users." + who, "there is no such user");
    struct Flag {
        std::string_view name;
        bool SandboxUser::* member;
    };
    static constexpr Flag flags[] = {
        {"enabled", &SandboxUser::enabled}, {"mailbox", &SandboxUser::mailbox}, {"admin", &SandboxUser::admin}, {"deleted", &SandboxUser::deleted}};
    for (const auto& entry : from) {
        const std::string name(entry.key());
        const auto* flag = std::ranges::find(flags, std::string_view(name), &Flag::name);
        Result<void> taken;
        if (flag != std::end(flags))
            taken = take_bool(entry.value(), name, user->*(flag->member), changes);
        else if (name == "condition")
            taken = take_condition(world, entry.value(), user->condition, user->condition_set, changes);
        else if (name == "password" && entry.value().is_string())
            changes.push_back([user, text = std::string(json::view(entry.value().get_string()))] { user->password = text; });
        else
            return unknown_member(name);
        if (!taken) return taken;
    }
    return {};
}

Result<void> take_tenant(World& world, const std::string& which, const json::object& from, Changes& changes) {
    const auto found = std::ranges::find(world.tenants(), world.find_tenant(which), [](const Tenant& one) { return &one; });
    if (found == world.tenants().end()) return bad_field("tenants." + which, "there is no such tenant");
    for (const auto& entry : from) {
        if (entry.key() != "user_consent") return unknown_member(entry.key());
        constexpr std::string_view words[] = {"all", "standard", "none"};
        const auto word = entry.value().is_string() ? json::view(entry.value().get_string()) : std::string_view();
        const auto* at = std::ranges::find(words, word);
        if (at == std::end(words)) return bad_field("user_consent", "must be all, standard or none");
        changes.push_back([&tenant = *found, kind = static_cast<UserConsent>(at - words)] { tenant.user_consent = kind; });
    }
    return {};
}

Result<void> take_each(World& world, const json::value& value, std::string_view name, Changes& changes,
                       Result<void> (*take)(World&, const std::string&, const json::object&, Changes&)) {
    if (!value.is_object()) return bad_field(name, "must be an object");
    for (const auto& entry : value.get_object()) {
        if (!entry.value().is_object()) return bad_field(std::string(entry.key()), "must be an object");
        if (auto taken = take(world, std::string(entry.key()), entry.value().get_object(), changes); !taken) return taken;
    }
    return {};
}

Result<void> take_global(World& world, const std::string& name, const json::value& value, Changes& changes) {
    auto& switches = world.switches();
    if (name == "strict_rotation") return take_bool(value, name, switches.strict_rotation, changes);
    if (name == "single_use_assertions") return take_bool(value, name, switches.single_use_assertions, changes);
    if (name == "access_token_lifetime") return take_seconds(value, name, switches.access_token_lifetime, changes);
    if (name == "refresh_token_lifetime") return take_seconds(value, name, switches.refresh_token_lifetime, changes);
    if (name == "code_lifetime") return take_seconds(value, name, switches.code_lifetime, changes);
    if (name == "device_code_lifetime") return take_seconds(value, name, switches.device_code_lifetime, changes);
    if (name == "device_slow_down") return take_bool(value, name, switches.device_slow_down, changes);
    if (name == "device_interval") return take_seconds(value, name, switches.device_interval, changes);
    if (name == "apps") return take_each(world, value, name, changes, take_app);
    if (name == "users") return take_each(world, value, name, changes, take_user);
    if (name == "tenants") return take_each(world, value, name, changes, take_tenant);
    return unknown_member(name);
}

}  // namespace

Result<void> apply_switches(World& world, std::string_view json_text) {
    const auto parsed = json::parse(json_text);
    if (!parsed) return std::unexpected(parsed.error());
    if (!parsed->is_object()) return fail(Errc::bad_request, "the body must be a JSON object");
    Changes changes;
    for (const auto& entry : parsed->get_object())
        if (auto taken = take_global(world, std::string(entry.key()), entry.value(), changes); !taken) return taken;
    for (const auto& change : changes) change();
    return {};
}

}  // namespace renkei::sandbox

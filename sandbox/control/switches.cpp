#include "base/encoding.hpp"
#include "base/json.hpp"
#include "sandbox/control/control.hpp"

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

Result<void> take_app_texts(const json::value& value, const std::string& name, App& app, Changes& changes) {
    if (name == "secrets") {
        // The live secrets become these; those before are gone.
        auto texts = take_texts(value, name);
        if (!texts) return propagate(texts);
        changes.push_back([&app, texts = std::move(*texts)] {
            app.secrets.clear();
            for (const auto& text : texts) app.secrets.push_back({text});
        });
        return {};
    }
    if (name != "roles" && name != "redirects") return unknown_member(name);
    auto texts = take_texts(value, name);
    if (!texts) return propagate(texts);
    auto& target = name == "roles" ? app.roles : app.redirects;
    changes.push_back([&target, texts = std::move(*texts)] { target = texts; });
    return {};
}

Result<void> take_app(World& world, const std::string& key, const json::object& from, Changes& changes) {
    auto* app = world.find_app(key);
    if (!app) return bad_field("apps." + key, "there is no such app");
    for (const auto& entry : from) {
        const std::string name(entry.key());
        Result<void> taken;
        if (name == "strict_rotation")
            taken = take_bool(entry.value(), name, app->strict_rotation, changes);
        else if (name == "consent_required")
            taken = take_bool(entry.value(), name, app->consent_required, changes);
        else if (name == "enabled")
            taken = take_bool(entry.value(), name, app->enabled, changes);
        else if (name == "multi_tenant")
            taken = take_bool(entry.value(), name, app->multi_tenant, changes);
        else if (name == "secret_expires_in") {
            std::int64_t seconds = 0;
            if (!entry.value().is_int64()) return bad_field(name, "must be a whole number of seconds, 0 for at once");
            seconds = entry.value().get_int64();
            changes.push_back([&world, app, seconds] {
                for (auto& secret : app->secrets) secret.expires = world.now() + std::chrono::seconds(seconds);
            });
        } else
            taken = take_app_texts(entry.value(), name, *app, changes);
        if (!taken) return taken;
    }
    return {};
}

Result<void> take_user(World& world, const std::string& who, const json::object& from, Changes& changes) {
    auto* user = world.find_user(who);
    if (!user) return bad_field("users." + who, "there is no such user");
    for (const auto& entry : from) {
        const std::string name(entry.key());
        Result<void> taken;
        if (name == "enabled")
            taken = take_bool(entry.value(), name, user->enabled, changes);
        else if (name == "mailbox")
            taken = take_bool(entry.value(), name, user->mailbox, changes);
        else if (name == "password" && entry.value().is_string())
            changes.push_back([user, text = std::string(json::view(entry.value().get_string()))] { user->password = text; });
        else
            return unknown_member(name);
        if (!taken) return taken;
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
    if (name == "access_token_lifetime") return take_seconds(value, name, switches.access_token_lifetime, changes);
    if (name == "refresh_token_lifetime") return take_seconds(value, name, switches.refresh_token_lifetime, changes);
    if (name == "code_lifetime") return take_seconds(value, name, switches.code_lifetime, changes);
    if (name == "device_code_lifetime") return take_seconds(value, name, switches.device_code_lifetime, changes);
    if (name == "device_interval") return take_seconds(value, name, switches.device_interval, changes);
    if (name == "apps") return take_each(world, value, name, changes, take_app);
    if (name == "users") return take_each(world, value, name, changes, take_user);
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

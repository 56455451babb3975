#include "sandbox/vaults/key_vault.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "sandbox/vaults/key_vault_audience.hpp"

#include <algorithm>

namespace renkei::sandbox {
namespace {

std::string version_id(int number) { return "4387e9f3d6e14c459867679a90fd0f7" + std::to_string(number); }

}  // namespace

void KeyVaultService::reset() {
    const auto now = world_.now();
    constexpr std::chrono::hours day{24};
    secrets_.clear();
    secrets_["web"] = {{version_id(1), R"({"client_id":"0a000000-0000-4000-8000-000000000001","client_secret":"web~Secret-of.the_Sandbox-1"})"}};
    secrets_["daemon"] = {{version_id(1), "daemon~Old-secret-3"}, {version_id(2), "daemon~Secret-of.the_Sandbox-3", {}, true, std::nullopt, now + 90 * day}};
    secrets_["disabled"] = {{version_id(1), "not-in-use", {}, false}};
    secrets_["early"] = {{version_id(1), "not-yet", {}, true, now + day, std::nullopt}};
    secrets_["late"] = {{version_id(1), "no-longer", {}, true, std::nullopt, now - day}};
    // https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate: the secret behind a
    // certificate is its PFX in Base64 or its PEM, by contentType. This one is a text of that form, and no certificate.
    secrets_["client-certificate"] = {{version_id(1), "MIIKAgIBAzCCCb4GCSqGSIb3DQEHAaCCCa8E", "application/x-pkcs12"}};
}

// https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses#error-responses
ServerResponse KeyVaultService::error(int status, std::string_view code, const std::string& message, std::string_view inner) {
    json::object error{{"code", json::view(code)}, {"message", message}};
    if (!inner.empty()) error["innererror"] = json::object{{"code", json::view(inner)}};
    return json_response(status, json::serialize(json::object{{"error", std::move(error)}}));
}

ServerResponse KeyVaultService::vendor_error(int status, const ServerRequest&) {
    switch (status) {
        case 401: return error(status, "Unauthorized", "AKV10022: Invalid audience.");
        case 403: return error(status, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac");
        case 404: return error(status, "SecretNotFound", "A secret with this name was not found in this key vault.");
        case 429: return error(status, "Throttled", "Request was not processed because too many requests were received.");
        default: return error(status, "InternalServerError", "An unexpected error occurred.");
    }
}

// Without a token that counts: 401 with the authority to ask
// (https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses#authentication).
std::optional<ServerResponse> KeyVaultService::refuse_caller(const ServerRequest& request) {
    const auto text = request.authorization ? request.authorization->expose() : std::string_view();
    const auto unauthorized = [&](const char* message) {
        auto response = error(401, "Unauthorized", message);
        response.headers.set("WWW-Authenticate", "Bearer authorization=\"https://" + std::string(world_.cloud().login_host) + "/" +
                                                     world_.tenants().front().id + "\", resource=\"" + key_vault_audience(world_.cloud()) + "\"");
        return response;
    };
    if (!text.starts_with("Bearer ")) return unauthorized("AKV10000: Request is missing a Bearer or PoP token.");
    const auto facts = world_.check_access_token(text.substr(7));
    if (!facts) return unauthorized("AKV10046: Unable to validate the token.");
    if (facts->audience != key_vault_audience(world_.cloud())) return unauthorized("AKV10022: Invalid audience.");
    const auto* app = world_.find_app(facts->app);
    if (app == nullptr || app->key != allowed_app) return vendor_error(403, request);
    return std::nullopt;
}

ServerResponse KeyVaultService::handle(ServerRequest request) {
    if (const auto* version = find_field(request.query, "api-version"); version == nullptr || version->empty())
        return error(400, "BadParameter", "api-version must be specified");
    if (auto refusal = refuse_caller(request)) return std::move(*refusal);
    // Its own clients end the path with a slash where they ask for the newest version.
    auto parts = split(request.path, '/');
    if (parts.size() == 4 && parts.back().empty()) parts.pop_back();
    if (parts.size() < 3 || parts.size() > 4 || parts[1] != "secrets") return error(404, "BadParameter", "there is no such object type");
    const std::string name(parts[2]), version(parts.size() == 4 ? parts[3] : std::string_view());
    if (request.method == Method::get) return get(request, name, version);
    if (request.method == Method::put && version.empty()) return set(request, name);
    return error(405, "MethodNotAllowed", "the method is not allowed");
}

ServerResponse KeyVaultService::shown(const ServerRequest& request, const std::string& name, const Version& version) const {
    const auto seconds = [](TimePoint at) { return to_millis(at) / 1000; };
    json::object attributes{
        {"enabled", version.enabled}, {"created", 1493938410}, {"updated", 1493938410}, {"recoveryLevel", "Recoverable+Purgeable"}, {"recoverableDays", 90}};
    if (version.not_before) attributes["nbf"] = seconds(*version.not_before);
    if (version.expires) attributes["exp"] = seconds(*version.expires);
    json::object bundle{{"value", version.value}, {"id", base_address(request) + "/secrets/" + name + "/" + version.id}, {"attributes", attributes}};
    if (!version.content_type.empty()) bundle["contentType"] = version.content_type;
    return json_response(200, json::serialize(bundle));
}

ServerResponse KeyVaultService::get(const ServerRequest& request, const std::string& name, const std::string& asked) {
    const auto found = secrets_.find(lower_ascii(name));
    const auto missing = [&] {
        return error(404, "SecretNotFound",
                     "A secret with (name/id) " + name +
                         " was not found in this key vault. If you recently deleted this secret you may be able to recover it "
                         "using the correct recovery command.");
    };
    if (found == secrets_.end()) return missing();
    const auto& versions = found->second;
    const auto version = asked.empty() ? std::prev(versions.end()) : std::ranges::find_if(versions, [&](const Version& one) { return one.id == asked; });
    if (version == versions.end()) return missing();
    // A disabled secret cannot be got; one outside of nbf and exp can
    // (https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations).
    if (!version->enabled) return error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
    return shown(request, name, *version);
}

ServerResponse KeyVaultService::set(const ServerRequest& request, const std::string& name) {
    const auto parsed = json::parse(request.body);
    const auto value = parsed && parsed->is_object() ? json::text(parsed->get_object(), "value") : std::nullopt;
    if (!value) return error(400, "BadParameter", "Property value is required");
    auto& versions = secrets_[lower_ascii(name)];
    versions.push_back({to_hex(as_bytes(world_.random().text(12))), std::string(*value)});
    return shown(request, name, versions.back());
}

}  // namespace renkei::sandbox

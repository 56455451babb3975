#include "sandbox/vaults/hashicorp.hpp"

#include "base/encoding.hpp"

#include <charconv>

namespace renkei::sandbox {
namespace {

std::string bearer_of(const ServerRequest& request) {
    if (const auto token = request.headers.get("X-Vault-Token"); !token.empty()) return std::string(token);
    const auto text = request.authorization ? request.authorization->expose() : std::string_view();
    return text.starts_with("Bearer ") ? std::string(text.substr(7)) : std::string();
}

std::optional<json::object> body_of(const ServerRequest& request) {
    auto parsed = json::parse(request.body);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return std::move(parsed->get_object());
}

std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

// What every answer is wrapped in (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#sample-response-1).
ServerResponse wrapped(int status, json::value data, json::value auth, World& world) {
    return json_response(status, json::serialize(json::object{{"request_id", world.new_guid()},
                                                              {"lease_id", ""},
                                                              {"renewable", false},
                                                              {"lease_duration", 0},
                                                              {"data", std::move(data)},
                                                              {"wrap_info", nullptr},
                                                              {"warnings", nullptr},
                                                              {"auth", std::move(auth)}}));
}

ServerResponse no_content() {
    ServerResponse response;
    response.status = 204;
    return response;
}

}  // namespace

void HashicorpService::reset() {
    sealed_ = false;
    tokens_ = {{root_token, {true}}, {reader_token, {}}};
    secrets_.clear();
    put("renkei/web", {{"client_id", "0a000000-0000-4000-8000-000000000001"}, {"client_secret", "web~Secret-of.the_Sandbox-1"}});
    put("renkei/daemon", {{"client_secret", "daemon~Old-secret-3"}});
    put("renkei/daemon", {{"client_secret", "daemon~Secret-of.the_Sandbox-3"}});
    put("renkei/日本 語", {{"client_secret", "single~Secret-of.the_Sandbox-5"}});
    put("renkei/deleted", {{"client_secret", "gone-soft"}});
    secrets_["renkei/deleted"].back().deleted = world_.now();
    put("renkei/destroyed", {{"client_secret", "gone-hard"}});
    secrets_["renkei/destroyed"].back().destroyed = true;
    put("forbidden/web", {{"client_secret", "not-for-renkei"}});
}

void HashicorpService::put(const std::string& path, json::object data) { secrets_[path].push_back({std::move(data), world_.now()}); }

// https://developer.hashicorp.com/vault/api-docs#error-response
ServerResponse HashicorpService::errors(int status, std::vector<std::string> texts) {
    json::array list;
    for (auto& text : texts) list.emplace_back(text);
    return json_response(status, json::serialize(json::object{{"errors", std::move(list)}}));
}

ServerResponse HashicorpService::vendor_error(int status, const ServerRequest&) {
    switch (status) {
        case 403: return errors(status, {"1 error occurred:\n\t* permission denied\n\n"});
        case 404: return errors(status, {});
        case 503: return errors(status, {"Vault is sealed"});
        default: return errors(status, {"internal error"});
    }
}

std::optional<HashicorpService::Token> HashicorpService::token_of(const ServerRequest& request) const {
    const auto found = tokens_.find(bearer_of(request));
    if (found == tokens_.end() || found->second.until <= world_.now()) return std::nullopt;
    return found->second;
}

ServerResponse HashicorpService::handle(ServerRequest request) {
    const auto path = percent_decode(request.path).value_or("");
    const std::string_view at(path);
    if (!at.starts_with("/v1/")) return errors(404, {});
    if (at.starts_with("/v1/sys/")) return system(request, at.substr(8));
    // Everything but a few parts of /sys answers so (https://developer.hashicorp.com/vault/docs/concepts/seal).
    if (sealed_) return vendor_error(503, request);
    if (at == "/v1/auth/approle/login" && request.method == Method::post) return log_in(request);
    const auto token = token_of(request);
    // An unknown token and one that may not: the same status.
    if (!token) return errors(403, {"2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"});
    if (at == "/v1/auth/token/revoke" && token->root) return revoke(request);
    if (at.starts_with("/v1/secret/")) return secret(request, at.substr(11), *token);
    return errors(404, {"no handler for route \"" + path.substr(4) + "\". route entry not found."});
}

ServerResponse HashicorpService::system(const ServerRequest& request, std::string_view what) {
    const json::object status{{"type", "shamir"}, {"initialized", true}, {"sealed", sealed_}, {"t", 1}, {"n", 1}, {"progress", sealed_ ? 0 : 0}};
    if (what == "seal-status" && request.method == Method::get) return json_response(200, json::serialize(status));
    // https://developer.hashicorp.com/vault/api-docs/system/health: the status tells the state.
    if (what == "health" && request.method == Method::get)
        return json_response(sealed_ ? 503 : 200, json::serialize(json::object{{"initialized", true}, {"sealed", sealed_}, {"standby", sealed_}}));
    if (what == "seal" && request.method == Method::put) {
        const auto token = token_of(request);
        if (!token || !token->root) return vendor_error(403, request);
        sealed_ = true;
        return no_content();
    }
    if (what == "unseal" && request.method == Method::put) {
        const auto body = body_of(request);
        if (!body || json::text(*body, "key") != std::string_view(unseal_key)) return errors(400, {"unseal failed, invalid key"});
        sealed_ = false;
        return json_response(200, json::serialize(json::object{{"sealed", false}, {"t", 1}, {"n", 1}, {"progress", 0}}));
    }
    return errors(404, {});
}

// https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle
ServerResponse HashicorpService::log_in(const ServerRequest& request) {
    const auto body = body_of(request);
    if (!body) return errors(400, {"failed to parse JSON input"});
    if (json::text(*body, "role_id") != std::string_view(role_id) || json::text(*body, "secret_id") != std::string_view(secret_id))
        return errors(400, {"invalid role or secret ID"});
    const auto token = "hvs." + world_.random().text(60);
    tokens_[token] = {false, world_.now() + role_token_ttl};
    const json::object auth{{"client_token", token},
                            {"accessor", world_.random().text(18)},
                            {"policies", json::array{"default", "renkei"}},
                            {"token_policies", json::array{"default", "renkei"}},
                            {"metadata", json::object{{"role_name", "renkei"}}},
                            {"lease_duration", role_token_ttl.count()},
                            {"renewable", true},
                            {"token_type", "service"},
                            {"orphan", true},
                            {"mfa_requirement", nullptr},
                            {"num_uses", 0}};
    return wrapped(200, nullptr, auth, world_);
}

ServerResponse HashicorpService::revoke(const ServerRequest& request) {
    const auto body = body_of(request);
    const auto token = body ? json::text(*body, "token") : std::nullopt;
    if (!token) return errors(400, {"missing token"});
    // "*" is the sandbox's own: every token that AppRole gave.
    if (*token == "*")
        std::erase_if(tokens_, [](const auto& entry) { return entry.first != root_token && entry.first != reader_token; });
    else
        tokens_.erase(std::string(*token));
    return no_content();
}

ServerResponse HashicorpService::secret(const ServerRequest& request, std::string_view engine_path, const Token& token) {
    const auto slash = engine_path.find('/');
    if (slash == engine_path.npos || slash + 1 == engine_path.size()) return errors(404, {});
    const auto kind = engine_path.substr(0, slash);
    const std::string path(engine_path.substr(slash + 1));
    if (!token.root && (path.starts_with("forbidden/") || request.method != Method::get)) return vendor_error(403, request);
    if (kind == "data" && request.method == Method::get) return read(request, path);
    if (kind == "data" && (request.method == Method::post || request.method == Method::put)) return write(request, path);
    if (kind == "data" && request.method == Method::delete_) return take_away(request, path, false);
    if (kind == "destroy" && request.method == Method::put) return take_away(request, path, true);
    return errors(405, {"unsupported operation"});
}

json::object HashicorpService::metadata_of(const std::vector<Version>& versions, std::size_t number) const {
    const auto& version = versions[number - 1];
    return {{"created_time", iso_text(version.created)},
            {"custom_metadata", nullptr},
            {"deletion_time", version.deleted ? iso_text(*version.deleted) : std::string()},
            {"destroyed", version.destroyed},
            {"version", number}};
}

// https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version; a version that is gone answers 404 with its
// metadata, a path that never was 404 with no errors in the list.
ServerResponse HashicorpService::read(const ServerRequest& request, const std::string& path) {
    const auto found = secrets_.find(path);
    if (found == secrets_.end()) return errors(404, {});
    const auto* asked = find_field(request.query, "version");
    const auto number = asked == nullptr || *asked == "0" ? found->second.size() : number_in(*asked);
    if (number == 0) return errors(400, {"error converting input for field \"version\""});
    if (number > found->second.size()) return errors(404, {});
    const auto& version = found->second[number - 1];
    const bool gone = version.deleted || version.destroyed;
    json::object data{{"data", gone ? json::value(nullptr) : json::value(version.data)}, {"metadata", metadata_of(found->second, number)}};
    return wrapped(gone ? 404 : 200, std::move(data), nullptr, world_);
}

ServerResponse HashicorpService::write(const ServerRequest& request, const std::string& path) {
    const auto body = body_of(request);
    const auto* data = body ? json::find(*body, "data") : nullptr;
    if (data == nullptr || !data->is_object()) return errors(400, {"no data provided"});
    put(path, data->get_object());
    const auto& versions = secrets_[path];
    return wrapped(200, metadata_of(versions, versions.size()), nullptr, world_);
}

ServerResponse HashicorpService::take_away(const ServerRequest&, const std::string& path, bool destroy) {
    const auto found = secrets_.find(path);
    if (found == secrets_.end()) return no_content();
    auto& last = found->second.back();
    if (destroy)
        last.destroyed = true;
    else
        last.deleted = world_.now();
    return no_content();
}

}  // namespace renkei::sandbox

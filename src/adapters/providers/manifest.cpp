#include "adapters/providers/catalog_loader.hpp"
#include "adapters/providers/detail/json_reader.hpp"
#include "base/encoding.hpp"
#include "base/suggest.hpp"
#include "base/uri.hpp"
#include "core/connection.hpp"

#include <algorithm>
#include <span>

namespace renkei::providers {
namespace {

using Problem = JsonReader::Problem;

constexpr std::string_view adapters[] = {"microsoft_graph"};
constexpr std::string_view modes[] = {"client_credentials", "authorization_code", "device_code"};
constexpr std::string_view client_auths[] = {"client_secret_basic", "client_secret_post", "private_key_jwt", "none", "client_certificate"};
constexpr std::string_view actions[] = {
    "connect",          "native",         "mail:read",     "mail:read_shared",     "mail:write",     "mail:write_shared",     "mail:send",
    "mail:send_shared", "settings:write", "calendar:read", "calendar:read_shared", "calendar:write", "calendar:write_shared", "people:read",
    "groups:read"};
constexpr std::string_view triggers[] = {"mail:received", "mail:received_shared", "calendar:changed", "calendar:changed_shared"};
// What a manifest takes from the one it extends, unless it says otherwise: everything about where and how to sign in.
constexpr std::string_view inherited[] = {"modes",           "client_auth", "clouds",           "always_scopes", "scope_separator", "authorize_params",
                                          "strict_rotation", "sends_iss",   "account_required", "native_api"};

bool is_key(std::string_view text) {
    const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= 63 && word(text.front()) && std::ranges::all_of(text, [&](char c) { return word(c) || c == '_' || c == '-'; });
}

// RFC 6749 section 3.3: scope-token.
bool is_scope(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e && c != '"' && c != '\\'; });
}

void check_word(JsonReader& from, std::string_view name, std::string_view word, std::span<const std::string_view> known) {
    if (std::ranges::find(known, word) != known.end()) return;
    const auto meant = nearest(word, known);
    from.problem().note(from.path_of(name), meant.empty() ? "`" + std::string(word) + "` is not known"
                                                          : "`" + std::string(word) + "` is not known; did you mean `" + std::string(meant) + "`?");
}

std::vector<std::string> read_words(JsonReader& from, std::string_view name, std::span<const std::string_view> known) {
    auto words = from.texts(name, true);
    if (words.empty()) from.problem().note(from.path_of(name), "must name at least one");
    for (const auto& word : words) check_word(from, name, word, known);
    return words;
}

std::vector<std::string> read_scopes(JsonReader& from, std::string_view name, bool required) {
    auto scopes = from.texts(name, required);
    for (const auto& scope : scopes)
        if (!is_scope(scope)) from.problem().note(from.path_of(name), "holds something that is no scope (RFC 6749 section 3.3)");
    return scopes;
}

std::string read_key(JsonReader& from, std::string_view name) {
    auto key = from.text(name, true);
    if (!key.empty() && !is_key(key)) from.problem().note(from.path_of(name), "must be 1 to 63 characters of a-z, 0-9, '_' and '-'");
    return key;
}

// An address that may hold {tenant} as a whole piece of its path.
std::string read_endpoint(JsonReader& from, std::string_view name, bool required) {
    auto text = from.text(name, required);
    if (text.empty()) return text;
    auto plain = text;
    if (const auto at = plain.find("/{tenant}"); at != plain.npos) plain.replace(at, 9, "/common");
    const auto uri = Uri::parse(plain);
    if (!uri)
        from.problem().note(from.path_of(name), uri.error().detail);
    else if (uri->scheme != "https")
        from.problem().note(from.path_of(name), "must begin with https://");
    else if (!uri->query.empty())
        from.problem().note(from.path_of(name), "must not have a query");
    return text;
}

void read_words_of_languages(JsonReader& from, std::string_view name, std::string& en, std::string& ja) {
    const auto* member = from.member(name, true);
    if (member == nullptr) return;
    JsonReader words(*member, from.path_of(name), from.problem(), {"en", "ja"});
    en = words.text("en", true);
    ja = words.text("ja", true);
}

app::CloudFacts read_cloud(const json::value& from, const std::string& where, Problem& problem) {
    JsonReader reader(from, where, problem,
                      {"key", "title", "authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "issuer", "api_base", "token_hosts",
                       "app_scope", "scope_prefix", "missing", "admin_consent_endpoint", "recognised_by"});
    app::CloudFacts cloud;
    cloud.key = read_key(reader, "key");
    read_words_of_languages(reader, "title", cloud.title_en, cloud.title_ja);
    cloud.authorization_endpoint = read_endpoint(reader, "authorization_endpoint", true);
    cloud.token_endpoint = read_endpoint(reader, "token_endpoint", true);
    cloud.device_authorization_endpoint = read_endpoint(reader, "device_authorization_endpoint", false);
    cloud.issuer = read_endpoint(reader, "issuer", false);
    cloud.api_base = read_endpoint(reader, "api_base", true);
    cloud.token_hosts = reader.texts("token_hosts", true);
    cloud.app_scope = reader.text("app_scope");
    cloud.scope_prefix = reader.text("scope_prefix");
    cloud.missing = reader.texts("missing");
    cloud.admin_consent_endpoint = read_endpoint(reader, "admin_consent_endpoint", false);
    cloud.recognised_by = reader.texts("recognised_by");
    for (const auto* scope : {&cloud.app_scope, &cloud.scope_prefix})
        if (!scope->empty() && !is_scope(*scope)) problem.note(where, "has a scope with characters that no scope has (RFC 6749 section 3.3)");
    for (const auto& host : cloud.token_hosts)
        if (const auto uri = Uri::parse("https://" + host + "/"); !uri || uri->origin() != "https://" + host)
            problem.note(reader.path_of("token_hosts"), "`" + host + "` is not host or host:port in lower case");
    // A connector that may not send its token to its own API is a mistake in the data.
    const auto api = Uri::parse(cloud.api_base);
    if (api && std::ranges::none_of(cloud.token_hosts, [&](const std::string& host) { return "https://" + host == api->origin(); }))
        problem.note(reader.path_of("token_hosts"), "must hold the host of api_base");
    return cloud;
}

void read_clouds(JsonReader& from, app::Manifest& manifest) {
    const auto* member = from.member("clouds");
    if (member == nullptr) return;
    const auto* list = member->if_array();
    if (list == nullptr || list->empty()) return from.problem().note("clouds", "must be a list with at least one cloud");
    for (std::size_t i = 0; i < list->size(); ++i) {
        auto cloud = read_cloud((*list)[i], "clouds[" + std::to_string(i) + "]", from.problem());
        if (std::ranges::find(manifest.clouds, cloud.key, &app::CloudFacts::key) != manifest.clouds.end())
            from.problem().note("clouds[" + std::to_string(i) + "].key", "`" + cloud.key + "` stands there twice");
        manifest.clouds.push_back(std::move(cloud));
    }
}

std::vector<app::ActionScopes> read_scope_table(JsonReader& from, const std::string& table, std::span<const std::string_view> known) {
    std::vector<app::ActionScopes> rows;
    const auto* member = from.member(table);
    if (member == nullptr) return rows;
    const auto* object = member->if_object();
    if (object == nullptr) {
        from.problem().note(table, "must be an object");
        return rows;
    }
    for (const auto& [key, value] : *object) {
        const std::string name(key);
        check_word(from, table, name, known);
        JsonReader scopes(value, table + "." + name, from.problem(), {"delegated", "application", "application_any"});
        app::ActionScopes row;
        row.action = name;
        row.delegated = read_scopes(scopes, "delegated", true);
        row.application = read_scopes(scopes, "application", true);
        row.application_any = read_scopes(scopes, "application_any", false);
        rows.push_back(std::move(row));
    }
    return rows;
}

void read_authorize_params(JsonReader& from, app::Manifest& manifest) {
    const auto* member = from.member("authorize_params");
    if (member == nullptr) return;
    const auto* object = member->if_object();
    if (object == nullptr) return from.problem().note("authorize_params", "must be an object");
    // What the flow itself sends may not be replaced by data.
    constexpr std::string_view own[] = {"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "nonce"};
    for (const auto& [key, value] : *object) {
        const std::string name(key);
        if (!value.is_string())
            from.problem().note("authorize_params." + name, "must be a text");
        else if (std::ranges::find(own, std::string_view(name)) != std::end(own))
            from.problem().note("authorize_params." + name, "is sent by the flow itself");
        else
            manifest.authorize_params.emplace_back(name, std::string(json::view(value.get_string())));
    }
}

void check_whole(const app::Manifest& manifest, Problem& problem) {
    if (problem.file != manifest.key + ".json") problem.note("key", "must be the name of the file");
    if (manifest.scope_separator.size() != 1) problem.note("scope_separator", "must be one character");
    if (!manifest.adapter.empty() && manifest.clouds.empty()) problem.note("clouds", "is missing: a connector with an adapter must say where its API is");
    if (!manifest.docs_url.starts_with("https://") && !manifest.docs_url.empty()) problem.note("docs_url", "must begin with https://");
}

// Fills what is left out from the manifest that this one extends.
void inherit(json::value& value, std::string_view base_text, Problem& problem) {
    auto* own = value.if_object();
    if (own == nullptr || !own->contains("extends")) return;
    const auto base = json::parse(base_text);
    if (!base || !base->is_object()) return problem.note("extends", "there is no such connector to extend");
    if (base->get_object().contains("extends")) return problem.note("extends", "must name a connector that extends none itself");
    for (const auto name : inherited)
        if (const auto* member = json::find(base->get_object(), name); member != nullptr && !own->contains(name)) (*own)[name] = *member;
}

}  // namespace

std::string extended_by(std::string_view text) {
    const auto value = json::parse(text);
    if (!value || !value->is_object()) return {};
    return std::string(json::text(value->get_object(), "extends").value_or(""));
}

Result<app::Manifest> parse_manifest(std::string_view file, std::string_view text, std::string_view base_text) {
    auto value = json::parse(text);
    if (!value) return fail(Error{Errc::invalid_field, std::string(file) + ": " + value.error().detail, {{"file", std::string(file)}}});
    Problem problem{std::string(file), {}};
    inherit(*value, base_text, problem);
    JsonReader reader(*value, "", problem,
                      {"$schema",   "extends",          "key",     "name",           "category",      "adapter",         "native_api",       "docs_url",
                       "modes",     "client_auth",      "clouds",  "default_scopes", "always_scopes", "scope_separator", "authorize_params", "strict_rotation",
                       "sends_iss", "account_required", "actions", "triggers"});
    app::Manifest manifest;
    manifest.key = read_key(reader, "key");
    read_words_of_languages(reader, "name", manifest.name_en, manifest.name_ja);
    manifest.category = read_key(reader, "category");
    manifest.adapter = reader.text("adapter");
    if (!manifest.adapter.empty()) check_word(reader, "adapter", manifest.adapter, adapters);
    manifest.native_api = reader.text("native_api");
    if (!manifest.native_api.empty()) check_word(reader, "native_api", manifest.native_api, adapters);
    manifest.docs_url = reader.text("docs_url");
    manifest.modes = read_words(reader, "modes", modes);
    manifest.client_auth = read_words(reader, "client_auth", client_auths);
    read_clouds(reader, manifest);
    manifest.default_scopes = read_scopes(reader, "default_scopes", true);
    manifest.always_scopes = read_scopes(reader, "always_scopes", false);
    if (auto separator = reader.text("scope_separator"); !separator.empty()) manifest.scope_separator = std::move(separator);
    read_authorize_params(reader, manifest);
    manifest.strict_rotation = reader.flag("strict_rotation", false);
    manifest.sends_iss = reader.flag("sends_iss", false);
    manifest.account_required = reader.flag("account_required", true);
    manifest.action_scopes = read_scope_table(reader, "actions", actions);
    manifest.trigger_scopes = read_scope_table(reader, "triggers", triggers);
    check_whole(manifest, problem);
    if (problem.error) return fail(*std::move(problem.error));
    return manifest;
}

}  // namespace renkei::providers

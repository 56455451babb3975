// What a client registration may say, by its connector's manifest.
#include "app/registrations.hpp"
#include "base/encoding.hpp"
#include "base/suggest.hpp"
#include "base/uri.hpp"
#include "oauth/client/client_assertion.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

bool is_tenant(std::string_view text) {
    return !text.empty() && text.size() <= 253 &&
           std::ranges::all_of(text,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }) &&
           text.find("..") == text.npos && text.front() != '.';
}

bool is_local(std::string_view host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

Result<void> check_endpoint(std::string_view field, const std::string& url) {
    if (url.empty()) return {};
    const auto parsed = Uri::parse(url);
    // RFC 6749 sections 3.1 and 3.2: TLS is required; a loopback address is for a developer's machine.
    if (!parsed || url.size() > 2048 || (parsed->scheme != "https" && !is_local(parsed->host)))
        return bad_field(field, "`" + std::string(field) + "` must be an absolute https address without a fragment");
    return {};
}

Result<const Manifest*> find_manifest(const Catalog& catalog, const std::string& key) {
    if (const auto* manifest = catalog.find(key)) return manifest;
    std::vector<std::string> known;
    for (const auto* manifest : catalog.all()) known.push_back(manifest->key);
    const auto near = nearest(key, known);
    return bad_field("connector", "there is no connector of this name" + (near.empty() ? std::string() : "; did you mean `" + std::string(near) + "`?"));
}

Result<void> fit_cloud(const Catalog& catalog, const Manifest& manifest, CreateRegistration& wanted) {
    if (manifest.clouds.empty()) {
        if (!wanted.cloud.empty()) return bad_field("cloud", "this connector has no `cloud` to choose");
        if (!wanted.tenant.empty()) return bad_field("tenant", "this connector has no `tenant`");
        if (wanted.issuer.empty() && wanted.token_endpoint.empty())
            return bad_field("issuer", "this connector needs `issuer`, or `token_endpoint` with `authorization_endpoint`");
        for (const auto& [field, url] : {std::pair<std::string_view, const std::string&>{"issuer", wanted.issuer},
                                         {"authorization_endpoint", wanted.authorization_endpoint},
                                         {"token_endpoint", wanted.token_endpoint}})
            if (auto fits = check_endpoint(field, url); !fits) return fits;
        return {};
    }
    for (const auto& [field, url] : {std::pair<std::string_view, const std::string&>{"issuer", wanted.issuer},
                                     {"authorization_endpoint", wanted.authorization_endpoint},
                                     {"token_endpoint", wanted.token_endpoint}})
        if (!url.empty()) return bad_field(field, "this connector knows its own addresses: leave `" + std::string(field) + "` out");
    const auto* cloud = catalog.find_cloud(manifest.key, wanted.cloud);
    if (cloud == nullptr) {
        std::string keys;
        for (const auto& one : manifest.clouds) keys += (keys.empty() ? "" : ", ") + one.key;
        return bad_field("cloud", "`cloud` must be one of " + keys);
    }
    wanted.cloud = cloud->key;
    const bool by_tenant = cloud->token_endpoint.find("{tenant}") != std::string::npos;
    if (by_tenant && wanted.tenant.empty()) wanted.tenant = "common";  // U-31: the form's default
    if (by_tenant && !is_tenant(wanted.tenant)) return bad_field("tenant", "`tenant` must be a tenant id or domain name, or `common`");
    if (!by_tenant && !wanted.tenant.empty()) return bad_field("tenant", "this connector has no `tenant`");
    return {};
}

Result<core::ClientAuthMethod> fit_method(const Manifest& manifest, const CreateRegistration& wanted) {
    auto method = wanted.auth_method;
    if (!method && wanted.credential.private_key) method = core::ClientAuthMethod::private_key_jwt;
    if (!method && !manifest.client_auth.empty()) method = core::parse_client_auth_method(manifest.client_auth.front());
    if (!method) method = core::ClientAuthMethod::client_secret_post;
    const auto word = core::text_of(*method);
    if (!manifest.client_auth.empty() && std::ranges::find(manifest.client_auth, word) == manifest.client_auth.end()) {
        std::string words;
        for (const auto& one : manifest.client_auth) words += (words.empty() ? "" : ", ") + one;
        return bad_field("auth_method", "this connector takes one of " + words);
    }
    return *method;
}

}  // namespace

Result<core::ClientRegistration> fit_registration(const Catalog& catalog, CreateRegistration& wanted) {
    auto manifest = find_manifest(catalog, wanted.connector);
    if (!manifest) return propagate(manifest);
    if (auto cloud = fit_cloud(catalog, **manifest, wanted); !cloud) return propagate(cloud);
    auto method = fit_method(**manifest, wanted);
    if (!method) return propagate(method);
    core::ClientRegistration row;
    row.name = wanted.name;
    row.connector = wanted.connector;
    row.cloud = wanted.cloud;
    row.tenant = wanted.tenant;
    row.client_id = wanted.client_id;
    row.auth_method = *method;
    row.issuer = wanted.issuer;
    row.authorization_endpoint = wanted.authorization_endpoint;
    row.token_endpoint = wanted.token_endpoint;
    return row;
}

Result<void> check_private_key(const Secret& pem, TimePoint now) {
    oauth::Client client{"check", {oauth::ClientAuthMethod::private_key_jwt, pem.clone(), {}, {}}};
    const auto signed_once = oauth::client_assertion(client, "https://check.invalid", oauth::Moment{now, "check"});
    if (!signed_once) return bad_field("private_key", "`private_key` must be an unencrypted PEM private key, RSA of at least 2048 bits or P-256");
    return {};
}

}  // namespace renkei::app

// What a client registration may say, by its connector's manifest.
#include "app/registrations.hpp"
#include "base/encoding.hpp"
#include "base/suggest.hpp"
#include "base/uri.hpp"
#include "oauth/client/client_assertion.hpp"
#include "oauth/client/issuer.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

// RFC 6749 appendix A.1: VSCHAR.
bool is_client_id(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
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
    if (by_tenant && !oauth::is_tenant_segment(wanted.tenant)) return bad_field("tenant", "`tenant` must be a tenant id or domain name, or `common`");
    if (!by_tenant && !wanted.tenant.empty()) return bad_field("tenant", "this connector has no `tenant`");
    return {};
}

Result<void> check_method(const Manifest& manifest, core::ClientAuthMethod method) {
    if (manifest.client_auth.empty() || std::ranges::find(manifest.client_auth, core::text_of(method)) != manifest.client_auth.end()) return {};
    std::string words;
    for (const auto& one : manifest.client_auth) words += (words.empty() ? "" : ", ") + one;
    return bad_field("auth_method", "this connector takes one of " + words);
}

Result<core::ClientAuthMethod> fit_method(const Manifest& manifest, const CreateRegistration& wanted) {
    auto method = wanted.auth_method;
    if (!method && wanted.credential.client_certificate) method = core::ClientAuthMethod::client_certificate;
    if (!method && wanted.credential.private_key) method = core::ClientAuthMethod::private_key_jwt;
    if (!method && !manifest.client_auth.empty()) method = core::parse_client_auth_method(manifest.client_auth.front());
    if (!method) method = core::ClientAuthMethod::client_secret_post;
    if (auto taken = check_method(manifest, *method); !taken) return propagate(taken);
    return *method;
}

}  // namespace

Result<core::ClientRegistration> fit_registration(const Catalog& catalog, CreateRegistration& wanted) {
    auto manifest = find_manifest(catalog, wanted.connector);
    if (!manifest) return propagate(manifest);
    if (!is_client_id(wanted.client_id)) return bad_field("client_id", "`client_id` takes letters, digits and signs of ASCII only");
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
    if (wanted.assertion_algorithm && *method != core::ClientAuthMethod::client_certificate)
        return bad_field("assertion_algorithm", "`assertion_algorithm` belongs to client_certificate");
    row.assertion_algorithm = wanted.assertion_algorithm.value_or(core::AssertionAlgorithm::ps256);
    row.issuer = wanted.issuer;
    row.authorization_endpoint = wanted.authorization_endpoint;
    row.token_endpoint = wanted.token_endpoint;
    return row;
}

Result<core::ClientAuthMethod> method_with(const Catalog& catalog, const core::ClientRegistration& registration, const NewCredential& credential) {
    using Method = core::ClientAuthMethod;
    if (credential.from) return registration.auth_method;  // it is of the kind that the registration has
    const bool has_certificate = registration.auth_method == Method::client_certificate;
    if (credential.client_certificate.has_value() == has_certificate) return registration.auth_method;
    if (registration.auth_method == Method::none || registration.auth_method == Method::private_key_jwt) return registration.auth_method;
    const auto method = has_certificate ? Method::client_secret_post : Method::client_certificate;
    // What is missing altogether is the next check's to say.
    if (has_certificate && !credential.client_secret) return registration.auth_method;
    auto manifest = find_manifest(catalog, registration.connector);
    if (!manifest) return propagate(manifest);
    if (auto taken = check_method(**manifest, method); !taken) return propagate(taken);
    return method;
}

namespace {

Result<CheckedCredential> check_private_key(NewCredential credential, TimePoint now) {
    oauth::Client client{"check", {oauth::ClientAuthMethod::private_key_jwt, std::move(*credential.private_key), {}, {}}};
    const auto signed_once = oauth::client_assertion(client, "https://check.invalid", oauth::Moment{now, "check"});
    if (!signed_once) return bad_field("private_key", "`private_key` must be an unencrypted PEM private key, RSA of at least 2048 bits or P-256");
    CheckedCredential out{std::move(client.auth.material), {}};
    out.row.kind = core::CredentialKind::private_key;
    out.row.key_id = std::move(credential.key_id);
    return out;
}

Result<CheckedCredential> check_certificate(const oauth::CertificateFile& file, TimePoint now) {
    auto opened = oauth::open_certificate(file, now);
    if (!opened) {
        auto error = std::move(opened.error());
        for (auto& [name, value] : error.context)
            if (name == "field") value = "client_certificate." + value;
        return fail(std::move(error));
    }
    auto& facts = opened->facts;
    CheckedCredential out{std::move(opened->private_key), {}};
    out.row.kind = core::CredentialKind::certificate;
    out.row.expires_at = facts.not_after;
    out.row.certificate = {std::move(facts.thumbprint_sha1), std::move(facts.thumbprint_sha256), std::move(facts.subject), std::move(facts.serial),
                           facts.not_before};
    return out;
}

}  // namespace

Result<CheckedCredential> check_credential(core::ClientAuthMethod method, NewCredential credential, TimePoint now) {
    using Method = core::ClientAuthMethod;
    const bool by_key = method == Method::private_key_jwt, by_certificate = method == Method::client_certificate;
    if (!by_key && (credential.private_key || !credential.key_id.empty()))
        return bad_field("private_key", "`private_key` and `key_id` belong to private_key_jwt");
    if (!by_certificate && credential.client_certificate)
        return bad_field("client_certificate", "`client_certificate` does not go with " + std::string(core::text_of(method)));
    if ((by_key || by_certificate) && credential.client_secret)
        return bad_field("client_secret", "`client_secret` does not go with " + std::string(core::text_of(method)));
    const bool given = by_key           ? credential.private_key.has_value()
                       : by_certificate ? credential.client_certificate.has_value()
                                        : credential.client_secret.has_value();
    const std::string_view field = by_key ? "private_key" : by_certificate ? "client_certificate" : "client_secret";
    if (!given) return bad_field(field, "`" + std::string(field) + "` is required for " + std::string(core::text_of(method)));
    if (by_certificate) {
        if (credential.expires_at) return bad_field("expires_at", "a certificate says itself when it expires: leave the expiry out");
        return check_certificate(*credential.client_certificate, now);
    }
    if (credential.expires_at && *credential.expires_at <= now) return bad_field("expires_at", "the credential has expired already");
    const auto expires = credential.expires_at;
    auto checked =
        by_key ? check_private_key(std::move(credential), now) : Result<CheckedCredential>(CheckedCredential{std::move(*credential.client_secret), {}});
    if (checked) checked->row.expires_at = expires;
    return checked;
}

}  // namespace renkei::app

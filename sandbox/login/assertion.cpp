#include "base/crypto.hpp"
#include "base/json.hpp"
#include "sandbox/login/client_auth.hpp"
#include "sandbox/login/jwt.hpp"

#include <algorithm>

// Client assertions: https://learn.microsoft.com/entra/identity-platform/certificate-credentials

namespace renkei::sandbox {
namespace {

constexpr std::int64_t leeway_seconds = 300;

struct Assertion {
    DecodedJwt jwt;
    std::string algorithm, type, thumbprint_sha1, thumbprint_sha256;
    std::string issuer, subject, audience, id;
    std::int64_t not_before = 0, expires = 0;
};

std::string text_of(const json::object& from, std::string_view name) { return std::string(json::text(from, name).value_or("")); }

std::expected<Assertion, Aadsts> read(std::string_view token) {
    auto jwt = decode_jwt(token);
    if (!jwt) return std::unexpected(Aadsts{50027});
    const auto header = json::parse(jwt->header);
    const auto claims = json::parse(jwt->claims);
    if (!header || !claims || !header->is_object() || !claims->is_object()) return std::unexpected(Aadsts{50027});
    const auto& head = header->get_object();
    const auto& body = claims->get_object();
    const auto expires = json::integer(body, "exp");
    if (!expires) return std::unexpected(Aadsts{50027, "JWT token is invalid or malformed: 'exp' is missing."});
    return Assertion{std::move(*jwt),
                     text_of(head, "alg"),
                     text_of(head, "typ"),
                     text_of(head, "x5t"),
                     text_of(head, "x5t#S256"),
                     text_of(body, "iss"),
                     text_of(body, "sub"),
                     text_of(body, "aud"),
                     text_of(body, "jti"),
                     json::integer(body, "nbf").value_or(0),
                     *expires};
}

bool names(const Assertion& assertion, std::string_view certificate_pem) {
    const auto der = der_of(certificate_pem);
    if (!assertion.thumbprint_sha256.empty()) return assertion.thumbprint_sha256 == base64url(sha256(der));
    return !assertion.thumbprint_sha1.empty() && assertion.thumbprint_sha1 == base64url(as_bytes(sha1_bytes(der)));
}

bool audience_fits(std::string_view audience, const ServerRequest& request, const TokenEndpoint& endpoint) {
    std::vector<std::string> segments{endpoint.segment};
    if (endpoint.tenant) {
        segments.push_back(endpoint.tenant->id);
        segments.insert(segments.end(), endpoint.tenant->domains.begin(), endpoint.tenant->domains.end());
    }
    return std::ranges::any_of(segments, [&](const std::string& segment) {
        const auto base = base_address(request) + "/" + segment;
        return audience == base + "/oauth2/v2.0/token" || audience == base + "/v2.0";
    });
}

}  // namespace

std::expected<void, Aadsts> check_assertion(World& world, const ServerRequest& request, const App& app, std::string_view token, const TokenEndpoint& endpoint) {
    const auto assertion = read(token);
    if (!assertion) return std::unexpected(assertion.error());
    if (assertion->type != "JWT" && !assertion->type.empty()) return std::unexpected(Aadsts{5002727});
    if (!equal_ignoring_case(assertion->issuer, app.id) || !equal_ignoring_case(assertion->subject, app.id)) return std::unexpected(Aadsts{700021});
    if (!audience_fits(assertion->audience, request, endpoint)) return std::unexpected(Aadsts{700023});

    const auto certificate = std::ranges::find_if(app.certificates, [&](const std::string& pem) { return names(*assertion, pem); });
    if (certificate == app.certificates.end())
        return std::unexpected(Aadsts{700027,
                                      "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - "
                                      "The key was not found.]"});
    if (!signature_valid(assertion->jwt, assertion->algorithm, *certificate))
        return std::unexpected(Aadsts{700027, "Client assertion failed signature validation. [Reason - The key used is expired or the signature is invalid.]"});

    const auto now = to_millis(world.now()) / 1000;
    if (assertion->expires <= now - leeway_seconds || assertion->not_before > now + leeway_seconds) return std::unexpected(Aadsts{700024});
    // Microsoft takes one again until it expires, and its libraries count on that; others do not. The number is the sandbox's choice.
    const auto until = from_millis((assertion->expires + leeway_seconds) * 1000);
    if (world.switches().single_use_assertions && (assertion->id.empty() || !world.use_assertion_once(app.id + " " + assertion->id, until)))
        return std::unexpected(Aadsts{50027, "JWT token is invalid or malformed: the 'jti' is missing or was used before."});
    return {};
}

}  // namespace renkei::sandbox

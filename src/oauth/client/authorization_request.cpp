#include "oauth/client/authorization_request.hpp"

#include "base/crypto.hpp"
#include "base/uri.hpp"

#include <algorithm>
#include <array>

namespace renkei::oauth {
namespace {

constexpr std::size_t verifier_bytes = 32;
constexpr std::array<std::string_view, 11> protocol_names{"response_type", "client_id",   "redirect_uri",   "scope",
                                                          "state",         "nonce",       "code_challenge", "code_challenge_method",
                                                          "request",       "request_uri", "response_mode"};

std::string joined(const std::vector<std::string>& scopes, std::string_view separator) {
    std::string out;
    for (const auto& scope : scopes) {
        if (!out.empty()) out += separator;
        out += scope;
    }
    return out;
}

// Two values of one parameter would let the server choose (RFC 6749 section 3.1: not more than once).
Result<void> check_extra(const Fields& extra, const Fields& in_address) {
    for (const auto& [name, value] : extra) {
        if (std::ranges::find(protocol_names, name) != protocol_names.end())
            return fail(Errc::internal, "an extra parameter of the authorization request takes the place of " + name);
        if (find_field(in_address, name) != nullptr)
            return fail(Errc::internal, "an extra parameter of the authorization request stands in the endpoint already");
    }
    for (const auto& [name, value] : in_address)
        if (std::ranges::find(protocol_names, name) != protocol_names.end())
            return bad_field("authorization_endpoint", "the authorization endpoint's query may not hold " + name);
    return {};
}

}  // namespace

Secret make_code_verifier(Random& random) { return Secret::take(random.text(verifier_bytes)); }

std::string code_challenge(const Secret& code_verifier) { return base64url(sha256(code_verifier.expose())); }

Result<std::string> authorization_url(const AuthorizationServer& server, const AuthorizationRequest& request) {
    const auto endpoint = Uri::parse(server.authorization_endpoint);
    if (!endpoint) return bad_field("authorization_endpoint", "the authorization endpoint is not a usable address");
    const auto in_address = form_decode(endpoint->query);
    if (!in_address) return bad_field("authorization_endpoint", "the authorization endpoint's query is malformed");
    if (auto checked = check_extra(request.extra, *in_address); !checked) return propagate(checked);

    Fields fields{{"response_type", "code"}, {"client_id", request.client_id}, {"redirect_uri", request.redirect_uri}};
    if (!request.scopes.empty()) fields.emplace_back("scope", joined(request.scopes, request.scope_separator));
    fields.emplace_back("state", std::string(request.state.expose()));
    if (std::ranges::find(request.scopes, "openid") != request.scopes.end()) fields.emplace_back("nonce", std::string(request.nonce.expose()));
    fields.emplace_back("code_challenge", code_challenge(request.code_verifier));
    fields.emplace_back("code_challenge_method", "S256");
    fields.insert(fields.end(), request.extra.begin(), request.extra.end());
    return with_query(server.authorization_endpoint, fields);
}

}  // namespace renkei::oauth

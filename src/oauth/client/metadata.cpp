#include "oauth/client/metadata.hpp"

#include "base/json.hpp"
#include "base/uri.hpp"
#include "oauth/client/issuer.hpp"

namespace renkei::oauth {
namespace {

constexpr std::size_t largest_document = 256u << 10;

std::unexpected<Error> bad(std::string detail) { return fail(Errc::provider_bad_answer, "the server's published description " + std::move(detail)); }

bool is_loopback(const Uri& address) { return address.host == "localhost" || address.host == "127.0.0.1" || address.host == "::1"; }

// Plain http never leaves the machine; a description from https may not lead back to http.
bool is_safe(const Uri& address, const Uri& issuer) { return address.scheme == "https" || (issuer.scheme == "http" && is_loopback(address)); }

std::vector<std::string> texts(const json::object& document, std::string_view name) {
    std::vector<std::string> out;
    const auto* member = json::find(document, name);
    if (member == nullptr || !member->is_array()) return out;
    for (const auto& item : member->get_array())
        if (item.is_string()) out.emplace_back(json::view(item.get_string()));
    return out;
}

Result<std::string> endpoint(const json::object& document, std::string_view name, const Uri& issuer) {
    const auto text = json::text(document, name);
    if (!text) return bad("has no " + std::string(name));
    const auto address = Uri::parse(*text);
    if (!address || !is_safe(*address, issuer)) return bad("has a " + std::string(name) + " that is not an https address");
    return std::string(*text);
}

Result<Uri> checked_issuer(std::string_view issuer) {
    auto address = Uri::parse(issuer);
    if (!address) return bad_field("issuer", "the issuer is not an absolute https address");
    if (address->scheme != "https" && !is_loopback(*address)) return bad_field("issuer", "the issuer must begin with https://");
    if (!address->query.empty() || issuer.find('?') != issuer.npos) return bad_field("issuer", "the issuer must not have a query");
    return address;
}

}  // namespace

Result<std::vector<std::string>> metadata_addresses(std::string_view issuer) {
    auto address = checked_issuer(issuer);
    if (!address) return propagate(address);
    std::string path = address->path;
    while (path.ends_with('/')) path.pop_back();
    return std::vector<std::string>{address->origin() + path + "/.well-known/openid-configuration",
                                    address->origin() + "/.well-known/oauth-authorization-server" + path};
}

Result<ServerMetadata> parse_metadata(const HttpResponse& response, std::string_view issuer) {
    auto address = checked_issuer(issuer);
    if (!address) return propagate(address);
    if (response.status != 200) return bad("is not there (status " + std::to_string(response.status) + ")");
    if (response.body.size() > largest_document) return bad("is too big");
    auto parsed = json::parse(response.body);
    if (!parsed || !parsed->is_object()) return bad("is not a JSON object");
    const auto& document = parsed->get_object();
    // RFC 8414 section 3.3: identical, or the document must not be used.
    if (json::text(document, "issuer") != issuer) return bad("names another issuer than the one that was asked for");
    auto authorize = endpoint(document, "authorization_endpoint", *address), token = endpoint(document, "token_endpoint", *address);
    if (!token) return propagate(token);
    // A server for client credentials alone has no authorization endpoint.
    if (!authorize && document.contains("authorization_endpoint")) return propagate(authorize);
    // RFC 8628 section 4.
    auto device = endpoint(document, "device_authorization_endpoint", *address);
    if (!device && document.contains("device_authorization_endpoint")) return propagate(device);
    ServerMetadata out;
    out.server = {std::string(issuer), authorize ? *authorize : "", *token,
                  json::boolean(document, "authorization_response_iss_parameter_supported").value_or(false), device ? *device : ""};
    out.auth_methods = texts(document, "token_endpoint_auth_methods_supported");
    out.challenge_methods = texts(document, "code_challenge_methods_supported");
    return out;
}

}  // namespace renkei::oauth

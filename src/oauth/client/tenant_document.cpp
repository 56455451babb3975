#include "oauth/client/tenant_document.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/uri.hpp"
#include "oauth/client/issuer.hpp"

#include <algorithm>

namespace renkei::oauth {
namespace {

constexpr std::size_t largest_document = 256u << 10;
constexpr std::size_t longest_host = 253;

std::unexpected<Error> bad(std::string detail) { return fail(Errc::provider_bad_answer, "the tenant's published description " + std::move(detail)); }

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= longest_host &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':'; });
}

// "https://host/{tenant id}/v2.0": the id is the first piece of the path.
std::string tenant_in(const Uri& issuer) {
    const auto parts = split(issuer.path, '/');
    if (parts.size() < 2 || !parts[0].empty() || !is_tenant_segment(parts[1])) return {};
    return lower_ascii(parts[1]);
}

}  // namespace

std::string tenant_document_address(std::string_view issuer, std::string_view tenant) {
    const auto filled = fill_tenant(issuer, tenant);
    if (!filled || issuer.find(tenant_mark) == issuer.npos) return {};
    return *filled + "/.well-known/openid-configuration";
}

Result<TenantDocument> parse_tenant_document(const HttpResponse& response) {
    if (response.status == 429) return fail(Errc::provider_throttled, "the provider asks to slow down");
    if (response.status >= 500) return fail(Errc::provider_unavailable, "the provider answered with status " + std::to_string(response.status));
    if (response.body.size() > largest_document) return bad("is too big");
    const auto parsed = json::parse(response.body);
    if (!parsed || !parsed->is_object()) return bad("is not a JSON object; a proxy in between may have answered");
    const auto& document = parsed->get_object();
    if (response.status == 400 || response.status == 404) {
        if (json::text(document, "error")) return fail(Errc::not_found, "the provider knows no such tenant");
        return bad("is not there (status " + std::to_string(response.status) + ")");
    }
    if (response.status != 200) return bad("is not there (status " + std::to_string(response.status) + ")");
    const auto issuer = json::text(document, "issuer");
    const auto address = issuer ? Uri::parse(*issuer) : Result<Uri>(bad("has no issuer"));
    if (!address) return bad("has no proper issuer");
    TenantDocument out;
    out.tenant = tenant_in(*address);
    if (out.tenant.empty()) return bad("has no tenant in its issuer");
    for (const auto name : {"msgraph_host", "cloud_instance_name"})
        if (const auto host = json::text(document, name); host && is_host(lower_ascii(*host))) out.hosts.push_back(lower_ascii(*host));
    out.hosts.push_back(address->origin().substr(address->origin().find("://") + 3));
    return out;
}

}  // namespace renkei::oauth

#pragma once

#include "base/http.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace renkei::oauth {

/// What a server that serves many tenants publishes about one of them, asked for by id or by domain name
/// (OpenID Connect Discovery section 4; https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc).
struct TenantDocument {
    std::string tenant;              ///< id, from the issuer; one segment of letters, digits, dots and hyphens
    std::vector<std::string> hosts;  ///< that tell the cloud, the surest first: its API's, its name, its issuer's
};

/// Where the document of `tenant` stands. `issuer` holds {tenant}. Nothing when `tenant` is no proper segment.
std::string tenant_document_address(std::string_view issuer, std::string_view tenant);

/// Errors: not_found (the server knows no such tenant), provider_bad_answer (HTML, cut off, without a tenant in its issuer, too
/// big), provider_unavailable, provider_throttled.
Result<TenantDocument> parse_tenant_document(const HttpResponse& response);

}  // namespace renkei::oauth

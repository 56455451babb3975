#pragma once

#include "sandbox/login/client_auth.hpp"

namespace renkei::sandbox {

/// The name that stands for the endpoint's tenant in addresses: its GUID, or common, organizations, consumers.
std::string canonical_segment(const TokenEndpoint& endpoint);
/// The issuer of the metadata: `{tenantid}` in it for common and organizations.
std::string metadata_issuer(const ServerRequest& request, const TokenEndpoint& endpoint);
/// OpenID Connect Discovery 1.0 section 4.
ServerResponse openid_configuration(const Cloud& cloud, const ServerRequest& request, const TokenEndpoint& endpoint);
/// GET /common/discovery/instance, for clients that do not know the host as an authority.
ServerResponse instance_discovery(World& world, const ServerRequest& request);

}  // namespace renkei::sandbox

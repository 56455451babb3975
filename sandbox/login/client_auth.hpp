#pragma once

#include "base/encoding.hpp"
#include "sandbox/login/aadsts.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace renkei::sandbox {

/// A client that has proved who it is (or need not).
struct AuthenticatedClient {
    App* app = nullptr;
    bool proved = false;  ///< by secret or assertion
};

/// Where a token request was sent.
struct TokenEndpoint {
    std::string segment;             ///< as in the path: GUID, domain, common, organizations, consumers
    const Tenant* tenant = nullptr;  ///< null for common, organizations and consumers
};

/// The client of a token request: secret in the form or as Basic, assertion, or none for public clients.
/// Which grant it is matters for the number of the refusal.
std::expected<AuthenticatedClient, Aadsts> authenticate_client(World& world, const ServerRequest& request, const Fields& form, const TokenEndpoint& endpoint);

/// The app of a client id, if this tenant may use it: 700016, 50194, 7000112.
std::expected<App*, Aadsts> find_usable_app(World& world, std::string_view client_id, const TokenEndpoint& endpoint);

/// A client assertion (RFC 7523 section 3) against the app's certificates.
std::expected<void, Aadsts> check_assertion(World& world, const ServerRequest& request, const App& app, std::string_view assertion,
                                            const TokenEndpoint& endpoint);

/// Whether the name stands for any tenant.
bool is_shared_segment(std::string_view segment);
inline constexpr std::string_view consumers_tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

}  // namespace renkei::sandbox

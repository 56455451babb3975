#include "app/source_binding.hpp"

#include "base/uri.hpp"

namespace renkei::app {
namespace {

std::string host_of(const std::string& address) {
    // The place for the tenant is in the path; a host never has one.
    const auto behind = address.find("://");
    if (behind == std::string::npos) return {};
    return address.substr(0, address.find('/', behind + 3));
}

}  // namespace

std::string binding_of(const core::ClientRegistration& registration, const Catalog& catalog) {
    const auto* cloud = catalog.find_cloud(registration.connector, registration.cloud);
    const auto& address = cloud != nullptr ? cloud->token_endpoint : !registration.token_endpoint.empty() ? registration.token_endpoint : registration.issuer;
    return registration.connector + " " + host_of(address);
}

oauth::CertificateFile certificate_in(Secret value) {
    oauth::CertificateFile file;
    const bool pem = value.expose().find("-----BEGIN") != std::string_view::npos;
    (pem ? file.pem : file.pfx) = std::move(value);
    return file;
}

}  // namespace renkei::app

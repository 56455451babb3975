#pragma once

#include "app/ports/catalog.hpp"
#include "core/connection.hpp"
#include "oauth/client/certificate.hpp"

#include <string>

namespace renkei::app {

/// For which connector and token host a reference to a secret was entered. It is used for no other: whoever could change the host
/// alone would otherwise be sent the secret.
std::string binding_of(const core::ClientRegistration& registration, const Catalog& catalog);

/// A certificate out of a referenced value: a PFX as Base64 text without a password, or PEM with its key, as key vaults hold them.
oauth::CertificateFile certificate_in(Secret value);

}  // namespace renkei::app

#pragma once

#include "app/ports/catalog.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "oauth/client/certificate.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

inline constexpr std::size_t most_json_file_bytes = 64u << 10;
inline constexpr std::size_t most_import_bytes = oauth::most_certificate_bytes * 3 / 2;  ///< a PFX as Base64 text with line breaks

/// What a file is, found by its content and never by its name.
enum class ImportKind : std::uint8_t { office_calendar_json, service_principal_json, pfx, pem };
std::string_view text_of(ImportKind kind);
std::optional<ImportKind> parse_import_kind(std::string_view text);

/// A file that was recognised and checked.
struct ImportedFile {
    ImportKind kind = ImportKind::office_calendar_json;
    std::string client_id;   ///< empty for certificates: they do not say whose they are
    std::string tenant;      ///< empty for certificates
    std::string login_host;  ///< host of the authorization server that the file names, or empty
    std::string title;       ///< what the file calls the app, or empty
    Secret material;         ///< client secret, or PEM of private key and certificates
    std::optional<oauth::CertificateFacts> certificate;
};

/// Recognises authOfficeCalendar.json (client_id, tenant_id, client_secret, any spelling and order), what the Azure command line
/// writes for a service principal (plain and for SDKs), a PFX as bytes or Base64, and a PEM with certificate and private key.
/// Blocks for key derivation: run it in a pool. invalid_field for `content` or `password` with a reason (base/reason.hpp);
/// payload_too_large.
Result<ImportedFile> recognise_file(const Secret& content, const Secret& password, TimePoint now);

}  // namespace renkei::app

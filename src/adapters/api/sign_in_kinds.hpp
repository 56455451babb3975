#pragma once

#include "adapters/api/language.hpp"
#include "app/ports/catalog.hpp"
#include "core/connection.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace renkei::api {

/// How Renkei signs in, as people choose it (U-11, A-20).
enum class SignInKind : std::uint8_t { certificate, secret, own_app, public_client, device, managed, federated, managed_identity };

struct KindRow {
    SignInKind kind;
    std::string_view path;  ///< in the address of its form; empty: there is none, the card says why
    core::ConnectionMode mode;
    std::string_view title_en, title_ja;
    std::string_view when_en, when_ja;  ///< who uses it when
};

std::span<const KindRow> sign_in_kinds();
/// By the part of the address, or nullptr.
const KindRow* find_kind(std::string_view path);
/// Whether the connector can be used in this way.
bool offers(const app::Manifest& manifest, const KindRow& kind);
/// Whether a client registration that is there already goes with it.
bool fits(const KindRow& kind, const core::ClientRegistration& registration);
inline bool is_app_only(const KindRow& kind) { return kind.mode == core::ConnectionMode::client_credentials; }
inline app::PermissionKind permissions_of(const KindRow& kind) { return is_app_only(kind) ? app::PermissionKind::application : app::PermissionKind::delegated; }
/// Whether the app proves itself with something that the form asks for.
inline bool has_credential(const KindRow& kind) {
    return kind.kind == SignInKind::certificate || kind.kind == SignInKind::secret || kind.kind == SignInKind::own_app || kind.kind == SignInKind::managed;
}

}  // namespace renkei::api

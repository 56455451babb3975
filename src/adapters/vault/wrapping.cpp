#include "adapters/vault/wrapping.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"

namespace renkei::vault {
namespace {

std::string bound_to(std::string_view kind, core::WorkspaceId workspace, std::uint32_t version) {
    std::string bound;
    bind_member(bound, kind);
    bind_member(bound, as_text(workspace.bytes()));
    bind_member(bound, std::to_string(version));
    return bound;
}

std::optional<LockedKey> unwrap(const LockedKey& master, std::string_view wrapped, std::string_view bound) {
    const auto parts = parse_sealed(wrapped);
    if (!parts) return std::nullopt;
    const auto text = open_bytes(master, *parts, bound);
    if (!text) return std::nullopt;
    return LockedKey::from(text->expose());
}

}  // namespace

std::string wrap_data_key(const LockedKey& master, core::WorkspaceId workspace, std::uint32_t version, const LockedKey& key, Random& random) {
    return seal_bytes(master, 0, bound_to("data key", workspace, version), as_text(key.bytes()), random);
}

std::optional<LockedKey> unwrap_data_key(const LockedKey& master, core::WorkspaceId workspace, std::uint32_t version, std::string_view wrapped) {
    return unwrap(master, wrapped, bound_to("data key", workspace, version));
}

std::string wrap_for_setting(const LockedKey& master, std::string_view setting, const LockedKey& key, Random& random) {
    return base64(as_bytes(seal_bytes(master, 0, bound_to(setting, {}, 0), as_text(key.bytes()), random)));
}

std::optional<LockedKey> unwrap_setting(const LockedKey& master, std::string_view setting, std::string_view value) {
    const auto wrapped = decode_base64(value);
    if (!wrapped) return std::nullopt;
    return unwrap(master, *wrapped, bound_to(setting, {}, 0));
}

}  // namespace renkei::vault

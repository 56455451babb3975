#include "adapters/vault/sealing_vault.hpp"

#include "adapters/vault/wrapping.hpp"
#include "base/encoding.hpp"

#include <mutex>

namespace renkei::vault {
namespace {

std::string bound_to(const app::SealPlace& place) {
    std::string bound;
    constexpr std::size_t usual = 160;
    bound.reserve(usual);
    bind_member(bound, as_text(place.workspace.bytes()));
    bind_member(bound, place.table);
    bind_member(bound, as_text(place.row));
    bind_member(bound, place.column);
    bind_member(bound, std::to_string(place.generation));
    return bound;
}

// A keyed hash of 256 random bits, cut: it tells keys apart and nothing about them.
std::string key_id(const LockedKey& key) {
    constexpr std::size_t shown_bytes = 8;
    const auto digest = hmac_sha256(key.bytes(), "renkei master key id 1");
    return to_hex(std::span(digest).first(shown_bytes));
}

}  // namespace

SealingVault::SealingVault(Settings settings, app::Store& store, Random& random, LockedKey master, LockedKey lookup_secret)
    : settings_(std::move(settings)),
      store_(store),
      random_(random),
      master_(std::move(master)),
      lookup_secret_(std::move(lookup_secret)),
      lookup_key_(*LockedKey::from(as_text(hmac_sha256(lookup_secret_.bytes(), "renkei lookup hash 1")))) {}

const LockedKey* SealingVault::find_key(core::WorkspaceId workspace, std::uint32_t version) const {
    const auto versions = keys_.find(workspace);
    if (versions == keys_.end()) return nullptr;
    const auto key = versions->second.find(version);
    return key == versions->second.end() ? nullptr : &key->second;
}

Result<core::Sealed> SealingVault::seal(const app::SealPlace& place, const Secret& secret) {
    const std::shared_lock lock(mutex_);
    const auto versions = keys_.find(place.workspace);
    if (versions == keys_.end()) return fail(Errc::vault_locked, "The vault has no key for this workspace.");
    const auto& [version, key] = *versions->second.rbegin();
    return core::Sealed{seal_bytes(key, version, bound_to(place), secret.expose(), random_)};
}

Result<Secret> SealingVault::open(const app::SealPlace& place, const core::Sealed& sealed) {
    const auto parts = parse_sealed(sealed.bytes);
    if (!parts) return fail(Errc::vault_locked, "A sealed value is damaged.");
    const std::shared_lock lock(mutex_);
    const auto* key = find_key(place.workspace, parts->key_version);
    if (key == nullptr) return fail(Errc::vault_locked, "The vault does not have the key that a value was sealed with.");
    auto secret = open_bytes(*key, *parts, bound_to(place));
    if (!secret) return fail(Errc::vault_locked, "A sealed value was changed or stands in a place that is not its own.");
    return *std::move(secret);
}

Result<std::string> SealingVault::create_data_key(core::WorkspaceId workspace) {
    auto key = LockedKey::random(random_);
    const std::unique_lock lock(mutex_);
    auto& versions = keys_[workspace];
    if (!versions.empty()) return fail(Errc::conflict, "The workspace has a data key already.");
    auto wrapped = wrap_data_key(master_, workspace, 1, key, random_);
    versions.emplace(1, std::move(key));
    return wrapped;
}

Digest SealingVault::lookup_hash(const Secret& text) const { return hmac_sha256(lookup_key_.bytes(), text.expose()); }

app::VaultState SealingVault::state() const {
    const std::shared_lock lock(mutex_);
    app::VaultState state{source_name(settings_), source_is_file(settings_), key_id(master_), keys_.size(), 0};
    for (const auto& [workspace, versions] : keys_) state.data_keys += versions.size();
    return state;
}

Result<std::uint32_t> SealingVault::newest_data_key(core::WorkspaceId workspace) const {
    const std::shared_lock lock(mutex_);
    const auto versions = keys_.find(workspace);
    if (versions == keys_.end() || versions->second.empty()) return fail(Errc::not_found, "There is no such workspace.");
    return versions->second.rbegin()->first;
}

}  // namespace renkei::vault

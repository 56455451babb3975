#include "tests/support/fake_vault.hpp"

namespace renkei::testing {
namespace {

constexpr std::size_t mark_bytes = 16;
constexpr std::size_t header_bytes = 5;

// Format and key version, as the real one has them.
std::string header(std::uint32_t version) {
    std::string out(1, '\x01');
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(version >> shift & 0xff);
    return out;
}

std::string mark_of(const app::SealPlace& place) {
    std::string all(as_text(place.workspace.bytes()));
    all.append(place.table).append("/").append(as_text(place.row)).append("/").append(place.column).append("/").append(std::to_string(place.generation));
    const auto digest = sha256(all);
    return std::string(as_text(digest).substr(0, mark_bytes));
}

std::string veiled(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c ^ 0x5a);
    return out;
}

std::unexpected<Error> is_locked() { return fail(Errc::vault_locked, "The vault was told to be locked."); }

}  // namespace

Result<core::Sealed> FakeVault::seal(const app::SealPlace& place, const Secret& secret) {
    if (locked_) return is_locked();
    return core::Sealed{header(newest_key(place.workspace)) + mark_of(place) + veiled(secret.expose())};
}

Result<Secret> FakeVault::open(const app::SealPlace& place, const core::Sealed& sealed) {
    if (locked_) return is_locked();
    const std::string_view bytes = sealed.bytes;
    if (bytes.size() < header_bytes + mark_bytes || bytes.substr(header_bytes, mark_bytes) != mark_of(place))
        return fail(Errc::vault_locked, "A sealed value was changed or stands in a place that is not its own.");
    return Secret::take(veiled(bytes.substr(header_bytes + mark_bytes)));
}

Result<std::string> FakeVault::create_data_key(core::WorkspaceId workspace) {
    if (locked_) return is_locked();
    return "wrapped data key of " + workspace.text();
}

std::uint32_t FakeVault::newest_key(core::WorkspaceId workspace) const {
    const std::lock_guard lock(mutex_);
    const auto found = versions_.find(workspace);
    return found == versions_.end() ? 1 : found->second;
}

std::uint32_t FakeVault::next_key(core::WorkspaceId workspace) {
    const std::lock_guard lock(mutex_);
    return ++versions_.try_emplace(workspace, 1).first->second;
}

Digest FakeVault::lookup_hash(const Secret& text) const { return hmac_sha256(sha256("fake lookup key"), text.expose()); }

}  // namespace renkei::testing

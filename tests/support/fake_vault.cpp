#include "tests/support/fake_vault.hpp"

namespace renkei::testing {
namespace {

constexpr std::size_t mark_bytes = 16;
constexpr std::string_view header("\x01\x00\x00\x00\x01", 5);  // format and key version, as the real one has them

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
    return core::Sealed{std::string(header) + mark_of(place) + veiled(secret.expose())};
}

Result<Secret> FakeVault::open(const app::SealPlace& place, const core::Sealed& sealed) {
    if (locked_) return is_locked();
    const std::string_view bytes = sealed.bytes;
    if (bytes.size() < header.size() + mark_bytes || bytes.substr(header.size(), mark_bytes) != mark_of(place))
        return fail(Errc::vault_locked, "A sealed value was changed or stands in a place that is not its own.");
    return Secret::take(veiled(bytes.substr(header.size() + mark_bytes)));
}

Result<std::string> FakeVault::create_data_key(core::WorkspaceId workspace) {
    if (locked_) return is_locked();
    return "wrapped data key of " + workspace.text();
}

Digest FakeVault::lookup_hash(const Secret& text) const { return hmac_sha256(sha256("fake lookup key"), text.expose()); }

}  // namespace renkei::testing

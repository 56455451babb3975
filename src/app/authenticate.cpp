#include "app/authenticate.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::size_t longest_key = 128;

std::unexpected<Error> unknown() { return fail(Errc::unauthenticated, "no valid API key came with the request"); }

}  // namespace

bool is_usable(const core::ApiKey& key, TimePoint now, const std::array<std::uint8_t, 16>& address) {
    const bool live = !key.revoked_at && (!key.expires_at || *key.expires_at > now);
    const bool near =
        key.allowed_ranges.empty() || std::ranges::any_of(key.allowed_ranges, [&](const core::AddressRange& range) { return range.contains(address); });
    return live && near;
}

core::Principal principal_of(const core::ApiKey& key) {
    core::Principal principal;
    principal.kind = core::Principal::Kind::key;
    principal.workspace = key.workspace;
    principal.id = key.id.bytes();
    principal.name = key.name.text();
    principal.rights = key.rights;
    principal.expires_at = key.expires_at;
    return principal;
}

std::optional<Secret> bearer_of(const std::optional<Secret>& authorization) {
    if (!authorization) return std::nullopt;
    const auto text = authorization->expose();
    // RFC 9110 section 11.1: the scheme's name compares without case.
    if (text.size() < 8 || !equal_ignoring_case(text.substr(0, 7), "Bearer ")) return std::nullopt;
    const auto key = trim(text.substr(7));
    if (!key.starts_with("rk_") || key.size() > longest_key) return std::nullopt;
    return Secret(key);
}

Task<Result<core::Principal>> Authenticator::authenticate(std::optional<Secret> authorization, std::array<std::uint8_t, 16> address) {
    // What is no key is looked up too: the answer takes as long as for a wrong one.
    const auto text = bearer_of(authorization);
    const auto hash = vault_.lookup_hash(text ? text->clone() : Secret("no key"));
    auto key = co_await keys_.find(hash);
    if (!key && key.error().code != Errc::not_found) co_return propagate(key);
    if (!key || !text || !constant_time_equal(as_text(key->hash), as_text(hash)) || !is_usable(*key, clock_.now(), address)) co_return unknown();
    co_return principal_of(*key);
}

}  // namespace renkei::app

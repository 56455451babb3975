#include "adapters/api/connect_cookie.hpp"

#include "base/encoding.hpp"

namespace renkei::api {
namespace {

// Lax: the answer comes as a top-level GET from the provider's site, and a Strict cookie would stay at home.
constexpr std::string_view secure_attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";
constexpr std::string_view plain_attributes = "; Path=/; HttpOnly; SameSite=Lax";

}  // namespace

ConnectCookie::ConnectCookie(std::string_view public_url)
    : name_(public_url.starts_with("https://") ? "__Host-renkei-connect" : "renkei-connect"),
      attributes_(public_url.starts_with("https://") ? secure_attributes : plain_attributes) {}

std::string ConnectCookie::set(const Secret& value) const {
    return std::string(name_) + "=" + percent_encode(value.expose()) + std::string(attributes_) + "; Max-Age=900";
}

std::string ConnectCookie::clear() const { return std::string(name_) + "=" + std::string(attributes_) + "; Max-Age=0"; }

std::optional<Secret> ConnectCookie::read(const std::optional<Secret>& cookie_header) const {
    if (!cookie_header) return std::nullopt;
    std::optional<Secret> found;
    for (auto pair : split(cookie_header->expose(), ';')) {
        pair = trim(pair);
        const auto equals = pair.find('=');
        if (equals == pair.npos || pair.substr(0, equals) != name_) continue;
        if (found) return std::nullopt;
        auto value = percent_decode(pair.substr(equals + 1));
        if (!value || value->empty()) return std::nullopt;
        found = Secret::take(std::move(*value));
    }
    return found;
}

}  // namespace renkei::api

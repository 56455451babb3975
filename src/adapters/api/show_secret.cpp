#include "adapters/api/show_secret.hpp"

#include "adapters/api/show.hpp"

#include <algorithm>

namespace renkei::api {

json::object shown_link(const Secret& url, TimePoint expires_at) { return {{"url", json::view(url.expose())}, {"expires_at", iso_text(expires_at)}}; }

json::object shown_new_key(const app::NewKey& made, TimePoint now) {
    auto shown = shown_key(made.key, now);
    shown["text"] = json::view(made.text.expose());
    return shown;
}

json::object with_secret(json::object shown, const Secret& text) {
    shown["secret"] = json::view(text.expose());
    return shown;
}

std::string token_text(const std::string& connection, const app::LiveToken& token, TimePoint now) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(token.expires_at - now).count();
    json::object shown{{"connection", connection},
                       {"token_type", "Bearer"},
                       {"access_token", json::view(token.token.expose())},
                       {"expires_in", std::max<std::int64_t>(0, left)},
                       {"expires_at", iso_text(token.expires_at)},
                       {"scope", token.scopes}};
    return json::serialize(shown);
}

}  // namespace renkei::api

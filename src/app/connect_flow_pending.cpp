#include "app/connect_flow_pending.hpp"

#include "app/ports/seal_places.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

std::unexpected<Error> broken() { return fail(Errc::internal, "a stored sign-in cannot be read"); }

// All three are base64url, so a dot parts them.
Secret joined(const PendingSignIn& pending) {
    std::string text;
    text.reserve(256);
    text.append(pending.state.expose()).append(".").append(pending.nonce.expose()).append(".").append(pending.code_verifier.expose());
    return Secret::take(std::move(text));
}

std::string text_or_empty(const json::object& from, std::string_view name) { return std::string(json::text(from, name).value_or("")); }

}  // namespace

Result<InsertOneTime> to_one_time(const PendingSignIn& pending, Vault& vault, TimePoint expires_at) {
    auto sealed = vault.seal(one_time_place(pending.workspace, pending.hash), joined(pending));
    if (!sealed) return propagate(sealed);
    json::array scopes;
    for (const auto& scope : pending.scopes) scopes.emplace_back(json::view(scope));
    const json::object data{{"connection", json::view(pending.connection.text())},
                            {"connector", json::view(pending.connector)},
                            {"asked_by", json::view(pending.asked_by)},
                            {"browser", json::view(to_hex(pending.browser))},
                            {"redirect_uri", json::view(pending.redirect_uri)},
                            {"scopes", scopes},
                            {"issuer", json::view(pending.issuer)},
                            {"iss_required", pending.iss_required},
                            {"other_account", pending.other_account}};
    return InsertOneTime{pending.workspace, std::string(sign_in_purpose), pending.hash, json::serialize(data), std::move(*sealed), expires_at};
}

Result<PendingSignIn> from_one_time(const OneTime& row, const Digest& hash, Vault& vault) {
    const auto parsed = json::parse(row.data);
    if (!parsed || !parsed->is_object()) return broken();
    const auto& data = parsed->get_object();
    const auto connection = core::ConnectionId::parse(text_or_empty(data, "connection"));
    const auto browser = from_hex(text_or_empty(data, "browser"));
    if (!connection || !browser || browser->size() != std::tuple_size_v<Digest>) return broken();
    PendingSignIn out;
    out.workspace = row.workspace;
    out.hash = hash;
    out.connection = *connection;
    out.connector = text_or_empty(data, "connector");
    out.asked_by = text_or_empty(data, "asked_by");
    std::ranges::copy(*browser, out.browser.begin());
    out.redirect_uri = text_or_empty(data, "redirect_uri");
    if (const auto* scopes = json::find(data, "scopes"); scopes != nullptr && scopes->is_array())
        for (const auto& scope : scopes->get_array())
            if (scope.is_string()) out.scopes.emplace_back(json::view(scope.get_string()));
    out.issuer = text_or_empty(data, "issuer");
    out.iss_required = json::boolean(data, "iss_required").value_or(false);
    out.other_account = json::boolean(data, "other_account").value_or(false);
    auto opened = vault.open(one_time_place(row.workspace, hash), row.secret);
    if (!opened) return propagate(opened);
    const auto parts = split(opened->expose(), '.');
    if (parts.size() != 3) return broken();
    out.state = Secret(parts[0]);
    out.nonce = Secret(parts[1]);
    out.code_verifier = Secret(parts[2]);
    return out;
}

}  // namespace renkei::app

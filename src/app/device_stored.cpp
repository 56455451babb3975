#include "app/device_stored.hpp"

#include "app/ports/seal_places.hpp"
#include "base/json.hpp"

#include <openssl/crypto.h>

namespace renkei::app {
namespace {

std::unexpected<Error> broken() { return fail(Errc::internal, "a stored sign-in by code cannot be read"); }

Secret sealed_part(const StoredDevice& device) {
    json::object members{{"device_code", json::view(device.device_code.expose())},
                         {"user_code", device.user_code},
                         {"verification_uri", device.verification_uri},
                         {"verification_uri_complete", device.verification_uri_complete}};
    auto text = json::serialize(members);
    auto& code = members["device_code"].get_string();
    OPENSSL_cleanse(code.data(), code.size());
    return Secret::take(std::move(text));
}

std::string text_or_empty(const json::object& from, std::string_view name) { return std::string(json::text(from, name).value_or("")); }

}  // namespace

Result<InsertOneTime> to_one_time(const StoredDevice& device, const Digest& hash, Vault& vault, TimePoint expires_at) {
    auto sealed = vault.seal(one_time_place(device.workspace, hash), sealed_part(device));
    if (!sealed) return propagate(sealed);
    json::array scopes;
    for (const auto& scope : device.scopes) scopes.emplace_back(json::view(scope));
    const json::object data{{"connection", json::view(device.connection.text())},
                            {"asked_by", device.asked_by},
                            {"scopes", scopes},
                            {"issuer", device.issuer},
                            {"interval", device.interval.count()}};
    return InsertOneTime{device.workspace, std::string(device_purpose), hash, json::serialize(data), std::move(*sealed), expires_at};
}

Result<core::ConnectionId> connection_of(const OneTime& row) {
    const auto data = json::parse(row.data);
    if (!data || !data->is_object()) return broken();
    const auto id = core::ConnectionId::parse(text_or_empty(data->get_object(), "connection"));
    if (!id) return broken();
    return *id;
}

Result<StoredDevice> device_from_one_time(const OneTime& row, const Digest& hash, Vault& vault) {
    auto connection = connection_of(row);
    if (!connection) return propagate(connection);
    auto opened = vault.open(one_time_place(row.workspace, hash), row.secret);
    if (!opened) return propagate(opened);
    const auto data = json::parse(row.data);
    const auto sealed = json::parse(opened->expose());
    if (!data || !data->is_object() || !sealed || !sealed->is_object()) return broken();
    const auto& open = data->get_object();
    const auto& secret = sealed->get_object();
    StoredDevice out{row.workspace, *connection, text_or_empty(open, "asked_by"), {}, text_or_empty(open, "issuer")};
    if (const auto* scopes = json::find(open, "scopes"); scopes != nullptr && scopes->is_array())
        for (const auto& scope : scopes->get_array())
            if (scope.is_string()) out.scopes.emplace_back(json::view(scope.get_string()));
    if (const auto* interval = json::find(open, "interval"); interval != nullptr && interval->is_int64())
        out.interval = std::chrono::seconds(interval->get_int64());
    out.device_code = Secret::take(text_or_empty(secret, "device_code"));
    out.user_code = text_or_empty(secret, "user_code");
    out.verification_uri = text_or_empty(secret, "verification_uri");
    out.verification_uri_complete = text_or_empty(secret, "verification_uri_complete");
    if (out.device_code.empty()) return broken();
    return out;
}

}  // namespace renkei::app

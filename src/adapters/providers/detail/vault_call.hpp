#pragma once

#include "app/ports/external_vaults.hpp"
#include "app/ports/http_client.hpp"
#include "base/http.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::providers {

/// For the whole of a read: logging in, reading, and once more where a session has ended.
inline constexpr std::chrono::milliseconds vault_deadline{10'000};
/// Of a value, and of any answer: the frame around a value may take as much again.
inline constexpr std::size_t largest_external_value = 64u << 10;
inline constexpr std::uint64_t largest_vault_answer = 2 * largest_external_value;

struct VaultSettings {
    std::chrono::milliseconds deadline = vault_deadline;
    /// Network deadlines are measured on the steady clock; tests give another one.
    std::function<std::chrono::steady_clock::time_point()> steady = [] { return std::chrono::steady_clock::now(); };
};

/// One read on its way: where it goes, until when, and how its errors call the place.
class VaultCall {
public:
    VaultCall(app::HttpClient& http, const VaultSettings& settings, const core::ExternalVault& vault, const core::ExternalSecretAddress& address,
              std::string request_id);

    /// Sends once. Errors: external_vault_unreachable (no answer, cut off, in time), value_unusable (larger than allowed),
    /// egress_refused, tls_failed. Redirects are not followed: the credential stays with the host that was entered.
    Task<Result<HttpResponse>> send(HttpRequest request) const;

    /// "external vault NAME, path PATH: <what>"
    std::unexpected<Error> fails(Errc code, std::string_view what) const;
    const std::string& place() const { return place_; }

private:
    app::HttpClient& http_;
    const VaultSettings& settings_;
    std::chrono::steady_clock::time_point until_;
    core::WorkspaceId workspace_;
    std::string request_id_;
    std::string place_;
};

/// The path's segments; value_unusable for what could lead elsewhere: no segment, an empty one, `.` or `..`, a backslash,
/// control characters, more than 1,024 characters, no UTF-8.
Result<std::vector<std::string_view>> path_segments(std::string_view path);
/// Each segment percent-encoded, joined by `/`.
std::string encoded_path(const std::vector<std::string_view>& segments);

/// Whether the answer says that it is JSON.
bool is_json(const HttpResponse& response);
/// What a status says that means the same everywhere: a redirect, 429, a proxy's or server's 5xx. Anything else: not told.
std::optional<Error> common_refusal(const VaultCall& call, int status);

/// The value as a Secret, checked: a text of at most 64 KiB that is not empty.
Result<Secret> usable_value(const VaultCall& call, std::string_view text);

/// A field out of a JSON text: by its name, or by a JSON pointer (RFC 6901) where it begins with `/`. An empty one means the only
/// member. Errors: value_missing, value_unusable; names of members are told, values never.
Result<Secret> field_of(const VaultCall& call, std::string_view json_text, std::string_view field);

}  // namespace renkei::providers

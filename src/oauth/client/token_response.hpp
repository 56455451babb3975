#pragma once

#include "base/http.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace renkei::oauth {

/// RFC 6749 section 5.1.
struct TokenResponse {
    Secret access_token;
    std::optional<Secret> refresh_token;
    std::optional<Secret> id_token;
    std::chrono::seconds expires_in{};
    std::string scope;  ///< as granted; as asked when the answer does not say (section 3.3)
    bool scope_was_sent = false;
};

/// RFC 6749 section 5.2, with the numeric codes that some servers add.
struct OAuthFailure {
    std::string error;                  ///< letters, digits and punctuation only
    std::vector<std::int64_t> codes{};  ///< `error_codes`: refines `error`, never replaces it
    std::string suberror{};
    int status = 400;
    std::optional<std::chrono::seconds> retry_after{};
};

using TokenAnswer = std::variant<TokenResponse, OAuthFailure>;

inline constexpr std::chrono::seconds default_token_lifetime{3600};
inline constexpr std::size_t largest_token = 64u << 10;

/// Reads what the token endpoint said. An Error means that nobody can tell what the server did: provider_bad_answer
/// (HTML, cut off, wrong type, too big), provider_unavailable (5xx), provider_throttled (429, no OAuth error inside).
/// The response's body is wiped.
Result<TokenAnswer> parse_token_response(HttpResponse response, std::string_view asked_scope);

/// Seconds of a Retry-After header that gives a number; dates and nonsense are nothing. At most one day.
std::optional<std::chrono::seconds> retry_after(const HttpResponse& response);

}  // namespace renkei::oauth

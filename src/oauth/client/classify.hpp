#pragma once

#include "oauth/client/token_response.hpp"

#include <cstdint>
#include <string_view>

namespace renkei::oauth {

/// Who must act after a refresh (or a first exchange) failed.
enum class RefreshFailure : std::uint8_t { needs_user, needs_admin, needs_app_owner, retry_later, stale_generation };

/// What is known of one numeric code: who acts, and what happened in our words.
struct FailureCode {
    std::int64_t code;
    RefreshFailure who;
    std::string_view what;
};

/// The first of the failure's codes that the catalogue knows, or nullptr.
const FailureCode* known_code(const OAuthFailure& failure);
/// One code's row, or nullptr.
const FailureCode* find_code(std::int64_t code);

/// `error` decides, numeric codes refine. `generation_moved`: somebody has rotated the grant since the request was built.
RefreshFailure classify(const OAuthFailure& failure, bool generation_moved);

/// What happened, in our words, for the connection's state and the caller; never the provider's text.
std::string describe(const OAuthFailure& failure);

}  // namespace renkei::oauth

#pragma once

#include "base/sign_in_reason.hpp"
#include "oauth/client/token_response.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace renkei::oauth {

/// A provider's numeric code and the reason of base/sign_in_reason.hpp that names it.
struct CodeReason {
    std::int64_t code;
    std::string_view reason;
};
std::span<const CodeReason> code_reasons();

/// The named reason of a refusal, or nullptr: then the words of describe() stand alone.
const SignInReason* reason_of(const OAuthFailure& failure);

/// An error of `code` with our words, the named reason and the provider's code in its context; never the provider's text.
Error explained(Errc code, const OAuthFailure& failure);

/// The code of an authorization answer, from `error_uri` (…?code=65004) or the beginning of `error_description` (AADSTS65004: …):
/// digits only. It refines `error` like `error_codes` of a token answer; what else stands there is not read.
std::optional<std::int64_t> code_of_answer(std::string_view error_uri, std::string_view error_description);

/// True where an administrator of the tenant must approve first, so that the refusal can become a request to them.
bool asks_for_approval(const Error& error);

}  // namespace renkei::oauth

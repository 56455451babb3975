#pragma once

#include "base/encoding.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>

namespace renkei::oauth {

/// What was remembered when the browser was sent away.
struct PendingAuthorization {
    const Secret& state;
    std::string issuer;         ///< may hold {tenant}; empty: not known
    bool iss_required = false;  ///< RFC 9207: the server says that it sends `iss`
};

/// The `state` of an answer, by which its pending authorization is found; callback_invalid unless it is there once.
Result<Secret> state_of(const Fields& query);

/// An authorization answer that belongs to the pending authorization (RFC 6749 section 4.1.2, RFC 9207).
/// Errors: callback_invalid; and what an error answer means: consent_refused, needs_admin, needs_app_owner, provider_unavailable,
/// provider_rejected.
class ValidatedCallback {
public:
    static Result<ValidatedCallback> from(const Fields& query, const PendingAuthorization& expected);
    const Secret& code() const { return code_; }

private:
    explicit ValidatedCallback(Secret code) : code_(std::move(code)) {}
    Secret code_;
};

}  // namespace renkei::oauth

#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <string>

namespace renkei::oauth {

struct IdTokenExpectation {
    std::string client_id;
    std::string issuer;   ///< may hold {tenant}: then the `tid` claim must stand there; empty: not checked
    std::string tenant;   ///< an exact tenant id, or empty when any tenant may answer
    const Secret& nonce;  ///< empty: none was sent (a device code)
    TimePoint now;
    std::chrono::seconds clock_skew{300};
};

/// Who signed in.
struct SignedInPerson {
    std::string issuer;
    std::string tenant;      ///< `tid`, empty where there is none
    std::string subject;     ///< `oid` inside a tenant, else `sub`: neither ever changes, unlike names and addresses
    std::string display;     ///< preferred_username, e-mail address or name; for people's eyes only
    std::string username{};  ///< upn or preferred_username, lower case: what an expected account is compared with, once
};

/// Checks issuer, audience, expiry and nonce (OpenID Connect Core section 3.1.3.7). The signature is not checked: the token
/// comes straight from the token endpoint over TLS, which that section accepts in its place (item 6).
/// provider_bad_answer when anything is amiss.
Result<SignedInPerson> check_id_token(const Secret& id_token, const IdTokenExpectation& expected);

/// `iss` of an id_token, unchecked: only to tell people what was wrong with one that was refused. Empty: none to be read.
std::string unchecked_issuer(const Secret& id_token);

}  // namespace renkei::oauth

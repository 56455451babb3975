#pragma once

#include "base/http.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "oauth/client/client.hpp"

#include <string>
#include <string_view>

namespace renkei::oauth {

/// application/x-www-form-urlencoded; every intermediate copy of a secret is wiped.
class SecretForm {
public:
    SecretForm() = default;
    ~SecretForm() { wipe(text_); }
    SecretForm(const SecretForm&) = delete;
    SecretForm& operator=(const SecretForm&) = delete;

    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, const Secret& value);
    Secret take() { return Secret::take(std::move(text_)); }

private:
    std::string text_;
};

/// The form as a POST to `endpoint`, with the client's own proof in it (RFC 6749 section 2.3). needs_app_owner when the
/// client's credential cannot be used.
Result<HttpRequest> finished_form(SecretForm& form, const AuthorizationServer& server, const Client& client, const Moment& moment, const std::string& endpoint);

}  // namespace renkei::oauth

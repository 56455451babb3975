#include "oauth/client/token_request.hpp"

#include "base/encoding.hpp"
#include "oauth/client/client_assertion.hpp"
#include "oauth/client/token_request_form.hpp"

namespace renkei::oauth {
namespace {

// RFC 6749 section 2.3.1: id and secret are form-encoded each before they are joined by a colon, so both may hold any
// character. Blanks as %20 are read rightly by servers that decode forms and by those that only undo percent signs.
Secret basic_authorization(const Client& client) {
    auto encoded_secret = percent_encode(client.auth.material.expose());
    std::string pair;
    const auto id = percent_encode(client.id);
    pair.reserve(id.size() + encoded_secret.size() + 1);
    pair.append(id).append(":").append(encoded_secret);
    auto encoded = base64(as_bytes(pair));
    std::string value;
    value.reserve(encoded.size() + 6);
    value.append("Basic ").append(encoded);
    wipe(encoded_secret);
    wipe(pair);
    wipe(encoded);
    return Secret::take(std::move(value));
}

Result<void> authenticate(HttpRequest& request, SecretForm& form, const AuthorizationServer& server, const Client& client, const Moment& moment) {
    switch (client.auth.method) {
        case ClientAuthMethod::client_secret_basic: request.authorization = basic_authorization(client); return {};
        case ClientAuthMethod::client_secret_post:
            form.add("client_id", client.id);
            form.add("client_secret", client.auth.material);
            return {};
        case ClientAuthMethod::private_key_jwt: {
            auto assertion = client_assertion(client, server.token_endpoint, moment);
            if (!assertion) return propagate(assertion);
            form.add("client_id", client.id);
            form.add("client_assertion_type", client_assertion_type);
            form.add("client_assertion", *assertion);
            return {};
        }
        case ClientAuthMethod::none: form.add("client_id", client.id); return {};
    }
    return {};
}

Result<HttpRequest> finished(SecretForm& form, const AuthorizationServer& server, const Client& client, const Moment& moment) {
    return finished_form(form, server, client, moment, server.token_endpoint);
}

}  // namespace

void SecretForm::add(std::string_view name, std::string_view value) {
    auto encoded = percent_encode(value);
    std::string next;
    next.reserve(text_.size() + name.size() + encoded.size() + 2);
    next.append(text_).append(text_.empty() ? "" : "&").append(name).append("=").append(encoded);
    wipe(encoded);
    wipe(text_);
    text_ = std::move(next);
}

void SecretForm::add(std::string_view name, const Secret& value) { add(name, value.expose()); }

Result<HttpRequest> finished_form(SecretForm& form, const AuthorizationServer& server, const Client& client, const Moment& moment,
                                  const std::string& endpoint) {
    HttpRequest request{Method::post, endpoint, {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}}};
    if (auto done = authenticate(request, form, server, client, moment); !done) return propagate(done);
    request.secret_body = form.take();
    return request;
}

Result<HttpRequest> code_request(const AuthorizationServer& server, const Client& client, const Moment& moment, const CodeExchange& exchange) {
    SecretForm form;
    form.add("grant_type", "authorization_code");
    form.add("code", exchange.code);
    form.add("redirect_uri", exchange.redirect_uri);
    form.add("code_verifier", exchange.code_verifier);
    return finished(form, server, client, moment);
}

Result<HttpRequest> refresh_request(const AuthorizationServer& server, const Client& client, const Moment& moment, const Secret& refresh_token,
                                    std::string_view scope) {
    SecretForm form;
    form.add("grant_type", "refresh_token");
    form.add("refresh_token", refresh_token);
    if (!scope.empty()) form.add("scope", scope);
    return finished(form, server, client, moment);
}

Result<HttpRequest> client_credentials_request(const AuthorizationServer& server, const Client& client, const Moment& moment, std::string_view scope) {
    SecretForm form;
    form.add("grant_type", "client_credentials");
    if (!scope.empty()) form.add("scope", scope);
    return finished(form, server, client, moment);
}

}  // namespace renkei::oauth

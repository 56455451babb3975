#include "oauth/client/device_authorization.hpp"

#include "base/json.hpp"
#include "base/uri.hpp"
#include "oauth/client/token_request_form.hpp"

#include <algorithm>

namespace renkei::oauth {
namespace {

constexpr std::size_t longest_user_code = 64;

std::unexpected<Error> bad(std::string detail) {
    return fail(Errc::provider_bad_answer, "the answer to the device authorization request " + std::move(detail));
}

// A person is told to open it: nothing but https, and on this machine http.
bool may_be_opened(std::string_view text) {
    const auto address = Uri::parse(text);
    if (!address || text.size() > 2048) return false;
    const bool loopback = address->host == "localhost" || address->host == "127.0.0.1" || address->host == "::1";
    return address->scheme == "https" || (address->scheme == "http" && loopback);
}

std::chrono::seconds seconds_or(const json::object& answer, std::string_view name, std::chrono::seconds otherwise) {
    const auto* member = json::find(answer, name);
    if (member == nullptr || !member->is_int64()) return otherwise;
    return std::chrono::seconds(std::clamp<std::int64_t>(member->get_int64(), 0, longest_device_life.count()));
}

Result<DeviceAuthorization> read(const json::object& answer) {
    DeviceAuthorization out;
    const auto code = json::text(answer, "device_code");
    if (!code || code->empty() || code->size() > largest_token) return bad("has no device_code");
    out.device_code = Secret(*code);
    out.user_code = json::text(answer, "user_code").value_or("");
    const bool readable = std::ranges::all_of(out.user_code, [](char c) { return c > 0x20 && c < 0x7f; });
    if (out.user_code.empty() || out.user_code.size() > longest_user_code || !readable) return bad("has no user_code that a person could type");
    // Older servers, Microsoft's first version among them, wrote verification_url.
    auto address = json::text(answer, "verification_uri");
    if (!address) address = json::text(answer, "verification_url");
    if (!address || !may_be_opened(*address)) return bad("has no verification_uri that a browser may open");
    out.verification_uri = *address;
    if (const auto complete = json::text(answer, "verification_uri_complete"); complete && may_be_opened(*complete)) out.verification_uri_complete = *complete;
    out.expires_in = seconds_or(answer, "expires_in", std::chrono::seconds(0));
    if (out.expires_in <= std::chrono::seconds(0)) return bad("does not say how long the code lives");
    out.interval = std::max(std::chrono::seconds(1), seconds_or(answer, "interval", out.interval));
    return out;
}

}  // namespace

Result<HttpRequest> device_authorization_request(const AuthorizationServer& server, const Client& client, const Moment& moment, std::string_view scope) {
    if (server.device_authorization_endpoint.empty())
        return fail(Errc::conflict, "this authorization server has no device authorization endpoint: choose another way to sign in");
    SecretForm form;
    if (!scope.empty()) form.add("scope", scope);
    return finished_form(form, server, client, moment, server.device_authorization_endpoint);
}

Result<DeviceAnswer> parse_device_authorization(HttpResponse response) {
    if (response.status != 200) {
        // The refusals are those of a token endpoint (RFC 8628 section 3.2, RFC 6749 section 5.2).
        auto answer = parse_token_response(std::move(response), {});
        if (!answer) return propagate(answer);
        if (auto* failure = std::get_if<OAuthFailure>(&*answer)) return std::move(*failure);
        return bad("is a token");
    }
    auto parsed = json::parse(response.body);
    wipe(response.body);
    if (!parsed || !parsed->is_object()) return bad("is not a JSON object");
    auto out = read(parsed->get_object());
    if (!out) return propagate(out);
    return std::move(*out);
}

Result<HttpRequest> device_token_request(const AuthorizationServer& server, const Client& client, const Moment& moment, const Secret& device_code) {
    SecretForm form;
    form.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    form.add("device_code", device_code);
    return finished_form(form, server, client, moment, server.token_endpoint);
}

DevicePoll classify_poll(const OAuthFailure& failure) {
    if (failure.error == "authorization_pending") return DevicePoll::pending;
    if (failure.error == "slow_down") return DevicePoll::slow_down;
    if (failure.error == "access_denied" || failure.error == "authorization_declined") return DevicePoll::declined;
    if (failure.error == "expired_token" || failure.error == "code_expired") return DevicePoll::expired;
    return DevicePoll::failed;
}

}  // namespace renkei::oauth

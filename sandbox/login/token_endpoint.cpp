#include "sandbox/login/token_endpoint.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "sandbox/login/conditions.hpp"

#include <set>
#include <utility>

// Messages and refusals: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and its neighbours.

namespace renkei::sandbox {
namespace {

using Answer = std::expected<TokenIssue, Aadsts>;

struct Exchange {
    World& world;
    const Fields& form;
    const TokenEndpoint& endpoint;
    App& app;
    bool proved = false;        // by secret or assertion
    bool cross_origin = false;  // a browser's script asks (the Fetch standard, section 3.2)
};

std::unexpected<Aadsts> refuse(int code) { return std::unexpected(Aadsts{code}); }

// RFC 7636 section 4.6.
std::expected<void, Aadsts> check_verifier(const AuthorizationCode& code, const Fields& form) {
    const auto* verifier = find_field(form, "code_verifier");
    const bool sent = verifier && !verifier->empty();
    if (code.challenge.empty() != !sent) return refuse(50148);
    if (!sent) return {};
    if (verifier->size() < 43 || verifier->size() > 128) return refuse(501481);
    const auto derived = code.challenge_method == "S256" ? base64url(sha256(*verifier)) : *verifier;
    if (!constant_time_equal(derived, code.challenge)) return refuse(501481);
    return {};
}

// Without a secret only public clients and what was issued to a single-page application; that one from a browser, and nothing else
// from there (https://learn.microsoft.com/entra/identity-platform/reply-url).
std::expected<void, Aadsts> check_platform(const Exchange& x, bool spa) {
    if (spa && !x.cross_origin) return refuse(9002327);
    if (!spa && x.cross_origin) return refuse(9002326);
    if (!spa && !x.proved && !x.app.public_client) return refuse(7000218);
    return {};
}

// The scopes of a request, or those of the authorization if it names none.
std::expected<std::vector<Scope>, Aadsts> scopes_of(const Cloud& cloud, const Fields& form, const std::vector<std::string>& otherwise) {
    std::string text;
    if (const auto* asked = find_field(form, "scope"); asked && !asked->empty()) {
        auto scopes = parse_scopes(cloud, *asked);
        if (scopes && several_resources(*scopes)) return refuse(28000);
        return scopes;
    }
    for (const auto& scope : otherwise) text += scope + " ";
    return parse_scopes(cloud, text);
}

bool wants_client_info(const Fields& form) {
    const auto* value = find_field(form, "client_info");
    return value && *value == "1";
}

std::expected<void, Aadsts> check_code(const Exchange& x, const AuthorizationCode& code, const std::string& redirect_uri) {
    if (code.app != x.app.id) return refuse(70000);
    if (code.redeemed) {
        // RFC 6749 section 4.1.2: what a code gave should end when it comes twice. Microsoft's tokens live on.
        if (x.app.strict_rotation || x.world.switches().strict_rotation)
            if (const auto grant = x.world.tokens().grants.find(code.grant); grant != x.world.tokens().grants.end()) x.world.tokens().end_family(grant->second);
        return refuse(54005);
    }
    if (code.expires <= x.world.now()) return refuse(70008);
    const auto here = x.endpoint.tenant ? x.endpoint.tenant->id : lower_ascii(x.endpoint.segment);
    if (here != code.segment) return refuse(700005);
    if (redirect_uri != code.redirect_uri)
        return std::unexpected(Aadsts{500112, "The reply address '" + redirect_uri + "' does not match the reply address '" + code.redirect_uri +
                                                  "' provided when requesting Authorization code."});
    return check_verifier(code, x.form);
}

Answer redeem_code(const Exchange& x) {
    const auto text = required(x.form, "code");
    if (!text) return std::unexpected(text.error());
    const auto redirect_uri = required(x.form, "redirect_uri");
    if (!redirect_uri) return std::unexpected(redirect_uri.error());
    const auto found = x.world.tokens().codes.find(*text);
    if (found == x.world.tokens().codes.end()) return refuse(70000);
    auto& code = found->second;
    if (auto fits = check_platform(x, code.spa); !fits) return std::unexpected(std::move(fits.error()));
    if (auto checked = check_code(x, code, *redirect_uri); !checked) return std::unexpected(std::move(checked.error()));

    const auto user = find_live_user(x.world, code.user);
    if (!user) return std::unexpected(user.error());
    auto scopes = scopes_of(x.world.cloud(), x.form, code.scopes);
    if (!scopes) return std::unexpected(std::move(scopes.error()));
    if (auto consent = check_consent(x.world, x.app, **user, *scopes); !consent) return std::unexpected(std::move(consent.error()));
    if (auto refusal = sign_in_refusal(x.app, **user, false)) return std::unexpected(std::move(*refusal));

    code.redeemed = true;
    const auto authorized = parse_scopes(x.world.cloud(), [&] {
        std::string all;
        for (const auto& scope : code.scopes) all += scope + " ";
        return all;
    }());
    code.grant = make_grant(x.world, x.app, **user, authorized ? *authorized : *scopes);
    x.world.tokens().grants.at(code.grant).spa = code.spa;
    const bool offline = (authorized && asks_for(*authorized, "offline_access")) || asks_for(*scopes, "offline_access");
    // The id_token belongs to the authorization, whatever the redemption names.
    if (authorized && asks_for(*authorized, "openid") && !asks_for(*scopes, "openid")) scopes->push_back({"openid", "", "openid"});
    return TokenIssue{&x.app, *user, code.tenant, std::move(*scopes), code.nonce, code.grant, offline, wants_client_info(x.form)};
}

Answer refresh(const Exchange& x) {
    const auto text = required(x.form, "refresh_token");
    if (!text) return std::unexpected(text.error());
    auto& tokens = x.world.tokens();
    const auto found = tokens.refresh.find(*text);
    if (found == tokens.refresh.end()) return refuse(70000);
    const auto link = tokens.grants.find(found->second.grant);
    if (link == tokens.grants.end() || link->second.app != x.app.id) return refuse(70000);
    auto& grant = link->second;
    if (x.endpoint.tenant && x.endpoint.tenant->id != grant.tenant) return refuse(70000);
    if (auto fits = check_platform(x, grant.spa); !fits) return std::unexpected(std::move(fits.error()));
    if (grant.revoked) return refuse(50173);
    const bool strict = x.app.strict_rotation || x.world.switches().strict_rotation;
    if (strict && found->second.used) {
        tokens.end_family(grant);
        return std::unexpected(Aadsts{50173, "The refresh token was used before; every refresh token of its family has been revoked."});
    }
    if (found->second.expires <= x.world.now()) return refuse(grant.spa ? 700084 : 700082);

    const auto user = find_live_user(x.world, grant.user);
    if (!user) return std::unexpected(user.error());
    auto scopes = scopes_of(x.world.cloud(), x.form, grant.scopes);
    if (!scopes) return std::unexpected(std::move(scopes.error()));
    if (auto consent = check_consent(x.world, x.app, **user, *scopes); !consent) return std::unexpected(std::move(consent.error()));
    if (auto refusal = refresh_refusal(x.world, x.app, **user, grant)) return std::unexpected(std::move(*refusal));
    found->second.used = true;
    return TokenIssue{&x.app, *user, grant.tenant, std::move(*scopes), std::nullopt, grant.id, true, wants_client_info(x.form)};
}

Answer client_credentials(const Exchange& x) {
    if (!x.endpoint.tenant) return refuse(50059);
    const auto scope = required(x.form, "scope");
    if (!scope) return std::unexpected(scope.error());
    auto scopes = parse_scopes(x.world.cloud(), *scope);
    const bool one_default = scopes && scopes->size() == 1 && scopes->front().is_default();
    if (!scopes && scopes.error().code == 500011 && scope->ends_with("/.default")) return std::unexpected(std::move(scopes.error()));
    if (!one_default)
        return std::unexpected(Aadsts{1002012, "The provided value for scope " + *scope +
                                                   " is not valid. Client credential flows must have a scope value with /.default suffixed to the resource "
                                                   "identifier (application ID URI)."});
    if (auto refusal = app_only_refusal(x.app)) return std::unexpected(std::move(*refusal));
    return TokenIssue{&x.app, nullptr, x.endpoint.tenant->id, std::move(*scopes), std::nullopt, {}, false, false};
}

// RFC 8628 section 3.5: who asks before the interval is over is told to wait five seconds more from then on.
std::unexpected<Aadsts> poll_again(const Exchange& x, DeviceCode& device) {
    const auto last = std::exchange(device.polled, x.world.now());
    if (!x.world.switches().device_slow_down || !last || x.world.now() - *last >= device.interval) return refuse(70016);
    device.interval += std::chrono::seconds(5);
    return std::unexpected(Aadsts{70016, "OAuth 2.0 device flow error. The client polls too often.", "slow_down"});
}

Answer redeem_device_code(const Exchange& x) {
    if (auto fits = check_platform(x, false); !fits) return std::unexpected(std::move(fits.error()));
    const auto text = required(x.form, "device_code");
    if (!text) return std::unexpected(text.error());
    const auto found = x.world.tokens().devices.find(*text);
    if (found == x.world.tokens().devices.end() || found->second.app != x.app.id) return refuse(70018);
    auto& device = found->second;
    if (device.state == DeviceState::declined) return refuse(70020);
    if (device.state == DeviceState::redeemed) return refuse(54005);
    if (device.expires <= x.world.now()) return refuse(70019);
    if (device.state == DeviceState::pending) return poll_again(x, device);

    const auto user = find_live_user(x.world, device.user);
    if (!user) return std::unexpected(user.error());
    auto scopes = scopes_of(x.world.cloud(), {}, device.scopes);
    if (!scopes) return std::unexpected(std::move(scopes.error()));
    if (auto refusal = sign_in_refusal(x.app, **user, false)) return std::unexpected(std::move(*refusal));
    device.state = DeviceState::redeemed;
    const bool offline = asks_for(*scopes, "offline_access");
    auto grant = make_grant(x.world, x.app, **user, *scopes);
    return TokenIssue{&x.app, *user, device.tenant, std::move(*scopes), std::nullopt, std::move(grant), offline, wants_client_info(x.form)};
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc is not offered: it answers as for a wrong password.
Answer refuse_password(const Exchange&) { return refuse(50126); }

struct GrantType {
    std::string_view name, counted_as;
    Answer (*redeem)(const Exchange&);
};

// MSAL polls for device codes with a name of its own (microsoft.md section 2.9).
constexpr GrantType grant_types[] = {
    {"authorization_code", "authorization_code", redeem_code},
    {"refresh_token", "refresh_token", refresh},
    {"client_credentials", "client_credentials", client_credentials},
    {"urn:ietf:params:oauth:grant-type:device_code", "device_code", redeem_device_code},
    {"device_code", "device_code", redeem_device_code},
    {"password", "password", refuse_password},
};

Answer exchange(World& world, const ServerRequest& request, const TokenEndpoint& endpoint, std::string& counted_as) {
    const auto form = read_form(request);
    if (!form) return std::unexpected(form.error());
    const auto name = required(*form, "grant_type");
    if (!name) return std::unexpected(name.error());
    const GrantType* grant_type = nullptr;
    for (const auto& known : grant_types)
        if (known.name == *name) grant_type = &known;
    if (!grant_type) return std::unexpected(Aadsts{70003, "The app requested an unsupported grant type '" + *name + "'."});
    counted_as = grant_type->counted_as;
    if (find_field(*form, "resource")) return refuse(901002);

    const auto client = authenticate_client(world, request, *form, endpoint);
    if (!client) return std::unexpected(client.error());
    return grant_type->redeem({world, *form, endpoint, *client->app, client->proved, request.headers.has("Origin")});
}

}  // namespace

std::expected<Fields, Aadsts> read_form(const ServerRequest& request) {
    auto form = form_decode(request.body);
    if (!form) return std::unexpected(Aadsts{9002313});
    std::set<std::string_view> seen;
    for (const auto& [name, value] : *form)
        if (!seen.insert(name).second)
            return std::unexpected(Aadsts{9000411, "The request is not properly formatted. The parameter '" + name + "' is duplicated."});
    return *form;
}

std::expected<std::string, Aadsts> required(const Fields& form, std::string_view name) {
    const auto* value = find_field(form, name);
    if (!value || value->empty()) return std::unexpected(Aadsts{900144, "The request body must contain the following parameter: '" + std::string(name) + "'."});
    return *value;
}

ServerResponse answer_token_request(World& world, const TokenSigner& signer, const ServerRequest& request, const TokenEndpoint& endpoint) {
    std::string counted_as = "unknown";
    const auto issue = exchange(world, request, endpoint, counted_as);
    auto& count = world.tokens().exchanges[counted_as];
    if (!issue) {
        ++count.refused;
        return aadsts_answer(world, request, issue.error());
    }
    ++count.issued;
    return issue_tokens(world, signer, request, *issue);
}

}  // namespace renkei::sandbox

#pragma once

#include "sandbox/login/authorize_request.hpp"
#include "sandbox/login/issue.hpp"
#include "sandbox/login/pages.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace renkei::sandbox {

/// Signs people in at the authorize endpoint and on the device page, and asks for their consent.
class SignIn {
public:
    explicit SignIn(World& world) : world_(world) {}

    /// GET and POST /{tenant}/oauth2/v2.0/authorize
    ServerResponse authorize(const ServerRequest& request, const TokenEndpoint& endpoint);
    /// GET /{tenant}/adminconsent and, with scopes, /{tenant}/v2.0/adminconsent
    ServerResponse admin_consent(const ServerRequest& request, const TokenEndpoint& endpoint, int version);
    /// POST /{tenant}/login: the forms of the pages.
    ServerResponse answer_form(const ServerRequest& request, const TokenEndpoint& endpoint);
    /// GET and POST /device
    ServerResponse device(const ServerRequest& request);
    /// GET and POST /{tenant}/oauth2/v2.0/logout
    ServerResponse sign_out(const ServerRequest& request);
    void reset();

private:
    // What one person is in the middle of.
    struct Flow {
        AuthorizeRequest request;
        std::string device_code{};  // set: approves this device instead of redirecting
        std::string user{};         // set: the password was right
        int admin_consent = 0;      // 1 or 2: an administrator consents for everybody instead
        TimePoint expires{};
    };

    ServerResponse decide(const ServerRequest& request, AuthorizeRequest asked);
    ServerResponse decide_silently(const ServerRequest& request, const AuthorizeRequest& asked, SandboxUser* user);
    ServerResponse decide_automatically(const ServerRequest& request, Flow flow);
    ServerResponse continue_flow(const ServerRequest& request, Flow flow, SandboxUser& user, bool ask_again);
    ServerResponse show_sign_in(const ServerRequest& request, Flow flow, std::string_view problem);
    ServerResponse check_password(const ServerRequest& request, Flow flow, const Fields& form);
    ServerResponse decide_device(const ServerRequest& request, std::string_view user_code);
    ServerResponse finish(const ServerRequest& request, const Flow& flow, SandboxUser& user);
    ServerResponse refuse(const ServerRequest& request, const Flow& flow, const Aadsts& failure);
    ServerResponse consent(const ServerRequest& request, const Flow& flow, SandboxUser& user);
    ServerResponse finish_admin_consent(const ServerRequest& request, const Flow& flow, const SandboxUser& user);
    ServerResponse refuse_admin_consent(const ServerRequest& request, const Flow& flow, const Aadsts& failure);
    ServerResponse need_approval(const ServerRequest& request, Flow flow, const SandboxUser& user, const Aadsts& failure);
    ServerResponse cannot_sign_in(const ServerRequest& request, const Flow& flow, const Aadsts& failure);
    std::optional<Aadsts> problem_with(const SandboxUser& user, const AuthorizeRequest& asked, bool silent = false);
    std::optional<Aadsts> lacks_approval(const Flow& flow, const SandboxUser& user);
    std::string keep(Flow flow);
    SandboxUser* session_user(const ServerRequest& request);
    void start_session(ServerResponse& response, const SandboxUser& user);

    World& world_;
    std::unordered_map<std::string, Flow> flows_;
    std::unordered_map<std::string, std::string> sessions_;  // cookie -> object id
};

/// Sends the fields to the redirect address in the way asked for.
ServerResponse redirect_with(const ServerRequest& request, const AuthorizeRequest& asked, Fields fields);
/// The error answer of an authorization request (RFC 6749 section 4.1.2.1).
ServerResponse redirect_failure(World& world, const ServerRequest& request, const AuthorizeRequest& asked, const Aadsts& failure);

}  // namespace renkei::sandbox

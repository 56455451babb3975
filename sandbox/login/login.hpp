#pragma once

#include "sandbox/login/jwt.hpp"
#include "sandbox/login/sign_in.hpp"
#include "sandbox/service.hpp"
#include "sandbox/world.hpp"

namespace renkei::sandbox {

/// The simulated Microsoft identity platform (v2.0 endpoints).
class LoginService final : public Service {
public:
    LoginService(World& world, TokenSigner signer) : world_(world), signer_(std::move(signer)), sign_in_(world) {}
    std::string_view name() const override { return "login"; }
    std::uint64_t body_limit(Method, std::string_view) override { return 256u << 10; }
    ServerResponse handle(ServerRequest request) override;
    ServerResponse vendor_error(int status, const ServerRequest& request) override;
    void reset() override { sign_in_.reset(); }

private:
    using Endpoint = ServerResponse (LoginService::*)(const ServerRequest&, const TokenEndpoint&);
    struct Route {
        std::string_view method;  // "GET", "POST" or "*"
        std::string_view pattern;
        Endpoint endpoint;
        bool json;  // errors of the tenant segment as JSON, not as a page
    };
    static const Route routes[];

    ServerResponse metadata(const ServerRequest&, const TokenEndpoint&);
    ServerResponse keys(const ServerRequest&, const TokenEndpoint&);
    ServerResponse instances(const ServerRequest&, const TokenEndpoint&);
    ServerResponse authorize(const ServerRequest&, const TokenEndpoint&);
    ServerResponse admin_consent(const ServerRequest&, const TokenEndpoint&);
    ServerResponse admin_consent_v2(const ServerRequest&, const TokenEndpoint&);
    ServerResponse login_form(const ServerRequest&, const TokenEndpoint&);
    ServerResponse token(const ServerRequest&, const TokenEndpoint&);
    ServerResponse device_code(const ServerRequest&, const TokenEndpoint&);
    ServerResponse device(const ServerRequest&, const TokenEndpoint&);
    ServerResponse logout(const ServerRequest&, const TokenEndpoint&);
    ServerResponse userinfo(const ServerRequest&, const TokenEndpoint&);

    World& world_;
    TokenSigner signer_;
    SignIn sign_in_;
};

}  // namespace renkei::sandbox

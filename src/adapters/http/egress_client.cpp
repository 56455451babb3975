#include "adapters/http/egress_client.hpp"

#include <algorithm>
#include <utility>

namespace renkei::http {
namespace {

// A name that is nothing but digits, dots and hexadecimal marks is an IPv4 address in an odd notation (0x7f.1, 2130706433):
// what such a name means differs from program to program, so that only the plain notation passes a proxy.
bool is_odd_number(std::string_view host) {
    const auto dot = host.find_last_of('.', host.size() - (host.ends_with('.') ? 2 : 1));
    const auto last = dot == host.npos ? host : host.substr(dot + 1);
    return !last.empty() && last.front() >= '0' && last.front() <= '9';
}

class EgressClient final : public app::HttpClient {
public:
    EgressClient(std::unique_ptr<app::HttpClient> inner, EgressSettings settings, std::unique_ptr<Resolver> resolver)
        : inner_(std::move(inner)), settings_(std::move(settings)), resolver_(std::move(resolver)) {}

    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override {
        if (auto admitted = co_await admit(question(request, options)); !admitted) co_return propagate(admitted);
        co_return co_await inner_->send(std::move(request), std::move(options));
    }
    Task<Result<app::StreamedResponse>> open(HttpRequest request, app::CallOptions options) override {
        if (auto admitted = co_await admit(question(request, options)); !admitted) co_return propagate(admitted);
        co_return co_await inner_->open(std::move(request), std::move(options));
    }
    Task<Result<HttpResponse>> upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) override {
        if (auto admitted = co_await admit(question(request, options)); !admitted) co_return propagate(admitted);
        co_return co_await inner_->upload(std::move(request), std::move(body), length, std::move(options));
    }

private:
    struct Question {
        std::string url;
        bool carries_credential;
        EgressPolicy::Scope scope;
        std::chrono::milliseconds deadline;
    };

    Question question(const HttpRequest& request, const app::CallOptions& options) const {
        return {request.url, request.authorization.has_value() || request.secret_body.has_value(),
                settings_.policy.scope_of(options.purpose, options.workspace), options.deadline};
    }

    Task<Result<void>> admit(Question asked) {
        const auto target = Uri::parse(asked.url);
        if (!target) co_return fail(target.error());
        if (asked.carries_credential && !may_carry_credential(*target))
            co_return fail(Errc::egress_refused, "credentials are not sent to " + target->host + " without TLS");
        if (const auto address = core::parse_address(target->host)) co_return settings_.policy.check(asked.scope, *address, target->port, target->host);
        if (settings_.proxies->proxy_for(*target) == nullptr) co_return Result<void>{};  // the transport checks the connection
        if (is_odd_number(target->host)) co_return fail(Errc::egress_refused, "calls to " + target->host + " are refused: write the address in its usual form");
        if (settings_.proxied_names == ProxiedNames::trust_the_proxy) co_return Result<void>{};
        co_return co_await check_names(*target, std::move(asked));
    }

    bool may_carry_credential(const Uri& target) const {
        if (target.scheme == "https" || settings_.plain_http == PlainHttp::allow_plain_http_for_tests) return true;
        return settings_.plain_http == PlainHttp::allow_on_loopback && names_loopback(target);
    }

    Task<Result<void>> check_names(Uri target, Question asked) {
        const auto addresses = co_await resolver_->resolve(target.host, asked.deadline);
        if (!addresses) co_return fail(addresses.error());
        if (addresses->empty()) co_return fail(Errc::provider_unavailable, "the name " + target.host + " could not be resolved");
        // All of them: which one the proxy takes is not known.
        for (const auto& address : *addresses)
            if (auto allowed = settings_.policy.check(asked.scope, address, target.port, target.host); !allowed) co_return allowed;
        co_return Result<void>{};
    }

    std::unique_ptr<app::HttpClient> inner_;
    EgressSettings settings_;
    std::unique_ptr<Resolver> resolver_;
};

}  // namespace

std::unique_ptr<app::HttpClient> with_egress_policy(std::unique_ptr<app::HttpClient> inner, EgressSettings settings, std::unique_ptr<Resolver> resolver) {
    return std::make_unique<EgressClient>(std::move(inner), std::move(settings), std::move(resolver));
}

}  // namespace renkei::http

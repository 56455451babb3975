#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/router.hpp"
#include "adapters/api/services.hpp"
#include "app/automation_access.hpp"
#include "app/ports/http_handler.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace renkei::api {

/// Answers without suspending what can be answered so (token_fast); everything else takes the ordinary way.
class FastPath {
public:
    virtual ~FastPath() = default;
    virtual bool try_fast(const app::FastRequest& request, app::FastAnswer& answer) = 0;
};

/// Renkei's HTTP API: the life of one request, from the path to the answer.
class Api final : public app::HttpHandler {
public:
    explicit Api(Services services, FastPath* fast = nullptr);

    bool try_fast(const app::FastRequest& request, app::FastAnswer& answer) override { return fast_ != nullptr && fast_->try_fast(request, answer); }
    std::uint64_t body_limit(Method method, std::string_view path) override;
    Task<app::ServerResponse> handle(app::ServerRequest request) override;
    app::ServerResponse refuse(int status, std::string_view detail, std::string_view request_id) override;

    const Router& router() const { return router_; }

private:
    struct Outcome;
    Task<Outcome> route(app::ServerRequest request, Language language);
    Task<Outcome> admit(Call call);
    Task<Outcome> admit_to_page(Call call);
    Task<Result<app::ServerResponse>> run_page(Call call);
    Task<Result<app::ServerResponse>> run_once(Call call, std::string key);
    Task<Result<app::ServerResponse>> run(Call call);
    Task<Result<app::AutomationCaller>> caller_of(Call& call);
    Task<void> record_refusal(core::Principal caller, std::string request_id, const Route* route);
    void report(std::string_view event, std::string_view request_id, const Error& error) const;
    app::ServerResponse finished(Outcome outcome, std::string_view request_id, Language language, bool head) const;

    Services services_;
    FastPath* fast_;
    Router router_;
    bool strict_transport_;
};

/// Every table of the API, in the order of the document.
std::vector<Routes> all_routes();

}  // namespace renkei::api

#include "app/connection_check.hpp"

#include "app/fence_resolver.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

CheckStage passed(std::string stage, std::string detail) { return {std::move(stage), CheckResult::ok, std::move(detail), {}}; }
CheckStage failed(std::string stage, Error problem) {
    auto detail = problem.detail;
    return {std::move(stage), CheckResult::failed, std::move(detail), std::move(problem)};
}
CheckStage skipped(std::string stage, std::string why) { return {std::move(stage), CheckResult::skipped, std::move(why), {}}; }

}  // namespace

bool CheckReport::ok() const {
    return std::ranges::none_of(stages, [](const CheckStage& stage) { return stage.result == CheckResult::failed; });
}

const Error* CheckReport::problem() const {
    for (const auto& stage : stages)
        if (stage.problem) return &*stage.problem;
    return nullptr;
}

Task<CheckStage> ConnectionCheck::look_at_settings(core::Connection connection, std::shared_ptr<std::string> directory_id) const {
    const auto* manifest = n_.catalog.find(connection.connector);
    if (manifest == nullptr) co_return failed("settings", {Errc::invalid_field, "the connector is not in the catalogue any more", {{"field", "connector"}}});
    if (auto usable = check_usable(connection); !usable) co_return failed("settings", std::move(usable.error()));
    if (connection.mailbox.empty() || manifest->adapter.empty()) co_return passed("settings", "state, mailbox and list fit together");
    FenceFacts::Verdict verdict{connection.fence.allows(connection.mailbox), Errc::outside_fence, {}, {}};
    if (n_.facts != nullptr) {
        auto judged = co_await n_.facts->judge(connection, connection.mailbox, core::TouchedAs::mailbox);
        if (!judged) co_return failed("settings", std::move(judged.error()));
        verdict = *std::move(judged);
    }
    if (!verdict.inside) {
        const bool outside = verdict.code == Errc::outside_fence;
        co_return failed("settings",
                         {verdict.code, outside ? "the connection's own mailbox is not on its list" : verdict.reason, {{"mailbox", connection.mailbox}}});
    }
    *directory_id = std::move(verdict.directory_id);
    co_return passed("settings", "state, mailbox and list fit together");
}

CheckStage ConnectionCheck::look_at_registration(const Result<core::ClientRegistration>& registration) const {
    if (!registration) return failed("registration", Error{registration.error().code, registration.error().detail});
    if (registration->auth_method == core::ClientAuthMethod::none) return passed("registration", "a public client: no credential");
    if (registration->credentials.empty()) return failed("registration", {Errc::needs_app_owner, "the client registration has no credential"});
    const auto& newest = registration->credentials.front();
    if (newest.expires_at && *newest.expires_at <= n_.clock.now())
        return failed("registration", {Errc::needs_app_owner, "the newest credential has expired on " + iso_text(*newest.expires_at)});
    return passed("registration", "credential version " + std::to_string(newest.version));
}

Task<CheckStage> ConnectionCheck::probe(MailAccess access, LiveToken token) {
    const auto* manifest = n_.catalog.find(access.connection.connector);
    auto* provider = manifest == nullptr || manifest->adapter.empty() || !n_.mail_provider ? nullptr : n_.mail_provider(manifest->adapter);
    if (provider == nullptr) co_return skipped("mailbox", "this connector gives tokens only");
    const auto mailbox = access.mailbox;
    access.access_token = std::move(token.token);
    auto read = co_await provider->probe(std::move(access));
    if (read) co_return passed("mailbox", mailbox.empty() ? "the mailbox answers" : mailbox + " answers");
    if (read.error().code != Errc::unauthenticated) co_return failed("mailbox", std::move(read.error()));
    n_.tokens.reject(token.key, token.generation);
    co_return failed("mailbox", {Errc::reconnect_required, "the provider refuses the access token"});
}

Task<CheckReport> ConnectionCheck::run(core::Connection connection, std::string request_id) {
    CheckReport report{connection.name, {}};
    auto directory_id = std::make_shared<std::string>();
    report.stages.push_back(co_await look_at_settings(connection, directory_id));
    auto registration = co_await n_.store.find_registration(connection.workspace, connection.registration);
    if (report.ok())
        report.stages.push_back(look_at_registration(registration));
    else
        report.stages.push_back(skipped("registration", "an earlier stage failed"));
    if (!report.ok()) {
        for (const auto* stage : {"token", "mailbox"}) report.stages.push_back(skipped(stage, "an earlier stage failed"));
        co_return report;
    }
    auto token = co_await n_.tokens.token_for(connection, std::chrono::seconds(60), request_id);
    if (!token) {
        report.stages.push_back(failed("token", std::move(token.error())));
        report.stages.push_back(skipped("mailbox", "an earlier stage failed"));
        co_return report;
    }
    report.stages.push_back(passed("token", "valid until " + iso_text(token->expires_at)));
    const auto mailbox = connection.mailbox;
    MailAccess access{std::move(connection), registration->cloud, mailbox, {}, std::move(request_id), std::move(*directory_id)};
    report.stages.push_back(co_await probe(std::move(access), std::move(*token)));
    co_return report;
}

Task<Result<CheckReport>> ConnectionCheck::check(By by, core::Name name) {
    auto granted = co_await n_.access.authorize(by.principal, std::move(name), core::Action::connections_read);
    if (!granted) co_return propagate(granted);
    if (granted->connection.token_type == core::TokenType::user_specific)
        co_return fail(Errc::conflict, "everybody has an account of their own behind this connection; `people` shows the state of each");
    co_return co_await run(std::move(granted->connection), by.request_id);
}

Task<Result<CheckReport>> ConnectionCheck::check_as_system(core::WorkspaceId workspace, core::Name name, std::string request_id) {
    auto connection = co_await n_.store.find_connection(workspace, std::move(name));
    if (!connection) co_return propagate(connection);
    if (connection->token_type == core::TokenType::user_specific) co_return CheckReport{connection->name, {}};
    co_return co_await run(std::move(*connection), std::move(request_id));
}

}  // namespace renkei::app

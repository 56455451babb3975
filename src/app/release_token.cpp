#include "app/release_token.hpp"

namespace renkei::app {

Task<Result<void>> ReleaseToken::record(core::WorkspaceId workspace, core::AuditRow row) {
    UnitOfWork unit;
    unit.push_back(AppendAudit{std::move(row)});
    co_return co_await store_.commit(workspace, std::move(unit));
}

Task<Result<ReleasedToken>> ReleaseToken::release(By by, core::Name connection, std::string mailbox, std::chrono::seconds min_validity) {
    const auto workspace = by.principal.workspace;
    const auto target = target_of("connection", connection.text());
    auto granted = co_await access_.authorize(by.principal, connection, core::Action::tokens_read, std::move(mailbox));
    if (!granted) {
        const auto code = granted.error().code;
        if (code == Errc::denied || code == Errc::outside_fence)
            if (auto told = co_await record(
                    workspace, refusal_row(by, clock_.now(), "token.release", target, std::string(error_row(code).slug) + ": " + granted.error().detail));
                !told)
                co_return propagate(told);
        co_return propagate(granted);
    }
    auto token = co_await tokens_.token_for(granted->connection, min_validity, by.request_id);
    if (!token) co_return propagate(token);
    // Not in the audit, not released.
    if (auto told = co_await record(workspace, audit_row(by, clock_.now(), "token.release", target, granted->reason, token->credential_version)); !told)
        co_return propagate(told);
    co_return ReleasedToken{std::move(granted->connection), std::move(*token)};
}

}  // namespace renkei::app

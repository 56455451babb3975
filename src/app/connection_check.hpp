#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/mail_provider.hpp"
#include "app/ports/store.hpp"
#include "app/ports/token_source.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

enum class CheckResult : std::uint8_t { ok, failed, skipped };

struct CheckStage {
    std::string stage;  ///< settings, registration, token, mailbox
    CheckResult result = CheckResult::ok;
    std::string detail;
    std::optional<Error> problem{};
};

struct CheckReport {
    core::Name connection;
    std::vector<CheckStage> stages;
    bool ok() const;
    const Error* problem() const;
};

/// Probes a connection in stages; each failure says who must act (B-03 in small).
class ConnectionCheck {
public:
    struct Needs {
        Store& store;
        Access& access;
        const Catalog& catalog;
        TokenSource& tokens;
        /// By the manifest's `adapter`; nullptr: tokens only.
        std::function<MailProvider*(std::string_view adapter)> mail_provider;
        Clock& clock;
        FenceFacts* facts = nullptr;  ///< without it the connection's own mailbox is judged by its spelling
    };
    explicit ConnectionCheck(Needs needs) : n_(std::move(needs)) {}

    Task<Result<CheckReport>> check(By by, core::Name name);
    /// For work that was decided before: no caller is asked again.
    Task<Result<CheckReport>> check_as_system(core::WorkspaceId workspace, core::Name name, std::string request_id);

private:
    Task<CheckReport> run(core::Connection connection, std::string request_id);
    Task<CheckStage> look_at_settings(core::Connection connection, std::shared_ptr<std::string> directory_id) const;
    CheckStage look_at_registration(const Result<core::ClientRegistration>& registration) const;
    Task<CheckStage> probe(MailAccess access, LiveToken token);

    Needs n_;
};

}  // namespace renkei::app

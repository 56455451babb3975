#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/mail_provider.hpp"
#include "app/ports/store.hpp"
#include "app/ports/token_source.hpp"

#include <functional>
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
    };
    explicit ConnectionCheck(Needs needs) : n_(std::move(needs)) {}

    Task<Result<CheckReport>> check(By by, core::Name name);
    /// For work that was decided before: no caller is asked again.
    Task<Result<CheckReport>> check_as_system(core::WorkspaceId workspace, core::Name name, std::string request_id);

private:
    Task<CheckReport> run(core::Connection connection, std::string request_id);
    CheckStage look_at_settings(const core::Connection& connection) const;
    CheckStage look_at_registration(const Result<core::ClientRegistration>& registration) const;
    Task<CheckStage> probe(core::Connection connection, std::string cloud, LiveToken token, std::string request_id);

    Needs n_;
};

}  // namespace renkei::app

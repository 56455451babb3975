#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/ports/token_source.hpp"

#include <string>

namespace renkei::app {

struct ReleasedToken {
    core::Connection connection;
    LiveToken token;
};

/// Hands out an access token: a right of its own, each release in the audit before the caller has it (B-09, B-16).
class ReleaseToken {
public:
    ReleaseToken(Store& store, Access& access, TokenSource& tokens, const Clock& clock) : store_(store), access_(access), tokens_(tokens), clock_(clock) {}

    Task<Result<ReleasedToken>> release(By by, core::Name connection, std::string mailbox, std::chrono::seconds min_validity);

private:
    Task<Result<void>> record(core::WorkspaceId workspace, core::AuditRow row);

    Store& store_;
    Access& access_;
    TokenSource& tokens_;
    const Clock& clock_;
};

}  // namespace renkei::app

#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/mail.hpp"
#include "app/ports/native_api.hpp"

#include <map>
#include <memory>
#include <string>

namespace renkei::app {

using NativeApis = std::map<std::string, NativeApi*, std::less<>>;  ///< by the manifests' `native_api`

/// The provider's own API for automations with the right `native`, which nothing implies. The fence holds here too: a path
/// of one user is that user's mailbox, and what may reach several needs a fence of everything. Every call is audited
/// before it is made.
class Native {
public:
    struct Parts {
        Access& access;
        ConnectionStore& connections;
        GrantStore& grants;
        TokenSource& tokens;
        Ledger& ledger;
        const Catalog& catalog;
        const Clock& clock;
        NativeApis apis;
    };
    explicit Native(Parts parts) : parts_(std::move(parts)) {}

    /// Errors: those of Access::authorize and TokenSource::token_for, invalid_field, provider_*.
    Task<Result<NativeAnswer>> call(By by, MailPlace place, NativeCall wanted);

private:
    Task<Result<Granted>> allow(By by, MailPlace place, NativeReach reach);
    Task<Result<std::string>> account_of(core::Connection connection);
    Task<Result<void>> note(By by, core::Connection connection, std::string reason, bool allowed);
    Task<Result<NativeAnswer>> ask(Granted granted, NativeApi& api, NativeCall wanted, std::string request_id);

    Parts parts_;
};

}  // namespace renkei::app

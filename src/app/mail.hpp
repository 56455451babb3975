#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/mail_provider.hpp"
#include "app/ports/token_source.hpp"
#include "app/ports/vault.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace renkei::app {

/// Adapters by the name that manifests give them (`adapter`).
using MailProviders = std::map<std::string, MailProvider*, std::less<>>;

/// Which mailbox through which connection. `mailbox` as the caller wrote it; empty: the connection's own. `act_as`: with whose
/// account, where the connection does not say that already.
struct MailPlace {
    core::Name connection;
    std::string mailbox;
    std::string act_as{};
};

struct ListMessages {
    core::EmailFilter filter;
    std::uint32_t limit = 50;  ///< 1 to 500
    std::string cursor;        ///< from the page before, of the same place and filter
};

/// Mail for automations: who may, which account, a live token, the provider. A token that the provider refuses is
/// replaced once. Reads are not audited; sends and refusals are.
class Mail {
public:
    struct Parts {
        Access& access;
        ConnectionStore& connections;
        TokenSource& tokens;
        Ledger& ledger;
        const Catalog& catalog;
        const Vault& vault;  ///< for the cursors' authentication code
        const Clock& clock;
        MailProviders providers;
    };
    explicit Mail(Parts parts) : parts_(std::move(parts)) {}

    Task<Result<std::vector<core::Mailbox>>> list_folders(By by, MailPlace place);
    /// Also searches, when the filter has a text.
    Task<Result<core::EmailPage>> list_messages(By by, MailPlace place, ListMessages command);
    Task<Result<core::Email>> get_message(By by, MailPlace place, std::string id);
    Task<Result<RawMessage>> get_mime(By by, MailPlace place, std::string id);
    Task<Result<RawMessage>> get_attachment(By by, MailPlace place, std::string id, std::string attachment_id);
    /// Returns once the provider has accepted it. The audit says what was about to be sent before it is, and how it went.
    Task<Result<void>> send_message(By by, MailPlace place, core::OutgoingEmail email);
    /// A cheap read that proves token and mailbox, for a connection that the caller may use already. Only a mailbox
    /// within the fence is tried; a connector without mail is proved by its token alone.
    Task<Result<void>> probe(core::Connection connection, std::string request_id);

private:
    Task<Result<Granted>> allow(By by, MailPlace place, core::Action action, core::TouchedAs as = core::TouchedAs::mailbox);
    Task<Result<void>> audit(By by, std::string action, core::Connection connection, std::string reason, bool allowed, std::uint32_t credential_version = 0);
    Result<MailProvider*> provider_of(const core::Connection& connection) const;
    template <class T, class Ask>
    Task<Result<T>> ask_provider(Granted granted, std::string request_id, Ask ask, std::shared_ptr<LiveToken> used);
    std::string seal_cursor(const Granted& granted, const core::EmailFilter& filter, const std::string& cursor) const;
    Result<std::string> open_cursor(const Granted& granted, const core::EmailFilter& filter, const std::string& cursor) const;

    Parts parts_;
};

/// What stands in a message that is to be sent: one spelling of addresses, no control characters anywhere a header is
/// made of, at least one recipient and at most 500. Errors: invalid_field, naming the field as in the API.
Result<core::OutgoingEmail> check_outgoing(core::OutgoingEmail email);

}  // namespace renkei::app

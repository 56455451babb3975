#include "adapters/providers/microsoft/graph_error.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace renkei::microsoft {
namespace {

enum class Says { detail, permission, send_as, mailbox };

struct CodeRow {
    std::string_view code;
    Errc errc;
    Says says;
    std::string_view detail;
};

// https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/graph/resolve-auth-errors; names compare without case.
constexpr CodeRow codes[] = {
    {"ErrorItemNotFound", Errc::not_found, Says::detail, "the message, folder or attachment is not there: deleted, moved, or of another mailbox"},
    {"ResourceNotFound", Errc::not_found, Says::detail, "the provider knows no such message, folder or mailbox"},
    {"Request_ResourceNotFound", Errc::not_found, Says::detail, "the provider knows no such mailbox in this tenant"},
    {"ErrorInvalidIdMalformed", Errc::not_found, Says::detail, "the id is none of this mailbox's; take one from a list"},
    {"ErrorFolderNotFound", Errc::not_found, Says::detail, "the folder is not there"},
    {"ErrorInvalidUser", Errc::needs_admin, Says::mailbox, "is not a mailbox user of this tenant"},
    {"MailboxNotEnabledForRESTAPI", Errc::needs_admin, Says::mailbox,
     "has no Exchange Online mailbox or licence, or is hosted on-premises; a new licence can need a day"},
    {"MailboxNotSupportedForRESTAPI", Errc::needs_admin, Says::mailbox,
     "has no Exchange Online mailbox or licence, or is hosted on-premises; a new licence can need a day"},
    {"ErrorAccessDenied", Errc::provider_refused, Says::permission, ""},
    {"accessDenied", Errc::provider_refused, Says::permission, ""},
    {"Authorization_RequestDenied", Errc::provider_refused, Says::permission, ""},
    {"ErrorSendAsDenied", Errc::provider_refused, Says::send_as, ""},
    {"InefficientFilter", Errc::provider_rejected, Says::detail, "the filter is too complex for the provider; use fewer conditions"},
    {"SearchWithFilter", Errc::provider_rejected, Says::detail, "the provider does not search and filter at once"},
    {"ErrorInvalidRecipients", Errc::provider_rejected, Says::detail, "the provider does not accept the recipients"},
    {"ErrorMessageSizeExceeded", Errc::payload_too_large, Says::detail, "the message is larger than the mailbox may send"},
    {"RequestBroker--ParseUri", Errc::provider_rejected, Says::detail, "the provider did not understand the query"},
    {"syncStateNotFound", Errc::gone, Says::detail, "the cursor is too old for the provider; begin again with the first page"},
    {"resyncRequired", Errc::gone, Says::detail, "the cursor is too old for the provider; begin again with the first page"},
    {"ErrorQuotaExceeded", Errc::needs_admin, Says::mailbox, "is full"},
    {"ErrorIrresolvableConflict", Errc::conflict, Says::detail, "it was changed at the provider meanwhile; read it again"},
    {"resourceModified", Errc::conflict, Says::detail, "it was changed at the provider meanwhile; read it again"},
    {"TooManyRequests", Errc::provider_throttled, Says::detail, "the provider asks to slow down"},
    {"ApplicationThrottled", Errc::provider_throttled, Says::detail, "the provider asks to slow down for this app and mailbox"},
    {"activityLimitReached", Errc::provider_throttled, Says::detail, "the provider asks to slow down"},
};

struct Told {
    const CodeRow* row = nullptr;
    std::string code;  ///< the deepest that is well-formed, for the log
    bool graph = false;
};

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
}

// {"error":{"code":…,"innerError":{"code":…}}}, also spelled innererror. The deepest known code wins.
Told told_by(const HttpResponse& response) {
    Told told;
    const auto parsed = json::parse(response.body);
    const auto* object = parsed ? parsed->if_object() : nullptr;
    const auto* at = object != nullptr ? json::find(*object, "error") : nullptr;
    while (at != nullptr && at->is_object()) {
        const auto& level = at->get_object();
        if (const auto code = json::text(level, "code"); code && is_word(*code)) {
            told.graph = true;
            const auto* row = std::ranges::find_if(codes, [&](const CodeRow& known) { return equal_ignoring_case(known.code, *code); });
            if (row != std::end(codes)) told.row = row;
            if (row != std::end(codes) || told.code.empty()) told.code = *code;
        }
        at = json::find(level, "innerError");
        if (at == nullptr) at = json::find(level, "innererror");
    }
    return told;
}

std::string permission_words(const Asked& asked) {
    if (asked.mode == core::ConnectionMode::client_credentials)
        return "the application permission " + asked.permission +
               " with admin consent is missing, or an application access policy or role keeps the app out of " +
               (asked.mailbox.empty() ? "this mailbox" : asked.mailbox);
    return "the delegated permission " + asked.permission + " is missing, or for somebody else's mailbox " + asked.permission +
           ".Shared and the Exchange right to it";
}

std::string words_of(const CodeRow& row, const Asked& asked) {
    switch (row.says) {
        case Says::permission: return permission_words(asked);
        case Says::send_as: return "Exchange does not give the right Send As or Send on Behalf for this sender";
        case Says::mailbox: return (asked.mailbox.empty() ? "the signed-in person" : asked.mailbox) + " " + std::string(row.detail);
        case Says::detail: break;
    }
    return std::string(row.detail);
}

Error unauthenticated(const HttpResponse& response, const Asked& asked) {
    // A claims challenge (RFC 9470 in spirit; https://learn.microsoft.com/entra/identity-platform/claims-challenge): no
    // refresh helps, only a sign-in that meets the tenant's conditions.
    const bool challenge = lower_ascii(response.headers.get("WWW-Authenticate")).find("claims=") != std::string::npos;
    if (!challenge) return {Errc::unauthenticated, "the provider does not accept the access token"};
    if (asked.mode == core::ConnectionMode::client_credentials) return {Errc::needs_admin, "the tenant's conditional access stops this application"};
    return {Errc::reconnect_required, "the tenant's conditional access asks for a new sign-in"};
}

Error by_status(const HttpResponse& response, const Asked& asked, bool graph) {
    const int status = response.status;
    if (status == 429) return {Errc::provider_throttled, "the provider asks to slow down"};
    if (status >= 500)
        return {Errc::provider_unavailable, status == 504 ? "the provider needed too long; ask for a smaller page"
                                                          : "the provider has a problem of its own (status " + std::to_string(status) + ")"};
    if (!graph)
        return {Errc::provider_bad_answer,
                "status " + std::to_string(status) + " with something other than the provider's own error: perhaps a proxy in between"};
    switch (status) {
        case 403: return {Errc::provider_refused, permission_words(asked)};
        case 404: return {Errc::not_found, "the provider knows no such message, folder or mailbox"};
        case 409:
        case 412: return {Errc::conflict, "it was changed at the provider meanwhile; read it again"};
        case 410: return {Errc::gone, "the cursor is too old for the provider; begin again with the first page"};
        case 413: return {Errc::payload_too_large, "the provider takes no message of this size"};
        default: return {Errc::provider_rejected, "the provider does not accept the request (status " + std::to_string(status) + ")"};
    }
}

// Seconds, perhaps with decimals (Graph sends 2.128), rounded up. HTTP dates are left to the retry layer.
std::optional<std::string> retry_after(std::string_view text) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0) || seconds > 86'400) return std::nullopt;
    return std::to_string(static_cast<long>(std::ceil(seconds)));
}

}  // namespace

Error failure_of(const HttpResponse& response, const Asked& asked) {
    const auto told = told_by(response);
    const bool code_decides = told.row != nullptr && response.status >= 400 && response.status < 600;
    auto error = response.status == 401 ? unauthenticated(response, asked)
                 : code_decides         ? Error{told.row->errc, words_of(*told.row, asked)}
                 : response.status >= 400
                     ? by_status(response, asked, told.graph)
                     : Error{Errc::provider_bad_answer, "the provider answered with status " + std::to_string(response.status) + ", which makes no sense here"};
    error.context.emplace_back("status", std::to_string(response.status));
    if (!told.code.empty()) error.context.emplace_back("provider_code", told.code);
    if (const auto id = response.headers.get("request-id"); is_word(id)) error.context.emplace_back("provider_request_id", std::string(id));
    if (auto wait = retry_after(response.headers.get("Retry-After"))) error.context.emplace_back("retry_after", *std::move(wait));
    return error;
}

}  // namespace renkei::microsoft

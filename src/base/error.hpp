#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei {

/// What callers decide on. One row of the table in error.cpp each; never branch on text.
enum class Errc {
    // The request itself.
    bad_request,    // not understood: malformed HTTP, JSON, cursor
    invalid_field,  // a named field has an unacceptable value
    unknown_field,  // a field that the operation does not have
    payload_too_large,
    header_too_large,
    unsupported_media_type,
    method_not_allowed,
    not_found,             // also: exists, but not for this caller
    conflict,              // compare-and-swap lost, or a name is taken
    precondition_failed,   // If-Match does not match
    idempotency_mismatch,  // same key, other body
    idempotency_in_progress,
    gone,  // one-time link used, operation expired
    too_many_requests,
    request_timeout,
    // Who is calling and what they may.
    unauthenticated,
    sign_in_required,  // a page is for signed-in persons
    sign_in_failed,    // wrong e-mail address or password; says no more
    form_expired,      // a form without the token of this browser's session, or from another site
    denied,            // the policy refused
    outside_fence,     // mailbox not in the connection's fence
    fence_moved,       // the address has another owner than when it came onto the fence
    fence_unknown,     // the directory has not said yet whose address it is
    session_refused,   // run or session: unknown, ended, or not this caller's; says no more
    // Where a field's value comes from (docs/adr/0017).
    source_refused,          // the operator maps no such source, or a rule forbids it
    value_missing,           // a credential, variable, file or external secret is not there
    value_unusable,          // it is there and cannot be that field's value: too large, wrong shape, no text
    external_vault_sealed,   // the external vault answers, but is sealed or in maintenance
    external_vault_refused,  // it does not accept Renkei's credential, or does not let it read this
    external_vault_unreachable,
    // The connection.
    reconnect_required,  // a person must sign in again
    needs_admin,         // the provider's administrator must act
    needs_app_owner,     // the app registration's credential is broken
    rotation_unknown,    // a refresh was cut off; being resolved
    grant_lost,          // the provider's answer to a rotation was lost
    connection_paused,
    connection_draft,
    permission_needed,
    consent_refused,   // the person or an administrator said no at the provider
    callback_invalid,  // state unknown, used, expired or from another browser
    // The provider.
    provider_unavailable,  // no answer, 5xx
    provider_timeout,
    provider_throttled,   // 429 at the provider; context has retry_after
    provider_refused,     // the provider says 403
    provider_bad_answer,  // HTML, cut off, wrong type, too big
    provider_rejected,    // the provider says our request is wrong (400)
    egress_refused,       // the address may not be called
    tls_failed,           // the certificate was not accepted
    // Renkei itself.
    vault_locked,    // master key missing or wrong
    needs_operator,  // only who runs the machine can do it
    storage_full,    // disk full or read-only: reads go on
    storage_failed,
    shutting_down,
    internal,
};

/// Who must act so that it works again.
enum class Actor { caller, user, administrator, app_owner, operator_, nobody };

/// One row of the catalogue from which every answer, page and terminal message is made.
struct ErrorRow {
    Errc code;
    int status;             // HTTP
    std::string_view slug;  // stable name in answers
    Actor actor;
    std::string_view title_en;
    std::string_view title_ja;
    std::string_view remedy_en;
    std::string_view remedy_ja;
};

const ErrorRow& error_row(Errc code);
/// The row of a slug, or nullptr.
const ErrorRow* error_row_of_slug(std::string_view slug);
std::string_view slug_of(Actor actor);

struct Error {
    Errc code;
    std::string detail;  ///< What happened, in English, for the caller's eyes: our words, never a secret or a provider's text.
    std::vector<std::pair<std::string_view, std::string>>
        context{};  ///< For the log and selected members of the answer: field, connection, provider, status, retry_after.

    /// The value of a context entry, or empty.
    std::string_view get(std::string_view key) const;
    Error&& with(std::string_view key, std::string value) &&;
};

}  // namespace renkei

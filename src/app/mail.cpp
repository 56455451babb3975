#include "app/mail.hpp"

#include "app/with_token.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::chrono::seconds shortest_life{60};

bool is_policy_refusal(const Error& error) {
    return error.code == Errc::denied || error.code == Errc::outside_fence || error.code == Errc::fence_moved || error.code == Errc::fence_unknown ||
           error.code == Errc::permission_needed;
}

std::string refusal_reason(const Error& error) { return std::string(error_row(error.code).slug) + ": " + error.detail; }

// Every part with its length, so that no two filters look alike.
std::string spelled(const core::EmailFilter& filter) {
    std::string out;
    const auto put = [&](std::string_view part) { (out += std::to_string(part.size())).append(":").append(part); };
    for (const auto* part : {&filter.mailbox_id, &filter.from, &filter.subject, &filter.text}) put(*part);
    put(filter.after ? iso_text(*filter.after) : "");
    put(filter.before ? iso_text(*filter.before) : "");
    put(filter.unread ? (*filter.unread ? "y" : "n") : "");
    put(filter.has_attachment ? (*filter.has_attachment ? "y" : "n") : "");
    return out;
}

// A cursor holds an address at the provider, which says whose mailbox is read: without this code a caller could write
// one for a mailbox outside the fence.
Digest cursor_code(const Vault& vault, const Granted& granted, const core::EmailFilter& filter, std::string_view cursor) {
    std::string text = "mail cursor 1\n" + granted.connection.workspace.text() + granted.connection.id.text();
    text += std::to_string(granted.mailbox.size()) + ":" + granted.mailbox + spelled(filter);
    return vault.lookup_hash(Secret::take(std::move(text.append(cursor))));
}

template <class T>
Result<T> about(Result<T> result, const core::Connection& connection) {
    if (!result && result.error().get("connection").empty()) result.error().context.emplace_back("connection", connection.name.text());
    return result;
}

}  // namespace

Task<Result<Granted>> Mail::allow(By by, MailPlace place, core::Action action, core::TouchedAs as) {
    auto granted = co_await parts_.access.authorize(by.principal, place.connection, action, place.mailbox, place.act_as, as);
    if (granted || !is_policy_refusal(granted.error())) co_return granted;
    core::Connection refused;
    refused.workspace = by.principal.workspace;
    refused.name = place.connection;
    // A refusal stays one when it cannot be written down: reading goes on with a full disk, and nothing was done.
    (void)co_await audit(std::move(by), std::string(core::text_of(action)), std::move(refused), refusal_reason(granted.error()), false);
    co_return granted;
}

Task<Result<void>> Mail::audit(By by, std::string action, core::Connection connection, std::string reason, bool allowed, std::uint32_t credential_version) {
    const auto target = target_of("connection", connection.name.text());
    auto row = allowed ? audit_row(by, parts_.clock.now(), std::move(action), target, std::move(reason), credential_version)
                       : refusal_row(by, parts_.clock.now(), std::move(action), target, std::move(reason));
    UnitOfWork unit;
    unit.emplace_back(AppendAudit{std::move(row)});
    co_return co_await parts_.ledger.commit(connection.workspace, std::move(unit));
}

Result<MailProvider*> Mail::provider_of(const core::Connection& connection) const {
    const auto* manifest = parts_.catalog.find(connection.connector);
    if (manifest == nullptr) return fail(Errc::needs_admin, "the connector `" + connection.connector + "` is not in the catalogue of this installation");
    const auto found = parts_.providers.find(manifest->adapter);
    if (found == parts_.providers.end())
        return fail(Errc::bad_request, "the connector `" + connection.connector + "` gives tokens only; there is no mail behind it");
    return found->second;
}

template <class T, class Ask>
Task<Result<T>> Mail::ask_provider(Granted granted, std::string request_id, Ask ask, std::shared_ptr<LiveToken> used) {
    auto provider = provider_of(granted.connection);
    if (!provider) co_return about<T>(propagate(provider), granted.connection);
    auto registration = co_await parts_.connections.find_registration(granted.connection.workspace, granted.connection.registration);
    if (!registration) co_return about<T>(propagate(registration), granted.connection);
    auto call = [provider = *provider, granted, cloud = registration->cloud, request_id, ask, used](LiveToken live) {
        MailAccess access{granted.connection, cloud, granted.mailbox, std::move(live.token), request_id, granted.directory_id};
        *used = std::move(live);
        return ask(*provider, std::move(access));
    };
    co_return about(co_await with_token<T>(parts_.tokens, granted.connection, std::move(request_id), std::move(call)), granted.connection);
}

std::string Mail::seal_cursor(const Granted& granted, const core::EmailFilter& filter, const std::string& cursor) const {
    if (cursor.empty()) return {};
    return base64url(cursor_code(parts_.vault, granted, filter, cursor)) + cursor;
}

Result<std::string> Mail::open_cursor(const Granted& granted, const core::EmailFilter& filter, const std::string& cursor) const {
    constexpr std::size_t code_length = 43;  // base64url of 32 bytes
    if (cursor.empty()) return std::string();
    auto inner = cursor.size() > code_length ? cursor.substr(code_length) : std::string();
    if (inner.empty() || !constant_time_equal(cursor.substr(0, code_length), base64url(cursor_code(parts_.vault, granted, filter, inner))))
        return fail(Error{Errc::bad_request,
                          "the cursor belongs to another list: repeat the connection, mailbox and filter of the page that gave it",
                          {{"field", "cursor"}}});
    return inner;
}

Task<Result<std::vector<core::Mailbox>>> Mail::list_folders(By by, MailPlace place) {
    auto granted = co_await allow(by, std::move(place), core::Action::mail_read);
    if (!granted) co_return propagate(granted);

    const auto ask = [](MailProvider& mail, MailAccess access) { return mail.folders(std::move(access)); };
    co_return co_await ask_provider<std::vector<core::Mailbox>>(*std::move(granted), by.request_id, ask, std::make_shared<LiveToken>());
}

Task<Result<core::EmailPage>> Mail::list_messages(By by, MailPlace place, ListMessages command) {
    auto granted = co_await allow(by, std::move(place), core::Action::mail_read);
    if (!granted) co_return propagate(granted);
    if (command.limit < 1 || command.limit > 500) co_return bad_field("limit", "`limit` must be 1 to 500");
    auto cursor = open_cursor(*granted, command.filter, command.cursor);
    if (!cursor) co_return propagate(cursor);

    const auto ask = [filter = command.filter, limit = command.limit, at = *cursor](MailProvider& mail, MailAccess access) {
        return mail.list(std::move(access), filter, limit, at);
    };
    auto page = co_await ask_provider<core::EmailPage>(*granted, by.request_id, ask, std::make_shared<LiveToken>());
    if (page) page->next_cursor = seal_cursor(*granted, command.filter, page->next_cursor);
    co_return page;
}

Task<Result<core::Email>> Mail::get_message(By by, MailPlace place, std::string id) {
    auto granted = co_await allow(by, std::move(place), core::Action::mail_read);
    if (!granted) co_return propagate(granted);

    const auto ask = [id](MailProvider& mail, MailAccess access) { return mail.get(std::move(access), id); };
    co_return co_await ask_provider<core::Email>(*std::move(granted), by.request_id, ask, std::make_shared<LiveToken>());
}

Task<Result<RawMessage>> Mail::get_mime(By by, MailPlace place, std::string id) {
    auto granted = co_await allow(by, std::move(place), core::Action::mail_read);
    if (!granted) co_return propagate(granted);

    const auto ask = [id](MailProvider& mail, MailAccess access) { return mail.mime(std::move(access), id); };
    co_return co_await ask_provider<RawMessage>(*std::move(granted), by.request_id, ask, std::make_shared<LiveToken>());
}

Task<Result<RawMessage>> Mail::get_attachment(By by, MailPlace place, std::string id, std::string attachment_id) {
    auto granted = co_await allow(by, std::move(place), core::Action::mail_read);
    if (!granted) co_return propagate(granted);

    const auto ask = [id, attachment_id](MailProvider& mail, MailAccess access) { return mail.attachment(std::move(access), id, attachment_id); };
    co_return co_await ask_provider<RawMessage>(*std::move(granted), by.request_id, ask, std::make_shared<LiveToken>());
}

Task<Result<void>> Mail::send_message(By by, MailPlace place, core::OutgoingEmail email) {
    auto granted = co_await allow(by, place, core::Action::mail_send);
    if (!granted) co_return propagate(granted);
    auto checked = check_outgoing(std::move(email));
    if (!checked) co_return propagate(checked);
    if (checked->from && checked->from->email != granted->mailbox) {
        // Who appears as the sender is a mailbox like any other: the fence stands around it too.
        auto sender = co_await allow(by, {place.connection, checked->from->email, place.act_as}, core::Action::mail_send, core::TouchedAs::from);
        if (!sender) co_return propagate(sender);
    }
    const auto recipients = std::to_string(checked->to.size() + checked->cc.size() + checked->bcc.size());
    const auto words = (granted->mailbox.empty() ? "own mailbox" : granted->mailbox) + ", recipients: " + recipients;
    // Written before it is done: a message that nobody can account for must not leave.
    if (auto noted = co_await audit(by, "mail.send", granted->connection, "allowed, about to be sent from " + words, true); !noted) co_return propagate(noted);

    auto used = std::make_shared<LiveToken>();
    const auto ask = [message = *std::move(checked)](MailProvider& mail, MailAccess access) { return mail.send(std::move(access), message); };
    auto sent = co_await ask_provider<void>(*granted, by.request_id, ask, used);
    const auto outcome = sent ? "accepted by the provider, from " + words : refusal_reason(sent.error());
    // The message is with the provider, or not: that the outcome cannot be written down does not change the answer.
    (void)co_await audit(by, sent ? "mail.sent" : "mail.not_sent", granted->connection, outcome, true, used->credential_version);
    co_return sent;
}

Task<Result<void>> Mail::probe(core::Connection connection, std::string request_id) {
    auto used = std::make_shared<LiveToken>();
    const bool has_mail = provider_of(connection).has_value();
    const auto mailbox = connection.mailbox;
    if (!has_mail || (!mailbox.empty() && !connection.fence.allows(mailbox)) || (mailbox.empty() && !connection.fence.everything)) {
        auto live = co_await parts_.tokens.token_for(connection, shortest_life, std::move(request_id));
        if (!live) co_return about<void>(propagate(live), connection);
        co_return Result<void>();
    }
    const auto ask = [](MailProvider& mail, MailAccess access) { return mail.probe(std::move(access)); };
    co_return co_await ask_provider<void>(Granted{std::move(connection), mailbox, {}}, std::move(request_id), ask, used);
}

}  // namespace renkei::app

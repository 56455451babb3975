#include "adapters/api/mail_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/call_place.hpp"
#include "adapters/api/mail_show.hpp"
#include "adapters/api/services.hpp"
#include "app/mail.hpp"

namespace renkei::api {
namespace {

// 3 MiB of attachments in base64, two bodies and the words around them.
constexpr std::uint64_t send_limit = 8u << 20;
constexpr std::size_t longest_cursor = 8192;

app::By by_of(const Call& call) { return {call.caller, call.request_id()}; }

app::ServerResponse page_answer(const core::EmailPage& page) {
    json::array items;
    for (const auto& email : page.emails) items.push_back(shown_email_header(email));
    json::object body{{"items", std::move(items)}, {"next_cursor", nullptr}};
    // The use case has bound the cursor to connection, mailbox and filter already.
    if (!page.next_cursor.empty()) body["next_cursor"] = page.next_cursor;
    return json_answer(std::move(body));
}

Task<Result<app::ServerResponse>> list_folders(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);

    auto folders = co_await services.mail.list_folders(by_of(call), *std::move(place));
    if (!folders) co_return propagate(folders);
    json::array items;
    for (const auto& folder : *folders) items.push_back(shown_mailbox(folder));
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

void read_page_of(QueryReader& query, app::ListMessages& command) {
    command.limit = static_cast<std::uint32_t>(query.optional_integer("limit", 1, 500).value_or(50));
    command.cursor = query.optional_text("cursor", longest_cursor).value_or(std::string());
}

Task<Result<app::ServerResponse>> list_messages(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    app::ListMessages command;
    auto query = call.read_query();
    command.filter.mailbox_id = query.optional_text("folder", 1024).value_or(std::string());
    command.filter.from = query.optional_text("from", 254).value_or(std::string());
    command.filter.subject = query.optional_text("subject", 512).value_or(std::string());
    command.filter.after = query.optional_time("after");
    command.filter.before = query.optional_time("before");
    command.filter.unread = query.optional_boolean("unread");
    command.filter.has_attachment = query.optional_boolean("has_attachment");
    read_page_of(query, command);
    if (auto done = query.done(); !done) co_return propagate(done);

    auto page = co_await services.mail.list_messages(by_of(call), *std::move(place), std::move(command));
    if (!page) co_return propagate(page);
    co_return page_answer(*page);
}

Task<Result<app::ServerResponse>> search_messages(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    app::ListMessages command;
    auto query = call.read_query();
    command.filter.text = query.text("q", 512);
    read_page_of(query, command);
    if (auto done = query.done(); !done) co_return propagate(done);

    auto page = co_await services.mail.list_messages(by_of(call), *std::move(place), std::move(command));
    if (!page) co_return propagate(page);
    co_return page_answer(*page);
}

Task<Result<app::ServerResponse>> get_message(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);

    auto email = co_await services.mail.get_message(by_of(call), *std::move(place), call.parameter("id"));
    if (!email) co_return propagate(email);
    co_return json_answer(shown_email(*email));
}

// Bytes that a stranger sent: a download, never a page of ours. The media type that the stranger gave stands in the list
// of attachments; as a header it would only tempt a browser.
app::ServerResponse download(app::RawMessage raw, std::string_view media_type) {
    app::ServerResponse answer;
    answer.headers.set("Content-Type", std::string(media_type));
    answer.headers.set("Content-Disposition", content_disposition(raw.name));
    answer.headers.set("X-Content-Type-Options", "nosniff");
    answer.headers.set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'");
    if (raw.size > 0) answer.headers.set("Content-Length", std::to_string(raw.size));
    answer.stream = std::move(raw.body);
    return answer;
}

Task<Result<app::ServerResponse>> get_mime(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);

    auto raw = co_await services.mail.get_mime(by_of(call), *std::move(place), call.parameter("id"));
    if (!raw) co_return propagate(raw);
    co_return download(*std::move(raw), "message/rfc822");
}

Task<Result<app::ServerResponse>> get_attachment(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);

    auto raw = co_await services.mail.get_attachment(by_of(call), *std::move(place), call.parameter("id"), call.parameter("aid"));
    if (!raw) co_return propagate(raw);
    co_return download(*std::move(raw), "application/octet-stream");
}

core::MailAddress read_address(BodyReader reader) {
    core::MailAddress address;
    address.email = reader.text("email", {.max = 254});
    address.name = reader.optional_text("name", {.max = 256, .min = 0}).value_or(std::string());
    (void)reader.done();  // what it refuses is told by the root
    return address;
}

std::vector<core::MailAddress> read_addresses(BodyReader& reader, std::string_view name) {
    std::vector<core::MailAddress> addresses;
    for (auto& item : reader.object_list(name, 500)) addresses.push_back(read_address(std::move(item)));
    return addresses;
}

core::OutgoingAttachment read_attachment(BodyReader reader) {
    core::OutgoingAttachment attachment;
    attachment.name = reader.text("name", {.max = 255});
    attachment.type = reader.optional_text("type", {.max = 255}).value_or(std::string());
    attachment.content_id = reader.optional_text("content_id", {.max = 200}).value_or(std::string());
    attachment.is_inline = reader.optional_boolean("is_inline").value_or(false);
    const auto content = reader.text("content", {.max = send_limit, .min = 0});
    if (auto bytes = decode_base64(content))
        attachment.content = *std::move(bytes);
    else
        reader.refuse("content", "must be base64 with padding (RFC 4648 section 4)");
    (void)reader.done();
    return attachment;
}

Result<core::OutgoingEmail> read_email(Call& call) {
    constexpr Length body_length{.max = 2u << 20, .min = 0};
    auto reader = call.read_body();
    core::OutgoingEmail email;
    email.to = read_addresses(reader, "to");
    email.cc = read_addresses(reader, "cc");
    email.bcc = read_addresses(reader, "bcc");
    email.reply_to = read_addresses(reader, "reply_to");
    if (auto from = reader.optional_object("from")) email.from = read_address(*std::move(from));
    email.subject = reader.optional_text("subject", {.max = 900, .min = 0}).value_or(std::string());
    email.text_body = reader.optional_text("text_body", body_length).value_or(std::string());
    email.html_body = reader.optional_text("html_body", body_length).value_or(std::string());
    email.importance = reader.optional_text("importance", {.max = 16}).value_or("normal");
    email.save_to_sent = reader.optional_boolean("save_to_sent").value_or(true);
    for (auto& item : reader.object_list("attachments", 100)) email.attachments.push_back(read_attachment(std::move(item)));
    if (auto done = reader.done(); !done) return propagate(done);
    return email;
}

Task<Result<app::ServerResponse>> send_message(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto email = read_email(call);
    if (!email) co_return propagate(email);

    auto sent = co_await services.mail.send_message(by_of(call), *std::move(place), *std::move(email));
    if (!sent) co_return propagate(sent);
    co_return json_answer({{"status", "accepted"}}, 202);
}

constexpr Route routes[] = {
    {Method::get, "/v1/mail/folders", Requires::right(core::Action::mail_read), list_folders},
    {Method::get, "/v1/mail/messages", Requires::right(core::Action::mail_read), list_messages},
    {Method::get, "/v1/mail/messages/search", Requires::right(core::Action::mail_read), search_messages},
    {Method::get, "/v1/mail/messages/{id}", Requires::right(core::Action::mail_read), get_message},
    {Method::get, "/v1/mail/messages/{id}/mime", Requires::right(core::Action::mail_read), get_mime},
    {Method::get, "/v1/mail/messages/{id}/attachments/{aid}", Requires::right(core::Action::mail_read), get_attachment},
    {Method::post, "/v1/mail/messages", Requires::right(core::Action::mail_send), send_message, Takes::json, send_limit, Shows::problem, AfterUnknown::hold},
};

}  // namespace

Routes mail_routes() { return routes; }

}  // namespace renkei::api

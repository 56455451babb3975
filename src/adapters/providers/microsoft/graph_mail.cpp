#include "adapters/providers/microsoft/graph_mail.hpp"

#include "adapters/providers/microsoft/graph_answer.hpp"
#include "adapters/providers/microsoft/graph_error.hpp"
#include "adapters/providers/microsoft/graph_query.hpp"
#include "adapters/providers/microsoft/graph_request.hpp"
#include "base/encoding.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>

namespace renkei::microsoft {
namespace {

// Steps of one use case share this; a network deadline is measured in real time.
constexpr std::chrono::milliseconds whole_deadline{45'000};
constexpr std::chrono::milliseconds step_deadline{20'000};
// A stream runs as long as the caller reads; 35 MB (Exchange's default size limit) over a slow line.
constexpr std::chrono::milliseconds stream_deadline{300'000};
constexpr std::uint64_t largest_page = 16u << 20;
constexpr std::uint64_t largest_message = 64u << 20;
constexpr std::uint64_t largest_stream = 160u << 20;  // Exchange's highest message size limit is 150 MB
constexpr std::size_t most_folders = 5'000;
constexpr std::size_t most_pages = 200;
constexpr std::string_view folder_query = "?$top=100&$select=id,displayName,parentFolderId,childFolderCount,unreadItemCount,totalItemCount";
constexpr std::string_view role_names[] = {"inbox", "sent", "drafts", "trash", "junk", "archive"};

std::string select_of_message() {
    return "?$select=" + percent_encode(
                             "id,conversationId,parentFolderId,isRead,isDraft,flag,receivedDateTime,sentDateTime,internetMessageId,subject,from,toRecipients,"
                             "ccRecipients,bccRecipients,replyTo,bodyPreview,hasAttachments,importance,body");
}

// contentBytes is left out: a list of attachments must not carry them.
std::string select_of_attachments() { return "?$select=" + percent_encode("id,name,contentType,size,isInline,microsoft.graph.fileAttachment/contentId"); }

// The exact size where it is known: what Graph lists as an attachment's size includes overhead.
std::uint64_t length_of(const app::StreamedResponse& answer) {
    const auto text = answer.headers.get("Content-Length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    const bool exact = error == std::errc() && end == text.data() + text.size() && !answer.headers.has("Content-Encoding");
    return exact ? length : 0;
}

}  // namespace

struct GraphMail::Call {
    app::MailAccess access;
    const app::CloudFacts* cloud;
    std::string root;
    Asked asked;
    std::chrono::steady_clock::time_point until;

    app::CallOptions options(std::uint64_t max_bytes) const {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        app::CallOptions options;
        options.deadline = std::clamp(left, std::chrono::milliseconds(1), step_deadline);
        options.max_answer_bytes = max_bytes;
        options.may_repeat = true;
        options.workspace = access.connection.workspace;
        options.request_id = access.request_id;
        return options;
    }
};

Result<GraphMail::CallPtr> GraphMail::begin(app::MailAccess access, std::string_view permission) const {
    const auto* cloud = catalog_.find_cloud(access.connection.connector, access.cloud);
    if (cloud == nullptr) return fail(Errc::internal, "the catalogue has no cloud `" + access.cloud + "` for this connection's connector");
    auto root = mailbox_root(*cloud, access.directory_id.empty() ? access.mailbox : access.directory_id);
    Asked asked{std::string(permission), access.connection.mode, access.mailbox};
    return std::make_shared<const Call>(Call{std::move(access), cloud, std::move(root), std::move(asked), std::chrono::steady_clock::now() + whole_deadline});
}

Task<Result<HttpResponse>> GraphMail::read(CallPtr call, std::string url, std::uint64_t max_bytes) {
    auto request = read_request(*call->cloud, std::move(url), call->access.access_token);
    if (!request) co_return propagate(request);
    if (std::chrono::steady_clock::now() >= call->until) co_return fail(Errc::provider_timeout, "the provider needed longer than 45 seconds over all steps");
    auto response = co_await http_.send(*std::move(request), call->options(max_bytes));
    if (!response) co_return propagate(response);
    if (response->status != 200) co_return fail(failure_of(*response, call->asked));
    co_return response;
}

Task<Result<app::StreamedResponse>> GraphMail::open(CallPtr call, std::string url) {
    auto request = read_request(*call->cloud, std::move(url), call->access.access_token);
    if (!request) co_return propagate(request);
    request->headers.set("Accept", "*/*");
    auto options = call->options(largest_stream);
    options.deadline = stream_deadline;
    auto answer = co_await http_.open(*std::move(request), std::move(options));
    if (!answer || (answer->status == 200 && answer->body)) co_return answer;
    HttpResponse refused{answer->status, std::move(answer->headers), {}};
    while (answer->body && refused.body.size() < 64 * 1024) {
        auto piece = co_await answer->body->read();
        if (!piece || piece->empty()) break;
        refused.body += *piece;
    }
    co_return fail(failure_of(refused, call->asked));
}

Task<Result<core::EmailPage>> GraphMail::list(app::MailAccess access, core::EmailFilter filter, std::uint32_t limit, std::string cursor) {
    auto call = begin(std::move(access), "Mail.Read");
    if (!call) co_return propagate(call);
    Result<std::string> url = std::string();
    if (cursor.empty()) {
        auto query = list_query(filter, limit);
        if (!query) co_return propagate(query);
        url = (*call)->root;
        if (!filter.mailbox_id.empty()) {
            auto folder = folder_piece(filter.mailbox_id);
            if (!folder) co_return propagate(folder);
            *url += "/mailFolders/" + *folder;
        }
        *url += "/messages?" + *query;
    } else {
        url = link_of_cursor(*(*call)->cloud, cursor);
    }
    if (!url) co_return propagate(url);
    auto response = co_await read(*call, *std::move(url), largest_page);
    if (!response) co_return propagate(response);
    auto rows = collection_of(*response);
    if (!rows) co_return propagate(rows);
    core::EmailPage page;
    for (const auto& row : rows->items) {
        auto email = email_header_of(row);
        if (!email) co_return propagate(email);
        page.emails.push_back(*std::move(email));
    }
    auto next = cursor_of_link(*(*call)->cloud, rows->next_link);
    if (!next) co_return propagate(next);
    page.next_cursor = *std::move(next);
    co_return page;
}

Task<Result<core::Email>> GraphMail::get(app::MailAccess access, std::string id) {
    auto call = begin(std::move(access), "Mail.Read");
    if (!call) co_return propagate(call);
    auto piece = id_piece(id, "id");
    if (!piece) co_return propagate(piece);
    const auto url = (*call)->root + "/messages/" + *piece;
    auto response = co_await read(*call, url + select_of_message(), largest_message);
    if (!response) co_return propagate(response);
    auto object = object_of(*response);
    if (!object) co_return propagate(object);
    auto email = email_of(json::value(*std::move(object)));
    if (!email) co_return propagate(email);
    // hasAttachments is false when all of them are inline.
    if (email->header.has_attachment || email->html_body.find("cid:") != std::string::npos) {
        auto list = co_await attachments(*call, url);
        if (!list) co_return propagate(list);
        email->attachments = *std::move(list);
    }
    co_return email;
}

Task<Result<std::vector<core::Attachment>>> GraphMail::attachments(CallPtr call, std::string message_url) {
    std::vector<core::Attachment> out;
    auto url = message_url + "/attachments" + select_of_attachments();
    for (std::size_t page = 0; !url.empty(); ++page) {
        if (page >= most_pages) co_return fail(Errc::provider_bad_answer, "the provider's list of attachments does not end");
        auto response = co_await read(call, std::move(url), largest_page);
        if (!response) co_return propagate(response);
        auto rows = collection_of(*response);
        if (!rows) co_return propagate(rows);
        for (const auto& row : rows->items) {
            auto attachment = attachment_of(row);
            if (!attachment) co_return propagate(attachment);
            out.push_back(*std::move(attachment));
        }
        url = rows->next_link;
        if (!url.empty() && !is_own_link(*call->cloud, url))
            co_return fail(Errc::provider_bad_answer, "the provider's link to the next page leads to another host; it is not followed");
    }
    co_return out;
}

Task<Result<app::RawMessage>> GraphMail::mime(app::MailAccess access, std::string id) {
    auto call = begin(std::move(access), "Mail.Read");
    if (!call) co_return propagate(call);
    auto piece = id_piece(id, "id");
    if (!piece) co_return propagate(piece);
    auto answer = co_await open(*call, (*call)->root + "/messages/" + *piece + "/$value");
    if (!answer) co_return propagate(answer);
    // A message is text/plain or message/rfc822 here; a page in HTML comes from something in between.
    if (lower_ascii(answer->headers.get("Content-Type")).starts_with("text/html"))
        co_return fail(Errc::provider_bad_answer, "the provider answered with a page instead of the message");
    const auto length = length_of(*answer);
    co_return app::RawMessage{"message/rfc822", "message.eml", length, std::move(answer->body)};
}

Task<Result<app::RawMessage>> GraphMail::attachment(app::MailAccess access, std::string id, std::string attachment_id) {
    auto call = begin(std::move(access), "Mail.Read");
    if (!call) co_return propagate(call);
    auto message = id_piece(id, "id");
    if (!message) co_return propagate(message);
    auto piece = id_piece(attachment_id, "attachment_id");
    if (!piece) co_return propagate(piece);
    const auto url = (*call)->root + "/messages/" + *message + "/attachments/" + *piece;
    auto response = co_await read(*call, url + select_of_attachments(), largest_page);
    if (!response) co_return propagate(response);
    auto object = object_of(*response);
    if (!object) co_return propagate(object);
    auto found = attachment_of(json::value(*std::move(object)));
    if (!found) co_return propagate(found);
    if (found->kind == "link") co_return fail(Errc::provider_rejected, "the attachment is a link to a file in the cloud and has no content of its own");
    auto answer = co_await open(*call, url + "/$value");
    if (!answer) co_return propagate(answer);
    const auto length = length_of(*answer);
    co_return app::RawMessage{found->type, found->name, length, std::move(answer->body)};
}

Task<Result<void>> GraphMail::send(app::MailAccess access, core::OutgoingEmail email) {
    if (auto fits = check_size(email); !fits) co_return propagate(fits);
    auto call = begin(std::move(access), "Mail.Send");
    if (!call) co_return propagate(call);
    auto request = write_request(*(*call)->cloud, (*call)->root + "/sendMail", (*call)->access.access_token, send_mail_body(email, (*call)->access.mailbox));
    if (!request) co_return propagate(request);
    auto options = (*call)->options(1u << 20);
    // An unclear outcome is told, never tried again (https://learn.microsoft.com/graph/best-practices-concept).
    options.may_repeat = false;
    options.deadline = whole_deadline;
    auto response = co_await http_.send(*std::move(request), std::move(options));
    if (!response) co_return propagate(response);
    if (response->status != 202) co_return fail(failure_of(*response, (*call)->asked));
    co_return Result<void>();
}

Task<Result<void>> GraphMail::probe(app::MailAccess access) {
    auto call = begin(std::move(access), "Mail.Read");
    if (!call) co_return propagate(call);
    auto response = co_await read(*call, (*call)->root + "/mailFolders/inbox?$select=id", largest_page);
    if (!response) co_return propagate(response);
    auto object = object_of(*response);
    if (!object) co_return propagate(object);
    if (!json::text(*object, "id")) co_return fail(Errc::provider_bad_answer, "the provider's answer has no inbox in it");
    co_return Result<void>();
}

Task<Result<std::vector<core::Mailbox>>> GraphMail::folders(app::MailAccess access) {
    auto call = begin(std::move(access), "Mail.Read");
    if (!call) co_return propagate(call);
    auto out = std::make_shared<std::vector<core::Mailbox>>();
    std::deque<std::string> pages{(*call)->root + "/mailFolders" + std::string(folder_query)};
    for (std::size_t step = 0; !pages.empty(); ++step) {
        if (step >= most_pages || out->size() > most_folders)
            co_return fail(Errc::provider_bad_answer, "the mailbox has more folders than Renkei reads (5000), or the provider's list does not end");
        auto url = std::move(pages.front());
        pages.pop_front();
        auto response = co_await read(*call, std::move(url), largest_page);
        if (!response) co_return propagate(response);
        auto rows = collection_of(*response);
        if (!rows) co_return propagate(rows);
        for (const auto& row : rows->items) {
            auto folder = folder_of(row);
            if (!folder) co_return propagate(folder);
            auto piece = id_piece(folder->mailbox.id, "id");
            if (!piece) co_return fail(Errc::provider_bad_answer, "the provider gave a folder an id that cannot be one");
            if (folder->children > 0) pages.push_back((*call)->root + "/mailFolders/" + *piece + "/childFolders" + std::string(folder_query));
            out->push_back(std::move(folder->mailbox));
        }
        if (rows->next_link.empty()) continue;
        if (!is_own_link(*(*call)->cloud, rows->next_link))
            co_return fail(Errc::provider_bad_answer, "the provider's link to the next page leads to another host; it is not followed");
        pages.push_front(rows->next_link);
    }
    if (auto added = co_await add_roles(*call, out); !added) co_return propagate(added);
    co_return std::move(*out);
}

// v1.0 does not say which folder is the inbox: each well-known name is asked for its id. A mailbox without one (archive,
// often) answers 404.
Task<Result<void>> GraphMail::add_roles(CallPtr call, std::shared_ptr<std::vector<core::Mailbox>> folders) {
    for (const auto role : role_names) {
        auto response = co_await read(call, call->root + "/mailFolders/" + std::string(well_known_name(role)) + "?$select=id", largest_page);
        if (!response && response.error().code == Errc::not_found) continue;
        if (!response) co_return propagate(response);
        auto object = object_of(*response);
        if (!object) co_return propagate(object);
        const auto id = json::text(*object, "id");
        if (!id) co_return fail(Errc::provider_bad_answer, "a folder in the provider's answer has no id");
        for (auto& folder : *folders)
            if (folder.id == *id) folder.role = role;
    }
    // The parent of the top folders is the mailbox's root, which is no folder that anybody sees.
    for (auto& folder : *folders)
        if (folder.parent_id && std::ranges::find(*folders, *folder.parent_id, &core::Mailbox::id) == folders->end()) folder.parent_id.reset();
    co_return Result<void>();
}

}  // namespace renkei::microsoft

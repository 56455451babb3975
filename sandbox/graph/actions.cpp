#include "base/encoding.hpp"
#include "sandbox/graph/handlers.hpp"
#include "sandbox/graph/read_message.hpp"
#include "sandbox/graph/render.hpp"
#include "sandbox/graph/send.hpp"
#include "sandbox/mime/html.hpp"
#include "sandbox/mime/parse.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

enum class Kind { reply, reply_all, forward };

bool is_mime(const Call& call) { return lower_ascii(call.request.headers.get("Content-Type")).starts_with("text/plain"); }

std::string html_part(const mime::Message& content) { return content.html ? *content.html : mime::html_of_text(content.text.value_or("")); }

std::string shown(const std::vector<mime::Address>& people) {
    std::string out;
    for (const auto& one : people) out += (out.empty() ? "" : "; ") + (one.name.empty() ? one.address : one.name + " &lt;" + one.address + "&gt;");
    return out;
}

std::string quoted(const StoredMessage& original, const std::string& comment) {
    const auto& content = original.content;
    std::string out = "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>" +
                      (comment.empty() ? std::string() : mime::html_of_text(comment)) + "<hr><div><b>From:</b> ";
    out += shown(content.from ? std::vector{*content.from} : std::vector<mime::Address>()) + "<br><b>Sent:</b> " + iso_text(original.sent) + "<br><b>To:</b> " +
           shown(content.to) + "<br><b>Subject:</b> " + content.subject + "</div><br>" + html_part(content) + "</body></html>";
    return out;
}

std::vector<mime::Address> without_self(const Call& call, std::vector<mime::Address> people) {
    std::vector<mime::Address> out;
    for (auto& one : people) {
        const bool self = call.world.find_user(one.address) == call.user;
        const bool repeated = std::ranges::any_of(out, [&](const auto& held) { return equal_ignoring_case(held.address, one.address); });
        if (!self && !repeated) out.push_back(std::move(one));
    }
    return out;
}

/// The answer as it begins, before the caller's own words.
mime::Message started(const Call& call, const StoredMessage& original, Kind kind, const std::string& comment) {
    const auto& source = original.content;
    mime::Message out;
    out.subject = (kind == Kind::forward ? "FW: " : "RE: ") + topic_of(source.subject);
    out.html = quoted(original, comment);
    if (kind != Kind::forward) {
        if (!source.reply_to.empty())
            out.to = source.reply_to;
        else if (source.from)
            out.to = {*source.from};
    }
    if (kind == Kind::reply_all) {
        auto all = out.to;
        all.insert(all.end(), source.to.begin(), source.to.end());
        out.to = without_self(call, std::move(all));
        out.cc = without_self(call, source.cc);
        if (out.to.empty() && source.from) out.to = {*source.from};
    }
    if (!source.message_id.empty()) {
        out.in_reply_to = source.message_id;
        out.references = source.references;
        out.references.push_back(source.message_id);
    }
    for (const auto& one : original.attachments)
        if (kind == Kind::forward || one.content.is_inline) out.attachments.push_back(one.content);
    return out;
}

struct ReplyRequest {
    std::string comment;
    const json::object* message = nullptr;
    const json::value* recipients = nullptr;
};

Outcome<ReplyRequest> reply_request(const json::object& body) {
    ReplyRequest out;
    if (const auto* comment = find_any_case(body, "comment"); comment && !comment->is_null()) {
        if (!comment->is_string())
            return refuse(400, "RequestBodyRead", "Cannot convert the literal of parameter 'Comment' to the expected type 'Edm.String'.");
        out.comment = json::view(comment->as_string());
    }
    if (const auto* message = find_any_case(body, "message"); message && !message->is_null()) {
        if (!message->is_object()) return refuse(400, "RequestBodyRead", "Cannot convert the literal of parameter 'Message' to the expected type.");
        out.message = &message->as_object();
    }
    out.recipients = find_any_case(body, "toRecipients");
    for (const auto& [key, value] : body) {
        const auto name = lower_ascii(std::string_view(key.data(), key.size()));
        if (name != "comment" && name != "message" && name != "torecipients" && !name.starts_with("@odata."))
            return refuse(400, "RequestBodyRead",
                          "The parameter '" + name.substr(0, 60) + "' in the request payload is not a valid parameter for the operation.");
    }
    if (!out.comment.empty() && out.message && out.message->contains("body"))
        return refuse(400, "ErrorInvalidRequest", "Specify either comment or the body property of the message, not both.");
    return out;
}

/// The finished answer, from the original and what the caller said.
Outcome<StoredMessage> answer_to(Call& call, Kind kind, bool needs_recipients) {
    const auto original = message_of(call, call.args.back());
    if (!original) return std::unexpected(original.error());
    const auto body = json_body(call, true);
    if (!body) return std::unexpected(body.error());
    const auto request = reply_request(*body);
    if (!request) return std::unexpected(request.error());
    const bool inside = request->message && request->message->contains("toRecipients"), outside = request->recipients && !request->recipients->is_null();
    if (kind == Kind::forward && ((inside && outside) || (needs_recipients && !inside && !outside)))
        return refuse(400, "ErrorInvalidRecipients", "Specify toRecipients once: as a parameter or in the message.");
    StoredMessage out;
    out.content = started(call, **original, kind, request->comment);
    if (outside) {
        auto people = read_recipients(*request->recipients, "toRecipients");
        if (!people) return std::unexpected(people.error());
        out.content.to = std::move(*people);
    }
    if (request->message)
        if (auto read = read_message(*request->message, Writing::create, out); !read) return std::unexpected(read.error());
    return out;
}

Answer send_answer(Call& call, Kind kind) {
    auto answer = answer_to(call, kind, true);
    if (!answer) return std::unexpected(answer.error());
    auto sent = send_message(call, {std::move(answer->content), ""});
    if (!sent) return std::unexpected(sent.error());
    keep_sent(call, std::move(*sent));
    return answer_empty(202);
}

Answer draft_answer(Call& call, Kind kind) {
    auto answer = answer_to(call, kind, false);
    if (!answer) return std::unexpected(answer.error());
    auto& mailbox = call.mailbox();
    NewMessage draft;
    draft.content = std::move(answer->content);
    draft.content.message_id = "<" + call.world.new_guid() + "@" + call.user->upn.substr(call.user->upn.find('@') + 1) + ">";
    draft.folder = mailbox.find_folder("drafts")->id;
    draft.now = call.now();
    draft.is_draft = draft.is_read = true;
    const auto& message = mailbox.add(std::move(draft));
    json::object out{{"@odata.context", context_of(call, "messages", nullptr, true)}};
    for (auto& [key, value] : render_message(call, message, Query())) out[key] = value;
    return answer_json(call, 201, std::move(out));
}

}  // namespace

Answer send_mail(Call& call) {
    Outgoing outgoing;
    bool keep = true;
    if (is_mime(call)) {
        auto parsed = read_mime_body(call);
        if (!parsed) return std::unexpected(parsed.error());
        outgoing = std::move(*parsed);
    } else {
        const auto body = json_body(call);
        if (!body) return std::unexpected(body.error());
        const auto* message = find_any_case(*body, "message");
        if (!message || !message->is_object()) return refuse(400, "ErrorInvalidRequest", "The parameter 'Message' is missing.");
        if (const auto* save = find_any_case(*body, "saveToSentItems"); save && !save->is_null()) {
            const bool text = save->is_string() &&
                              (equal_ignoring_case(json::view(save->as_string()), "true") || equal_ignoring_case(json::view(save->as_string()), "false"));
            if (!save->is_bool() && !text)
                return refuse(400, "RequestBodyRead", "Cannot convert the literal of parameter 'SaveToSentItems' to the expected type 'Edm.Boolean'.");
            keep = save->is_bool() ? save->as_bool() : equal_ignoring_case(json::view(save->as_string()), "true");
        }
        for (const auto& [key, value] : *body) {
            const auto name = lower_ascii(std::string_view(key.data(), key.size()));
            if (name != "message" && name != "savetosentitems" && !name.starts_with("@odata."))
                return refuse(400, "RequestBodyRead",
                              "The parameter '" + name.substr(0, 60) + "' in the request payload is not a valid parameter for the operation 'sendMail'.");
        }
        StoredMessage read;
        if (auto taken = read_message(message->as_object(), Writing::create, read); !taken) return std::unexpected(taken.error());
        outgoing.content = std::move(read.content);
    }
    auto sent = send_message(call, std::move(outgoing));
    if (!sent) return std::unexpected(sent.error());
    if (keep) keep_sent(call, std::move(*sent));
    return answer_empty(202);
}

Answer send_draft(Call& call) {
    const auto found = message_of(call, call.args.back());
    if (!found) return std::unexpected(found.error());
    auto& draft = **found;
    if (!draft.is_draft) return refuse(400, "ErrorInvalidRequest", "Only a draft can be sent.");
    Outgoing outgoing{whole_content(draft), draft.raw ? *draft.raw : ""};
    auto sent = send_message(call, std::move(outgoing));
    if (!sent) return std::unexpected(sent.error());
    auto& mailbox = call.mailbox();
    auto content = mime::parse_message(**sent);
    content.attachments.clear();
    draft.content = std::move(content);
    draft.raw = std::move(*sent);
    draft.is_draft = false;
    draft.sent = draft.received = draft.modified = call.now();
    mailbox.move(draft, mailbox.find_folder("sentitems")->id);
    return answer_empty(202);
}

Answer reply(Call& call) { return send_answer(call, Kind::reply); }
Answer reply_all(Call& call) { return send_answer(call, Kind::reply_all); }
Answer forward(Call& call) { return send_answer(call, Kind::forward); }
Answer create_reply(Call& call) { return draft_answer(call, Kind::reply); }
Answer create_reply_all(Call& call) { return draft_answer(call, Kind::reply_all); }
Answer create_forward(Call& call) { return draft_answer(call, Kind::forward); }

}  // namespace renkei::sandbox::graph

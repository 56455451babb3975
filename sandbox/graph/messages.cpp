#include "base/encoding.hpp"
#include "sandbox/graph/handlers.hpp"
#include "sandbox/graph/property.hpp"
#include "sandbox/graph/read_message.hpp"
#include "sandbox/graph/render.hpp"
#include "sandbox/graph/send.hpp"
#include "sandbox/mime/html.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_search_results = 1000;

/// What the request is about: one folder, or the whole mailbox without what is deleted for good.
Outcome<std::vector<const StoredMessage*>> candidates(Call& call, const Query& query) {
    std::string folder;
    if (!call.args.empty()) {
        const auto found = folder_of(call, call.args[0]);
        if (!found) return std::unexpected(found.error());
        folder = (*found)->id;
    }
    const std::string hidden = call.mailbox().find_folder("recoverableitemsdeletions")->id;
    std::vector<const StoredMessage*> out;
    for (const auto& message : call.mailbox().messages()) {
        if (folder.empty() ? message->folder == hidden : message->folder != folder) continue;
        if (query.filter && !query.filter->matches(*message)) continue;
        if (query.search && !(*query.search)(*message)) continue;
        out.push_back(message.get());
    }
    return out;
}

struct Keyed {
    std::vector<Value> keys;
    const StoredMessage* message;
};

Value sort_key(const Property& property, const StoredMessage& message) {
    auto value = property.of(message);
    if (auto* text = std::get_if<std::string>(&value)) *text = mime::folded(*text);
    return value;
}

/// The page's messages in order; without $orderby the newest first, as the vendor mostly does.
std::vector<const StoredMessage*> page_of(const std::vector<const StoredMessage*>& found, const Query& query) {
    std::vector<Order> order = query.order;
    if (order.empty()) order.push_back({query.search ? "sentDateTime" : "receivedDateTime", true});
    std::vector<Keyed> keyed;
    keyed.reserve(found.size());
    for (const auto* message : found) {
        Keyed one{{}, message};
        for (const auto& by : order) one.keys.push_back(sort_key(*find_property(by.property), *message));
        keyed.push_back(std::move(one));
    }
    const auto before = [&](const Keyed& a, const Keyed& b) {
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (a.keys[i] == b.keys[i]) continue;
            return order[i].descending ? b.keys[i] < a.keys[i] : a.keys[i] < b.keys[i];
        }
        return a.message->serial > b.message->serial;
    };
    const auto end = std::min(keyed.size(), query.skip + query.top);
    std::partial_sort(keyed.begin(), keyed.begin() + static_cast<std::ptrdiff_t>(end), keyed.end(), before);
    std::vector<const StoredMessage*> page;
    for (std::size_t i = query.skip; i < end; ++i) page.push_back(keyed[i].message);
    return page;
}

Answer answer_message(Call& call, int status, const StoredMessage& message, const Query& query) {
    json::object out{{"@odata.context", context_of(call, "messages", &query, true)}};
    for (auto& [key, value] : render_message(call, message, query)) out[key] = value;
    auto response = answer_json(call, status, std::move(out));
    if (status == 201)
        response.headers.set("Location", base_address(call.request) + "/v1.0/users('" + percent_encode(call.user->id) + "')/messages('" +
                                             percent_encode(call.id_of(message)) + "')");
    return response;
}

bool is_mime(const Call& call) { return lower_ascii(call.request.headers.get("Content-Type")).starts_with("text/plain"); }

Outcome<NewMessage> new_draft(Call& call) {
    NewMessage draft;
    draft.now = call.now();
    draft.is_draft = draft.is_read = true;
    if (is_mime(call)) {
        auto parsed = read_mime_body(call);
        if (!parsed) return std::unexpected(parsed.error());
        draft.content = std::move(parsed->content);
        draft.raw = std::make_shared<const std::string>(std::move(parsed->raw));
        return draft;
    }
    return draft;
}

}  // namespace

Answer list_messages(Call& call) {
    const auto query = parse_query(call.request.query, call.now(), QueryFor::messages);
    if (!query) return std::unexpected(query.error());
    if (call.basic_only && query->search) return access_denied();
    auto found = candidates(call, *query);
    if (!found) return std::unexpected(found.error());
    if (query->search && found->size() > max_search_results) {
        std::ranges::sort(*found, [](const auto* a, const auto* b) { return a->sent > b->sent; });
        found->resize(max_search_results);
    }
    json::array value;
    for (const auto* message : page_of(*found, *query)) value.push_back(render_message(call, *message, *query));
    const std::string what = call.args.empty() ? "messages" : "mailFolders('" + percent_encode(call.args[0]) + "')/messages";
    json::object out{{"@odata.context", context_of(call, what, &*query)}};
    if (query->count) out["@odata.count"] = found->size();
    out["value"] = std::move(value);
    if (query->skip + query->top < found->size()) out["@odata.nextLink"] = next_link(call.request, *query);
    return answer_json(call, 200, std::move(out));
}

Answer count_messages(Call& call) {
    const auto query = parse_query(call.request.query, call.now(), QueryFor::messages);
    if (!query) return std::unexpected(query.error());
    const auto found = candidates(call, *query);
    if (!found) return std::unexpected(found.error());
    ServerResponse response;
    response.headers.set("Content-Type", "text/plain");
    response.body = std::to_string(found->size());
    return response;
}

Answer get_message(Call& call) {
    const auto query = parse_query(call.request.query, call.now(), QueryFor::messages);
    if (!query) return std::unexpected(query.error());
    if (query->filter || query->search || !query->order.empty())
        return refuse(400, "ErrorInvalidUrlQuery", "The query option is not supported for a single message.");
    if (call.basic_only && query->expand_attachments) return access_denied();
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    return answer_message(call, 200, **message, *query);
}

Answer get_message_mime(Call& call) {
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    ServerResponse response;
    response.headers.set("Content-Type", "text/plain");
    response.body = *raw_of(call, **message);
    return response;
}

Answer create_message(Call& call) {
    auto& mailbox = call.mailbox();
    std::string folder = mailbox.find_folder("drafts")->id;
    if (!call.args.empty()) {
        const auto found = folder_of(call, call.args[0]);
        if (!found) return std::unexpected(found.error());
        folder = (*found)->id;
    }
    auto draft = new_draft(call);
    if (!draft) return std::unexpected(draft.error());
    StoredMessage given;
    given.is_read = true;
    if (!draft->raw) {
        const auto body = json_body(call);
        if (!body) return std::unexpected(body.error());
        if (auto read = read_message(*body, Writing::create, given); !read) return std::unexpected(read.error());
        draft->content = std::move(given.content);
    }
    draft->folder = folder;
    if (draft->content.message_id.empty())
        draft->content.message_id = "<" + call.world.new_guid() + "@" + call.user->upn.substr(call.user->upn.find('@') + 1) + ">";
    auto& message = mailbox.add(std::move(*draft));
    message.categories = std::move(given.categories);
    message.flag = std::move(given.flag);
    message.inference = std::move(given.inference);
    message.is_read = given.is_read;
    return answer_message(call, 201, message, Query());
}

Answer update_message(Call& call) {
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    if (auto fits = check_if_match(call, **message); !fits) return std::unexpected(fits.error());
    const auto body = json_body(call);
    if (!body) return std::unexpected(body.error());
    StoredMessage changed = **message;  // all of the changes or none
    if (auto read = read_message(*body, changed.is_draft ? Writing::update_draft : Writing::update_received, changed); !read)
        return std::unexpected(read.error());
    if (changed.is_draft) changed.raw.reset();
    changed.modified = call.now();
    changed.changed();
    **message = std::move(changed);
    return answer_message(call, 200, **message, Query());
}

Answer delete_message(Call& call) {
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    if (auto fits = check_if_match(call, **message); !fits) return std::unexpected(fits.error());
    auto& mailbox = call.mailbox();
    const std::string deleted = mailbox.find_folder("deleteditems")->id, recoverable = mailbox.find_folder("recoverableitemsdeletions")->id;
    if ((*message)->folder == recoverable)
        mailbox.erase(**message);
    else
        mailbox.move(**message, mailbox.is_within((*message)->folder, deleted) ? recoverable : deleted);
    return answer_empty(204);
}

Answer delete_message_for_good(Call& call) {
    // Its page's table of availability: the commercial cloud only.
    if (!call.world.cloud().permanent_delete) return refuse(501, "NotImplemented", "The operation is not supported in this cloud.");
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    call.mailbox().erase(**message);
    return answer_empty(204);
}

namespace {

Outcome<std::string> destination(Call& call) {
    const auto body = json_body(call);
    if (!body) return std::unexpected(body.error());
    const auto* id = find_any_case(*body, "destinationId");
    if (!id || !id->is_string()) return refuse(400, "ErrorInvalidRequest", "The destinationId is missing.");
    const auto folder = folder_of(call, std::string(json::view(id->as_string())));
    if (!folder) return std::unexpected(folder.error());
    return (*folder)->id;
}

}  // namespace

Answer move_message(Call& call) {
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    const auto folder = destination(call);
    if (!folder) return std::unexpected(folder.error());
    call.mailbox().move(**message, *folder);
    (*message)->modified = call.now();
    return answer_message(call, 201, **message, Query());
}

Answer copy_message(Call& call) {
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    const auto folder = destination(call);
    if (!folder) return std::unexpected(folder.error());
    return answer_message(call, 201, call.mailbox().copy(**message, *folder, call.now()), Query());
}

}  // namespace renkei::sandbox::graph

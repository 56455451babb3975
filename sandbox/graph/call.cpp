#include "sandbox/graph/call.hpp"

#include "base/encoding.hpp"
#include "sandbox/graph/render.hpp"

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_json = 4u << 20;
constexpr std::string_view graph_app = "00000003-0000-0000-c000-000000000000";

}  // namespace

Mailbox& MailStore::of(const SandboxUser& user) {
    auto& mailbox = mailboxes_[user.id];
    if (!mailbox) mailbox = std::make_unique<Mailbox>(user.id, user.language);
    return *mailbox;
}

Preferences preferences_of(const Headers& headers) {
    Preferences out;
    for (const auto& [name, value] : headers) {
        if (!equal_ignoring_case(name, "Prefer")) continue;
        for (const auto part : split(value, ',')) {
            std::string text = lower_ascii(trim(part));
            std::erase(text, '"');
            std::erase(text, ' ');
            const auto before = out.applied.size();
            if (text == "outlook.body-content-type=text") out.text_body = true, out.applied.emplace_back("outlook.body-content-type=\"text\"");
            if (text == "outlook.body-content-type=html") out.html_body = true, out.applied.emplace_back("outlook.body-content-type=\"html\"");
            if (text == "idtype=immutableid") out.immutable_ids = true, out.applied.emplace_back("IdType=\"ImmutableId\"");
            if (text == "outlook.allow-unsafe-html") out.unsafe_html = true, out.applied.emplace_back(text);
            if (text == "return=minimal" && before == out.applied.size()) out.minimal = true, out.applied.emplace_back(text);
        }
    }
    return out;
}

Outcome<TokenFacts> check_token(World& world, const ServerRequest& request) {
    const auto invalid = [](std::string message) { return refuse(401, "InvalidAuthenticationToken", std::move(message)); };
    if (!request.authorization) return invalid("Access token is empty.");
    const auto header = request.authorization->expose();
    if (header.size() < 8 || !equal_ignoring_case(header.substr(0, 7), "Bearer ")) return invalid("Access token is empty.");
    auto token = world.check_access_token(trim(header.substr(7)));
    if (!token) {
        if (token.error() == TokenProblem::expired) return invalid("Lifetime validation failed, the token is expired.");
        if (token.error() == TokenProblem::revoked) return invalid("Continuous access evaluation resulted in challenge: the token was revoked.");
        if (token.error() == TokenProblem::other_cloud) return invalid("Access token validation failure. Invalid audience.");
        return invalid("IDX14100: JWT is not well formed, there are no dots (.).");
    }
    std::string_view audience = token->audience;
    if (audience.ends_with('/')) audience.remove_suffix(1);
    if (audience != world.cloud().graph && audience != graph_app) return invalid("Access token validation failure. Invalid audience.");
    return *token;
}

Outcome<StoredMessage*> message_of(Call& call, const std::string& id) {
    const auto kind = kind_of_id(id);
    if (!kind || (*kind != ItemKind::message && *kind != ItemKind::immutable_message)) return malformed_id();
    // An immutable id counts only on calls that ask for that kind (section 4.4).
    if (*kind == ItemKind::immutable_message && !call.prefer.immutable_ids) return no_item();
    auto* message = call.mailbox().find(id);
    if (!message) return no_item();
    return message;
}

Outcome<MailFolder*> folder_of(Call& call, const std::string& id_or_name) {
    auto* folder = call.mailbox().find_folder(id_or_name);
    if (folder) return folder;
    if (kind_of_id(id_or_name) == ItemKind::folder) return no_item();
    return malformed_id();
}

Outcome<StoredAttachment*> attachment_of(Call& call, StoredMessage& message, const std::string& id) {
    const auto kind = kind_of_id(id);
    if (!kind || (*kind != ItemKind::attachment && *kind != ItemKind::immutable_attachment)) return malformed_id();
    if (*kind == ItemKind::immutable_attachment && !call.prefer.immutable_ids) return no_item();
    for (auto& attachment : message.attachments)
        if (attachment.id == id || attachment.immutable_id == id) return &attachment;
    return no_item();
}

Outcome<void> check_if_match(const Call& call, const StoredMessage& message) {
    const auto wanted = call.request.headers.get("If-Match");
    if (wanted.empty() || wanted == "*" || wanted == etag_of(message)) return {};
    return refuse(
        412, "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.");
}

Outcome<json::object> json_body(const Call& call, bool may_be_empty) {
    const auto& body = call.request.body;
    if (body.size() > max_json) return refuse(413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.");
    if (trim(body).empty()) {
        if (may_be_empty) return json::object();
        return bad_request("Empty Payload. JSON content expected.");
    }
    const auto type = lower_ascii(call.request.headers.get("Content-Type"));
    if (!type.empty() && !type.starts_with("application/json")) return refuse(415, "RequestBodyRead", "A supported media type is application/json.");
    auto parsed = json::parse(body);
    if (!parsed) return bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.");
    if (!parsed->is_object()) return bad_request("Unable to read JSON request payload: an object is expected.");
    return std::move(parsed->as_object());
}

const json::value* find_any_case(const json::object& from, std::string_view name) {
    for (const auto& [key, value] : from)
        if (equal_ignoring_case(std::string_view(key.data(), key.size()), name)) return &value;
    return nullptr;
}

ServerResponse answer_json(const Call& call, int status, json::object body) {
    ServerResponse response;
    response.status = status;
    response.headers.set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8");
    response.headers.set("OData-Version", "4.0");
    if (const auto found = body.find("@odata.etag"); found != body.end() && found->value().is_string())
        response.headers.set("ETag", std::string(json::view(found->value().as_string())));
    response.body = json::serialize(body);
    std::string applied;
    for (const auto& one : call.prefer.applied) applied += (applied.empty() ? "" : ", ") + one;
    if (!applied.empty()) response.headers.set("Preference-Applied", applied);
    return response;
}

ServerResponse answer_empty(int status) {
    ServerResponse response;
    response.status = status;
    return response;
}

}  // namespace renkei::sandbox::graph

#include "sandbox/graph/graph.hpp"

#include "base/encoding.hpp"
#include "sandbox/graph/batch.hpp"
#include "sandbox/graph/handlers.hpp"
#include "sandbox/mime/parse.hpp"

#include <span>

namespace renkei::sandbox {
namespace graph {
namespace {

struct Route {
    Method method;
    std::string_view pattern;  ///< below the user; {} is an argument
    Access access;
    Answer (*handler)(Call&);
};

constexpr Route user_routes[] = {
    {Method::get, "", Access::profile, get_user},
    {Method::get, "memberOf", Access::memberships, list_memberships},
    {Method::get, "transitiveMemberOf", Access::memberships, list_transitive_memberships},
    {Method::post, "getMemberGroups", Access::memberships, get_member_groups},
    {Method::get, "drive", Access::files, get_drive},
    {Method::get, "drive/root/children", Access::files, list_drive_items},
    {Method::get, "joinedTeams", Access::teams, list_joined_teams},
    {Method::get, "mailFolders", Access::mail_basic, list_folders},
    {Method::post, "mailFolders", Access::mail_write, create_folder},
    {Method::get, "mailFolders/{}", Access::mail_basic, get_folder},
    {Method::patch, "mailFolders/{}", Access::mail_write, update_folder},
    {Method::delete_, "mailFolders/{}", Access::mail_write, delete_folder},
    {Method::get, "mailFolders/{}/childFolders", Access::mail_basic, list_child_folders},
    {Method::post, "mailFolders/{}/childFolders", Access::mail_write, create_child_folder},
    {Method::get, "mailFolders/{}/messages", Access::mail_basic, list_messages},
    {Method::post, "mailFolders/{}/messages", Access::mail_write, create_message},
    {Method::get, "mailFolders/{}/messages/$count", Access::mail_basic, count_messages},
    {Method::get, "messages", Access::mail_basic, list_messages},
    {Method::post, "messages", Access::mail_write, create_message},
    {Method::get, "messages/$count", Access::mail_basic, count_messages},
    {Method::get, "messages/{}", Access::mail_basic, get_message},
    {Method::patch, "messages/{}", Access::mail_write, update_message},
    {Method::delete_, "messages/{}", Access::mail_write, delete_message},
    {Method::get, "messages/{}/$value", Access::mail_read, get_message_mime},
    {Method::post, "messages/{}/permanentDelete", Access::mail_write, delete_message_for_good},
    {Method::post, "messages/{}/move", Access::mail_write, move_message},
    {Method::post, "messages/{}/copy", Access::mail_write, copy_message},
    {Method::post, "messages/{}/send", Access::mail_send, send_draft},
    {Method::post, "messages/{}/reply", Access::mail_send, reply},
    {Method::post, "messages/{}/replyAll", Access::mail_send, reply_all},
    {Method::post, "messages/{}/forward", Access::mail_send, forward},
    {Method::post, "messages/{}/createReply", Access::mail_write, create_reply},
    {Method::post, "messages/{}/createReplyAll", Access::mail_write, create_reply_all},
    {Method::post, "messages/{}/createForward", Access::mail_write, create_forward},
    {Method::get, "messages/{}/attachments", Access::mail_read, list_attachments},
    {Method::post, "messages/{}/attachments", Access::mail_write, add_attachment},
    {Method::post, "messages/{}/attachments/createUploadSession", Access::mail_write, create_upload_session},
    {Method::get, "messages/{}/attachments/{}", Access::mail_read, get_attachment},
    {Method::delete_, "messages/{}/attachments/{}", Access::mail_write, delete_attachment},
    {Method::get, "messages/{}/attachments/{}/$value", Access::mail_read, get_attachment_bytes},
    {Method::post, "sendMail", Access::mail_send, send_mail},
};

/// What is not about one user, below the version.
constexpr Route tenant_routes[] = {
    {Method::get, "users", Access::users, list_users},
    {Method::get, "groups", Access::groups, list_groups},
    {Method::get, "groups/{}", Access::groups, get_group},
    {Method::get, "groups/{}/members", Access::groups, list_members},
    {Method::get, "groups/{}/transitiveMembers", Access::groups, list_transitive_members},
    {Method::get, "teams/{}/channels", Access::channels, list_channels},
    {Method::get, "sites/root", Access::sites, get_root_site},
    {Method::get, "organization", Access::organization, get_organization},
};

/// `users('x')` is `users/x` (OData 4.01 part 2, section 4.3); each segment is decoded on its own, so an escaped slash stays inside.
Outcome<std::vector<std::string>> segments_of(std::string_view path) {
    std::vector<std::string> out;
    for (const auto raw : split(path, '/')) {
        if (raw.empty()) continue;
        auto segment = percent_decode(raw);
        if (!segment || !is_utf8(*segment) || segment->find('\0') != std::string::npos) return bad_request("The request path has a broken escape.");
        const auto open = segment->find('(');
        if (open == std::string::npos || open == 0 || !segment->ends_with(')')) {
            out.push_back(std::move(*segment));
            continue;
        }
        std::string key = segment->substr(open + 1, segment->size() - open - 2);
        out.push_back(segment->substr(0, open));
        if (key.empty()) continue;
        if (key.size() < 2 || key.front() != '\'' || key.back() != '\'') return bad_request("The key of segment '" + out.back() + "' is not a string literal.");
        std::string value;
        for (std::size_t i = 1; i + 1 < key.size(); ++i) {
            value += key[i];
            if (key[i] == '\'' && i + 2 < key.size() && key[i + 1] == '\'') ++i;
        }
        out.push_back(std::move(value));
    }
    return out;
}

bool fits(std::string_view pattern, std::span<const std::string> path, std::vector<std::string>& args) {
    args.clear();
    std::size_t at = 0;
    if (!pattern.empty())
        for (const auto part : split(pattern, '/')) {
            if (at >= path.size()) return false;
            if (part == "{}")
                args.push_back(path[at]);
            else if (!equal_ignoring_case(part, path[at]))
                return false;
            ++at;
        }
    return at == path.size();
}

/// Of several that fit, a fixed name goes before an argument: messages/$count.
const Route* find_route(std::span<const Route> table, Method method, std::span<const std::string> path, std::vector<std::string>& args, bool& known) {
    const Route* best = nullptr;
    std::vector<std::string> found;
    for (const auto& route : table) {
        if (!fits(route.pattern, path, found)) continue;
        known = true;
        if (route.method != method || (best && found.size() >= args.size())) continue;
        best = &route;
        args = found;
    }
    return best;
}

class GraphService final : public MailService {
public:
    explicit GraphService(World& world) : world_(world) {}

    std::string_view name() const override { return "graph"; }
    void reset() override { store_.clear(); }
    /// Above the 4 MB that Graph itself takes, so that the refusal comes in Graph's own words.
    std::uint64_t body_limit(Method, std::string_view) override { return 8u << 20; }

    ServerResponse handle(ServerRequest request) override {
        auto answer = route(request);
        auto response = answer ? std::move(*answer) : error_response(answer.error(), request, world_.now());
        if (response.status == 401)
            response.headers.set("WWW-Authenticate", R"(Bearer realm="", error="invalid_token", client_id="00000003-0000-0000-c000-000000000000")");
        add_standard_headers(response, request);
        return response;
    }

    ServerResponse vendor_error(int status, const ServerRequest& request) override {
        auto response = error_response(error_of_status(status), request, world_.now());
        if (status == 401)
            response.headers.set("WWW-Authenticate", R"(Bearer realm="", error="invalid_token", client_id="00000003-0000-0000-c000-000000000000")");
        return response;
    }

    Result<std::string> deliver(Delivery delivery) override;

private:
    Answer route(const ServerRequest& request) {
        const auto path = segments_of(request.path);
        if (path && path->size() == 3 && equal_ignoring_case((*path)[1], "attachmentSessions")) return continue_upload(world_, store_, request, (*path)[2]);
        auto token = check_token(world_, request);
        if (!token) return std::unexpected(token.error());
        if (!path) return std::unexpected(path.error());
        if (path->empty() || !equal_ignoring_case(path->front(), "v1.0"))
            return bad_request("Invalid version: " + (path->empty() ? std::string() : path->front().substr(0, 40)));
        if (path->size() == 2 && (*path)[1] == "$batch") {
            if (request.method != Method::post) return not_allowed();
            return run_batch(request, [this](ServerRequest inner) { return handle(std::move(inner)); });
        }
        return about(request, std::move(*token), *path);
    }

    static std::unexpected<GraphError> not_allowed() {
        return refuse(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
    }

    Answer about(const ServerRequest& request, TokenFacts token, const std::vector<std::string>& path) {
        Call call{world_, store_, request, std::move(token)};
        call.prefer = preferences_of(request.headers);
        bool known = false;
        if (const auto* route = find_route(tenant_routes, request.method, std::span(path).subspan(1), call.args, known)) {
            if (auto allowed = check_access(call, route->access); !allowed) return std::unexpected(allowed.error());
            return route->handler(call);
        }
        if (known) return not_allowed();
        const std::string first = path.size() > 1 ? lower_ascii(path[1]) : "";
        if (first != "me" && (first != "users" || path.size() < 3)) return bad_request("Resource not found for the segment '" + first.substr(0, 60) + "'.");
        return about_user(call, path);
    }

    Answer about_user(Call& call, const std::vector<std::string>& path) {
        call.me = equal_ignoring_case(path[1], "me");
        if (call.me && call.token.app_only()) return bad_request("/me request is only valid with delegated authentication flow.");
        const std::string who = call.me ? call.token.user : path[2];
        bool known = false;
        const auto* route = find_route(user_routes, call.request.method, std::span(path).subspan(call.me ? 2 : 3), call.args, known);
        if (!route && known) return not_allowed();
        if (!route) return bad_request("Resource not found for the segment '" + path.back().substr(0, 60) + "'.");
        return run(call, *route, who);
    }

    Answer run(Call& call, const Route& route, const std::string& who) {
        call.user = world_.find_user(who, call.token.tenant);
        // The directory knows ids and sign-in names; only Exchange knows the other addresses of a mailbox.
        const bool alias = call.user && !equal_ignoring_case(who, call.user->id) && !equal_ignoring_case(who, call.user->upn);
        if (alias && !is_mail(route.access)) call.user = nullptr;
        if (!call.user) return unknown_user(call, route, who);
        if (auto allowed = check_access(call, route.access); !allowed) return std::unexpected(allowed.error());
        if (is_mail(route.access) && !call.user->mailbox)
            return refuse(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
        return route.handler(call);
    }

    /// Only who may read the directory or every mailbox learns that there is no such user.
    Answer unknown_user(Call& call, const Route& route, const std::string& who) {
        SandboxUser nobody;
        call.user = &nobody;
        if (auto allowed = check_access(call, route.access); !allowed) return std::unexpected(allowed.error());
        if (!is_mail(route.access))
            return refuse(404, "Request_ResourceNotFound",
                          "Resource '" + who.substr(0, 120) + "' does not exist or one of its queried reference-property objects are not present.");
        return refuse(404, "ErrorInvalidUser", "The requested user '" + who.substr(0, 120) + "' is invalid.");
    }

    World& world_;
    MailStore store_;
};

Result<std::string> GraphService::deliver(Delivery delivery) {
    auto* user = world_.find_user(delivery.mailbox);
    if (!user || !user->mailbox) return fail(Errc::not_found, "there is no such mailbox in the sandbox");
    auto& mailbox = store_.of(*user);
    auto* folder = mailbox.find_folder(delivery.folder);
    if (!folder) folder = mailbox.find_folder_named(mailbox.find_folder("msgfolderroot")->id, delivery.folder);
    if (!folder) return fail(Errc::not_found, "the mailbox has no such folder");
    NewMessage incoming;
    auto raw = std::make_shared<const std::string>(std::move(delivery.eml));
    incoming.content = mime::parse_message(*raw);
    incoming.raw = std::move(raw);
    incoming.folder = folder->id;
    incoming.now = world_.now();
    incoming.received = delivery.received.value_or(world_.now());
    incoming.is_read = delivery.read;
    incoming.is_draft = folder->well_known == "drafts";
    return mailbox.add(std::move(incoming)).id;
}

}  // namespace
}  // namespace graph

std::unique_ptr<MailService> make_graph(World& world) { return std::make_unique<graph::GraphService>(world); }

}  // namespace renkei::sandbox

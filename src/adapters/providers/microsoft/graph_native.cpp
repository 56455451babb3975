#include "adapters/providers/microsoft/graph_native.hpp"

#include "adapters/providers/microsoft/graph_error.hpp"
#include "adapters/providers/microsoft/graph_request.hpp"
#include "base/bearer_hosts.hpp"
#include "base/uri.hpp"

#include <algorithm>
#include <array>

namespace renkei::microsoft {
namespace {

constexpr std::size_t longest_path = 2000;
constexpr std::uint64_t largest_answer = 4u << 20;
constexpr std::chrono::seconds deadline{40};

// Files, sites, teams and chats: nothing below them is anybody's mailbox.
constexpr std::array<std::string_view, 6> without_mailboxes{"chats", "drives", "organization", "shares", "sites", "teams"};

// Steps that lead beyond whom the path begins with: those that name other mailboxes in their body (free and busy times, tips, a
// sender), and relationships to other users and groups. A folder of files by one of these names is reached by its id.
constexpr std::array<std::string_view, 22> beyond{"createdbyuser",
                                                  "createdobjects",
                                                  "directreports",
                                                  "findmeetingtimes",
                                                  "getmailtips",
                                                  "getschedule",
                                                  "group",
                                                  "groups",
                                                  "invitedby",
                                                  "lastmodifiedbyuser",
                                                  "manager",
                                                  "memberof",
                                                  "microsoft.graph.sendmail",
                                                  "ownedobjects",
                                                  "owners",
                                                  "send",
                                                  "sendmail",
                                                  "sponsors",
                                                  "transitivememberof",
                                                  "transitivereports",
                                                  "user",
                                                  "users"};

// Graph folds dots and doubled slashes and takes `users('x')` and `users%2Fx` for `users/x`: only one spelling is let through,
// so that what is judged is what is called.
bool is_plain(std::string_view path) {
    const auto fits = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte < 0x7f && std::string_view("?#\\\"<>^`{|}'()%").find(c) == std::string_view::npos;
    };
    return path.size() <= longest_path && path.starts_with('/') && path.size() > 1 && std::ranges::all_of(path, fits) && path.find("//") == path.npos &&
           path.find("/.") == path.npos;
}

std::unexpected<Error> no_path(std::string_view why) { return bad_field("path", "`path` " + std::string(why)); }

}  // namespace

Result<app::NativeReach> native_reach(std::string_view path) {
    using Kind = app::NativeReach::Kind;
    if (!is_plain(path))
        return no_path("must be a plain path like /me/drive/root/children: no `..`, no parentheses, no percent signs; a query goes into `query`");
    const auto parts = split(path.substr(1), '/');
    const auto first = lower_ascii(parts[0]);
    const auto reaches_beyond = [](std::string_view part) { return std::ranges::find(beyond, lower_ascii(part)) != beyond.end(); };
    if (std::ranges::any_of(parts.begin() + 1, parts.end(), reaches_beyond)) return app::NativeReach{Kind::anybody};
    if (first == "me") return app::NativeReach{Kind::own};
    if (first == "users" && parts.size() > 1 && !parts[1].empty()) return app::NativeReach{Kind::user, std::string(parts[1])};
    if (std::ranges::find(without_mailboxes, first) != without_mailboxes.end()) return app::NativeReach{Kind::no_mailbox};
    return app::NativeReach{Kind::anybody};
}

Task<Result<app::NativeAnswer>> GraphNative::call(app::MailAccess access, app::NativeCall call) {
    const auto* cloud = catalog_.find_cloud(access.connection.connector, access.cloud);
    if (cloud == nullptr) co_return fail(Errc::internal, "the catalogue has no cloud `" + access.cloud + "` for this connection's connector");
    auto url = with_query(cloud->api_base + call.path, call.query);
    auto request = call.method == Method::get ? read_request(*cloud, std::move(url), access.access_token)
                                              : write_request(*cloud, std::move(url), access.access_token, std::move(call.body));
    if (!request) co_return propagate(request);
    request->method = call.method;
    app::CallOptions options;
    options.deadline = deadline;
    options.max_answer_bytes = largest_answer;
    options.may_repeat = call.method == Method::get;
    options.workspace = access.connection.workspace;
    options.request_id = access.request_id;
    const auto mode = access.connection.mode;
    auto response = co_await http_.send(*std::move(request), std::move(options));
    if (!response) co_return propagate(response);
    if (response->status == 401 || response->status == 429) co_return fail(failure_of(*response, {"", mode, access.mailbox}));
    co_return app::NativeAnswer{response->status, std::string(response->headers.get("Content-Type")), std::move(response->body)};
}

}  // namespace renkei::microsoft

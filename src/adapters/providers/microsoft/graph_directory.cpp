#include "adapters/providers/microsoft/graph_directory.hpp"

#include "adapters/providers/microsoft/graph_answer.hpp"
#include "adapters/providers/microsoft/graph_error.hpp"
#include "adapters/providers/microsoft/graph_request.hpp"
#include "base/encoding.hpp"

#include <algorithm>
#include <chrono>

namespace renkei::microsoft {
namespace {

constexpr std::chrono::milliseconds step_deadline{10'000};
constexpr std::uint64_t largest_page = 8u << 20;
constexpr std::size_t most_pages = 100;
constexpr std::string_view person_fields = "id,mail,userPrincipalName,proxyAddresses";

// A text in an OData filter: a single quote is written twice (OASIS OData URL Conventions 4.01, section 5.1.1.14.1).
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    return out + "'";
}

void add_address(std::vector<std::string>& addresses, std::string_view text) {
    auto spelled = core::parse_mailbox(text);
    if (spelled && std::ranges::find(addresses, *spelled) == addresses.end()) addresses.push_back(*std::move(spelled));
}

std::string member_text(const json::object& from, std::string_view name) { return std::string(json::text(from, name).value_or("")); }

// proxyAddresses hold other kinds of addresses too: x500:, sip:, eum:.
Result<app::DirectoryObject> object_from(const json::object& from) {
    app::DirectoryObject out;
    auto id = core::parse_directory_id(member_text(from, "id"));
    if (!id) return fail(Errc::provider_bad_answer, "somebody in the provider's directory has no id");
    out.id = *std::move(id);
    add_address(out.addresses, member_text(from, "mail"));
    if (!out.addresses.empty()) out.address = out.addresses.front();
    add_address(out.addresses, member_text(from, "userPrincipalName"));
    if (const auto* proxies = json::find(from, "proxyAddresses"); proxies != nullptr && proxies->is_array())
        for (const auto& proxy : proxies->get_array()) {
            const auto text = proxy.is_string() ? json::view(proxy.get_string()) : std::string_view();
            if (lower_ascii(text.substr(0, 5)) == "smtp:") add_address(out.addresses, text.substr(5));
        }
    if (out.address.empty() && !out.addresses.empty()) out.address = out.addresses.front();
    return out;
}

bool is_person(const json::object& from) {
    const auto type = json::text(from, "@odata.type");
    return !type || *type == "#microsoft.graph.user";
}

// 403 is the answer to a token without the right (Authorization_RequestDenied), whatever it was asked for.
Error refusal_of(const HttpResponse& response, const app::DirectoryAccess& access, std::string_view permission) {
    if (response.status == 403) return {Errc::denied, "the connection has no right to read the directory: " + std::string(permission) + " is missing"};
    if (response.status == 404) return {Errc::not_found, "the provider's directory has no such object"};
    return failure_of(response, {std::string(permission), access.connection.mode, {}});
}

}  // namespace

struct GraphDirectory::Call {
    app::DirectoryAccess access;
    const app::CloudFacts* cloud;
};

Result<GraphDirectory::CallPtr> GraphDirectory::begin(app::DirectoryAccess access) const {
    const auto* cloud = catalog_.find_cloud(access.connection.connector, access.cloud);
    if (cloud == nullptr) return fail(Errc::internal, "the catalogue has no cloud `" + access.cloud + "` for this connection's connector");
    return std::make_shared<const Call>(Call{std::move(access), cloud});
}

Task<Result<HttpResponse>> GraphDirectory::read(CallPtr call, std::string url) {
    auto request = read_request(*call->cloud, std::move(url), call->access.access_token);
    if (!request) co_return propagate(request);
    app::CallOptions options;
    options.deadline = step_deadline;
    options.max_answer_bytes = largest_page;
    options.may_repeat = true;
    options.workspace = call->access.connection.workspace;
    options.request_id = call->access.request_id;
    co_return co_await http_.send(*std::move(request), std::move(options));
}

// Graph's path takes an id or a sign-in name; other addresses are found by a filter.
Task<Result<app::DirectoryObject>> GraphDirectory::find_mailbox(app::DirectoryAccess access, std::string who) {
    auto call = begin(std::move(access));
    if (!call) co_return propagate(call);
    const auto users = (*call)->cloud->api_base + "/users";
    const auto select = "$select=" + percent_encode(person_fields);
    auto response = co_await read(*call, users + "/" + percent_encode(who) + "?" + select);
    if (!response) co_return propagate(response);
    if (response->status == 200) {
        auto object = object_of(*response);
        if (!object) co_return propagate(object);
        co_return object_from(*object);
    }
    if (response->status != 404 || who.find('@') == std::string::npos) co_return fail(refusal_of(*response, (*call)->access, "User.Read.All"));
    const auto filter = "$filter=" + percent_encode("proxyAddresses/any(p:p eq " + quoted("smtp:" + who) + ")");
    response = co_await read(*call, users + "?" + filter + "&$top=2&" + select);
    if (!response) co_return propagate(response);
    if (response->status != 200) co_return fail(refusal_of(*response, (*call)->access, "User.Read.All"));
    auto page = collection_of(*response);
    if (!page) co_return propagate(page);
    if (page->items.empty()) co_return fail(Errc::not_found, "the provider's directory has nobody with this address");
    if (page->items.size() > 1 || !page->items.front().is_object())
        co_return fail(Errc::provider_bad_answer, "the provider's directory gives one address to several people");
    co_return object_from(page->items.front().get_object());
}

Task<Result<std::string>> GraphDirectory::group_id(CallPtr call, std::string who, std::shared_ptr<std::string> address) {
    const auto groups = call->cloud->api_base + "/groups";
    const bool by_id = core::parse_directory_id(who).has_value();
    const auto url = by_id ? groups + "/" + percent_encode(who) + "?$select=id,mail"
                           : groups + "?$filter=" + percent_encode("mail eq " + quoted(who)) + "&$top=2&$select=id,mail";
    auto response = co_await read(call, url);
    if (!response) co_return propagate(response);
    if (response->status != 200) co_return fail(refusal_of(*response, call->access, "GroupMember.Read.All"));
    json::object found;
    if (by_id) {
        auto object = object_of(*response);
        if (!object) co_return propagate(object);
        found = *std::move(object);
    } else {
        auto page = collection_of(*response);
        if (!page) co_return propagate(page);
        if (page->items.empty()) co_return fail(Errc::not_found, "the provider's directory has no group with this address");
        if (page->items.size() > 1 || !page->items.front().is_object())
            co_return fail(Errc::provider_bad_answer, "the provider's directory gives one address to several groups");
        found = page->items.front().get_object();
    }
    auto id = core::parse_directory_id(member_text(found, "id"));
    if (!id) co_return fail(Errc::provider_bad_answer, "a group in the provider's directory has no id");
    auto mail = core::parse_mailbox(member_text(found, "mail"));
    if (mail) *address = *std::move(mail);
    co_return *std::move(id);
}

Task<Result<std::vector<app::DirectoryObject>>> GraphDirectory::members(CallPtr call, std::string group, std::uint32_t most) {
    std::vector<app::DirectoryObject> out;
    auto url = call->cloud->api_base + "/groups/" + group + "/transitiveMembers?$top=500&$select=" + percent_encode(person_fields);
    for (std::size_t pages = 0; !url.empty(); ++pages) {
        if (pages >= most_pages) co_return fail(Errc::payload_too_large, "the provider's list of a group's members does not end");
        auto response = co_await read(call, std::move(url));
        if (!response) co_return propagate(response);
        if (response->status != 200) co_return fail(refusal_of(*response, call->access, "GroupMember.Read.All"));
        auto page = collection_of(*response);
        if (!page) co_return propagate(page);
        for (const auto& item : page->items) {
            if (!item.is_object() || !is_person(item.get_object())) continue;
            auto member = object_from(item.get_object());
            if (!member) co_return propagate(member);
            out.push_back(*std::move(member));
            if (out.size() > most) co_return fail(Errc::payload_too_large, "the group has more than " + std::to_string(most) + " members");
        }
        url = page->next_link;
        if (!url.empty() && !is_own_link(*call->cloud, url))
            co_return fail(Errc::provider_bad_answer, "the provider's link to the next page leads to another host; it is not followed");
    }
    co_return out;
}

Task<Result<app::DirectoryGroup>> GraphDirectory::find_group(app::DirectoryAccess access, std::string who, std::uint32_t most) {
    auto call = begin(std::move(access));
    if (!call) co_return propagate(call);
    auto address = std::make_shared<std::string>();
    auto id = co_await group_id(*call, std::move(who), address);
    if (!id) co_return propagate(id);
    auto people = co_await members(*call, *id, most);
    if (!people) co_return propagate(people);
    app::DirectoryGroup group;
    group.id = *std::move(id);
    group.address = std::move(*address);
    group.members = *std::move(people);
    co_return group;
}

}  // namespace renkei::microsoft

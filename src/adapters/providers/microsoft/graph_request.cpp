#include "adapters/providers/microsoft/graph_request.hpp"

#include "base/bearer_hosts.hpp"
#include "base/encoding.hpp"
#include "base/uri.hpp"

namespace renkei::microsoft {
namespace {

Result<HttpRequest> request_with_token(const app::CloudFacts& cloud, Method method, std::string url, const Secret& token) {
    auto target = Uri::parse(url);
    if (!target) return fail(Errc::internal, "an address for the provider could not be built");
    if (auto allowed = check_bearer_target(*target, cloud.token_hosts); !allowed) return propagate(allowed);
    HttpRequest request;
    request.method = method;
    request.url = std::move(url);
    request.headers.add("Accept", "application/json");
    request.authorization = Secret::take("Bearer " + std::string(token.expose()));
    return request;
}

}  // namespace

std::string mailbox_root(const app::CloudFacts& cloud, std::string_view mailbox) {
    return mailbox.empty() ? cloud.api_base + "/me" : cloud.api_base + "/users/" + percent_encode(mailbox);
}

Result<HttpRequest> read_request(const app::CloudFacts& cloud, std::string url, const Secret& token) {
    auto request = request_with_token(cloud, Method::get, std::move(url), token);
    // Ids that stay the same when a message is moved; to be sent with every call that uses one
    // (https://learn.microsoft.com/graph/outlook-immutable-id). HTML, because text can be made of it and not the other way.
    if (request) request->headers.add("Prefer", R"(IdType="ImmutableId", outlook.body-content-type="html")");
    return request;
}

Result<HttpRequest> write_request(const app::CloudFacts& cloud, std::string url, const Secret& token, std::string body) {
    auto request = request_with_token(cloud, Method::post, std::move(url), token);
    if (!request) return request;
    request->headers.add("Prefer", R"(IdType="ImmutableId")");
    request->headers.add("Content-Type", "application/json");
    request->body = std::move(body);
    return request;
}

bool is_own_link(const app::CloudFacts& cloud, std::string_view link) {
    const auto target = Uri::parse(link);
    const auto base = Uri::parse(cloud.api_base);
    if (!target || !base || !check_bearer_target(*target, cloud.token_hosts) || !target->same_origin(*base)) return false;
    // "/v1.0/../beta" would leave the base on servers that fold dots.
    const auto path = percent_decode(target->path);
    return path && path->starts_with(base->path + "/") && path->find("/..") == path->npos && path->find("/./") == path->npos;
}

Result<std::string> link_of_cursor(const app::CloudFacts& cloud, std::string_view cursor) {
    auto link = cursor.size() > 8192 ? std::nullopt : decode_base64url(cursor);
    if (!link || !is_own_link(cloud, *link)) return fail(Error{Errc::bad_request, "the cursor is none that a page has given", {{"field", "cursor"}}});
    return *std::move(link);
}

Result<std::string> cursor_of_link(const app::CloudFacts& cloud, std::string_view link) {
    if (link.empty()) return std::string();
    if (link.size() > 6000 || !is_own_link(cloud, link))
        return fail(Errc::provider_bad_answer, "the provider's link to the next page leads to another host or is too long; it is not followed");
    return base64url(as_bytes(link));
}

}  // namespace renkei::microsoft

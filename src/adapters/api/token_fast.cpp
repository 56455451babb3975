#include "adapters/api/token_fast.hpp"

#include <charconv>

namespace renkei::api {
namespace {

constexpr std::string_view before_name = "/v1/connections/";
constexpr std::string_view after_name = "/token";
constexpr std::string_view pattern = "/v1/connections/{name}/token";
constexpr std::string_view bearer = "Bearer ";

// The name in the path, or empty. Names need no escapes; anything else goes the ordinary way.
std::string_view name_in(std::string_view target) {
    if (!target.starts_with(before_name) || !target.ends_with(after_name) || target.size() <= before_name.size() + after_name.size()) return {};
    const auto name = target.substr(before_name.size(), target.size() - before_name.size() - after_name.size());
    return name.find_first_of("/%?#") == name.npos ? name : std::string_view{};
}

}  // namespace

bool TokenFast::try_fast(const app::FastRequest& request, app::FastAnswer& answer) {
    if (request.method != "GET" || !request.authorization.starts_with(bearer)) return false;
    const auto name = name_in(request.target);
    if (name.empty()) return false;
    const Secret key(request.authorization.substr(bearer.size()));
    const auto fast = releases_.try_release(vault_.lookup_hash(key), name, request.mailbox_header, request.address);
    if (!fast.ticket) return false;
    char seconds[24];
    const auto end = std::to_chars(seconds, seconds + sizeof seconds, fast.seconds_left).ptr;
    answer.route = pattern;
    auto& body = answer.body;
    body.append(R"({"connection":")").append(name).append(R"(","token_type":"Bearer","access_token":")").append(fast.ticket->token->token.expose());
    body.append(R"(","expires_in":)").append(seconds, static_cast<std::size_t>(end - seconds)).append(R"(,"expires_at":")");
    body.append(fast.ticket->token_expires.data(), fast.ticket->token_expires.size())
        .append(R"(","scope":")")
        .append(*fast.ticket->token->scopes)
        .append("\"}");
    return true;
}

}  // namespace renkei::api

#include "base/bearer_hosts.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei {
namespace {

bool is_dotted_quad(std::string_view host) {
    return std::ranges::count(host, '.') == 3 && std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

// `host`, `host:port`, `[v6]` or `[v6]:port`, in any case.
bool names(std::string_view entry, const Uri& target) {
    const std::string text = lower_ascii(entry);
    const bool v6 = target.host.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + target.host + "]" : target.host;
    if (text == host) return target.port == (target.scheme == "https" ? 443 : 80);
    return text == host + ":" + std::to_string(target.port);
}

}  // namespace

bool names_loopback(const Uri& uri) { return uri.host == "localhost" || uri.host == "::1" || (uri.host.starts_with("127.") && is_dotted_quad(uri.host)); }

Result<void> check_bearer_target(const Uri& target, std::span<const std::string> hosts, PlainHttp plain) {
    const bool plain_allowed = plain == PlainHttp::allow_plain_http_for_tests || (plain == PlainHttp::allow_on_loopback && names_loopback(target));
    if (target.scheme != "https" && !plain_allowed) return fail(Errc::egress_refused, "an access token is not sent to " + target.host + " without TLS");
    if (std::ranges::none_of(hosts, [&](const std::string& entry) { return names(entry, target); }))
        return fail(Errc::egress_refused, "an access token may not go to " + target.host + ": the connector does not name this host");
    return {};
}

}  // namespace renkei

#include "adapters/http/client_proxy.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::http {
namespace {

std::optional<std::uint16_t> port_number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value == 0 || value > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(value);
}

// Splits `host:port`; an address with several colons has no port unless it stands in brackets. Nothing: not readable.
std::optional<std::pair<std::string_view, std::uint16_t>> host_and_port(std::string_view entry) {
    std::string_view host = entry, rest;
    if (entry.starts_with('[')) {
        const auto close = entry.find(']');
        if (close == entry.npos) return std::nullopt;
        host = entry.substr(1, close - 1);
        rest = entry.substr(close + 1);
    } else if (std::ranges::count(entry, ':') == 1) {
        host = entry.substr(0, entry.find(':'));
        rest = entry.substr(host.size());
    }
    if (rest.empty()) return std::pair{host, std::uint16_t{0}};
    const auto port = rest.starts_with(':') ? port_number(rest.substr(1)) : std::nullopt;
    if (!port) return std::nullopt;
    return std::pair{host, *port};
}

std::string_view without_last_dot(std::string_view host) { return host.ends_with('.') ? host.substr(0, host.size() - 1) : host; }

Result<std::optional<ProxyServer>> parse_proxy(const Secret& setting, std::string_view name) {
    const auto refuse = [&] { return bad_field(name, std::string(name) + " must look like http://user:password@proxy.example:8080"); };
    const std::string_view text = trim(setting.expose());
    if (text.empty()) return std::optional<ProxyServer>{};
    std::string_view rest = text;
    std::string scheme = "http";
    if (const auto mark = text.find("://"); mark != text.npos) {
        scheme = lower_ascii(text.substr(0, mark));
        rest = text.substr(mark + 3);
    }
    ProxyServer server;
    // The last @: a password may hold one that is not encoded.
    if (const auto at = rest.rfind('@'); at != rest.npos) {
        const auto user = rest.substr(0, at);
        const auto colon = user.find(':');
        auto decoded_user = percent_decode(user.substr(0, colon));
        auto decoded_password = percent_decode(colon == user.npos ? std::string_view{} : user.substr(colon + 1));
        if (!decoded_user || !decoded_password) return refuse();
        server.user = std::move(*decoded_user);
        server.password = Secret::take(std::move(*decoded_password));
        rest = rest.substr(at + 1);
    }
    auto uri = Uri::parse(scheme + "://" + std::string(rest));
    if (!uri || uri->path != "/" || !uri->query.empty()) return refuse();
    server.host = uri->host;
    const bool v6 = uri->host.find(':') != std::string::npos;
    server.address = uri->scheme + "://" + (v6 ? "[" + uri->host + "]" : uri->host) + ":" + std::to_string(uri->port);
    return std::optional<ProxyServer>(std::move(server));
}

}  // namespace

NoProxy::NoProxy(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find_first_of(", \t\r\n");
        add(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    }
}

void NoProxy::add(std::string_view entry) {
    if (entry.empty()) return;
    if (entry == "*") {
        all_ = true;
        return;
    }
    if (entry.find('/') != entry.npos) {
        if (auto range = core::AddressRange::parse(entry, "no_proxy")) ranges_.push_back({*range, 0});
        return;
    }
    const auto split = host_and_port(entry);
    if (!split) return;
    if (auto range = core::AddressRange::parse(split->first, "no_proxy"))
        ranges_.push_back({*range, split->second});
    else
        add_domain(split->first, split->second);
}

void NoProxy::add_domain(std::string_view name, std::uint16_t port) {
    bool itself = true;
    if (name.starts_with("*.")) name.remove_prefix(1);
    if (name.starts_with('.')) {
        itself = false;
        name.remove_prefix(1);
    }
    name = without_last_dot(name);
    if (!name.empty()) domains_.push_back({lower_ascii(name), itself, port});
}

bool NoProxy::covers(const Uri& target) const {
    if (all_) return true;
    const auto port_fits = [&](std::uint16_t port) { return port == 0 || port == target.port; };
    if (const auto address = core::parse_address(target.host))
        return std::ranges::any_of(ranges_, [&](const Range& row) { return port_fits(row.port) && row.range.contains(*address); });
    const auto host = without_last_dot(target.host);
    return std::ranges::any_of(domains_, [&](const Domain& row) {
        if (!port_fits(row.port)) return false;
        if (host == row.name) return row.itself;
        return host.size() > row.name.size() && host.ends_with(row.name) && host[host.size() - row.name.size() - 1] == '.';
    });
}

Result<ProxyRules> ProxyRules::from(ProxySettings settings) {
    ProxyRules rules;
    auto https = parse_proxy(settings.https_proxy, "HTTPS_PROXY");
    if (!https) return propagate(https);
    auto http = parse_proxy(settings.http_proxy, "HTTP_PROXY");
    if (!http) return propagate(http);
    rules.https_ = std::move(*https);
    rules.http_ = std::move(*http);
    rules.none_ = NoProxy(settings.no_proxy);
    return rules;
}

const ProxyServer* ProxyRules::proxy_for(const Uri& target) const {
    const auto& server = target.scheme == "https" ? https_ : http_;
    return server && !none_.covers(target) ? &*server : nullptr;
}

}  // namespace renkei::http

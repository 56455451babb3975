#include "adapters/http/forwarded.hpp"

#include "base/encoding.hpp"
#include "base/id.hpp"

#include <algorithm>
#include <vector>

namespace renkei::http {
namespace {

struct Hop {
    std::string_view address;  // as written
    std::string_view proto;    // empty if not said
};

// Fields of one name are one list, in order (RFC 9110 section 5.3).
std::vector<std::string_view> list_of(const RequestHead& head, std::string_view name) {
    std::vector<std::string_view> items;
    for (const auto& field : head.fields) {
        if (!equal_ignoring_case(field.name, name)) continue;
        for (const auto item : split(field.value, ',')) items.push_back(trim(item));
    }
    return items;
}

std::string_view unquote(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

std::optional<Address> node_address(std::string_view node) {
    if (node.starts_with('[')) {
        const auto end = node.find(']');
        return end == std::string_view::npos ? std::nullopt : core::parse_address(node.substr(1, end - 1));
    }
    // One colon is a port behind IPv4; several are IPv6 without brackets, as X-Forwarded-For writes it.
    if (std::ranges::count(node, ':') == 1) node = node.substr(0, node.find(':'));
    return core::parse_address(node);
}

std::vector<Hop> hops_of_forwarded(const RequestHead& head) {
    std::vector<Hop> hops;
    for (const auto element : list_of(head, "Forwarded")) {
        Hop hop;
        for (const auto pair : split(element, ';')) {
            const auto equals = pair.find('=');
            if (equals == std::string_view::npos) continue;
            const auto name = trim(pair.substr(0, equals));
            const auto value = unquote(trim(pair.substr(equals + 1)));
            if (equal_ignoring_case(name, "for")) hop.address = value;
            if (equal_ignoring_case(name, "proto")) hop.proto = value;
        }
        hops.push_back(hop);
    }
    return hops;
}

std::vector<Hop> hops_of_x_forwarded(const RequestHead& head) {
    std::vector<Hop> hops;
    for (const auto address : list_of(head, "X-Forwarded-For")) hops.push_back({address, {}});
    const auto protos = list_of(head, "X-Forwarded-Proto");
    if (protos.size() == hops.size()) {
        for (std::size_t i = 0; i < hops.size(); ++i) hops[i].proto = protos[i];
    } else if (!protos.empty()) {
        // One word for the whole way: what the nearest proxy, which is trusted, said.
        for (auto& hop : hops) hop.proto = protos.back();
    }
    return hops;
}

// From the right: what each trusted proxy saw. It ends at the first one that is not trusted, or that is no address.
Caller walk(const Caller& peer, const std::vector<Hop>& hops, std::span<const core::AddressRange> trusted) {
    Caller caller = peer;
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        if (equal_ignoring_case(hop->proto, "https")) caller.secure = true;
        if (equal_ignoring_case(hop->proto, "http")) caller.secure = false;
        const auto address = node_address(hop->address);
        if (!address) break;
        caller.address = *address;
        if (!is_trusted(*address, trusted)) break;
    }
    return caller;
}

}  // namespace

bool is_trusted(const Address& address, std::span<const core::AddressRange> trusted) {
    return std::ranges::any_of(trusted, [&](const auto& range) { return range.contains(address); });
}

std::optional<Caller> believed_caller(const Caller& peer, const RequestHead& head, std::span<const core::AddressRange> trusted) {
    const auto standard = hops_of_forwarded(head);
    const auto customary = hops_of_x_forwarded(head);
    if (standard.empty() && customary.empty()) {
        const auto protos = list_of(head, "X-Forwarded-Proto");
        Caller caller = peer;
        if (!protos.empty()) caller.secure = equal_ignoring_case(protos.back(), "https");
        return caller;
    }
    if (standard.empty()) return walk(peer, customary, trusted);
    const auto caller = walk(peer, standard, trusted);
    if (!customary.empty() && walk(peer, customary, trusted).address != caller.address) return std::nullopt;
    return caller;
}

std::string believed_request_id(const RequestHead& head) {
    for (const auto& field : head.fields) {
        if (!equal_ignoring_case(field.name, "X-Request-Id")) continue;
        std::string digits(field.value);
        if (digits.size() == 36 && digits[8] == '-' && digits[13] == '-' && digits[18] == '-' && digits[23] == '-') std::erase(digits, '-');
        return parse_id(digits) ? lower_ascii(digits) : std::string();
    }
    return {};
}

}  // namespace renkei::http

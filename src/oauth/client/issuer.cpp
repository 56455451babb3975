#include "oauth/client/issuer.hpp"

#include <algorithm>

namespace renkei::oauth {
namespace {

constexpr std::size_t longest_tenant = 253;  // a domain name's limit

bool fits(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

}  // namespace

bool is_tenant_segment(std::string_view text) {
    if (text.empty() || text.size() > longest_tenant || text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) return false;
    return std::ranges::all_of(text, fits);
}

std::optional<std::string> fill_tenant(std::string_view text, std::string_view tenant) {
    std::string out(text);
    auto at = out.find(tenant_mark);
    if (at == out.npos) return out;
    if (!is_tenant_segment(tenant)) return std::nullopt;
    for (; at != out.npos; at = out.find(tenant_mark, at + tenant.size())) out.replace(at, tenant_mark.size(), tenant);
    return out;
}

bool issuer_matches(std::string_view expected, std::string_view issuer) {
    const auto at = expected.find(tenant_mark);
    if (at == expected.npos) return expected == issuer;
    const auto before = expected.substr(0, at), after = expected.substr(at + tenant_mark.size());
    if (issuer.size() <= before.size() + after.size() || !issuer.starts_with(before) || !issuer.ends_with(after)) return false;
    return is_tenant_segment(issuer.substr(before.size(), issuer.size() - before.size() - after.size()));
}

}  // namespace renkei::oauth

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace renkei::sandbox {

/// One of Microsoft's clouds: tenants, applications and tokens of one are unknown in the others
/// (https://learn.microsoft.com/graph/deployments).
struct Cloud {
    std::string_view key;
    std::string_view title;
    std::string_view login_host;  ///< of the vendor's authority
    std::string_view graph;       ///< resource and audience of its Graph, whatever address the sandbox's has
    std::uint16_t port_step;      ///< added to the default ports
    /// Scopes without a resource mean the commercial Graph, which no other cloud has: they want theirs spelled out.
    bool short_scopes;
    bool permanent_delete;   ///< `permanentDelete` of Graph exists
    char mark;               ///< tells ids of one cloud from those of another
    std::string_view affix;  ///< in its domains: contoso-gov.example
};

/// All of them, the commercial one first.
std::span<const Cloud> clouds();
const Cloud& commercial_cloud();
/// nullptr: there is none of that name.
const Cloud* find_cloud(std::string_view key);

/// What the access tokens of a cloud begin with, so that another one can say what is wrong.
std::string access_token_prefix(const Cloud& cloud);

}  // namespace renkei::sandbox

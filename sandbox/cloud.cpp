#include "sandbox/cloud.hpp"

#include <algorithm>

namespace renkei::sandbox {
namespace {

constexpr Cloud all[] = {
    {"commercial", "Office 365", "login.microsoftonline.com", "https://graph.microsoft.com", 0, true, true, '0', ""},
    {"us_gov_l4", "US Government L4 (GCC High)", "login.microsoftonline.us", "https://graph.microsoft.us", 10, false, false, '4', "-gov"},
    {"us_gov_l5", "US Government L5 (DoD)", "login.microsoftonline.us", "https://dod-graph.microsoft.us", 20, false, false, '5', "-dod"},
    {"china", "China (21Vianet)", "login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn", 30, false, false, '8', "-cn"},
};

}  // namespace

std::span<const Cloud> clouds() { return all; }
const Cloud& commercial_cloud() { return all[0]; }

const Cloud* find_cloud(std::string_view key) {
    const auto* found = std::ranges::find(all, key, &Cloud::key);
    return found == std::end(all) ? nullptr : found;
}

std::string access_token_prefix(const Cloud& cloud) { return cloud.port_step == 0 ? "sbat." : "sbat-" + std::string(cloud.key) + "."; }

}  // namespace renkei::sandbox

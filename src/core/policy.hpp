#pragma once

#include "core/connection.hpp"
#include "core/folder.hpp"
#include "core/identity.hpp"

#include <string>
#include <string_view>

namespace renkei::core {

/// The rules' answer, with the reason that the caller and the audit see.
struct Decision {
    bool allowed = false;
    /// False as well as not allowed: answer not_found, so that names cannot be probed.
    bool visible = false;
    Errc code = Errc::denied;
    std::string reason;
    std::string directory_id{};  ///< of the mailbox that is touched, where the connection's directory knows it
};

/// Whether the caller may do `action` at all, without a connection in play.
Decision decide(const Principal& caller, Action action, TimePoint now);

/// Whether the caller may do `action` through this connection to whoever is touched.
/// `folder_right`: what the folder gives the caller, nothing if it gives nothing; `owner_groups`: the groups of the
/// connection's owner and all groups above them; `touched`: empty where the action touches nobody. Who acts is touched
/// too, as TouchedAs::act_as, and asked about for itself.
Decision decide(const Principal& caller, Action action, const Connection& connection, std::optional<FolderRight> folder_right,
                const std::vector<GroupId>& owner_groups, Touched touched, TimePoint now);

}  // namespace renkei::core

#pragma once

#include "sandbox/service.hpp"
#include "sandbox/world.hpp"

#include <memory>

namespace renkei::sandbox {

/// Microsoft Graph v1.0, users and mail, over the world's people. Mailboxes live in memory.
std::unique_ptr<MailService> make_graph(World& world);

}  // namespace renkei::sandbox

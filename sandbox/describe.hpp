#pragma once

#include "sandbox/tls/state_folder.hpp"
#include "sandbox/world.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace renkei::sandbox {

/// The ports on which a sandbox listens.
struct Ports {
    std::uint16_t login = 18443, graph = 18444, control = 18445;
};

/// What `describe --json` prints: addresses, tenants, apps with secrets, users with passwords, files.
std::string describe_json(World& world, const StateFolder& state, const Ports& ports);
/// The same for people.
std::string describe_text(World& world, const StateFolder& state, const Ports& ports);

/// The ports of the last start, remembered in the state folder.
std::optional<Ports> remembered_ports(const StateFolder& state);
Result<void> remember_ports(const StateFolder& state, const Ports& ports);

/// $RENKEI_SANDBOX_STATE, else $XDG_STATE_HOME/renkei-sandbox, else ~/.local/state/renkei-sandbox.
std::string default_state_folder();

}  // namespace renkei::sandbox

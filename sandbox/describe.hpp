#pragma once

#include "sandbox/tls/state_folder.hpp"
#include "sandbox/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace renkei::sandbox {

/// The two ports of one cloud; 0: a free one.
struct CloudPorts {
    std::uint16_t login = 0, graph = 0;
};

/// The ports on which a sandbox listens: those of the commercial cloud, the control endpoint, the external vaults, and those of other clouds by key.
struct Ports {
    std::uint16_t login = 18443, graph = 18444, control = 18445;
    std::map<std::string, CloudPorts, std::less<>> others{};
    std::uint16_t vaults = 18446;

    CloudPorts of(const Cloud& cloud) const;
};
/// Where a cloud listens when the commercial one listens there: some steps further, or on free ports if that one does.
CloudPorts ports_beside(const Ports& commercial, const Cloud& cloud);

/// What `describe --json` prints: addresses, tenants, apps with secrets, users with passwords, files, of each cloud. The first world is
/// the commercial cloud's, whose facts also stand outside of `clouds`.
std::string describe_json(const std::vector<World*>& worlds, const StateFolder& state, const Ports& ports);
/// The same for people.
std::string describe_text(const std::vector<World*>& worlds, const StateFolder& state, const Ports& ports);

/// The ports of the last start, remembered in the state folder.
std::optional<Ports> remembered_ports(const StateFolder& state);
Result<void> remember_ports(const StateFolder& state, const Ports& ports);

/// $RENKEI_SANDBOX_STATE, else $XDG_STATE_HOME/renkei-sandbox, else ~/.local/state/renkei-sandbox.
std::string default_state_folder();

}  // namespace renkei::sandbox

#pragma once

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace renkei::core {

enum class ConsentState : std::uint8_t { open, granted, refused, expired, cancelled };
std::string_view text_of(ConsentState state);
std::optional<ConsentState> parse_consent_state(std::string_view text);

/// A sign-in that only an administrator of the tenant can make possible: what was asked, and how it was decided.
struct ConsentRequest {
    WorkspaceId workspace;
    ConsentId id;
    ConnectionId connection;
    std::vector<std::string> scopes;  ///< as the person's sign-in asked for them, as this cloud spells them
    std::string asked_by;             ///< name of the key or person who wanted the connection
    std::string tenant;               ///< id of the tenant that must answer; empty: not known beforehand
    ConsentState state = ConsentState::open;
    std::string granted_tenant;  ///< that said yes
    std::string reason;          ///< why it was refused: a slug, never the provider's text
    Digest link{};               ///< keyed hash of the text of the link to forward
    Digest browser{};            ///< keyed hash of the cookie of the person who waits; zero: nobody does
    TimePoint created_at;
    TimePoint expires_at;
    std::optional<TimePoint> decided_at;
    std::uint64_t version = 1;

    /// An open one whose time is over is expired, whether or not somebody has written it down.
    ConsentState state_at(TimePoint now) const { return state == ConsentState::open && expires_at <= now ? ConsentState::expired : state; }
};

}  // namespace renkei::core

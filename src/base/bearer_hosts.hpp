#pragma once

#include "base/result.hpp"
#include "base/uri.hpp"

#include <span>
#include <string>

namespace renkei {

/// Whether a secret may travel without TLS. The unsafe choice has to be typed out.
enum class PlainHttp { refuse, allow_on_loopback, allow_plain_http_for_tests };

/// Whether this address is on this machine by its very name: localhost or a loopback literal in its normal notation.
bool names_loopback(const Uri& uri);

/// Refuses (egress_refused) unless the address is one of `hosts`, each an exact `host` or `host:port`; without a port the
/// scheme's own is meant. To be asked for every address a bearer token goes to: nextLink, uploadUrl and Location included.
Result<void> check_bearer_target(const Uri& target, std::span<const std::string> hosts, PlainHttp plain = PlainHttp::refuse);

}  // namespace renkei

#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>

namespace renkei::app {

inline constexpr std::size_t shortest_password = 12;
inline constexpr std::size_t longest_password = 1024;

/// NIST SP 800-63B section 5.1.1.2: a length, no rules of composition.
Result<void> check_password(const Secret& password);
/// Argon2id (RFC 9106), encoded with its parameters. Slow on purpose: run it in a pool.
Result<std::string> hash_password(const Secret& password);
bool is_password(const std::string& hash, const Secret& password);

}  // namespace renkei::app

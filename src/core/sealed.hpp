#pragma once

#include <string>

namespace renkei::core {

/// What the vault made of a secret: AES-256-GCM over it, bound to workspace, table, row, column and generation.
/// Stores keep it as it is; only the vault opens it.
struct Sealed {
    std::string bytes;
    bool empty() const { return bytes.empty(); }
    friend bool operator==(const Sealed&, const Sealed&) = default;
};

}  // namespace renkei::core

#pragma once

#include <span>
#include <string_view>

namespace renkei::providers {

/// A file of catalog/ as it was when the binary was built.
struct EmbeddedManifest {
    std::string_view file;
    std::string_view text;
};
std::span<const EmbeddedManifest> embedded_manifests();

}  // namespace renkei::providers

#pragma once

#include "app/ports/catalog.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::providers {

/// The operator's choice of other hosts for one cloud of a connector, e.g. a sandbox on loopback. Connectors that extend this one
/// follow, so that no token of theirs goes to the old hosts; a later entry of their own may say otherwise.
struct CloudOverride {
    std::string connector;
    std::string cloud;           ///< empty: the connector's first
    std::string authority_base;  ///< https origin of the authorization server, empty: unchanged
    std::string api_base;        ///< https address of the API; without a path the manifest's path stays; empty: unchanged
};

struct CatalogSettings {
    std::vector<CloudOverride> overrides{};
    std::optional<std::filesystem::path> folder{};  ///< more manifests, *.json; a key that exists already is an error
};

/// The manifests built into the binary and those of the folder, checked. Errors name file and member.
Result<std::unique_ptr<app::Catalog>> load_catalog(const CatalogSettings& settings);

/// One manifest, checked as strictly as catalog/schema.json says and beyond: unknown members are errors with a suggestion.
/// `base_text`: the manifest that it extends, if it does.
Result<app::Manifest> parse_manifest(std::string_view file, std::string_view text, std::string_view base_text = {});

/// The key of the connector that this manifest extends; empty: none (or it is no manifest).
std::string extended_by(std::string_view text);

/// Puts other hosts into a manifest. Errors: invalid_field.
Result<void> apply_override(app::Manifest& manifest, const CloudOverride& change);

}  // namespace renkei::providers

#pragma once

#include "core/ids.hpp"
#include "core/name.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace renkei::core {

enum class FolderRight : std::uint8_t { see, use, edit };  // each includes the ones before it

/// Where connections live (U-82). A workspace has a default folder, each person a private one.
struct Folder {
    WorkspaceId workspace;
    FolderId id;
    Name name;
    std::string title;
    std::optional<PersonId> private_to;
    bool is_default = false;
};

/// Gives a person, a group or a key a right in a folder.
struct FolderGrant {
    WorkspaceId workspace;
    FolderId folder;
    enum class Holder : std::uint8_t { person, group, key } holder = Holder::key;
    IdBytes holder_id{};
    FolderRight right = FolderRight::see;
};

}  // namespace renkei::core

#pragma once

#include "app/task.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/ids.hpp"

#include <string>

namespace renkei::app {

/// Files and environment variables that fields may refer to: only what the operator maps to the workspace in renkei.toml.
class ValueFiles {
public:
    virtual ~ValueFiles() = default;
    /// `path`: relative to the folder that is mapped to the workspace. Links are not followed; regular files only; at most 64 KiB.
    /// Errors: source_refused (nothing is mapped, or the path leads out), value_missing, value_unusable.
    virtual Task<Result<Secret>> file(core::WorkspaceId workspace, std::string path) = 0;
    /// `name`: whole, beginning with the prefix that is mapped to the workspace.
    virtual Task<Result<Secret>> environment(core::WorkspaceId workspace, std::string name) = 0;
};

}  // namespace renkei::app

#pragma once

#include "app/ports/store.hpp"
#include "app/ports/value_files.hpp"

#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace renkei::server {

/// An entry of values.files or values.environment: what the operator maps to a workspace.
struct ValueMapping {
    std::string workspace;  ///< name
    std::string place;      ///< folder, or prefix of names
};

/// Files beneath the mapped folders and variables with the mapped prefixes; nothing else, and never anything of Renkei's own.
class MappedValues final : public app::ValueFiles {
public:
    static constexpr std::size_t longest_file = 64 << 10;

    struct Parts {
        app::WorkspaceStore& workspaces;
        std::vector<ValueMapping> files;
        std::vector<ValueMapping> environment;
        std::vector<std::filesystem::path> never;  ///< Renkei's own files: not opened whatever name leads there
        asio::thread_pool& pool;                   ///< where files are read
    };
    explicit MappedValues(Parts parts) : parts_(std::move(parts)) {}

    Task<Result<Secret>> file(core::WorkspaceId workspace, std::string path) override;
    Task<Result<Secret>> environment(core::WorkspaceId workspace, std::string name) override;

private:
    Task<Result<std::string>> place_of(core::WorkspaceId workspace, const std::vector<ValueMapping>& mappings);

    Parts parts_;
};

/// Reads one file beneath a folder; openat2 with RESOLVE_BENEATH keeps every path inside it, whatever changes between look and
/// open (https://man7.org/linux/man-pages/man2/openat2.2.html). Blocks.
Result<Secret> read_beneath(const std::filesystem::path& folder, const std::string& path, const std::vector<std::filesystem::path>& never);

/// Whether names with this prefix may be mapped: not the ones that Renkei's own settings have, nor everything.
bool is_good_prefix(std::string_view prefix);

}  // namespace renkei::server

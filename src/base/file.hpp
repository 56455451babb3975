#pragma once

#include <filesystem>
#include <string_view>
#include <system_error>

namespace renkei {

/// An open file, closed at its end.
class OpenFile {
public:
    /// `flags` as for open(2), O_CLOEXEC comes by itself. Whether it worked is asked with bool; if not, errno says why.
    OpenFile(const std::filesystem::path& path, int flags, unsigned mode = 0);
    ~OpenFile();
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_;
};

/// What errno says now.
std::error_code last_system_error();
/// Whether there is no room, or no writing: for the operator another matter than a broken file.
bool says_full(const std::error_code& error);

/// A file that was not there before, readable by its owner only, written whole and synced. On an error there is no file
/// that this has made. EEXIST: there is one already, and it stays as it is.
[[nodiscard]] std::error_code write_new_private_file(const std::filesystem::path& file, std::string_view bytes);
/// fsync of a file or of a folder: afterwards its content, or the names in it, outlive a power failure.
[[nodiscard]] std::error_code sync_to_disk(const std::filesystem::path& path);
/// Of the folder in which the file is named.
[[nodiscard]] std::error_code sync_folder_of(const std::filesystem::path& file);

}  // namespace renkei

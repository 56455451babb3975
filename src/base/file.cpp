#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace renkei {
namespace {

std::error_code write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return last_system_error();
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0 ? std::error_code() : last_system_error();
}

}  // namespace

OpenFile::OpenFile(const std::filesystem::path& path, int flags, unsigned mode) : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
OpenFile::~OpenFile() {
    if (number_ >= 0) ::close(number_);
}

std::error_code last_system_error() { return {errno, std::generic_category()}; }

bool says_full(const std::error_code& error) {
    return error == std::errc::no_space_on_device || error == std::errc::read_only_file_system || error.value() == EDQUOT;
}

std::error_code write_new_private_file(const std::filesystem::path& file, std::string_view bytes) {
    const OpenFile made(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!made) return last_system_error();
    const auto error = write_all(made.number(), bytes);
    if (error) ::unlink(file.c_str());
    return error;
}

std::error_code sync_to_disk(const std::filesystem::path& path) {
    const OpenFile opened(path, O_RDONLY);
    return opened && ::fsync(opened.number()) == 0 ? std::error_code() : last_system_error();
}

std::error_code sync_folder_of(const std::filesystem::path& file) { return sync_to_disk(file.has_parent_path() ? file.parent_path() : "."); }

}  // namespace renkei

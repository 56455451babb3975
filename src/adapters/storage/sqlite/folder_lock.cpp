#include "adapters/storage/sqlite/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace renkei::sqlite {
namespace {

// "4711 (renkei serve)", as far as it can be found out.
std::string holder_of(int file) {
    char text[32] = {};
    if (pread(file, text, sizeof text - 1, 0) <= 0) return "unknown";
    std::string pid(text, std::strspn(text, "0123456789"));
    std::ifstream command("/proc/" + pid + "/cmdline", std::ios::binary);
    std::string words((std::istreambuf_iterator<char>(command)), std::istreambuf_iterator<char>());
    while (!words.empty() && words.back() == '\0') words.pop_back();
    for (char& c : words)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    constexpr std::size_t enough = 200;
    return words.empty() ? pid : fmt::format("{} ({})", pid, words.substr(0, enough));
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
    const auto path = folder / "renkei.lock";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        const int why = errno;
        const bool full = why == ENOSPC || why == EROFS || why == EDQUOT;
        return fail(full ? Errc::storage_full : Errc::storage_failed,
                    fmt::format("The store's lock {} could not be opened: {}.", path.string(), std::strerror(why)));
    }
    FolderLock lock(file);
    // The kernel ends the lock with the process, however it dies; what is written in the file is for people.
    if (::flock(file, LOCK_EX | LOCK_NB) != 0)
        return fail(Errc::conflict, fmt::format("The store in {} is in use by process {}. Stop it first.", folder.string(), holder_of(file)));
    const auto pid = fmt::format("{}\n", ::getpid());
    // On a full disk the lock holds all the same.
    if (::ftruncate(file, 0) == 0) static_cast<void>(!::pwrite(file, pid.data(), pid.size(), 0));
    return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
}
FolderLock::~FolderLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace renkei::sqlite

#include "server/mapped_values.hpp"

#include "base/encoding.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace renkei::server {
namespace {

constexpr std::string_view own_prefix = "RENKEI";

std::unexpected<Error> about(const std::string& path, Errc code, std::string_view what) {
    return fail(Error{code, "file:" + path + " " + std::string(what), {{"source", "file:" + path}}});
}

class File {
public:
    explicit File(int number) : number_(number) {}
    ~File() {
        if (number_ >= 0) ::close(number_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

// Not blocking: a pipe without a writer must not hold the thread.
int open_beneath(int folder, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    return static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how));
}

bool is_same_file(const struct stat& found, const std::filesystem::path& other) {
    struct stat facts{};
    return ::stat(other.c_str(), &facts) == 0 && facts.st_dev == found.st_dev && facts.st_ino == found.st_ino;
}

Result<Secret> read_whole(int file, const std::string& path) {
    std::string text;
    char part[4096];
    for (;;) {
        const auto got = ::read(file, part, sizeof part);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return about(path, Errc::value_missing, "cannot be read");
        if (got == 0) break;
        text.append(part, static_cast<std::size_t>(got));
        if (text.size() > MappedValues::longest_file) {
            wipe(text);
            return about(path, Errc::value_unusable, "is larger than 64 KiB");
        }
    }
    // A file that was written with an editor ends with a line end that nobody means.
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return about(path, Errc::value_unusable, "is empty");
    return Secret::take(std::move(text));
}

}  // namespace

Result<Secret> read_beneath(const std::filesystem::path& folder, const std::string& path, const std::vector<std::filesystem::path>& never) {
    if (path.find('\0') != path.npos) return about("(damaged)", Errc::source_refused, "has a NUL in its path");
    const File at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (at.number() < 0) return about(path, Errc::source_refused, "stands in a mapped folder that is not there");
    const File file(open_beneath(at.number(), path));
    if (file.number() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return about(path, Errc::value_missing, "is not in the mapped folder");
        if (errno == EACCES || errno == EPERM) return about(path, Errc::value_missing, "may not be read by Renkei's user");
        return about(path, Errc::source_refused, "leads out of the mapped folder, or through a link");
    }
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0 || !S_ISREG(facts.st_mode)) return about(path, Errc::source_refused, "is not a regular file");
    if (std::ranges::any_of(never, [&](const auto& other) { return is_same_file(facts, other); }))
        return about(path, Errc::source_refused, "is one of Renkei's own");
    if (facts.st_size > static_cast<off_t>(MappedValues::longest_file)) return about(path, Errc::value_unusable, "is larger than 64 KiB");
    return read_whole(file.number(), path);
}

bool is_good_prefix(std::string_view prefix) {
    const auto good = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (prefix.size() < 3 || !std::ranges::all_of(prefix, good)) return false;
    return !prefix.starts_with(own_prefix) && !own_prefix.starts_with(prefix);
}

// A workspace is named in the configuration and known by its id elsewhere. Empty: nothing is mapped to it.
Task<Result<std::string>> MappedValues::place_of(core::WorkspaceId workspace, const std::vector<ValueMapping>& mappings) {
    if (mappings.empty()) co_return std::string();
    auto row = co_await parts_.workspaces.find_workspace(workspace);
    if (!row) co_return propagate(row);
    const auto found = std::ranges::find(mappings, row->name.text(), &ValueMapping::workspace);
    co_return found == mappings.end() ? std::string() : found->place;
}

Task<Result<Secret>> MappedValues::file(core::WorkspaceId workspace, std::string path) {
    auto folder = co_await place_of(workspace, parts_.files);
    if (!folder) co_return propagate(folder);
    if (folder->empty()) co_return about(path, Errc::source_refused, "cannot be used: no folder is mapped to this workspace (values.files in renkei.toml)");
    auto work = [folder = *std::move(folder), path = std::move(path), never = parts_.never] { return read_beneath(folder, path, never); };
    co_return co_await run_blocking(parts_.pool, std::move(work));
}

Task<Result<Secret>> MappedValues::environment(core::WorkspaceId workspace, std::string name) {
    const auto refuse = [&](Errc code, std::string_view what) {
        return fail(Error{code, "env:" + name + " " + std::string(what), {{"source", "env:" + name}}});
    };
    auto prefix = co_await place_of(workspace, parts_.environment);
    if (!prefix) co_return propagate(prefix);
    if (prefix->empty()) co_return refuse(Errc::source_refused, "cannot be used: no prefix is mapped to this workspace (values.environment in renkei.toml)");
    if (!name.starts_with(*prefix) || name.starts_with(own_prefix))
        co_return refuse(Errc::source_refused, "does not begin with the prefix that is mapped to this workspace");
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) co_return refuse(Errc::value_missing, "is not set for Renkei");
    const std::string_view text(value);
    if (text.empty() || text.size() > longest_file) co_return refuse(Errc::value_unusable, "is empty or larger than 64 KiB");
    co_return Secret(text);
}

}  // namespace renkei::server

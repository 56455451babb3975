#include "adapters/storage/sqlite/backup.hpp"

#include "adapters/storage/migrations/migrations.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace renkei::sqlite {
namespace {

namespace fs = std::filesystem;

class File {
public:
    explicit File(int number) : number_(number) {}
    ~File() {
        if (number_ >= 0) ::close(number_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_;
};

std::unexpected<Error> failed(const fs::path& path, std::string_view what) {
    const int why = errno;
    if (why == EEXIST) return fail(Errc::conflict, fmt::format("{} is there already; a backup overwrites nothing.", path.string()));
    const bool full = why == ENOSPC || why == EROFS || why == EDQUOT;
    return fail(full ? Errc::storage_full : Errc::storage_failed, fmt::format("{} could not be {}: {}.", path.string(), what, std::strerror(why)));
}

Result<void> sync(const fs::path& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fsync(file.number()) != 0) return failed(path, "synced");
    return {};
}

Result<void> check_copy(const fs::path& path, std::int64_t& version) {
    auto copy = Database::open({path, OpenOptions::Access::read_only, 1024, 0, {}});
    if (!copy) return propagate(copy);
    auto verdict = (*copy)->one("verdict", "PRAGMA quick_check(1)", [](Use& row) { return row.text(0); });
    if (!verdict) return propagate(verdict);
    if (*verdict != "ok") return fail(Errc::storage_failed, "The copy is damaged: " + *verdict);
    auto found = schema_version(**copy);
    if (!found) return propagate(found);
    version = *found;
    return {};
}

Result<std::string> hash_file(const fs::path& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed(path, "read");
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    std::array<char, 65536> piece;
    for (;;) {
        const auto got = ::read(file.number(), piece.data(), piece.size());
        if (got < 0) return failed(path, "read");
        if (got == 0) break;
        EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(got));
    }
    Digest digest;
    EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
    return to_hex(digest);
}

Result<void> write_manifest(const fs::path& copy, const fs::path& path, std::int64_t version, TimePoint now) {
    auto hash = hash_file(copy);
    if (!hash) return propagate(hash);
    json::object manifest;
    manifest["format"] = "renkei-backup-1";
    manifest["schema_version"] = version;
    manifest["renkei_version"] = RENKEI_VERSION;
    manifest["created_at"] = iso_text(now);
    std::error_code ignored;
    manifest["bytes"] = static_cast<std::int64_t>(fs::file_size(copy, ignored));
    manifest["sha256"] = *hash;
    manifest["master_key"] = "not included: keep the master key apart from this file";
    const auto text = json::serialize(manifest) + "\n";
    const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return failed(path, "made");
    if (::write(file.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(file.number()) != 0) return failed(path, "written");
    return {};
}

Result<void> copy_into(const fs::path& source, const fs::path& partial) {
    // Made first, so that it is never readable by others; VACUUM INTO takes an empty file.
    const File made(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made) return failed(partial, "made");
    if (::access(source.c_str(), R_OK) != 0) return failed(source, "read");
    // Its own connection, one read transaction: nobody waits for it. Read-write access only to be able to read a log
    // that a stopped process left behind.
    auto database = Database::open({source, OpenOptions::Access::read_write, 1024, 0, {}});
    if (!database) return propagate(database);
    auto version = schema_version(**database);
    if (!version) return propagate(version);
    if (*version == 0) return fail(Errc::storage_failed, fmt::format("{} holds no store.", source.string()));
    auto done = (*database)->change("VACUUM INTO ?", std::string_view(partial.native()));
    if (!done) return propagate(done);
    return sync(partial);
}

}  // namespace

Result<void> copy_database(const fs::path& source, const fs::path& target, TimePoint now) {
    const auto manifest = fs::path(target.native() + ".json");
    const auto partial = fs::path(target.native() + ".partial");
    std::error_code ignored;
    for (const auto& path : {target, manifest})
        if (fs::exists(path, ignored)) return fail(Errc::conflict, fmt::format("{} is there already; a backup overwrites nothing.", path.string()));
    // What a backup that was cut off left behind.
    fs::remove(partial, ignored);
    std::int64_t version = 0;
    auto all = [&]() -> Result<void> {
        if (auto copied = copy_into(source, partial); !copied) return copied;
        if (auto good = check_copy(partial, version); !good) return good;
        if (auto written = write_manifest(partial, manifest, version, now); !written) return written;
        // link() and not rename(): it does not overwrite.
        if (::link(partial.c_str(), target.c_str()) != 0) return failed(target, "made");
        return sync(target.has_parent_path() ? target.parent_path() : fs::path("."));
    }();
    fs::remove(partial, ignored);
    if (!all && !fs::exists(target, ignored)) fs::remove(manifest, ignored);
    return all;
}

}  // namespace renkei::sqlite

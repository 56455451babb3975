#include "adapters/storage/sqlite/backup.hpp"

#include "adapters/storage/migrations/migrations.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/json.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>

namespace renkei::sqlite {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(const fs::path& path, std::string_view what, std::error_code why = last_system_error()) {
    if (why == std::errc::file_exists) return fail(Errc::conflict, fmt::format("{} is there already; a backup overwrites nothing.", path.string()));
    return fail(says_full(why) ? Errc::storage_full : Errc::storage_failed, fmt::format("{} could not be {}: {}.", path.string(), what, why.message()));
}

Result<void> sync(const fs::path& path) {
    if (const auto error = sync_to_disk(path)) return failed(path, "synced", error);
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
    const OpenFile file(path, O_RDONLY);
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
    if (const auto error = write_new_private_file(path, text)) return failed(path, "written", error);
    return {};
}

Result<void> copy_into(const fs::path& source, const fs::path& partial) {
    // Made first, so that it is never readable by others; VACUUM INTO takes an empty file.
    const OpenFile made(partial, O_WRONLY | O_CREAT | O_EXCL, 0600);
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
        if (const auto error = sync_folder_of(target)) return failed(target, "synced", error);
        return {};
    }();
    fs::remove(partial, ignored);
    if (!all && !fs::exists(target, ignored)) fs::remove(manifest, ignored);
    return all;
}

}  // namespace renkei::sqlite

#include "adapters/vault/master_key.hpp"

#include "base/encoding.hpp"
#include "base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace renkei::vault {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> file_error(const fs::path& file, std::string_view what, std::error_code why = last_system_error()) {
    return fail(says_full(why) ? Errc::storage_full : Errc::vault_locked,
                fmt::format("The master key file {} could not be {}: {}.", file.string(), what, why.message()));
}

Result<void> sync_name_of(const fs::path& file) {
    if (const auto error = sync_folder_of(file)) return file_error(file, "synced", error);
    return {};
}

enum class Privacy { required, left_to_the_system };

Result<LockedKey> read_key(const fs::path& file, Privacy privacy) {
    const OpenFile opened(file, O_RDONLY);
    if (!opened) {
        if (errno == ENOENT) return fail(Errc::not_found, fmt::format("There is no master key file {}.", file.string()));
        return file_error(file, "read");
    }
    struct stat status{};
    if (::fstat(opened.number(), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(Errc::vault_locked, fmt::format("The master key file {} is not a file.", file.string()));
    if (privacy == Privacy::required && (status.st_mode & 077) != 0)
        return fail(Errc::vault_locked,
                    fmt::format("The master key file {} can be read by others (mode {:o}). Run `chmod 600 {}` and consider the key known: rotate it.",
                                file.string(), status.st_mode & 0777u, file.string()));
    // Base64 with a line end at most; one byte more shows that it is something else.
    std::array<char, 128> bytes;
    const auto got = ::read(opened.number(), bytes.data(), bytes.size());
    if (got < 0) return file_error(file, "read");
    std::string text(bytes.data(), static_cast<std::size_t>(got));
    auto key = parse_master_key(text, fmt::format("the file {}", file.string()));
    wipe(text);
    std::memset(bytes.data(), 0, bytes.size());
    return key;
}

}  // namespace

std::string source_name(const Settings& settings) {
    if (settings.given) return "the environment";
    return fmt::format("the file {}", (settings.credential_file ? *settings.credential_file : settings.key_file).string());
}

Result<LockedKey> parse_master_key(std::string_view text, std::string_view source) {
    if (auto raw = LockedKey::from(text)) return *std::move(raw);
    auto decoded = decode_base64(trim(text));
    auto key = decoded ? LockedKey::from(*decoded) : std::nullopt;
    if (decoded) wipe(*decoded);
    if (!key) return fail(Errc::vault_locked, fmt::format("The master key in {} is damaged: 32 bytes are expected, raw or as base64.", source));
    return *std::move(key);
}

Result<LockedKey> read_key_file(const fs::path& file) { return read_key(file, Privacy::required); }

Result<LockedKey> read_given_key(const Settings& settings) {
    if (settings.given) return parse_master_key(settings.given->expose(), source_name(settings));
    // systemd mounts credentials so that only the service sees them, with a mode of its own choice.
    auto key = read_key(*settings.credential_file, Privacy::left_to_the_system);
    if (!key && key.error().code == Errc::not_found)
        return fail(Errc::vault_locked, fmt::format("There is no master key in {}: give the service the credential renkei-master-key.", source_name(settings)));
    return key;
}

Result<void> write_key_file(const fs::path& file, const LockedKey& key) {
    const auto partial = fs::path(file.native() + ".partial");
    // Left by a start that was cut off; nothing was sealed with it.
    ::unlink(partial.c_str());
    const std::string_view bytes(reinterpret_cast<const char*>(key.bytes().data()), key_bytes);
    if (const auto error = write_new_private_file(partial, bytes)) return file_error(partial, "written", error);
    // link() and not rename(): a key file is never overwritten.
    const bool linked = ::link(partial.c_str(), file.c_str()) == 0;
    auto error = linked ? std::optional<std::unexpected<Error>>{} : file_error(file, "made");
    ::unlink(partial.c_str());
    if (error) return *std::move(error);
    return sync_name_of(file);
}

fs::path next_key_file(const fs::path& key_file) { return key_file.native() + ".next"; }

Result<void> adopt_next_key_file(const fs::path& key_file) {
    if (::rename(next_key_file(key_file).c_str(), key_file.c_str()) != 0) return file_error(key_file, "replaced");
    return sync_name_of(key_file);
}

void drop_next_key_file(const fs::path& key_file) { ::unlink(next_key_file(key_file).c_str()); }

}  // namespace renkei::vault

#pragma once

#include "base/result.hpp"
#include "sandbox/tls/keys.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace renkei::sandbox {

/// The files that make a sandbox the same from one start to the next: its certificate authority, the servers' certificate,
/// the key that signs id_tokens, and the certificate application's key. Keys have mode 0600, the folder 0700.
class StateFolder {
public:
    /// Makes what is missing or about to expire.
    static Result<StateFolder> open(const std::filesystem::path& folder);

    const std::filesystem::path& path() const { return folder_; }
    std::filesystem::path ca_file() const { return folder_ / "ca.pem"; }
    std::filesystem::path server_certificate_file() const { return folder_ / "server.pem"; }
    std::filesystem::path server_key_file() const { return folder_ / "server-key.pem"; }
    std::filesystem::path app_certificate_file() const { return folder_ / "app-certificate.pem"; }
    std::filesystem::path app_key_file() const { return folder_ / "app-key.pem"; }
    std::filesystem::path app_pfx_file() const { return folder_ / "app.pfx"; }
    std::filesystem::path addresses_file() const { return folder_ / "addresses.json"; }
    static constexpr const char* pfx_password = "pfx password 1";

    const PrivateKey& token_key() const { return token_key_; }
    const std::string& token_certificate() const { return token_certificate_; }
    const std::string& app_certificate() const { return app_certificate_; }

private:
    StateFolder(std::filesystem::path folder, PrivateKey token_key) : folder_(std::move(folder)), token_key_(std::move(token_key)) {}
    Result<void> make_server_files();
    Result<void> make_app_files();

    std::filesystem::path folder_;
    PrivateKey token_key_;
    std::string token_certificate_, app_certificate_;
};

/// Reads a whole file; nothing if it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& file);
/// Writes beside and renames, with the given mode.
Result<void> write_file(const std::filesystem::path& file, std::string_view text, unsigned mode);

}  // namespace renkei::sandbox

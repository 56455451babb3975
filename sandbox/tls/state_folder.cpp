#include "sandbox/tls/state_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace renkei::sandbox {
namespace {

constexpr unsigned private_mode = 0600;
constexpr unsigned public_mode = 0644;

Result<PrivateKey> key_in(const std::filesystem::path& file, PrivateKey (*make)()) {
    if (const auto pem = read_file(file)) {
        auto key = PrivateKey::from_pem(*pem);
        if (!key) return fail(Errc::storage_failed, file.string() + " is not a private key; remove the file to make a new one");
        return key;
    }
    auto key = make();
    if (auto written = write_file(file, key.pem(), private_mode); !written) return propagate(written);
    return key;
}

// The certificate in the file, or a new one if it does not fit the key.
Result<std::string> certificate_in(const std::filesystem::path& file, const CertificateRequest& request, const PrivateKey& key, std::string_view issuer,
                                   const PrivateKey& issuer_key) {
    if (auto pem = read_file(file); pem && usable(*pem, key)) return *pem;
    auto pem = make_certificate(request, key, issuer, issuer_key);
    if (auto written = write_file(file, pem, public_mode); !written) return propagate(written);
    return pem;
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

Result<void> write_file(const std::filesystem::path& file, std::string_view text, unsigned mode) {
    const auto beside = file.string() + ".new";
    const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (descriptor < 0) return fail(Errc::storage_failed, "cannot write " + file.string());
    bool ok = ::fchmod(descriptor, mode) == 0;
    while (ok && !text.empty()) {
        const auto count = ::write(descriptor, text.data(), text.size());
        ok = count > 0;
        if (ok) text.remove_prefix(static_cast<std::size_t>(count));
    }
    ok = ::close(descriptor) == 0 && ok;
    if (!ok || std::rename(beside.c_str(), file.c_str()) != 0) return fail(Errc::storage_failed, "cannot write " + file.string());
    return {};
}

Result<StateFolder> StateFolder::open(const std::filesystem::path& folder) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(folder, error);
    if (error) return fail(Errc::storage_failed, "cannot make the folder " + folder.string());
    if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);

    auto token_key = key_in(folder / "token-key.pem", PrivateKey::make_rsa);
    if (!token_key) return propagate(token_key);
    StateFolder state(std::filesystem::absolute(folder), std::move(*token_key));
    if (auto done = state.make_server_files(); !done) return propagate(done);
    if (auto done = state.make_app_files(); !done) return propagate(done);
    return state;
}

Result<void> StateFolder::make_server_files() {
    auto ca_key = key_in(folder_ / "ca-key.pem", PrivateKey::make_ec);
    if (!ca_key) return propagate(ca_key);
    const auto old_ca = read_file(ca_file());
    auto ca = certificate_in(ca_file(), {"Renkei sandbox CA", {}, true, std::chrono::days(3650)}, *ca_key, {}, *ca_key);
    if (!ca) return propagate(ca);
    if (old_ca != *ca) std::filesystem::remove(server_certificate_file());

    auto key = key_in(server_key_file(), PrivateKey::make_ec);
    if (!key) return propagate(key);
    auto server = certificate_in(server_certificate_file(), {"localhost", {"localhost", "127.0.0.1", "::1"}}, *key, *ca, *ca_key);
    if (!server) return propagate(server);
    return {};
}

Result<void> StateFolder::make_app_files() {
    auto token = certificate_in(folder_ / "token-certificate.pem", {"accounts.accesscontrol.sandbox"}, token_key_, {}, token_key_);
    if (!token) return propagate(token);
    token_certificate_ = std::move(*token);

    auto key = key_in(app_key_file(), PrivateKey::make_rsa);
    if (!key) return propagate(key);
    const auto before = read_file(app_certificate_file());
    auto certificate = certificate_in(app_certificate_file(), {"renkei-sandbox-app"}, *key, {}, *key);
    if (!certificate) return propagate(certificate);
    app_certificate_ = std::move(*certificate);
    if (before != app_certificate_ || !std::filesystem::exists(app_pfx_file()))
        if (auto written = write_file(app_pfx_file(), make_pfx(*key, app_certificate_, pfx_password), private_mode); !written) return propagate(written);
    return {};
}

}  // namespace renkei::sandbox

#include "app/password.hpp"

#include "base/encoding.hpp"

#include <sodium.h>

#include <array>

namespace renkei::app {

Result<void> check_password(const Secret& password) {
    const auto text = password.expose();
    if (text.size() < shortest_password || text.size() > longest_password || !is_utf8(text))
        return bad_field("password", "`password` must be 12 to 1024 bytes of UTF-8");
    return {};
}

Result<std::string> hash_password(const Secret& password) {
    std::array<char, crypto_pwhash_STRBYTES> encoded{};
    const auto text = password.expose();
    if (sodium_init() < 0 || crypto_pwhash_str_alg(encoded.data(), text.data(), text.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                   crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(Errc::internal, "the password could not be hashed");
    return std::string(encoded.data());
}

bool is_password(const std::string& hash, const Secret& password) {
    const auto text = password.expose();
    return sodium_init() >= 0 && crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0;
}

}  // namespace renkei::app

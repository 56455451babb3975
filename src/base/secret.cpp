#include "base/secret.hpp"

#include "base/crypto.hpp"

#include <openssl/crypto.h>

namespace renkei {

Secret Secret::take(std::string&& text) {
    Secret secret{std::string_view(text)};
    wipe(text);
    return secret;
}

Secret::~Secret() {
    if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

bool Secret::equals(const Secret& other) const { return constant_time_equal(expose(), other.expose()); }

void wipe(std::string& text) {
    if (!text.empty()) OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

}  // namespace renkei

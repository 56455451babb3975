#pragma once

#include "base/clock.hpp"
#include "sandbox/tls/keys.hpp"

#include <string>

namespace renkei::testing {

/// A key pair of a client, as an administrator would make it, valid around a given time: the tests' clocks stand still.
struct ClientKeyPair {
    sandbox::PrivateKey key;
    std::string certificate;  ///< PEM, self-signed
    std::string pfx(const std::string& password) const { return sandbox::make_pfx(key, certificate, password); }
    std::string pem() const { return certificate + key.pem(); }
};

/// CN=`name`, RSA of 2048 bits, valid from a day before `now` to a year after it. The key is made once for all tests.
ClientKeyPair a_key_pair(TimePoint now, const std::string& name = "renkei-test");

}  // namespace renkei::testing

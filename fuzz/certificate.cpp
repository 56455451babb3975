// A client certificate file, as PFX, as PEM and as a dropped file; the password is "s3cret" or none. What opens has both
// thumbprints, an RSA key and a time in which it is valid.
#include "oauth/client/certificate.hpp"
#include "app/import_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace renkei;

namespace {

// 2027: the corpus was made in 2026 and is valid for a hundred years.
const TimePoint now = from_millis(1'800'000'000'000);

void check(const Result<oauth::ClientCertificate>& opened) {
    if (!opened) {
        if (opened.error().get("reason").empty() || opened.error().get("field").empty()) std::abort();
        return;
    }
    const auto& facts = opened->facts;
    if (facts.thumbprint_sha1.size() != 40 || facts.thumbprint_sha256.size() != 64 || opened->private_key.empty()) std::abort();
    if (facts.not_before > now || facts.not_after <= now) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Secret content(std::string_view(reinterpret_cast<const char*>(data), size));
    const Secret password(data[size - 1] % 2 == 0 ? "s3cret" : "");
    check(oauth::open_certificate({.pfx = content.clone(), .password = password.clone()}, now));
    check(oauth::open_certificate({.pem = content.clone(), .password = password.clone()}, now));
    const auto recognised = app::recognise_file(content, password, now);
    if (recognised ? recognised->material.empty() : recognised.error().get("reason").empty()) std::abort();
    return 0;
}

// An id_token: the claims part is the input; what is accepted has the right audience, nonce and issuer.
#include "oauth/client/id_token.hpp"
#include "base/encoding.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace renkei;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Secret nonce("n");
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto claims = base64url(as_bytes(text));
    const oauth::IdTokenExpectation expected{
        .client_id = "c", .issuer = "https://as.example/{tenant}/v2", .tenant = {}, .nonce = nonce, .now = from_millis(1'790'000'000'000)};
    static_cast<void>(oauth::check_id_token(Secret(text), expected));
    const auto person = oauth::check_id_token(Secret("eyJhbGciOiJSUzI1NiJ9." + claims + ".c2ln"), expected);
    if (!person) return 0;
    if (person->subject.empty() || person->tenant.empty() || person->issuer != "https://as.example/" + person->tenant + "/v2") std::abort();
    if (text.find('c') == text.npos || text.find('n') == text.npos) std::abort();
    return 0;
}

// The query at the redirect address: only one with the right state, and no doubts, gives a code.
#include "oauth/client/callback.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace renkei;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Secret state("st");
    const auto query = form_decode({reinterpret_cast<const char*>(data), size});
    if (!query) return 0;
    const auto callback = oauth::ValidatedCallback::from(*query, {.state = state, .issuer = "https://as.example/{tenant}/v2", .iss_required = size % 2 == 0});
    if (!callback) return 0;
    const auto once = [&](std::string_view name) { return std::ranges::count(*query, name, &Fields::value_type::first); };
    if (once("state") != 1 || *find_field(*query, "state") != "st" || once("code") != 1 || once("error") != 0) std::abort();
    if (callback->code().empty() || (size % 2 == 0 && once("iss") != 1)) std::abort();
    return 0;
}

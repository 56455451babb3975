// Retry-After as any server on the way may send it.
#include "adapters/http/retry_after.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto wait = renkei::http::parse_retry_after({reinterpret_cast<const char*>(data), size}, renkei::from_millis(1'790'000'000'000));
    if (wait && (wait->count() < 0 || *wait > std::chrono::hours(24 * 366))) std::abort();
    return 0;
}

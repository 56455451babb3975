// A form with files, as a browser, or somebody who is none, sends it. The first line of the input is the Content-Type.
#include "adapters/api/multipart.hpp"
#include "base/encoding.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace renkei;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto line = input.find('\n');
    const auto type = input.substr(0, line), body = line == input.npos ? std::string_view() : input.substr(line + 1);
    const auto parts = api::parse_multipart(type, body);
    if (!parts) return 0;
    std::size_t content = 0;
    for (const auto& part : *parts) {
        // What was promised of every part, and that no byte is there twice.
        if (part.name.empty() || part.name.size() > 64 || !is_utf8(part.name)) std::abort();
        content += part.content.expose().size();
    }
    if (parts->size() > api::most_form_parts || content > body.size()) std::abort();
    return 0;
}

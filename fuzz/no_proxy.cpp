// NO_PROXY and the proxy's address, as an operator or an installer may write them.
#include "adapters/http/client_proxy.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace renkei;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');
    const http::NoProxy rules(text.substr(0, line));
    if (const auto target = Uri::parse(line == text.npos ? "https://www.example.com/" : text.substr(line + 1))) (void)rules.covers(*target);
    (void)http::ProxyRules::from({Secret(text), Secret(), std::string(text)});
    return 0;
}

// $filter on messages: understood or refused with 400, and what is understood can be applied.
#include "sandbox/graph/filter.hpp"
#include "sandbox/mime/parse.hpp"

#include <cstdlib>

using namespace renkei::sandbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const StoredMessage message = [] {
        StoredMessage m;
        m.content = mime::parse_message("From: a@b.example\r\nSubject: One\r\n\r\nText");
        m.categories = {"Red"};
        return m;
    }();
    const auto filter = graph::parse_filter({reinterpret_cast<const char*>(data), size});
    if (!filter && (filter.error().status != 400 || filter.error().code.empty())) std::abort();
    if (filter) (void)filter->matches(message);
    return 0;
}

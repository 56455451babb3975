// $search on messages: understood or refused with 400, and what is understood can be applied.
#include "sandbox/graph/search.hpp"
#include "sandbox/mime/parse.hpp"

#include <cstdlib>

using namespace renkei::sandbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const StoredMessage message = [] {
        StoredMessage m;
        m.content = mime::parse_message("From: a@b.example\r\nSubject: =?utf-8?B?6KuL5rGC5pu4?=\r\n\r\nText");
        return m;
    }();
    const auto test = graph::parse_search({reinterpret_cast<const char*>(data), size}, renkei::from_millis(1'790'000'000'000));
    if (!test && (test.error().status != 400 || test.error().code.empty())) std::abort();
    if (test) (void)(*test)(message);
    return 0;
}

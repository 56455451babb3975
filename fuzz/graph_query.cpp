// The query of a request to Graph: options are understood or refused with 400; the next page's address is readable again.
#include "base/encoding.hpp"
#include "sandbox/graph/query.hpp"

#include <cstdlib>

using namespace renkei;
using namespace renkei::sandbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto fields = form_decode(text);
    if (!fields) return 0;
    const auto query = graph::parse_query(*fields, from_millis(1'790'000'000'000), graph::QueryFor::messages);
    if (!query) {
        if (query.error().status != 400 || query.error().code.empty()) std::abort();
        return 0;
    }
    auto request = make_request(Method::get, "/v1.0/me/messages");
    request.query = *fields;
    const auto link = graph::next_link(request, *query);
    const auto again = form_decode(link.substr(link.find('?') + 1));
    if (!again || !graph::parse_query(*again, from_millis(1'790'000'000'000), graph::QueryFor::messages)) std::abort();
    return 0;
}

// What a connection does with bytes before anybody has been authenticated: head, caller, body.
#include "adapters/http/connection_body.hpp"
#include "adapters/http/forwarded.hpp"
#include "adapters/http/request_head.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace renkei;
using namespace renkei::http;

constexpr std::uint64_t limit = 4096;

void require(bool truth) {
    if (!truth) std::abort();
}

bool within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// A body read in one piece and one read byte by byte must come out alike.
std::size_t read_body(BodyReader reader, std::string_view bytes) {
    auto slow = reader;
    std::string body, slow_body;
    const auto used = reader.take(bytes, body);
    std::size_t slow_used = 0;
    while (slow_used < bytes.size() && slow.take(bytes.substr(slow_used, 1), slow_body) == 1) ++slow_used;
    require(slow.state() == reader.state() && slow_used == used && slow_body == body && body.size() <= limit);
    return reader.state() == BodyReader::State::done ? used : std::string_view::npos;
}

void check(const RequestHead& head, std::string_view bytes) {
    require(within(head.method, bytes) && (head.target == "/" || within(head.target, bytes)) && within(head.authority, bytes));
    require(!(head.chunked && head.content_length));
    require(head.target.starts_with('/') || head.target == "*");
    for (const auto& field : head.fields) {
        require(within(field.name, bytes) && within(field.value, bytes));
        require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static const std::vector<core::AddressRange> trusted{*core::AddressRange::parse("10.0.0.0/8")};
    RequestHead head;
    for (int requests = 0; requests < 16; ++requests) {
        const auto end = head_end(bytes, 0);
        if (end == std::string_view::npos) {
            may_start_a_request(bytes, size % (bytes.size() + 1));
            return 0;
        }
        if (parse_head(bytes.substr(0, end), 100, head)) return 0;
        check(head, bytes.substr(0, end));
        believed_caller({trusted.front().base, false}, head, trusted);
        believed_request_id(head);
        bytes.remove_prefix(end);
        if (!head.has_body()) continue;
        const auto used = read_body(head.chunked ? BodyReader::of_chunks(limit) : BodyReader::of_length(*head.content_length, limit), bytes);
        if (used == std::string_view::npos) return 0;
        bytes.remove_prefix(used);
    }
    return 0;
}

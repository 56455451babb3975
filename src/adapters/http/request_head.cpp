#include "adapters/http/request_head.hpp"

#include "base/encoding.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

namespace renkei::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using Field = beast::http::field;

constexpr std::size_t longest_method = 32;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_token_char(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
}

// RFC 3986 section 3.2, without user information: that has no place in a request (RFC 9110 section 4.2.4).
bool is_authority(std::string_view text) {
    constexpr std::string_view marks = "-._~%!$&'()*+,;=:[]";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
}

bool is_target(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

// Beast's tokenizer, which hands over views instead of building a container of fields.
class HeadParser final : public beast::http::basic_parser<true> {
public:
    HeadParser(RequestHead& head, std::string_view bytes, std::size_t max_fields) : head_(head), bytes_(bytes), max_fields_(max_fields) {
        header_limit(std::numeric_limits<std::uint32_t>::max());  // the caller has bounded the head
        body_limit(boost::none);
    }
    std::optional<Refusal> refusal;
    unsigned hosts = 0, lengths = 0, encodings = 0, authorizations = 0, expectations = 0;

private:
    void stop(int status, std::string_view detail, error_code& ec) {
        refusal = Refusal{status, detail};
        ec = beast::http::error::bad_field;
    }
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version, error_code&) override {
        head_.method = view(method);
        head_.target = view(target);
        head_.http11 = version == 11;
    }
    void on_field_impl(Field id, beast::string_view name, beast::string_view value, error_code& ec) override {
        const HeadField field{view(name), view(value)};
        if (is_folded(field)) return stop(400, "A header field is folded over several lines.", ec);
        if (head_.fields.size() >= max_fields_) return stop(431, "There are too many header fields.", ec);
        head_.fields.push_back(field);
        note(id, field, ec);
    }
    // RFC 9112 section 5.2. Beast unfolds into a buffer of its own, or skips an empty first line.
    bool is_folded(const HeadField& field) const {
        const auto* name_end = field.name.data() + field.name.size();
        const auto* value = field.value.data();
        if (value < name_end || value > bytes_.data() + bytes_.size()) return true;
        return value - name_end > 1 && std::memchr(name_end, '\r', static_cast<std::size_t>(value - name_end)) != nullptr;
    }
    void note(Field id, const HeadField& field, error_code& ec) {
        switch (id) {
            case Field::host: ++hosts, head_.authority = field.value; break;
            case Field::content_length: note_length(field.value, ec); break;
            case Field::transfer_encoding: note_encoding(field.value, ec); break;
            case Field::authorization: ++authorizations, head_.authorization = field.value; break;
            case Field::expect: ++expectations, note_expectation(field.value, ec); break;
            case Field::unknown: note_ours(field); break;
            default: break;
        }
    }
    void note_ours(const HeadField& field) {
        if (field.name.size() == 17 && equal_ignoring_case(field.name, "Renkei-Connection")) note_once(head_.renkei_connection, field.value);
        if (field.name.size() == 14 && equal_ignoring_case(field.name, "Renkei-Mailbox")) note_once(head_.renkei_mailbox, field.value);
        if (field.name.size() == 13 && equal_ignoring_case(field.name, "Renkei-Act-As")) head_.acts_as = true;
        if (equal_ignoring_case(field.name, "Renkei-Session") || equal_ignoring_case(field.name, "Renkei-Run")) head_.of_run = true;
    }
    void note_once(std::string_view& place, std::string_view value) {
        head_.repeated |= place.data() != nullptr;
        place = value;
    }
    // RFC 9112 section 6.3: a list or a repetition, even of the same number, is refused.
    void note_length(std::string_view value, error_code& ec) {
        const bool digits = !value.empty() && value.size() <= 18 && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || ++lengths > 1) return stop(400, "Content-Length is malformed or stands there twice.", ec);
        std::uint64_t length = 0;
        for (const char c : value) length = length * 10 + static_cast<std::uint64_t>(c - '0');
        head_.content_length = length;
    }
    void note_encoding(std::string_view value, error_code& ec) {
        if (!equal_ignoring_case(value, "chunked") || ++encodings > 1) return stop(400, "The only Transfer-Encoding taken is chunked, once.", ec);
        head_.chunked = true;
    }
    void note_expectation(std::string_view value, error_code& ec) {
        if (!equal_ignoring_case(value, "100-continue")) return stop(417, "The only expectation met is 100-continue.", ec);
        head_.expects_continue = true;
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override { return 0; }
    void on_finish_impl(error_code&) override {}

    RequestHead& head_;
    std::string_view bytes_;
    std::size_t max_fields_;
};

void clear(RequestHead& head) {
    auto fields = std::move(head.fields);
    fields.clear();
    head = RequestHead{};
    head.fields = std::move(fields);  // the room is reused
}

// Method, target and HTTP/digit.digit: well formed, but not ours to answer.
bool names_another_version(std::string_view line) {
    if (std::ranges::count(line, ' ') != 2) return false;
    const auto version = line.substr(line.rfind(' ') + 1);
    return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
}

Refusal explain(const error_code& ec, std::string_view bytes) {
    if (ec == beast::http::error::bad_version && names_another_version(bytes.substr(0, bytes.find('\r'))))
        return {505, "Only HTTP/1.0 and HTTP/1.1 are spoken."};
    if (ec == beast::http::error::bad_transfer_encoding || ec == beast::http::error::bad_content_length || ec == beast::http::error::multiple_content_length)
        return {400, "The length of the body is given in a contradictory way."};
    return {400, "The request's head is malformed."};
}

// RFC 9112 section 3.2.2: an absolute form is taken, and its authority wins over Host.
std::optional<Refusal> take_target_apart(RequestHead& head) {
    auto& target = head.target;
    if (!is_target(target)) return Refusal{400, "The request target has characters that must be escaped."};
    if (target.starts_with('/') || (target == "*" && head.method == "OPTIONS")) return std::nullopt;
    const auto colon = target.find("://");
    const auto scheme = target.substr(0, colon == std::string_view::npos ? 0 : colon);
    if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) return Refusal{400, "The request target must be a path."};
    const auto rest = target.substr(colon + 3);
    const auto slash = std::min(rest.find_first_of("/?"), rest.size());
    head.authority = rest.substr(0, slash);
    head.absolute_form = true;
    target = rest.substr(slash);
    if (target.empty()) target = "/";
    if (!target.starts_with('/')) return Refusal{400, "The request target must have a path."};
    return std::nullopt;
}

std::optional<Refusal> check(const HeadParser& parser, RequestHead& head) {
    if (parser.hosts > 1 || (head.http11 && parser.hosts == 0)) return Refusal{400, "There must be one Host field."};
    if (parser.authorizations > 1) return Refusal{400, "There must be one Authorization field."};
    // RFC 9112 section 6.1: an old message with a transfer coding has been tampered with or is misunderstood.
    if (head.chunked && !head.http11) return Refusal{400, "HTTP/1.0 has no Transfer-Encoding."};
    if (head.chunked && head.content_length) return Refusal{400, "The length of the body is given in a contradictory way."};
    if (!head.http11) head.expects_continue = false;  // RFC 9110 section 10.1.1
    if (auto refusal = take_target_apart(head)) return refusal;
    if ((parser.hosts > 0 || head.absolute_form) && !is_authority(head.authority)) return Refusal{400, "The host is malformed."};
    return std::nullopt;
}

}  // namespace

std::size_t head_end(std::string_view bytes, std::size_t from) {
    const auto at = bytes.find("\r\n\r\n", from);
    return at == std::string_view::npos ? at : at + 4;
}

bool may_start_a_request(std::string_view bytes, std::size_t from) {
    const auto method = bytes.substr(0, std::min(bytes.find(' '), bytes.size()));
    if (method.size() > longest_method || !std::ranges::all_of(method, is_token_char)) return false;
    const auto fresh = bytes.substr(from);
    if (fresh.find('\0') != std::string_view::npos) return false;
    // A line feed alone ends no line here, so the head's end would never be seen.
    for (auto feed = fresh.find('\n'); feed != std::string_view::npos; feed = fresh.find('\n', feed + 1))
        if (feed == 0 ? from == 0 : fresh[feed - 1] != '\r') return false;
    return true;
}

std::optional<Refusal> parse_head(std::string_view bytes, std::size_t max_fields, RequestHead& head) {
    clear(head);
    HeadParser parser(head, bytes, max_fields);
    error_code ec;
    const auto taken = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (parser.refusal) return parser.refusal;
    if (ec) return explain(ec, bytes);
    if (!parser.is_header_done() || taken != bytes.size()) return Refusal{400, "The request's head is malformed."};
    head.keep_alive = parser.keep_alive();
    return check(parser, head);
}

}  // namespace renkei::http

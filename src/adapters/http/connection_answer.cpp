#include "adapters/http/connection_answer.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace renkei::http {
namespace {

struct StatusLine {
    int status;
    std::string_view line;
};
constexpr std::array status_lines{
    StatusLine{200, "HTTP/1.1 200 OK"},
    StatusLine{201, "HTTP/1.1 201 Created"},
    StatusLine{202, "HTTP/1.1 202 Accepted"},
    StatusLine{204, "HTTP/1.1 204 No Content"},
    StatusLine{302, "HTTP/1.1 302 Found"},
    StatusLine{303, "HTTP/1.1 303 See Other"},
    StatusLine{304, "HTTP/1.1 304 Not Modified"},
    StatusLine{400, "HTTP/1.1 400 Bad Request"},
    StatusLine{401, "HTTP/1.1 401 Unauthorized"},
    StatusLine{403, "HTTP/1.1 403 Forbidden"},
    StatusLine{404, "HTTP/1.1 404 Not Found"},
    StatusLine{405, "HTTP/1.1 405 Method Not Allowed"},
    StatusLine{408, "HTTP/1.1 408 Request Timeout"},
    StatusLine{409, "HTTP/1.1 409 Conflict"},
    StatusLine{410, "HTTP/1.1 410 Gone"},
    StatusLine{412, "HTTP/1.1 412 Precondition Failed"},
    StatusLine{413, "HTTP/1.1 413 Content Too Large"},
    StatusLine{415, "HTTP/1.1 415 Unsupported Media Type"},
    StatusLine{417, "HTTP/1.1 417 Expectation Failed"},
    StatusLine{422, "HTTP/1.1 422 Unprocessable Content"},
    StatusLine{429, "HTTP/1.1 429 Too Many Requests"},
    StatusLine{431, "HTTP/1.1 431 Request Header Fields Too Large"},
    StatusLine{500, "HTTP/1.1 500 Internal Server Error"},
    StatusLine{501, "HTTP/1.1 501 Not Implemented"},
    StatusLine{502, "HTTP/1.1 502 Bad Gateway"},
    StatusLine{503, "HTTP/1.1 503 Service Unavailable"},
    StatusLine{504, "HTTP/1.1 504 Gateway Timeout"},
    StatusLine{505, "HTTP/1.1 505 HTTP Version Not Supported"},
};

void append_number(std::string& out, std::uint64_t number, int base = 10) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), end);
}

void append_status_line(std::string& out, int status) {
    const auto* row = std::ranges::find(status_lines, status, &StatusLine::status);
    if (row != status_lines.end()) {
        out += row->line;
        return;
    }
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(status));
    out += ' ';  // RFC 9112 section 4: the reason may be empty, its blank may not
}

void append_common(std::string& out, int status, const AnswerFrame& frame) {
    append_status_line(out, status);
    out += "\r\nServer: renkei\r\nDate: ";
    out += frame.date;
    out += "\r\nRenkei-Request-Id: ";
    out += frame.request_id;
    if (!frame.keep_alive)
        out += "\r\nConnection: close";
    else if (!frame.http11)
        out += "\r\nConnection: keep-alive";
    out += "\r\n";
}

bool is_name(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
    });
}

bool is_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

bool can_be_sent(const app::ServerResponse& response) {
    if (response.status < 200 || response.status > 599) return false;
    return std::ranges::all_of(response.headers, [](const auto& field) { return is_name(field.first) && is_value(field.second); });
}

// What the connection alone decides.
bool is_ours(std::string_view name) {
    constexpr std::array<std::string_view, 6> ours{"connection", "content-length", "date", "renkei-request-id", "server", "transfer-encoding"};
    return std::ranges::any_of(ours, [&](auto own) { return equal_ignoring_case(own, name); });
}

std::optional<std::uint64_t> stated_length(const app::ServerResponse& response) {
    const auto text = response.headers.get("Content-Length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return length;
}

// RFC 9112 section 6.3.
AnswerBody body_of(const app::ServerResponse& response, const AnswerFrame& frame) {
    using enum AnswerBody::Kind;
    if (response.status == 204 || response.status == 304) return {none, 0};
    if (!response.stream) {
        const auto stated = frame.head_only && response.body.empty() ? stated_length(response) : std::nullopt;
        return {whole, stated.value_or(response.body.size())};
    }
    if (const auto length = stated_length(response)) return {counted, *length};
    return {frame.http11 ? chunked : until_close, 0};
}

}  // namespace

std::string_view DateText::now() {
    timespec time{};
    clock_gettime(CLOCK_REALTIME_COARSE, &time);  // the wall clock of the wire, not of any rule
    if (time.tv_sec != second_) {
        second_ = time.tv_sec;
        text_ = http_date(from_millis(second_ * 1000));
    }
    return text_;
}

void append_fast_answer(std::string& out, const app::FastAnswer& answer, const AnswerFrame& frame) {
    append_common(out, answer.status, frame);
    out += "Content-Type: ";
    out += answer.content_type;
    out += "\r\nCache-Control: no-store\r\nContent-Length: ";
    append_number(out, answer.body.size());
    out += "\r\n\r\n";
    out += answer.body;
}

std::optional<AnswerBody> append_head(std::string& out, const app::ServerResponse& response, AnswerFrame& frame) {
    if (!can_be_sent(response)) return std::nullopt;
    const auto body = body_of(response, frame);
    if (equal_ignoring_case(trim(response.headers.get("Connection")), "close") || body.kind == AnswerBody::Kind::until_close) frame.keep_alive = false;
    append_common(out, response.status, frame);
    for (const auto& [name, value] : response.headers) {
        if (is_ours(name)) continue;
        out.append(name).append(": ").append(value).append("\r\n");
    }
    if (body.kind == AnswerBody::Kind::whole || body.kind == AnswerBody::Kind::counted) {
        out += "Content-Length: ";
        append_number(out, body.length);
        out += "\r\n";
    }
    if (body.kind == AnswerBody::Kind::chunked) out += "Transfer-Encoding: chunked\r\n";
    out += "\r\n";
    return body;
}

app::ServerResponse bare_answer(int status) {
    app::ServerResponse response;
    response.status = status;
    return response;
}

void append_chunk(std::string& out, std::string_view piece) {
    append_number(out, piece.size(), 16);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

}  // namespace renkei::http

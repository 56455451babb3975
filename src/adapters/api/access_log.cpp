#include "adapters/api/access_log.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <exception>

namespace renkei::api {
namespace {

std::size_t access_place() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next.fetch_add(1);
    return mine;
}

// The longest that is registered (RFC 9110 section 16.1). What is longer may be anything, an API key in the wrong place too.
constexpr std::size_t longest_method = 17;

// Names and routes are ours and plain; a method is the caller's, and nobody may forge a line with it.
std::string_view plain(std::string_view text, std::size_t longest = 256) {
    const bool clean = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f; });
    return clean && text.size() <= longest ? text : "?";
}

}  // namespace

std::string address_text(const std::array<std::uint8_t, 16>& address) {
    char text[INET6_ADDRSTRLEN] = {};
    const bool mapped =
        std::all_of(address.begin(), address.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) && address[10] == 0xff && address[11] == 0xff;
    if (mapped)
        ::inet_ntop(AF_INET, address.data() + 12, text, sizeof text);
    else
        ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
    return text;
}

namespace {

// The second in which a thread writes, as text: made once a second, not once a line.
std::string_view second_text(TimePoint now) {
    thread_local std::int64_t second = -1;
    thread_local std::string text;
    const auto current = to_millis(now) / 1000;
    if (current != second) {
        second = current;
        text = iso_text(now);
    }
    return text;
}

// Dotted decimal for IPv4 without the general formatter.
void append_address(std::string& line, const std::array<std::uint8_t, 16>& address) {
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!std::equal(mapped.begin(), mapped.end(), address.begin())) {
        line += address_text(address);
        return;
    }
    for (std::size_t i = 12; i < 16; ++i) {
        if (i > 12) line += '.';
        char digits[4];
        line.append(digits, std::to_chars(digits, digits + sizeof digits, address[i]).ptr);
    }
}

void append_number(std::string& line, std::uint64_t number) {
    char digits[24];
    line.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// Microseconds as milliseconds with three digits behind the point.
void append_millis(std::string& line, std::uint64_t micros) {
    append_number(line, micros / 1000);
    const auto rest = static_cast<unsigned>(micros % 1000);
    const char digits[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10), static_cast<char>('0' + rest % 10)};
    line.append(digits, sizeof digits);
}

}  // namespace

// By hand: a line is part of every request, and the general formatter costs more than answering from memory does.
void AccessLog::append_line(std::string& lines, const app::AccessRecord& access) const {
    const auto at = second_text(clock_.now());
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(0, access.duration.count()));
    if (format_ == Format::json) {
        lines.append(R"({"time":")").append(at).append(R"(","message":"request","method":")").append(plain(access.method, longest_method));
        lines.append(R"(","route":")").append(plain(access.route)).append(R"(","status":)");
        append_number(lines, static_cast<std::uint64_t>(access.status));
        lines.append(R"(,"bytes":)");
        append_number(lines, access.bytes);
        lines.append(R"(,"ms":)");
        append_millis(lines, micros);
        lines.append(R"(,"address":")");
        append_address(lines, access.address);
        lines.append(R"(","principal":")").append(plain(access.principal)).append(R"(","request_id":")").append(plain(access.request_id)).append("\"}\n");
        return;
    }
    lines.append(at).append(" ");
    append_number(lines, static_cast<std::uint64_t>(access.status));
    lines.append(" ").append(plain(access.method, longest_method)).append(" ").append(access.route.empty() ? "-" : plain(access.route)).append(" ");
    append_number(lines, access.bytes);
    lines.append(" B ");
    append_millis(lines, micros);
    lines.append(" ms ");
    append_address(lines, access.address);
    lines.append(" ").append(access.principal.empty() ? "-" : plain(access.principal)).append(" ").append(plain(access.request_id)).append("\n");
}

void AccessLog::write_out(std::string& lines) noexcept {
    try {
        const std::lock_guard lock(write_mutex_);
        write_(lines);
    } catch (const std::exception&) {
        // The log's place is full or gone: requests go on.
    }
    lines.clear();
}

void AccessLog::record(const app::AccessRecord& access) noexcept {
    auto& shard = shards_[access_place() % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    try {
        append_line(shard.lines, access);
    } catch (const std::exception&) {
        return;
    }
    if (shard.lines.size() >= block_) write_out(shard.lines);
}

void AccessLog::flush() noexcept {
    for (auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        if (!shard.lines.empty()) write_out(shard.lines);
    }
}

}  // namespace renkei::api

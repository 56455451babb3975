#include "adapters/api/access_log.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>

namespace renkei::api {
namespace {

std::size_t access_place() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next.fetch_add(1);
    return mine;
}

// Names and routes are ours and plain; a method is the caller's, and nobody may forge a line with it.
std::string_view plain(std::string_view text) {
    const bool clean = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f; });
    return clean && text.size() <= 256 ? text : "?";
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

void AccessLog::append_line(std::string& lines, const app::AccessRecord& access) const {
    const auto out = std::back_inserter(lines);
    const auto from = address_text(access.address);
    const auto millis = static_cast<double>(access.duration.count()) / 1000.0;
    const auto at = iso_text(clock_.now());
    if (format_ == Format::json)
        fmt::format_to(
            out,
            R"({{"time":"{}","message":"request","method":"{}","route":"{}","status":{},"bytes":{},"ms":{:.3f},"address":"{}","principal":"{}","request_id":"{}"}})"
            "\n",
            at, plain(access.method), plain(access.route), access.status, access.bytes, millis, from, plain(access.principal), plain(access.request_id));
    else
        fmt::format_to(out, "{} {:>3} {} {} {} B {:.3f} ms {} {} {}\n", at, access.status, plain(access.method),
                       access.route.empty() ? "-" : plain(access.route), access.bytes, millis, from, access.principal.empty() ? "-" : plain(access.principal),
                       plain(access.request_id));
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

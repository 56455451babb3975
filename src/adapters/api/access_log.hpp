#pragma once

#include "app/ports/access_sink.hpp"
#include "base/clock.hpp"

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace renkei::api {

/// One line a request: what, by whom, from where, how it ended. Never a target, a header or a body: codes and states
/// stand in them. Lines are gathered a thread and written in blocks, so a request pays for formatting alone.
class AccessLog final : public app::AccessSink {
public:
    enum class Format : std::uint8_t { text, json };
    /// `write` takes one or more whole lines, each with its end. Called under a lock, from any thread.
    AccessLog(const Clock& clock, Format format, std::function<void(std::string_view lines)> write, std::size_t block = 64 << 10)
        : clock_(clock), format_(format), write_(std::move(write)), block_(block) {}
    ~AccessLog() override { flush(); }

    void record(const app::AccessRecord& access) noexcept override;
    /// Writes what has been gathered. Called every second and at the end.
    void flush() noexcept;

private:
    struct alignas(64) Shard {
        std::mutex mutex;
        std::string lines;
    };
    void append_line(std::string& lines, const app::AccessRecord& access) const;
    void write_out(std::string& lines) noexcept;

    const Clock& clock_;
    Format format_;
    std::function<void(std::string_view)> write_;
    std::size_t block_;
    std::mutex write_mutex_;
    std::array<Shard, 16> shards_;
};

/// "192.0.2.7" or "2001:db8::1", from 16 bytes.
std::string address_text(const std::array<std::uint8_t, 16>& address);

}  // namespace renkei::api

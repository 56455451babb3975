#pragma once

#include "app/ports/access_sink.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace renkei::api {

/// Counts answers by method, route and status, with their durations, and writes them in the Prometheus text format.
/// Each thread counts in a place of its own; a scrape adds them up. No label holds what a caller chose.
class MetricsSink final : public app::AccessSink {
public:
    enum class Kind : std::uint8_t { counter, gauge };

    /// `next`: told of every record too (the access log), may be nullptr.
    explicit MetricsSink(app::AccessSink* next = nullptr) : next_(next) {}

    void record(const app::AccessRecord& access) noexcept override;
    /// A figure that somebody else keeps: token cache, refreshes. Asked at every scrape. Added before requests come.
    void add_reading(std::string name, std::string help, Kind kind, std::function<double()> read);
    std::string text() const;

    static constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

private:
    struct Series {
        std::string_view method;  ///< of a closed set
        std::string route;
        std::vector<std::pair<int, std::uint64_t>> by_status;
        std::array<std::uint64_t, bounds.size() + 1> buckets{};
        double seconds = 0;
        std::uint64_t bytes = 0;
        std::uint64_t fast = 0;
    };
    struct alignas(64) Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Series> series;
    };
    struct Reading {
        std::string name, help;
        Kind kind;
        std::function<double()> read;
    };

    static void count(Series& series, const app::AccessRecord& access);
    std::unordered_map<std::string, Series> total() const;

    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t most_series = 2048;
    app::AccessSink* next_;
    std::array<Shard, shard_count> shards_;
    std::vector<Reading> readings_;
};

}  // namespace renkei::api

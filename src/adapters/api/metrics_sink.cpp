#include "adapters/api/metrics_sink.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

namespace renkei::api {
namespace {

// A thread keeps the place it was given first, so threads seldom meet at one lock.
std::size_t metrics_place() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next.fetch_add(1);
    return mine;
}

std::string_view known_method(std::string_view method) {
    for (const std::string_view known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
        if (method == known) return known;
    return "other";
}

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(const char* name, const char* help, MetricType type) { return {name, help, type, {}}; }

ClientMetric counted(std::vector<ClientMetric::Label> labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = value;
    return metric;
}

}  // namespace

void MetricsSink::count(Series& series, const app::AccessRecord& access) {
    const auto known = std::ranges::find(series.by_status, access.status, &std::pair<int, std::uint64_t>::first);
    if (known == series.by_status.end())
        series.by_status.emplace_back(access.status, 1);
    else
        ++known->second;
    const double seconds = std::chrono::duration<double>(access.duration).count();
    const auto bucket = std::ranges::lower_bound(bounds, seconds) - bounds.begin();
    ++series.buckets[static_cast<std::size_t>(bucket)];
    series.seconds += seconds;
    series.bytes += access.bytes;
    if (access.fast) ++series.fast;
}

void MetricsSink::record(const app::AccessRecord& access) noexcept {
    try {
        const auto method = known_method(access.method);
        thread_local std::string key;
        key.assign(method).append(" ").append(access.route);
        auto& shard = shards_[metrics_place() % shard_count];
        const std::lock_guard lock(shard.mutex);
        auto found = shard.series.find(key);
        if (found == shard.series.end() && shard.series.size() < most_series)
            found = shard.series.emplace(key, Series{method, std::string(access.route), {}, {}, 0, 0, 0}).first;
        if (found != shard.series.end()) count(found->second, access);
    } catch (const std::bad_alloc&) {
        // Out of memory: the request was answered, the count is lost.
    }
    if (next_ != nullptr) next_->record(access);
}

void MetricsSink::add_reading(std::string name, std::string help, Kind kind, std::function<double()> read) {
    readings_.push_back({std::move(name), std::move(help), kind, std::move(read)});
}

std::unordered_map<std::string, MetricsSink::Series> MetricsSink::total() const {
    std::unordered_map<std::string, Series> all;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        for (const auto& [key, series] : shard.series) {
            auto& sum = all.try_emplace(key, Series{series.method, series.route, {}, {}, 0, 0, 0}).first->second;
            for (const auto& [status, count] : series.by_status) {
                const auto known = std::ranges::find(sum.by_status, status, &std::pair<int, std::uint64_t>::first);
                if (known == sum.by_status.end())
                    sum.by_status.emplace_back(status, count);
                else
                    known->second += count;
            }
            for (std::size_t i = 0; i < sum.buckets.size(); ++i) sum.buckets[i] += series.buckets[i];
            sum.seconds += series.seconds;
            sum.bytes += series.bytes;
            sum.fast += series.fast;
        }
    }
    return all;
}

std::string MetricsSink::text() const {
    auto requests = family("renkei_http_requests_total", "Answered requests by method, route and status.", MetricType::Counter);
    auto bytes = family("renkei_http_answer_bytes_total", "Bytes of answers' bodies.", MetricType::Counter);
    auto fast = family("renkei_http_fast_answers_total", "Requests answered without suspending.", MetricType::Counter);
    auto durations = family("renkei_http_request_duration_seconds", "From the complete head to the answer's last byte.", MetricType::Histogram);
    for (const auto& [key, series] : total()) {
        const std::vector<ClientMetric::Label> labels{{"method", std::string(series.method)}, {"route", series.route}};
        for (const auto& [status, count] : series.by_status) {
            auto with_status = labels;
            with_status.push_back({"status", std::to_string(status)});
            requests.metric.push_back(counted(std::move(with_status), static_cast<double>(count)));
        }
        bytes.metric.push_back(counted(labels, static_cast<double>(series.bytes)));
        if (series.fast > 0) fast.metric.push_back(counted(labels, static_cast<double>(series.fast)));
        ClientMetric histogram;
        histogram.label = labels;
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < series.buckets.size(); ++i) {
            below += series.buckets[i];
            if (i < bounds.size()) histogram.histogram.bucket.push_back({below, bounds[i]});
        }
        histogram.histogram.sample_count = below;
        histogram.histogram.sample_sum = series.seconds;
        durations.metric.push_back(std::move(histogram));
    }
    std::vector<MetricFamily> families{std::move(requests), std::move(bytes), std::move(fast), std::move(durations)};
    for (const auto& reading : readings_) {
        MetricFamily one{reading.name, reading.help, reading.kind == Kind::counter ? MetricType::Counter : MetricType::Gauge, {}};
        ClientMetric metric;
        (reading.kind == Kind::counter ? metric.counter.value : metric.gauge.value) = reading.read();
        one.metric.push_back(std::move(metric));
        families.push_back(std::move(one));
    }
    std::erase_if(families, [](const MetricFamily& one) { return one.metric.empty(); });
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace renkei::api

#include "adapters/api/operation_events.hpp"

#include "adapters/api/show.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

// Proxies cut connections that say nothing for a minute.
constexpr auto keep_alive = std::chrono::seconds(15);
// Then the client comes back with its Last-Event-ID, and its key is looked at again.
constexpr auto longest = std::chrono::minutes(30);

class Events final : public app::BodyStream {
public:
    Events(app::Operations& operations, const Clock& clock, app::By by, core::OperationId id, std::uint64_t seen)
        : operations_(operations), clock_(clock), by_(std::move(by)), id_(id), seen_(seen), end_(clock.now() + longest) {}

    Task<Result<std::string>> read() override {
        if (ended_ || clock_.now() >= end_) co_return std::string();
        auto operation = co_await operations_.changed_since(by_, id_, seen_, std::min(end_, clock_.now() + keep_alive));
        if (!operation) {
            ended_ = true;
            co_return std::string("event: gone\ndata: {}\n\n");
        }
        const auto state = operation->state;
        ended_ = state == core::OperationState::done || state == core::OperationState::failed || state == core::OperationState::cancelled;
        if (operation->version <= seen_) co_return ended_ ? std::string() : std::string(": still there\n\n");
        seen_ = operation->version;
        co_return fmt::format("event: operation\nid: {}\ndata: {}\n\n", seen_, json::serialize(shown_operation(*operation)));
    }

private:
    app::Operations& operations_;
    const Clock& clock_;
    app::By by_;
    core::OperationId id_;
    std::uint64_t seen_;
    TimePoint end_;
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<app::BodyStream> operation_events(app::Operations& operations, const Clock& clock, app::By by, core::OperationId id, std::uint64_t seen) {
    return std::make_unique<Events>(operations, clock, std::move(by), id, seen);
}

}  // namespace renkei::api

#include "sandbox/fault_stream.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace renkei::sandbox {
namespace {

constexpr std::size_t slow_piece = 1024;
constexpr std::size_t fast_piece = 64 * 1024;

class FaultStream final : public app::BodyStream {
public:
    FaultStream(std::string body, std::optional<std::uint64_t> cut_after, std::chrono::milliseconds pause)
        : body_(std::move(body)), cut_after_(cut_after), pause_(pause) {}

    Task<Result<std::string>> read() override {
        if (pause_.count() > 0 && at_ > 0) co_await wait_for(pause_);
        const auto end = cut_after_ ? std::min<std::size_t>(body_.size(), static_cast<std::size_t>(*cut_after_)) : body_.size();
        if (at_ >= end && cut_after_) co_return fail(Errc::internal, "a fault cuts the answer off");
        auto piece = body_.substr(at_, std::min(end - at_, pause_.count() > 0 ? slow_piece : fast_piece));
        at_ += piece.size();
        co_return piece;
    }

private:
    std::string body_;
    std::optional<std::uint64_t> cut_after_;
    std::chrono::milliseconds pause_;
    std::size_t at_ = 0;
};

}  // namespace

Task<void> wait_for(std::chrono::milliseconds time) {
    using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
    Timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(use_task);
}

std::unique_ptr<app::BodyStream> make_fault_stream(std::string body, std::optional<std::uint64_t> cut_after, std::chrono::milliseconds pause) {
    return std::make_unique<FaultStream>(std::move(body), cut_after, pause);
}

}  // namespace renkei::sandbox

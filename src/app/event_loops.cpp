#include "app/event_loops.hpp"

#include <exception>
#include <utility>

namespace renkei::app {

EventLoops::EventLoops(std::size_t count, std::function<void(std::string_view)> report) : report_(std::move(report)) {
    for (std::size_t i = 0; i < (count == 0 ? 1 : count); ++i) {
        // Sockets and timers of a loop belong to its thread, so the reactor needs no locks; post() keeps its own.
        loops_.push_back(std::make_unique<asio::io_context>(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO));
        guards_.push_back(asio::make_work_guard(*loops_.back()));
    }
}

EventLoops::~EventLoops() {
    stop();
    join();
}

void EventLoops::start() {
    for (auto& loop : loops_) threads_.emplace_back([this, &loop] { run(*loop); });
}

asio::io_context& EventLoops::any() { return *loops_[next_.fetch_add(1, std::memory_order_relaxed) % loops_.size()]; }

void EventLoops::stop() {
    for (auto& loop : loops_) loop->stop();
}

void EventLoops::join() {
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
    threads_.clear();
}

void EventLoops::run(asio::io_context& loop) {
    while (!loop.stopped()) {
        try {
            loop.run();
        } catch (const std::exception& error) {
            if (report_) report_(error.what());
        }
    }
}

}  // namespace renkei::app

#pragma once

#include "app/task.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace renkei::app {

/// The threads that run everything that does not block: one event loop each. The HTTP server, the HTTP client and
/// background tasks share them. A loop's sockets and timers are touched from its own thread only; `post` is safe from
/// everywhere.
class EventLoops {
public:
    /// `report` is told about exceptions that reached the top of a loop; the loop goes on.
    explicit EventLoops(std::size_t count, std::function<void(std::string_view)> report = {});
    /// Stops and joins.
    ~EventLoops();
    EventLoops(const EventLoops&) = delete;
    EventLoops& operator=(const EventLoops&) = delete;

    void start();
    /// Round robin: where the next piece of background work goes.
    asio::io_context& any();
    std::size_t size() const { return loops_.size(); }
    asio::io_context& at(std::size_t index) { return *loops_[index]; }
    /// Stops the loops without waiting for their work: servers and task groups are stopped before.
    void stop();
    void join();

private:
    void run(asio::io_context& loop);

    std::function<void(std::string_view)> report_;
    std::vector<std::unique_ptr<asio::io_context>> loops_;
    std::vector<asio::executor_work_guard<Executor>> guards_;
    std::vector<std::thread> threads_;
    std::atomic<std::size_t> next_{0};
};

}  // namespace renkei::app

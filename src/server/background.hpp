#pragma once

#include "app/event_loops.hpp"
#include "app/refresh_ahead.hpp"
#include "app/task.hpp"
#include "base/clock.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <string_view>

namespace renkei::server {

/// Runs a task on a loop and waits for it. Never called on a loop.
template <class T>
T run_on(asio::io_context& loop, Task<T> task) {
    std::promise<T> done;
    auto result = done.get_future();
    asio::co_spawn(loop, std::move(task), [&done](std::exception_ptr error, T value) {
        if (error)
            done.set_exception(error);
        else
            done.set_value(std::move(value));
    });
    return result.get();
}
inline void run_on(asio::io_context& loop, Task<void> task) {
    std::promise<void> done;
    asio::co_spawn(loop, std::move(task), [&done](std::exception_ptr error) {
        if (error)
            done.set_exception(error);
        else
            done.set_value();
    });
    done.get_future().get();
}

/// The owner of everything that runs without a request: each task is named, its failure reported, its end waited for.
class Background {
public:
    Background(app::EventLoops& loops, Clock& clock, std::function<void(std::string_view task, std::string_view what)> report)
        : loops_(loops), clock_(clock), report_(std::move(report)) {}
    ~Background() { stop(); }
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// Runs until it returns.
    void add(std::string_view name, Task<void> task);
    /// Calls `work` again and again, `pause` after its end, until stop(). A failure is reported and does not end it.
    void repeat(std::string_view name, std::chrono::milliseconds pause, std::function<Task<void>()> work);
    /// Wakes what sleeps and waits for all. Tasks given to add() must have been told to end before.
    void stop();

private:
    app::EventLoops& loops_;
    Clock& clock_;
    std::function<void(std::string_view, std::string_view)> report_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::unique_ptr<app::Sleeper>> sleepers_;
};

}  // namespace renkei::server

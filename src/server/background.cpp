#include "server/background.hpp"

namespace renkei::server {
namespace {

std::string what_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& known) {
        return known.what();
    } catch (...) {
        return "an exception of unknown type";
    }
}

Task<void> sleep_then_work(Clock& clock, std::chrono::milliseconds pause, app::Sleeper& sleeper, std::function<Task<void>()> work,
                           std::function<void(std::string_view)> report) {
    while (co_await sleeper.sleep_until(clock, clock.now() + pause)) {
        std::exception_ptr error;
        try {
            co_await work();
        } catch (...) {
            error = std::current_exception();
        }
        if (error) report(what_of(error));
    }
}

}  // namespace

void Background::add(std::string_view name, Task<void> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        ++running_;
    }
    asio::co_spawn(loops_.any(), std::move(task), [this, name](std::exception_ptr error) {
        if (error) report_(name, what_of(error));
        const std::lock_guard lock(mutex_);
        --running_;
        ended_.notify_all();
    });
}

void Background::repeat(std::string_view name, std::chrono::milliseconds pause, std::function<Task<void>()> work) {
    app::Sleeper* sleeper = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        sleepers_.push_back(std::make_unique<app::Sleeper>());
        sleeper = sleepers_.back().get();
    }
    add(name, sleep_then_work(clock_, pause, *sleeper, std::move(work), [this, name](std::string_view what) { report_(name, what); }));
}

void Background::stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    for (const auto& sleeper : sleepers_) sleeper->stop();
    ended_.wait(lock, [this] { return running_ == 0; });
}

}  // namespace renkei::server

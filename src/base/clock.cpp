#include "base/clock.hpp"

#include <condition_variable>
#include <ctime>
#include <map>
#include <mutex>
#include <thread>

namespace renkei {
namespace {

std::tm utc(TimePoint at) {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return parts;
}

std::string formatted(TimePoint at, const char* format) {
    const auto parts = utc(at);
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

// The calls that wait, ordered by time and then by arrival.
class Queue {
public:
    using Key = std::pair<TimePoint, std::uint64_t>;

    Key add(TimePoint at, std::function<void()> wake) {
        const std::lock_guard lock(mutex_);
        const Key key{at, ++last_};
        waiting_.emplace(key, std::move(wake));
        changed_.notify_all();
        return key;
    }

    void remove(const Key& key) {
        std::unique_lock lock(mutex_);
        waiting_.erase(key);
        if (running_ == key && runner_ != std::this_thread::get_id()) changed_.wait(lock, [&] { return running_ != key; });
    }

    TimePoint next_due() const {
        const std::lock_guard lock(mutex_);
        return waiting_.empty() ? TimePoint::max() : waiting_.begin()->first.first;
    }

    // Runs the first call if it is due at `now`; says whether it did.
    bool run_one(TimePoint now) {
        std::unique_lock lock(mutex_);
        if (waiting_.empty() || waiting_.begin()->first.first > now) return false;
        auto node = waiting_.extract(waiting_.begin());
        running_ = node.key();
        runner_ = std::this_thread::get_id();
        lock.unlock();
        node.mapped()();
        lock.lock();
        running_ = {};
        changed_.notify_all();
        return true;
    }

    void wait(std::chrono::milliseconds at_most) {
        std::unique_lock lock(mutex_);
        if (!stopped_) changed_.wait_for(lock, at_most);
    }
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }
    bool stopped() const {
        const std::lock_guard lock(mutex_);
        return stopped_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Key, std::function<void()>> waiting_;
    Key running_{};
    std::thread::id runner_;
    std::uint64_t last_ = 0;
    bool stopped_ = false;
};

class QueueTicket final : public Clock::Ticket {
public:
    QueueTicket(std::shared_ptr<Queue> queue, Queue::Key key) : queue_(std::move(queue)), key_(key) {}
    ~QueueTicket() override { queue_->remove(key_); }

private:
    std::shared_ptr<Queue> queue_;
    Queue::Key key_;
};

class SystemClock final : public Clock {
public:
    SystemClock() : queue_(std::make_shared<Queue>()), thread_([this] { run(); }) {}
    ~SystemClock() override {
        queue_->stop();
        thread_.join();
    }
    TimePoint now() const override { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
    std::unique_ptr<Ticket> call_at(TimePoint at, std::function<void()> wake) override {
        return std::make_unique<QueueTicket>(queue_, queue_->add(at, std::move(wake)));
    }

private:
    void run() {
        // The wall clock may be set: never sleep so long that a jump goes unnoticed.
        constexpr std::chrono::milliseconds longest{1000};
        while (!queue_->stopped()) {
            if (queue_->run_one(now())) continue;
            const auto due = queue_->next_due();
            const auto left = due == TimePoint::max() ? longest : std::min(longest, due - now());
            if (left.count() > 0) queue_->wait(left);
        }
    }

    std::shared_ptr<Queue> queue_;
    std::thread thread_;
};

}  // namespace

std::string iso_text(TimePoint at) { return formatted(at, "%Y-%m-%dT%H:%M:%SZ"); }
std::string http_date(TimePoint at) { return formatted(at, "%a, %d %b %Y %H:%M:%S GMT"); }

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }

struct ManualClock::State {
    std::shared_ptr<Queue> queue = std::make_shared<Queue>();
    mutable std::mutex mutex;
    TimePoint now;
};

ManualClock::ManualClock(TimePoint start) : state_(std::make_shared<State>()) { state_->now = start; }
ManualClock::~ManualClock() = default;

TimePoint ManualClock::now() const {
    const std::lock_guard lock(state_->mutex);
    return state_->now;
}

std::unique_ptr<Clock::Ticket> ManualClock::call_at(TimePoint at, std::function<void()> wake) {
    auto ticket = std::make_unique<QueueTicket>(state_->queue, state_->queue->add(at, std::move(wake)));
    if (at <= now()) advance(std::chrono::milliseconds(0));
    return ticket;
}

void ManualClock::advance(std::chrono::milliseconds by) {
    const auto end = now() + by;
    for (;;) {
        const auto due = state_->queue->next_due();
        {
            const std::lock_guard lock(state_->mutex);
            state_->now = std::max(state_->now, std::min(due, end));
        }
        if (due > end || !state_->queue->run_one(now())) break;
    }
    const std::lock_guard lock(state_->mutex);
    state_->now = std::max(state_->now, end);
}

TimePoint ManualClock::next_due() const { return state_->queue->next_due(); }

}  // namespace renkei

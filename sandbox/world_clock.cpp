#include "sandbox/world.hpp"

#include <atomic>
#include <map>
#include <mutex>

namespace renkei::sandbox {
namespace {

using std::chrono::milliseconds;

// Waits on the machine's clock for the shifted time; a shift makes all that wait look again.
class ShiftedClock final : public WorldClock {
public:
    TimePoint now() const override { return system_->now() + milliseconds(offset_.load()); }

    std::unique_ptr<Ticket> call_at(TimePoint at, std::function<void()> wake) override {
        auto call = std::make_shared<Call>();
        call->wake = std::move(wake);
        const std::lock_guard lock(mutex_);
        const auto key = waiting_.emplace(at, call);
        call->ticket = arm(at, call);
        return std::make_unique<Waiting>(*this, key, std::move(call));
    }

    void advance(milliseconds by) override {
        offset_ += by.count();
        for (;;) {
            std::shared_ptr<Call> due;
            {
                const std::lock_guard lock(mutex_);
                if (!waiting_.empty() && waiting_.begin()->first <= now()) {
                    due = waiting_.begin()->second;
                    waiting_.begin()->second->listed = false;
                    waiting_.erase(waiting_.begin());
                }
            }
            if (!due) break;
            due->run();
        }
        rearm();
    }

private:
    struct Call {
        std::mutex mutex;
        std::function<void()> wake;
        std::unique_ptr<Ticket> ticket;  // guarded by the clock's mutex
        bool listed = true;              // guarded by the clock's mutex

        void run() {
            // Held while it runs, so that the end of a ticket waits for it.
            const std::lock_guard lock(mutex);
            if (auto work = std::exchange(wake, nullptr)) work();
        }
    };
    using Map = std::multimap<TimePoint, std::shared_ptr<Call>>;

    class Waiting final : public Ticket {
    public:
        Waiting(ShiftedClock& clock, Map::iterator place, std::shared_ptr<Call> call) : clock_(clock), place_(place), call_(std::move(call)) {}
        ~Waiting() override { clock_.cancel(place_, *call_); }

    private:
        ShiftedClock& clock_;
        Map::iterator place_;
        std::shared_ptr<Call> call_;
    };

    std::unique_ptr<Ticket> arm(TimePoint at, const std::shared_ptr<Call>& call) {
        return system_->call_at(at - milliseconds(offset_.load()), [call] { call->run(); });
    }

    void rearm() {
        std::vector<std::unique_ptr<Ticket>> old;
        const std::lock_guard lock(mutex_);
        for (auto& [at, call] : waiting_) {
            old.push_back(std::move(call->ticket));
            call->ticket = arm(at, call);
        }
    }

    void cancel(Map::iterator place, Call& call) {
        std::unique_ptr<Ticket> ticket;
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(call.listed, false)) waiting_.erase(place);
            ticket = std::move(call.ticket);
        }
        ticket.reset();
    }

    std::unique_ptr<Clock> system_ = make_system_clock();
    std::atomic<std::int64_t> offset_{0};
    std::mutex mutex_;
    Map waiting_;
};

class DrivenClock final : public WorldClock {
public:
    explicit DrivenClock(ManualClock& clock) : clock_(clock) {}
    TimePoint now() const override { return clock_.now(); }
    std::unique_ptr<Ticket> call_at(TimePoint at, std::function<void()> wake) override { return clock_.call_at(at, std::move(wake)); }
    void advance(milliseconds by) override { clock_.advance(by); }

private:
    ManualClock& clock_;
};

}  // namespace

std::unique_ptr<WorldClock> make_shifted_clock() { return std::make_unique<ShiftedClock>(); }
std::unique_ptr<WorldClock> make_world_clock(ManualClock& clock) { return std::make_unique<DrivenClock>(clock); }

}  // namespace renkei::sandbox

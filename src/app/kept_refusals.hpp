#pragma once

#include "app/audit.hpp"
#include "app/ports/commit_observer.hpp"
#include "base/crypto.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace renkei::app {

/// Refused token reads, decided and audited lately: a repetition gets the same answer and is counted, so that a robot that
/// asks for a mailbox outside its fence a thousand times a second costs neither a thousand decisions nor a thousand audit
/// rows. Forgotten by every change that a decision may come from, and after a minute.
class KeptRefusals {
public:
    static constexpr std::chrono::seconds kept_for{60};

    /// What was asked. `by` is a key; `mailbox` is empty for the connection's own.
    struct Asked {
        By by;
        Digest key_hash{};
        std::string connection;
        std::string mailbox;
    };

    /// Take it before deciding, and give it to keep().
    std::uint64_t changes() const { return changes_.load(std::memory_order_acquire); }
    /// The refusal, counted; or nothing: decide.
    std::optional<Error> repeat(const Asked& asked, TimePoint now);
    /// After its audit row is durable.
    void keep(Asked asked, Error refusal, TimePoint now, std::uint64_t decided_at);
    /// Rows for what was repeated since the last time; what has ended goes.
    std::vector<core::AuditRow> take_counts(TimePoint now);

    void committed(const UnitOfWork& unit) noexcept;

private:
    struct Kept {
        Asked asked;
        Error refusal;
        TimePoint until;
        std::uint64_t decided_at = 0;
        std::uint64_t repeated = 0;
    };
    static std::uint64_t place_of(const Asked& asked);
    static bool same(const Asked& a, const Asked& b);

    std::atomic<std::uint64_t> changes_{0};
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Kept> kept_;
};

}  // namespace renkei::app

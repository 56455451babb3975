#pragma once

#include "app/single_flight.hpp"
#include "app/token_cache.hpp"
#include "app/token_endpoint.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace renkei::app {

/// What the token journal works with.
class Values;

struct TokenPorts {
    Ledger& ledger;
    GrantStore& grants;
    ConnectionStore& connections;
    LeaseStore& leases;
    Vault& vault;
    HttpClient& http;
    const Catalog& catalog;
    Clock& clock;
    Random& random;
    Values* values = nullptr;  ///< TokenEndpointPorts::values
};

struct TokenSettings {
    /// Who claims leases. The same for every start of one installation: what a killed process held may be claimed again.
    std::string owner = "renkei";
    std::chrono::milliseconds exchange_deadline{20'000};
    std::chrono::milliseconds caller_deadline{30'000};
    std::chrono::milliseconds lease_length{120'000};
    std::size_t most_cached = 250'000;
    std::size_t most_waiters = 20'000;
    // Refreshing ahead.
    std::chrono::milliseconds ahead{10 * 60'000};        ///< before the end of a token's life
    std::chrono::milliseconds ahead_jitter{4 * 60'000};  ///< later by up to this much, so that not all come at once
    std::chrono::milliseconds ahead_round{30'000};       ///< how often is looked
    std::chrono::hours in_use{7 * 24};                   ///< a grant not used for that long is left alone
    std::uint32_t ahead_at_once = 8;
};

/// Figures for /metrics.
struct TokenCounters {
    std::atomic<std::uint64_t> exchanges{0};  ///< requests to token endpoints
    std::atomic<std::uint64_t> refreshed{0};  ///< committed
    std::atomic<std::uint64_t> failed_passing{0};
    std::atomic<std::uint64_t> failed_final{0};
    std::atomic<std::uint64_t> lost{0};     ///< grants lost because an answer was lost on the wire
    std::atomic<std::uint64_t> unsaved{0};  ///< exchanges whose commit had to wait for the store
};

/// One refresh, as asked for.
struct RefreshJob {
    core::Connection connection{};
    std::chrono::seconds min_validity{0};
    std::uint64_t rejected_generation = 0;  ///< a stored token of this or an older generation is not believed
    std::string request_id{};
};

/// The token journal (B-01): intent, exchange, commit by compare-and-swap on the generation, under a fenced lease. No
/// transaction is open across an exchange. Call it for one connection at a time: SingleFlight sees to that.
class RefreshJournal {
public:
    RefreshJournal(TokenPorts ports, TokenEndpoint& endpoint, TokenCache& cache, TokenCounters& counters, TokenSettings settings)
        : ports_(ports), endpoint_(endpoint), cache_(cache), counters_(counters), settings_(std::move(settings)) {}

    /// A stored token that lives long enough, or a new one. Published by the caller.
    Task<RefreshOutcome> refresh(RefreshJob job);
    /// Tries again to store what the store did not take. Returns how many still wait.
    Task<std::size_t> save_unsaved();

private:
    struct Try;      // everything that one refresh knows
    struct Unsaved;  // an exchange whose commit the store did not take
    enum class Step : std::uint8_t { done, start_over };

    Task<Step> attempt(RefreshJob job, std::shared_ptr<RefreshOutcome> outcome);
    Task<Result<RefreshRows>> find_rows(RefreshQuestion question);
    CachedTokenPtr open_token(const RefreshRows& rows);
    Task<Result<Step>> announce(std::shared_ptr<Try> now);
    Task<Result<void>> claim_lease(std::shared_ptr<Try> now);
    Task<Result<Step>> begin(std::shared_ptr<Try> now);
    Task<Result<oauth::TokenAnswer>> exchange(std::shared_ptr<Try> now);
    Task<Result<oauth::TokenAnswer>> ask(std::shared_ptr<Try> now, const Secret* refresh_token);
    Task<Step> settle(std::shared_ptr<Try> now, Result<oauth::TokenAnswer> answer, std::shared_ptr<RefreshOutcome> outcome);
    Task<Step> settle_success(std::shared_ptr<Try> now, oauth::TokenResponse response, std::shared_ptr<RefreshOutcome> outcome);
    Task<Step> settle_failure(std::shared_ptr<Try> now, oauth::OAuthFailure failure, std::shared_ptr<RefreshOutcome> outcome);
    Task<void> settle_unknown(std::shared_ptr<Try> now, Error error, std::shared_ptr<RefreshOutcome> outcome);
    Task<void> end_grant(std::shared_ptr<Try> now, Error error, core::GrantState state, std::shared_ptr<RefreshOutcome> outcome);
    Task<void> blame(std::shared_ptr<Try> now, Error error, core::ConnectionState state, std::shared_ptr<RefreshOutcome> outcome);
    Result<void> renew(Try& now, oauth::TokenResponse& response, core::StoredToken& token);
    Task<Result<void>> commit(core::Connection connection, UnitOfWork unit, core::ConnectionState state, Error why);
    Task<bool> generation_moved(core::WorkspaceId workspace, core::GrantId grant, std::uint64_t generation);
    Task<Result<void>> save(core::Connection connection);
    core::AuditRow audit(const Try& now, bool allowed, std::string reason) const;
    void keep_unsaved(const Try& now, UnitOfWork unit);

    TokenPorts ports_;
    TokenEndpoint& endpoint_;
    TokenCache& cache_;
    TokenCounters& counters_;
    TokenSettings settings_;
    std::mutex mutex_;
    std::unordered_map<core::ConnectionId, std::shared_ptr<Unsaved>> unsaved_;
};

}  // namespace renkei::app

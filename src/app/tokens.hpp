#pragma once

#include "app/ports/token_source.hpp"
#include "app/refresh_ahead.hpp"
#include "app/refresh_backoff.hpp"
#include "app/refresh_journal.hpp"
#include "app/single_flight.hpp"
#include "app/token_cache.hpp"
#include "app/token_endpoint.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace renkei::app {

/// What was found and done at start with refreshes that a crash had cut off.
struct RecoveryReport {
    std::uint64_t found = 0;
    std::uint64_t kept = 0;     ///< the grant works
    std::uint64_t lost = 0;     ///< the answer was lost on the wire, and the provider does not take the old token
    std::uint64_t dead = 0;     ///< the provider ended the grant
    std::uint64_t waiting = 0;  ///< the provider could not be asked; the next call tries again
};

/// Live access tokens: from memory, from the store, or from the provider, and then exactly once.
class TokenService final : public TokenSource {
public:
    explicit TokenService(TokenPorts ports, TokenSettings settings = {});
    ~TokenService() override;
    TokenService(const TokenService&) = delete;
    TokenService& operator=(const TokenService&) = delete;

    Task<Result<LiveToken>> token_for(core::Connection connection, std::chrono::seconds min_validity, std::string request_id) override;
    void reject(const core::TokenKey& key, std::uint64_t generation) override;

    /// For the fast path: the connection's token if it is in memory and lives at least `min_validity` more. Never suspends.
    /// The caller has checked right, fence and the connection's state.
    CachedTokenPtr cached(const core::ConnectionId& connection, std::chrono::seconds min_validity) const;
    /// A first token for a connection whose grant was just made: its state and earlier failures do not matter.
    Task<Result<LiveToken>> first_token(core::Connection connection, std::string request_id);
    /// Memory of the connection goes: token, back-off. After a reconnect, a new credential, a removal.
    void forget(const core::ConnectionId& connection);

    /// Brings every refresh that was cut off to its end: once, at start. storage_* when the store cannot be read.
    Task<Result<RecoveryReport>> recover();
    /// Refreshes tokens of grants in use before they end. Runs until stop(); owned by whoever spawned it.
    Task<void> run_refresh_ahead();
    void stop();
    /// One round of it. Returns how many were refreshed.
    Task<std::uint64_t> refresh_ahead_once();
    /// Waits for the exchanges under way, at most `at_most`, and stores what could not be stored before.
    Task<void> drain(std::chrono::milliseconds at_most);

    TokenEndpoint& endpoint() { return endpoint_; }
    const TokenCounters& counters() const { return counters_; }
    std::size_t cached_tokens() const { return cache_.size(); }

private:
    Task<Result<LiveToken>> obtain(RefreshJob job);
    Task<FlightOutcome> fly(RefreshJob job);
    void start(Executor executor, RefreshJob job);
    bool is_due(const core::StoredToken& token, TimePoint now) const;
    Task<void> refresh_one_ahead(core::StoredToken token);
    Task<void> resolve_old_intents();
    Task<void> recover_one(RefreshIntent intent, std::shared_ptr<RecoveryReport> report);
    Result<LiveToken> live(const CachedTokenPtr& token) const;

    TokenPorts ports_;
    TokenSettings settings_;
    TokenEndpoint endpoint_;
    TokenCache cache_;
    TokenCounters counters_;
    RefreshBackoff backoff_;
    SingleFlight flights_;
    RefreshJournal journal_;
    std::unique_ptr<Sleeper> sleeper_;
};

}  // namespace renkei::app

#pragma once

#include "app/ports/store.hpp"
#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "core/identity.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace renkei::app {

/// Makes repeats of a write harmless (IETF draft-ietf-httpapi-idempotency-key-header): the first request with a key
/// runs, later ones get its answer for 24 hours. Which answers may be kept is the caller's business; a secret never is.
class Idempotency {
public:
    Idempotency(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

    struct Claim {
        core::WorkspaceId workspace;
        std::string scope;
        Digest body_hash{};
    };
    struct Begun {
        bool first = true;
        std::string answer;  ///< of the first request, when this is a repeat
    };

    /// `route`: method and pattern. The body hash covers target and body, so one key cannot name two requests.
    static Claim claim_of(const core::Principal& caller, std::string_view route, std::string_view key, std::string_view target, std::string_view body);

    /// idempotency_mismatch for another body, idempotency_in_progress while the first one runs or when it was cut off.
    Task<Result<Begun>> begin(Claim claim);
    /// Keeps the answer for repeats.
    Task<Result<void>> finish(Claim claim, std::string answer);
    /// The request had no effect: the next one with this key is a first one again.
    Task<Result<void>> abandon(Claim claim);

private:
    Result<Begun> judge(const Claim& claim, const IdempotentAnswer& known);
    bool runs_here(const std::string& scope);
    void set_running(const std::string& scope, bool running);

    Store& store_;
    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, int> running_;  ///< requests of this process by scope
};

}  // namespace renkei::app

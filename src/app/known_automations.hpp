#pragma once

#include "app/ports/commit_observer.hpp"
#include "app/ports/store.hpp"
#include "core/automation.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory>
#include <mutex>

namespace renkei::app {

/// What a call needs of a session: it is kept in memory a hundred thousand times.
struct KnownSession {
    core::SessionLimit limit;
    core::SessionScope scope;
    core::KeyId key;
    bool ended = false;
};
KnownSession known_of(const core::AutomationSession& session);

/// Sessions, runs and the keys behind them as the store last told them. A change is seen by the next call: what it touches is
/// forgotten as its commit becomes durable.
class KnownAutomations final : public CommitObserver {
public:
    struct Sizes {
        std::size_t sessions = 131'072;
        std::size_t runs = 32'768;
    };
    KnownAutomations(AutomationStore& automations, KeyStore& keys) : automations_(automations), keys_(keys) {}
    KnownAutomations(AutomationStore& automations, KeyStore& keys, Sizes sizes) : automations_(automations), keys_(keys), sizes_(sizes) {}

    using SessionPtr = std::shared_ptr<const KnownSession>;  ///< shared with the calls that use it
    using RunPtr = std::shared_ptr<const core::Run>;

    /// Errors: not_found, storage_*.
    Task<Result<SessionPtr>> session_by_hash(Digest hash);
    Task<Result<RunPtr>> run_by_hash(Digest hash);
    Task<Result<RunPtr>> run(core::WorkspaceId workspace, core::RunId id);
    /// Under which hash the key is found; the key itself comes from whoever knows keys.
    Task<Result<Digest>> key_hash(core::WorkspaceId workspace, core::KeyId id);

    void committed(const UnitOfWork& unit) noexcept override;

private:
    struct PlaceOf {
        std::size_t operator()(const Digest& hash) const;
        std::size_t operator()(const core::RunId& id) const { return std::hash<core::RunId>{}(id); }
        std::size_t operator()(const core::KeyId& id) const { return std::hash<core::KeyId>{}(id); }
    };
    RunPtr keep(core::Run run, std::uint64_t read_at);

    AutomationStore& automations_;
    KeyStore& keys_;
    Sizes sizes_;
    std::mutex mutex_;
    boost::unordered_flat_map<Digest, SessionPtr, PlaceOf> sessions_;
    boost::unordered_flat_map<core::RunId, RunPtr, PlaceOf> runs_;
    boost::unordered_flat_map<Digest, core::RunId, PlaceOf> run_ids_;
    boost::unordered_flat_map<core::KeyId, Digest, PlaceOf> keys_by_id_;
    std::uint64_t changes_ = 0;  ///< what was read before a change is not kept after it
};

}  // namespace renkei::app

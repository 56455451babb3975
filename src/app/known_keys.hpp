#pragma once

#include "app/ports/commit_observer.hpp"
#include "app/ports/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory>
#include <mutex>

namespace renkei::app {

/// API keys as the store last told them, so that a call by a known key, or again and again by a wrong one, reads nothing.
/// A change of a key is seen by the next call: it is forgotten as its commit becomes durable.
class KnownKeys final : public CommitObserver {
public:
    explicit KnownKeys(KeyStore& keys, std::size_t most = 8192) : keys_(keys), most_(most) {}

    /// Errors: those of KeyStore::find_key_by_hash; only not_found is remembered.
    Task<Result<core::ApiKey>> find(Digest hash);

    void committed(const UnitOfWork& unit) noexcept override;

private:
    struct PlaceOf {
        std::size_t operator()(const Digest& hash) const;
    };
    using Known = std::shared_ptr<const core::ApiKey>;  ///< null: there is no such key

    KeyStore& keys_;
    std::size_t most_;
    std::mutex mutex_;
    boost::unordered_flat_map<Digest, Known, PlaceOf> known_;
    std::uint64_t changes_ = 0;  ///< what was read before a change is not kept after it
};

}  // namespace renkei::app

#pragma once

#include "app/ports/external_vaults.hpp"
#include "base/clock.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace renkei::app {

using SharedExternalSecret = std::shared_ptr<const ExternalSecret>;

/// Values of external vaults in memory, wiped when they go. Bounded: the one that was read first makes room.
class ValueCache {
public:
    struct Key {
        core::WorkspaceId workspace;
        core::ExternalVaultId vault;
        std::uint64_t secret_version = 0;  ///< a vault at another address, or with another credential, is another vault
        std::string mount{};
        core::ExternalSecretAddress address{};
        friend auto operator<=>(const Key&, const Key&) = default;
    };

    explicit ValueCache(std::size_t most) : most_(most) {}

    /// Nothing once `cache_time` has gone by since it was read, or the value itself has ended.
    SharedExternalSecret find(const Key& key, std::chrono::seconds cache_time, TimePoint now);
    void put(const Key& key, SharedExternalSecret value, std::chrono::seconds cache_time, TimePoint read_at);
    void forget(const core::WorkspaceId& workspace, const core::ExternalVaultId& vault);
    std::size_t size() const;

private:
    struct Entry {
        SharedExternalSecret value;
        TimePoint read_at;
        TimePoint until;
    };
    void make_room(TimePoint now);

    std::size_t most_;
    mutable std::mutex mutex_;
    std::map<Key, Entry> entries_;
};

}  // namespace renkei::app

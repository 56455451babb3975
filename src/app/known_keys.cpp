#include "app/known_keys.hpp"

#include <cstring>

namespace renkei::app {

// The hash is keyed: nobody can choose keys that share a place.
std::size_t KnownKeys::PlaceOf::operator()(const Digest& hash) const {
    std::size_t place;
    std::memcpy(&place, hash.data(), sizeof place);
    return place;
}

Task<Result<core::ApiKey>> KnownKeys::find(Digest hash) {
    std::uint64_t read_at = 0;
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = known_.find(hash); known != known_.end()) {
            if (known->second) co_return *known->second;
            co_return fail(Errc::not_found, "there is no such key");
        }
        read_at = changes_;
    }
    auto found = co_await keys_.find_key_by_hash(hash);
    if (!found && found.error().code != Errc::not_found) co_return found;
    const std::lock_guard lock(mutex_);
    if (changes_ != read_at) co_return found;
    if (known_.size() >= most_) known_.clear();  // wrong keys without end: what is in use comes back with its next call
    known_.insert_or_assign(hash, found ? std::make_shared<const core::ApiKey>(*found) : nullptr);
    co_return found;
}

void KnownKeys::committed(const UnitOfWork& unit) noexcept {
    for (const auto& change : unit) {
        const auto* updated = std::get_if<UpdateKey>(&change);
        const auto* inserted = std::get_if<InsertKey>(&change);
        if (updated == nullptr && inserted == nullptr) continue;
        const std::lock_guard lock(mutex_);
        ++changes_;
        known_.erase(updated != nullptr ? updated->row.hash : inserted->row.hash);
    }
}

}  // namespace renkei::app

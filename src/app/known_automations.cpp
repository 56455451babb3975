#include "app/known_automations.hpp"

#include <cstring>

namespace renkei::app {

KnownSession known_of(const core::AutomationSession& session) {
    KnownSession known;
    known.limit = {session.id, session.connection, session.connection_name, core::ActionSet(session.actions), session.mailbox, session.act_as, session.ends_at};
    known.scope = session.scope();
    known.key = session.key;
    known.ended = session.ended_at.has_value();
    return known;
}

// The hash is keyed: nobody can choose texts that share a place.
std::size_t KnownAutomations::PlaceOf::operator()(const Digest& hash) const {
    std::size_t place;
    std::memcpy(&place, hash.data(), sizeof place);
    return place;
}

Task<Result<KnownAutomations::SessionPtr>> KnownAutomations::session_by_hash(Digest hash) {
    std::uint64_t read_at = 0;
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = sessions_.find(hash); known != sessions_.end()) co_return known->second;
        read_at = changes_;
    }
    auto found = co_await automations_.find_automation_session_by_hash(hash);
    if (!found) co_return propagate(found);
    auto known = std::make_shared<const KnownSession>(known_of(*found));
    const std::lock_guard lock(mutex_);
    if (changes_ != read_at) co_return known;
    if (sessions_.size() >= sizes_.sessions) sessions_.clear();  // what is in use comes back with its next call
    sessions_.insert_or_assign(hash, known);
    co_return known;
}

KnownAutomations::RunPtr KnownAutomations::keep(core::Run run, std::uint64_t read_at) {
    auto known = std::make_shared<const core::Run>(std::move(run));
    const std::lock_guard lock(mutex_);
    if (changes_ != read_at) return known;
    if (runs_.size() >= sizes_.runs) {
        runs_.clear();
        run_ids_.clear();
    }
    runs_.insert_or_assign(known->id, known);
    run_ids_.insert_or_assign(known->hash, known->id);
    return known;
}

Task<Result<KnownAutomations::RunPtr>> KnownAutomations::run_by_hash(Digest hash) {
    std::uint64_t read_at = 0;
    {
        const std::lock_guard lock(mutex_);
        if (const auto id = run_ids_.find(hash); id != run_ids_.end())
            if (const auto known = runs_.find(id->second); known != runs_.end()) co_return known->second;
        read_at = changes_;
    }
    auto found = co_await automations_.find_run_by_hash(hash);
    if (!found) co_return propagate(found);
    co_return keep(*std::move(found), read_at);
}

Task<Result<KnownAutomations::RunPtr>> KnownAutomations::run(core::WorkspaceId workspace, core::RunId id) {
    std::uint64_t read_at = 0;
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = runs_.find(id); known != runs_.end() && known->second->workspace == workspace) co_return known->second;
        read_at = changes_;
    }
    auto found = co_await automations_.find_run(workspace, id);
    if (!found) co_return propagate(found);
    co_return keep(*std::move(found), read_at);
}

Task<Result<Digest>> KnownAutomations::key_hash(core::WorkspaceId workspace, core::KeyId id) {
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = keys_by_id_.find(id); known != keys_by_id_.end()) co_return known->second;
    }
    auto key = co_await keys_.find_key_by_id(workspace, id);
    if (!key) co_return propagate(key);
    const std::lock_guard lock(mutex_);
    constexpr std::size_t most_keys = 8192;
    if (keys_by_id_.size() >= most_keys) keys_by_id_.clear();
    keys_by_id_.insert_or_assign(id, key->hash);  // a key's hash never changes: a new text is a new key
    co_return key->hash;
}

// Ends that reach many rows (a run with all below it, a key, a connection) are found by looking: they are rare beside calls.
void KnownAutomations::committed(const UnitOfWork& unit) noexcept {
    for (const auto& change : unit) {
        const std::lock_guard lock(mutex_);
        if (const auto* run = std::get_if<EndRun>(&change)) {
            ++changes_;
            boost::unordered::erase_if(runs_, [&](const auto& one) {
                const auto& path = one.second->path;
                return std::find(path.begin(), path.end(), run->run) != path.end();
            });
        } else if (const auto* session = std::get_if<EndAutomationSession>(&change)) {
            ++changes_;
            boost::unordered::erase_if(sessions_, [&](const auto& one) { return one.second->limit.session == session->id; });
        } else if (const auto* connection = std::get_if<DeleteConnection>(&change)) {
            ++changes_;
            boost::unordered::erase_if(sessions_, [&](const auto& one) { return one.second->limit.connection == connection->id; });
        } else if (const auto* key = std::get_if<UpdateKey>(&change); key != nullptr && key->row.revoked_at) {
            ++changes_;
            runs_.clear();
            run_ids_.clear();
            boost::unordered::erase_if(sessions_, [&](const auto& one) { return one.second->key == key->row.id; });
        }
    }
}

}  // namespace renkei::app

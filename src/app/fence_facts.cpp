#include "app/fence_resolver.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

// A directory that could not be asked is asked again by a call only so often.
constexpr std::chrono::seconds asked_lately{30};

bool works(const core::Connection& connection) {
    using enum core::ConnectionState;
    return connection.state == active || connection.state == expiring || connection.state == degraded;
}

}  // namespace

// Only what may let them in: their own entry, or everything where it has not been looked at, or members of groups not for long.
std::vector<core::FenceEntry> FenceFacts::to_ask(const core::Connection& connection, const std::string& who, core::TouchedAs as,
                                                 const FenceLookup& found) const {
    const auto now = clock_.now();
    const auto answer = core::judge(connection.fence, core::Touched(who, as, &found.hits), now);
    std::vector<core::FenceEntry> ask;
    if (answer.inside || !works(connection)) return ask;
    const bool lately = std::ranges::any_of(found.hits, [&](const core::FenceHit& hit) { return now - hit.checked_at < asked_lately; });
    if (answer.pending || (answer.code == Errc::fence_unknown && !lately))
        for (const auto kind : {core::FenceKind::mailbox, core::FenceKind::calendar})
            if (core::covers(kind, as) && connection.fence.names(kind, who)) ask.push_back({kind, who});
    // An alias or a member is known only after a look at everything, which notes that it was made: however many are refused, the
    // directory is asked once.
    const bool never = !found.check || !found.check->checked_at;
    const bool groups_due = !connection.fence.groups.empty() && (never || found.check->due_at <= now);
    if (never || groups_due)
        if (auto all = connection.fence.entries(); all.size() <= most_asked_now) return all;
    return ask;
}

// One look at a time for a connection: whoever comes meanwhile waits for its end, each on its own event loop.
Task<void> FenceFacts::ask(core::Connection connection, std::vector<core::FenceEntry> entries) {
    const auto id = connection.id;
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = asking_.try_emplace(id).second;
    }
    if (!first) {
        co_await wait_for_callback<bool>([&](auto done) {
            {
                const std::lock_guard lock(mutex_);
                if (const auto found = asking_.find(id); found != asking_.end()) {
                    found->second.emplace_back(std::move(done));
                    return;
                }
            }
            done(true);
        });
        co_return;
    }
    struct Wake {
        FenceFacts& facts;
        core::ConnectionId id;
        ~Wake() { facts.wake(id); }
    };
    const Wake at_the_end{*this, id};
    const bool all = entries.size() == connection.fence.entries().size();
    // What it said stands in the store, or nothing does and the call is refused.
    if (all)
        static_cast<void>(co_await resolver_.look_at_all(std::move(connection), "fence", FenceResolver::For::caller));
    else
        static_cast<void>(co_await resolver_.look_at(std::move(connection), std::move(entries), "fence"));
}

void FenceFacts::wake(const core::ConnectionId& connection) {
    std::vector<std::function<void(bool)>> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting = std::move(asking_[connection]);
        asking_.erase(connection);
    }
    for (auto& done : waiting) done(true);
}

Task<Result<FenceFacts::Known>> FenceFacts::known(core::Connection connection, std::string who, core::TouchedAs as) {
    if (connection.fence.everything || who.empty() || !resolver_.has_directory(connection)) co_return Known{};
    auto found = co_await store_.find_in_fence(connection.workspace, connection.id, who);
    if (!found) co_return propagate(found);
    auto entries = to_ask(connection, who, as, *found);
    if (!entries.empty()) {
        co_await ask(connection, std::move(entries));
        found = co_await store_.find_in_fence(connection.workspace, connection.id, who);
        if (!found) co_return propagate(found);
    }
    co_return Known{true, std::move(found->hits)};
}

Task<Result<FenceFacts::Verdict>> FenceFacts::judge(core::Connection connection, std::string who, core::TouchedAs as) {
    auto asked = co_await known(connection, who, as);
    if (!asked) co_return propagate(asked);
    const auto answer = core::judge(connection.fence, core::Touched(who, as, asked->has_directory ? &asked->hits : nullptr), clock_.now());
    co_return Verdict{answer.inside, answer.code, std::string(answer.reason), std::string(answer.directory_id)};
}

}  // namespace renkei::app

#include "app/fence_resolver.hpp"

#include "app/refresh_ahead.hpp"

#include <algorithm>
#include <optional>

namespace renkei::app {
namespace {

constexpr std::chrono::seconds shortest_life{60};
constexpr std::chrono::seconds a_caller_waits{10};

/// What the directory found for an entry.
struct Found {
    std::string id;
    std::string address;
    std::vector<core::FenceName> names;
    std::uint32_t members = 0;
};

void add_names(std::vector<core::FenceName>& names, const DirectoryObject& object) {
    names.push_back({object.id, object.id});
    for (const auto& address : object.addresses) names.push_back({address, object.id});
}

void tidy(std::vector<core::FenceName>& names) {
    std::ranges::sort(names);
    const auto doubles = std::ranges::unique(names);
    names.erase(doubles.begin(), doubles.end());
}

Result<Found> found_of(const Result<DirectoryObject>& object, const std::string& written) {
    if (!object) return std::unexpected(object.error());
    Found found{object->id, object->address, {{written, object->id}}};
    add_names(found.names, *object);
    tidy(found.names);
    return found;
}

Result<Found> found_of(const Result<DirectoryGroup>& group) {
    if (!group) return std::unexpected(group.error());
    Found found{group->id, group->address, {}, static_cast<std::uint32_t>(group->members.size())};
    for (const auto& member : group->members) add_names(found.names, member);
    tidy(found.names);
    return found;
}

// The pinned id stays whatever is found: only an administrator exchanges it.
void settle_found(core::FenceRow& row, Found found, TimePoint now) {
    row.trouble = core::FenceTrouble::none;
    if (!row.directory_id.empty() && row.directory_id != found.id) {
        row.state = core::FenceState::changed;
        row.found_id = std::move(found.id);
        return;
    }
    row.state = core::FenceState::resolved;
    row.directory_id = std::move(found.id);
    row.found_id.clear();
    row.address = std::move(found.address);
    row.names = std::move(found.names);
    row.members = found.members;
    row.resolved_at = now;
}

void settle_failed(core::FenceRow& row, Errc code) {
    switch (code) {
        case Errc::not_found:
            row.state = core::FenceState::missing;
            row.trouble = core::FenceTrouble::none;
            return;
        case Errc::denied:
            row.trouble = core::FenceTrouble::no_right;
            // What was resolved once stays so: falling back to the spelling would let a moved address in.
            if (row.directory_id.empty()) row.state = core::FenceState::unresolved;
            return;
        case Errc::payload_too_large:
            row.state = core::FenceState::unresolved;
            row.trouble = core::FenceTrouble::too_large;
            return;
        default: row.trouble = core::FenceTrouble::unreachable;
    }
}

}  // namespace

struct FenceResolver::Look {
    core::Connection connection;
    std::string cloud;
    std::string request_id;
    Directory* directory = nullptr;
    TimePoint until;
    TimePoint now;
    std::vector<core::FenceRow> before;  ///< all that is stored
    std::optional<FenceCheck> check;
    std::vector<core::FenceEntry> entries;
    std::vector<std::optional<core::FenceRow>> after{};  ///< of `entries`; nothing: not asked any more
    bool whole = false;

    const core::FenceRow* stored(const core::FenceEntry& entry) const {
        const auto found = std::ranges::find(before, entry, &core::FenceRow::entry);
        return found == before.end() ? nullptr : &*found;
    }
};

FenceResolver::FenceResolver(Needs needs, FenceTimes times) : n_(std::move(needs)), times_(times), owner_("fence-" + n_.random.text(12)) {}

bool FenceResolver::has_directory(const core::Connection& connection) const {
    const auto* manifest = n_.catalog.find(connection.connector);
    return manifest != nullptr && n_.directories.contains(manifest->adapter);
}

Task<Result<FenceResolver::LookPtr>> FenceResolver::begin(core::Connection connection, std::vector<core::FenceEntry> entries, std::string request_id) {
    const auto* manifest = n_.catalog.find(connection.connector);
    const auto directory = manifest == nullptr ? n_.directories.end() : n_.directories.find(manifest->adapter);
    if (directory == n_.directories.end()) co_return fail(Errc::bad_request, "the provider of this connection has no directory that can be asked");
    auto registration = co_await n_.store.find_registration(connection.workspace, connection.registration);
    if (!registration) co_return propagate(registration);
    auto before = co_await n_.store.fence_rows(connection.workspace, connection.id);
    if (!before) co_return propagate(before);
    auto check = co_await n_.store.fence_check(connection.workspace, connection.id);
    if (!check) co_return propagate(check);
    const auto now = n_.clock.now();
    auto look = std::make_shared<Look>();
    look->connection = std::move(connection);
    look->cloud = std::move(registration->cloud);
    look->request_id = std::move(request_id);
    look->directory = directory->second;
    look->until = now + times_.whole;
    look->now = now;
    look->before = *std::move(before);
    look->check = *check;
    look->after.resize(entries.size());
    look->entries = std::move(entries);
    co_return look;
}

template <class T, class Ask>
Task<Result<T>> FenceResolver::with_token(LookPtr look, Ask ask) {
    for (bool first = true;; first = false) {
        auto token = co_await n_.tokens.token_for(look->connection, shortest_life, look->request_id);
        if (!token) co_return propagate(token);
        DirectoryAccess access{look->connection, look->cloud, std::move(token->token), look->request_id};
        auto answer = co_await ask(std::move(access));
        if (answer || answer.error().code != Errc::unauthenticated || !first) co_return answer;
        n_.tokens.reject(token->key, token->generation);
    }
}

Task<core::FenceRow> FenceResolver::ask_about_mailbox(LookPtr look, core::FenceRow row) {
    const auto ask = [directory = look->directory, who = row.entry.written](DirectoryAccess access) { return directory->find_mailbox(std::move(access), who); };
    auto found = found_of(co_await with_token<DirectoryObject>(look, ask), row.entry.written);
    if (found)
        settle_found(row, *std::move(found), look->now);
    else
        settle_failed(row, found.error().code);
    co_return row;
}

Task<core::FenceRow> FenceResolver::ask_about_group(LookPtr look, core::FenceRow row) {
    const auto ask = [directory = look->directory, who = row.entry.written, most = times_.most_members](DirectoryAccess access) {
        return directory->find_group(std::move(access), who, most);
    };
    auto found = found_of(co_await with_token<DirectoryGroup>(look, ask));
    if (found)
        settle_found(row, *std::move(found), look->now);
    else
        settle_failed(row, found.error().code);
    co_return row;
}

Task<void> FenceResolver::ask_one(LookPtr look, std::size_t index) {
    if (stopped_ || n_.clock.now() >= look->until) co_return;
    const auto& entry = look->entries[index];
    core::FenceRow row;
    row.workspace = look->connection.workspace;
    row.connection = look->connection.id;
    row.entry = entry;
    if (const auto* stored = look->stored(entry))
        row = *stored;
    else if (entry.kind != core::FenceKind::group)
        row.names = {{entry.written, {}}};  // found by its spelling, whatever the directory says
    row.checked_at = look->now;
    auto asked = entry.kind == core::FenceKind::group ? ask_about_group(look, std::move(row)) : ask_about_mailbox(look, std::move(row));
    look->after[index] = co_await std::move(asked);
}

Task<void> FenceResolver::ask_all(LookPtr look) {
    const auto count = look->entries.size();
    co_await for_each_limited(count, times_.entries_at_once, [this, look](std::size_t i) { return ask_one(look, i); });
}

TimePoint FenceResolver::next_look(const Look& look) const {
    const bool again = std::ranges::any_of(look.after, [](const auto& row) { return !row || row->trouble == core::FenceTrouble::unreachable; });
    const auto jitter = std::chrono::duration_cast<std::chrono::milliseconds>(again ? times_.again / 2 : times_.jitter);
    const auto shift = std::chrono::milliseconds(n_.random.below(static_cast<std::uint64_t>(jitter.count()) + 1));
    return again ? look.now + times_.again + shift : look.now + times_.every - shift;
}

namespace {

// What an administrator must learn of without looking: an address that is somebody else's, a mailbox that is gone, and its return.
std::optional<core::AuditRow> told_of(const core::Connection& connection, const core::FenceRow* before, const core::FenceRow& after, TimePoint now,
                                      const std::string& request_id) {
    const auto was = before == nullptr ? core::FenceState::unresolved : before->state;
    const bool news = was != after.state || (before != nullptr && before->found_id != after.found_id);
    const bool refused = after.state == core::FenceState::changed || after.state == core::FenceState::missing;
    const bool back = after.state == core::FenceState::resolved && (was == core::FenceState::changed || was == core::FenceState::missing);
    if (!news || (!refused && !back)) return std::nullopt;
    By by;
    by.principal.kind = core::Principal::Kind::system;
    by.principal.workspace = connection.workspace;
    by.principal.name = "renkei";
    by.request_id = request_id;
    const auto entry = core::text_of(after.entry);
    const auto target = target_of("connection", connection.name.text());
    if (back) return audit_row(by, now, "fence.resolved", target, entry + " is again the object that it was when it came onto the list");
    if (after.state == core::FenceState::missing) return refusal_row(by, now, "fence.missing", target, "the directory has no " + entry);
    return refusal_row(by, now, "fence.changed", target,
                       entry + " was " + after.directory_id + " and is " + after.found_id + " now; refused until an administrator confirms it");
}

}  // namespace

UnitOfWork FenceResolver::unit_of(const Look& look) const {
    UnitOfWork unit;
    const auto& connection = look.connection;
    if (look.whole) unit.emplace_back(ExpectConnection{connection.workspace, connection.id, connection.version});
    for (const auto& row : look.after) {
        if (!row) continue;
        const auto* before = look.stored(row->entry);
        const bool named = row->state == core::FenceState::resolved && row->trouble == core::FenceTrouble::none;
        const bool cleared = row->trouble == core::FenceTrouble::too_large;
        unit.emplace_back(PutFenceEntry{*row, before == nullptr ? std::string() : before->directory_id, before != nullptr && !named && !cleared});
        if (auto told = told_of(connection, before, *row, look.now, look.request_id)) unit.emplace_back(AppendAudit{*std::move(told)});
    }
    if (!look.whole) return unit;
    for (const auto& row : look.before)
        if (std::ranges::find(look.entries, row.entry) == look.entries.end()) unit.emplace_back(DropFenceEntry{connection.workspace, connection.id, row.entry});
    unit.emplace_back(PutFenceCheck{connection.workspace, connection.id, look.check ? look.check->checked_at : std::nullopt, look.now, next_look(look)});
    return unit;
}

Task<Result<void>> FenceResolver::look_at_all(core::Connection connection, std::string request_id, For who) {
    auto entries = connection.fence.entries();
    auto look = co_await begin(std::move(connection), std::move(entries), std::move(request_id));
    if (!look) co_return propagate(look);
    (*look)->whole = true;
    if (who == For::caller) (*look)->until = (*look)->now + a_caller_waits;
    co_await ask_all(*look);
    if (stopped_) co_return fail(Errc::shutting_down, "the look at the directory was ended");
    co_return co_await n_.store.commit((*look)->connection.workspace, unit_of(**look));
}

Task<Result<void>> FenceResolver::look_at(core::Connection connection, std::vector<core::FenceEntry> entries, std::string request_id) {
    auto look = co_await begin(std::move(connection), std::move(entries), std::move(request_id));
    if (!look) co_return propagate(look);
    (*look)->until = (*look)->now + a_caller_waits;
    co_await ask_all(*look);
    auto unit = unit_of(**look);
    if (unit.empty()) co_return Result<void>{};
    co_return co_await n_.store.commit((*look)->connection.workspace, std::move(unit));
}

Task<void> FenceResolver::look_at_one_due(DueConnection due, std::shared_ptr<std::atomic<std::uint64_t>> looked) {
    if (stopped_) co_return;
    const auto name = "fence:" + due.connection.text();
    const auto length = std::chrono::duration_cast<std::chrono::milliseconds>(times_.lease);
    auto lease = co_await n_.store.claim(due.workspace, name, owner_, n_.clock.now(), length);
    if (!lease) co_return;  // another process looks at it
    auto check = co_await n_.store.fence_check(due.workspace, due.connection);
    const bool still_due = check && (!*check || (*check)->due_at <= n_.clock.now());
    auto connection = co_await n_.store.find_connection_by_id(due.workspace, due.connection);
    if (connection && connection->managed_by) {
        // What the connection above allows everybody is judged with the person's own account too.
        auto above = co_await n_.store.find_connection_by_id(due.workspace, *connection->managed_by);
        if (above) connection->fence = core::joined(std::move(connection->fence), above->fence);
    }
    if (still_due && connection) {
        auto done = co_await look_at_all(*std::move(connection), "fence", For::background);
        if (done) ++*looked;
    }
    static_cast<void>(co_await n_.store.release(due.workspace, *std::move(lease)));
}

Task<std::uint64_t> FenceResolver::look_at_due() {
    auto due = co_await n_.store.fences_due(n_.clock.now(), times_.connections_a_round);
    if (!due) co_return 0;
    auto all = std::make_shared<std::vector<DueConnection>>(*std::move(due));
    auto looked = std::make_shared<std::atomic<std::uint64_t>>(0);
    co_await for_each_limited(all->size(), times_.connections_at_once, [this, all, looked](std::size_t i) { return look_at_one_due((*all)[i], looked); });
    co_return looked->load();
}

}  // namespace renkei::app

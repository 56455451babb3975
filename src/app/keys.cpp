#include "app/keys.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using core::Action;
using core::FolderRight;
using core::Right;

template <class Item>
bool within(const std::vector<Item>& held, const std::vector<Item>& wanted) {
    // An empty list is no limit: it lies within an empty one only.
    if (held.empty()) return true;
    return !wanted.empty() && std::ranges::all_of(wanted, [&](const Item& item) { return std::ranges::find(held, item) != held.end(); });
}

bool covers(const Right& held, const Right& wanted, Action action) {
    return std::ranges::find(held.actions, action) != held.actions.end() && within(held.connectors, wanted.connectors) &&
           within(held.folders, wanted.folders) && within(held.groups, wanted.groups) && within(held.connections, wanted.connections) &&
           within(held.mailboxes, wanted.mailboxes);
}

bool covers(const core::AddressRange& held, const core::AddressRange& wanted) { return held.prefix <= wanted.prefix && held.contains(wanted.base); }

FolderRight needed_for(const Right& right) {
    auto needed = FolderRight::see;
    for (const auto action : right.actions) {
        if (action == Action::connections_write) return FolderRight::edit;
        if (action != Action::connections_read) needed = FolderRight::use;
    }
    return needed;
}

}  // namespace

Secret make_key_text(Random& random) {
    auto text = "rk_" + random.text(32);
    return Secret::take(std::move(text));
}

std::string excess(const std::vector<Right>& held, const std::vector<Right>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (const auto action : wanted[i].actions)
            if (std::ranges::none_of(held, [&](const Right& right) { return covers(right, wanted[i], action); }))
                return "rights[" + std::to_string(i) + "] gives " + std::string(core::text_of(action)) + " beyond the caller's own rights";
    return {};
}

Task<Result<void>> Keys::check_ranges(core::Principal caller, std::vector<core::AddressRange> wanted) {
    if (caller.kind != core::Principal::Kind::key) co_return Result<void>{};
    auto name = core::Name::parse(caller.name);
    if (!name) co_return propagate(name);
    auto own = co_await store_.find_key(caller.workspace, *name);
    if (!own) co_return propagate(own);
    if (own->allowed_ranges.empty()) co_return Result<void>{};
    const bool inside = !wanted.empty() && std::ranges::all_of(wanted, [&](const core::AddressRange& range) {
        return std::ranges::any_of(own->allowed_ranges, [&](const core::AddressRange& held) { return covers(held, range); });
    });
    if (!inside)
        co_return fail(Error{Errc::denied, "the caller's key works from fewer addresses than `allowed_ranges` would allow", {{"field", "allowed_ranges"}}});
    co_return Result<void>{};
}

// A right that names a folder is of use only if the folder lets the key in: both come together, and no further than
// the caller's own reach.
Task<Result<std::vector<core::FolderGrant>>> Keys::folder_grants(core::Principal caller, core::KeyId key, std::vector<Right> rights) {
    std::vector<core::FolderGrant> grants;
    if (std::ranges::all_of(rights, [](const Right& right) { return right.folders.empty(); })) co_return grants;
    auto place = co_await access_.standing(caller);
    if (!place) co_return propagate(place);
    for (std::size_t i = 0; i < rights.size(); ++i)
        for (const auto folder : rights[i].folders) {
            const auto field = "rights[" + std::to_string(i) + "].folders";
            const auto held = right_in_folder(*place, folder);
            if (!held) co_return bad_field(field, "`" + field + "` names a folder that the caller may not see");
            const auto needed = needed_for(rights[i]);
            if (*held < needed)
                co_return fail(Error{Errc::denied, "the caller has fewer rights in the folder than the new key would have", {{"field", field}}});
            const auto known = std::ranges::find(grants, folder, &core::FolderGrant::folder);
            if (known == grants.end())
                grants.push_back({caller.workspace, folder, core::FolderGrant::Holder::key, key.bytes(), needed});
            else
                known->right = std::max(known->right, needed);
        }
    co_return grants;
}

Task<Result<NewKey>> Keys::create(By by, CreateKey wanted) {
    const auto now = clock_.now();
    const auto target = target_of("key", wanted.name.text());
    auto too_much = excess(by.principal.rights, wanted.rights);
    if (too_much.empty() && by.principal.expires_at && (!wanted.expires_at || *wanted.expires_at > *by.principal.expires_at))
        too_much = "the new key would outlive the caller's own";
    if (!too_much.empty()) {
        UnitOfWork refusal;
        refusal.push_back(AppendAudit{refusal_row(by, now, "key.create", target, "denied: " + too_much)});
        if (auto stored = co_await store_.commit(by.principal.workspace, std::move(refusal)); !stored) co_return propagate(stored);
        co_return fail(Error{Errc::denied, too_much, {{"field", "rights"}}});
    }
    if (wanted.expires_at && *wanted.expires_at <= now) co_return bad_field("expires_at", "`expires_at` is in the past");
    if (auto near = co_await check_ranges(by.principal, wanted.allowed_ranges); !near) co_return propagate(near);

    NewKey made{{}, make_key_text(random_)};
    made.key.workspace = by.principal.workspace;
    made.key.id = random_.make<core::KeyId>();
    made.key.name = wanted.name;
    made.key.hash = vault_.lookup_hash(made.text);
    made.key.rights = std::move(wanted.rights);
    made.key.allowed_ranges = std::move(wanted.allowed_ranges);
    if (by.principal.kind == core::Principal::Kind::person) made.key.created_by = core::PersonId(by.principal.id);
    made.key.created_at = now;
    made.key.expires_at = wanted.expires_at;
    auto grants = co_await folder_grants(by.principal, made.key.id, made.key.rights);
    if (!grants) co_return propagate(grants);

    UnitOfWork unit;
    unit.push_back(InsertKey{made.key});
    for (auto& grant : *grants) unit.push_back(PutFolderGrant{grant});
    unit.push_back(AppendAudit{audit_row(by, now, "key.create", target, std::string(by_right))});
    auto stored = co_await store_.commit(by.principal.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is a key " + made.key.name.text() + " already; revoked keys keep their names", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    co_return made;
}

Task<Result<core::ApiKey>> Keys::show(By by, core::Name name) { co_return co_await store_.find_key(by.principal.workspace, std::move(name)); }

Task<Result<Page<core::ApiKey>>> Keys::list(By by, PageRequest page) { co_return co_await store_.list_keys(by.principal.workspace, std::move(page)); }

Task<Result<void>> Keys::revoke(By by, core::Name name, std::optional<std::uint64_t> expected) {
    const auto now = clock_.now();
    auto key = co_await store_.find_key(by.principal.workspace, name);
    if (!key) co_return propagate(key);
    if (expected && *expected != key->version) co_return fail(Errc::precondition_failed, "the key was changed meanwhile");
    if (key->revoked_at) co_return Result<void>{};
    const auto version = key->version;
    key->revoked_at = now;
    key->version = version + 1;
    UnitOfWork unit;
    unit.push_back(UpdateKey{*std::move(key), version});
    unit.push_back(AppendAudit{audit_row(by, now, "key.revoke", target_of("key", name.text()), std::string(by_right))});
    co_return co_await store_.commit(by.principal.workspace, std::move(unit));
}

}  // namespace renkei::app

#include "app/groups.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

std::unexpected<Error> unknown(const core::Name& name) { return fail(Errc::not_found, "there is no group " + name.text()); }

ShownGroup with_parent(const core::Group& group, const std::vector<core::Group>& all) {
    ShownGroup shown{group, {}};
    if (!group.parent) return shown;
    const auto found = std::ranges::find(all, *group.parent, &core::Group::id);
    if (found != all.end()) shown.parent = found->name.text();
    return shown;
}

}  // namespace

Task<Result<std::vector<ShownGroup>>> Groups::list(By by) {
    auto groups = co_await store_.all_groups(by.principal.workspace);
    if (!groups) co_return propagate(groups);
    std::vector<ShownGroup> shown;
    for (const auto& group : *groups) shown.push_back(with_parent(group, *groups));
    co_return shown;
}

Task<Result<ShownGroup>> Groups::show(By by, core::Name name) {
    auto groups = co_await store_.all_groups(by.principal.workspace);
    if (!groups) co_return propagate(groups);
    const auto found = std::ranges::find(*groups, name, &core::Group::name);
    if (found == groups->end()) co_return unknown(name);
    co_return with_parent(*found, *groups);
}

Task<Result<core::GroupId>> Groups::parent_of(core::WorkspaceId workspace, std::optional<core::Name> parent) {
    if (!parent) co_return core::GroupId{};
    auto ids = co_await people_.groups_of(workspace, {*parent});
    if (!ids) co_return bad_field("parent", "there is no group " + parent->text());
    co_return ids->front();
}

Task<Result<ShownGroup>> Groups::create(By by, CreateGroup wanted) {
    auto parent = co_await parent_of(by.principal.workspace, wanted.parent);
    if (!parent) co_return propagate(parent);
    core::Group group;
    group.workspace = by.principal.workspace;
    group.id = random_.make<core::GroupId>();
    group.name = wanted.name;
    group.title = std::move(wanted.title);
    if (*parent) group.parent = *parent;
    UnitOfWork unit;
    unit.push_back(PutGroup{group});
    unit.push_back(AppendAudit{audit_row(by, clock_.now(), "group.create", target_of("group", wanted.name.text()), std::string(by_right))});
    auto stored = co_await store_.commit(group.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is a group " + wanted.name.text() + " already", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    co_return ShownGroup{std::move(group), wanted.parent ? wanted.parent->text() : std::string()};
}

Task<Result<ShownGroup>> Groups::change(By by, core::Name name, ChangeGroup wanted, std::optional<std::uint64_t> expected) {
    auto groups = co_await store_.all_groups(by.principal.workspace);
    if (!groups) co_return propagate(groups);
    const auto found = std::ranges::find(*groups, name, &core::Group::name);
    if (found == groups->end()) co_return unknown(name);
    auto group = *found;
    if (expected && *expected != group.version) co_return fail(Errc::precondition_failed, "the group was changed meanwhile");
    if (wanted.name && *wanted.name != group.name) {
        if (std::ranges::find(*groups, *wanted.name, &core::Group::name) != groups->end())
            co_return fail(Error{Errc::conflict, "there is a group " + wanted.name->text() + " already", {{"field", "name"}}});
        group.name = *wanted.name;
    }
    if (wanted.title) group.title = std::move(*wanted.title);
    if (wanted.move) {
        auto parent = co_await parent_of(group.workspace, wanted.parent);
        if (!parent) co_return propagate(parent);
        group.parent = *parent ? std::optional(*parent) : std::nullopt;
        // Told apart here for the answer; the store looks again, inside the transaction.
        for (auto above = group.parent; above;) {
            if (*above == group.id) co_return fail(Error{Errc::conflict, "the group " + name.text() + " cannot stand below itself", {{"field", "parent"}}});
            const auto next = std::ranges::find(*groups, *above, &core::Group::id);
            above = next == groups->end() ? std::nullopt : next->parent;
        }
    }
    group.version = found->version + 1;
    UnitOfWork unit;
    unit.push_back(UpdateGroup{group, found->version});
    unit.push_back(AppendAudit{audit_row(by, clock_.now(), "group.change", target_of("group", name.text()), std::string(by_right))});
    if (auto stored = co_await store_.commit(group.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return with_parent(group, *groups);
}

Task<Result<void>> Groups::remove(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto shown = co_await show(by, name);
    if (!shown) co_return propagate(shown);
    const auto& group = shown->group;
    if (expected && *expected != group.version) co_return fail(Errc::precondition_failed, "the group was changed meanwhile");
    UnitOfWork unit;
    unit.push_back(DeleteGroup{group.workspace, group.id, group.version});
    unit.push_back(AppendAudit{audit_row(by, clock_.now(), "group.remove", target_of("group", name.text()), std::string(by_right))});
    auto stored = co_await store_.commit(group.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Errc::conflict, "other groups stand below " + name.text() + ", or it was changed meanwhile: move or remove them first");
    co_return stored;
}

Task<Result<Member>> Groups::set_member(By by, core::Name name, std::string who, bool inside) {
    auto shown = co_await show(by, name);
    if (!shown) co_return propagate(shown);
    auto member = co_await people_.show(by, std::move(who));
    if (!member && member.error().code == Errc::not_found) co_return bad_field("person", "`person` is no member of this workspace");
    if (!member) co_return propagate(member);
    auto& membership = member->membership;
    const auto there = std::ranges::find(membership.groups, shown->group.id);
    if ((there != membership.groups.end()) == inside) co_return std::move(*member);
    if (inside)
        membership.groups.push_back(shown->group.id);
    else
        membership.groups.erase(there);
    const auto version = membership.version++;
    UnitOfWork unit;
    unit.push_back(UpdateMembership{membership, version});
    unit.push_back(AppendAudit{audit_row(by, clock_.now(), inside ? "group.add" : "group.take", target_of("group", name.text()),
                                         std::string(by_right) + "; " + member->person.email)});
    if (auto stored = co_await store_.commit(by.principal.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return std::move(*member);
}

Task<Result<Member>> Groups::add_member(By by, core::Name name, std::string who) { return set_member(std::move(by), std::move(name), std::move(who), true); }

Task<Result<void>> Groups::remove_member(By by, core::Name name, std::string who) {
    auto left = co_await set_member(std::move(by), std::move(name), std::move(who), false);
    if (!left) co_return propagate(left);
    co_return Result<void>{};
}

}  // namespace renkei::app

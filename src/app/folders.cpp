#include "app/folders.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

std::unexpected<Error> unknown(const core::Name& name) { return fail(Errc::not_found, "there is no folder " + name.text() + " that this caller may see"); }

FolderWithGrants with_grants(const core::Folder& folder, const std::vector<core::FolderGrant>& all) {
    FolderWithGrants shown{folder, {}};
    std::ranges::copy_if(all, std::back_inserter(shown.grants), [&](const core::FolderGrant& grant) { return grant.folder == folder.id; });
    return shown;
}

}  // namespace

const core::Folder* visible_folder(const Standing& standing, const core::Name& name) {
    const auto found = std::ranges::find(standing.folders, name, &core::Folder::name);
    if (found == standing.folders.end() || !right_in_folder(standing, found->id)) return nullptr;
    return &*found;
}

Task<Result<std::vector<core::Folder>>> Folders::list(By by) {
    auto place = co_await access_.standing(by.principal);
    if (!place) co_return propagate(place);
    std::vector<core::Folder> seen;
    std::ranges::copy_if(place->folders, std::back_inserter(seen), [&](const core::Folder& folder) { return right_in_folder(*place, folder.id).has_value(); });
    std::ranges::sort(seen, {}, &core::Folder::name);
    co_return seen;
}

Task<Result<FolderWithGrants>> Folders::show(By by, core::Name name) {
    auto place = co_await access_.standing(by.principal);
    if (!place) co_return propagate(place);
    const auto* folder = visible_folder(*place, name);
    if (folder == nullptr) co_return unknown(name);
    co_return with_grants(*folder, place->grants);
}

Task<Result<core::Folder>> Folders::create(By by, core::Name name, std::string title) {
    const auto now = clock_.now();
    core::Folder folder;
    folder.workspace = by.principal.workspace;
    folder.id = random_.make<core::FolderId>();
    folder.name = name;
    folder.title = std::move(title);
    const auto kind = by.principal.kind == core::Principal::Kind::person ? core::FolderGrant::Holder::person : core::FolderGrant::Holder::key;
    UnitOfWork unit;
    unit.push_back(PutFolder{folder});
    if (by.principal.kind != core::Principal::Kind::system)
        unit.push_back(PutFolderGrant{{folder.workspace, folder.id, kind, by.principal.id, core::FolderRight::edit}});
    unit.push_back(AppendAudit{audit_row(by, now, "folder.create", target_of("folder", name.text()), std::string(by_right))});
    auto stored = co_await store_.commit(by.principal.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is a folder " + name.text() + " already", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    co_return folder;
}

Task<Result<IdBytes>> Folders::find_holder(core::WorkspaceId workspace, Holder holder, Members members) {
    using Kind = core::FolderGrant::Holder;
    if (holder.kind == Kind::person) {
        auto email = core::parse_mailbox(holder.name, "person");
        if (!email) co_return propagate(email);
        auto person = co_await store_.find_person_by_email(*email);
        // Persons of other workspaces are not to be found here.
        if (person && members == Members::former_too) co_return person->id.bytes();
        if (person)
            if (auto member = co_await store_.find_membership(workspace, person->id); member) co_return person->id.bytes();
        co_return bad_field("person", "`person` is no member of this workspace");
    }
    auto name = core::Name::parse(holder.name, holder.kind == Kind::key ? "key" : "group");
    if (!name) co_return propagate(name);
    if (holder.kind == Kind::key) {
        auto key = co_await store_.find_key(workspace, *name);
        if (key) co_return key->id.bytes();
        if (key.error().code != Errc::not_found) co_return propagate(key);
        co_return bad_field("key", "there is no key " + name->text());
    }
    auto groups = co_await store_.all_groups(workspace);
    if (!groups) co_return propagate(groups);
    const auto found = std::ranges::find(*groups, *name, &core::Group::name);
    if (found == groups->end()) co_return bad_field("group", "there is no group " + name->text());
    co_return found->id.bytes();
}

Task<Result<Standing>> Folders::standing_of_editor(By by, core::Name name, std::string action) {
    auto place = co_await access_.standing(by.principal);
    if (!place) co_return propagate(place);
    const auto* folder = visible_folder(*place, name);
    if (folder == nullptr) co_return unknown(name);
    if (*right_in_folder(*place, folder->id) >= core::FolderRight::edit) co_return place;
    UnitOfWork refusal;
    refusal.push_back(AppendAudit{
        refusal_row(by, clock_.now(), std::move(action), target_of("folder", name.text()), "denied: the folder does not give the caller the right to edit")});
    if (auto stored = co_await store_.commit(by.principal.workspace, std::move(refusal)); !stored) co_return propagate(stored);
    co_return fail(Errc::denied, "only who may edit in a folder can give or take rights in it");
}

Task<Result<FolderWithGrants>> Folders::grant(By by, core::Name name, Holder holder, core::FolderRight right) {
    auto place = co_await standing_of_editor(by, name, "folder.grant");
    if (!place) co_return propagate(place);
    const auto* folder = visible_folder(*place, name);
    auto id = co_await find_holder(by.principal.workspace, holder, Members::only);
    if (!id) co_return propagate(id);
    UnitOfWork unit;
    unit.push_back(PutFolderGrant{{by.principal.workspace, folder->id, holder.kind, *id, right}});
    unit.push_back(
        AppendAudit{audit_row(by, clock_.now(), "folder.grant", target_of("folder", name.text()), "granted by a right of the caller; to " + holder.name)});
    auto stored = co_await store_.commit(by.principal.workspace, std::move(unit));
    if (!stored) co_return propagate(stored);
    auto grants = co_await store_.all_folder_grants(by.principal.workspace);
    if (!grants) co_return propagate(grants);
    co_return with_grants(*folder, *grants);
}

Task<Result<void>> Folders::revoke(By by, core::Name name, Holder holder) {
    auto place = co_await standing_of_editor(by, name, "folder.revoke");
    if (!place) co_return propagate(place);
    const auto* folder = visible_folder(*place, name);
    auto id = co_await find_holder(by.principal.workspace, holder, Members::former_too);
    if (!id) co_return propagate(id);
    const auto grants = with_grants(*folder, place->grants).grants;
    const auto is_holder = [&](const core::FolderGrant& grant) { return grant.holder == holder.kind && grant.holder_id == *id; };
    const auto may_edit = [](const core::FolderGrant& grant) { return grant.right == core::FolderRight::edit; };
    const auto held = std::ranges::find_if(grants, is_holder);
    if (held == grants.end()) co_return fail(Errc::not_found, holder.name + " has no right of its own in the folder " + name.text());
    // In the default folder and in private ones keys or their person may edit without a grant.
    if (may_edit(*held) && std::ranges::count_if(grants, may_edit) == 1 && !folder->is_default && !folder->private_to)
        co_return fail(Errc::conflict, holder.name + " is the last one who may edit in the folder: give somebody else that right first");
    UnitOfWork unit;
    unit.push_back(DeleteFolderGrant{by.principal.workspace, folder->id, holder.kind, *id});
    unit.push_back(
        AppendAudit{audit_row(by, clock_.now(), "folder.revoke", target_of("folder", name.text()), "granted by a right of the caller; from " + holder.name)});
    co_return co_await store_.commit(by.principal.workspace, std::move(unit));
}

}  // namespace renkei::app

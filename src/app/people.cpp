#include "app/people.hpp"

#include "app/account_name.hpp"
#include "app/one_time_data.hpp"
#include "base/encoding.hpp"
#include "core/roles.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

std::unexpected<Error> no_member() { return fail(Errc::not_found, "there is no such person in this workspace"); }

template <class T>
std::vector<T> without_doubles(std::vector<T> items) {
    std::ranges::sort(items);
    const auto rest = std::ranges::unique(items);
    items.erase(rest.begin(), rest.end());
    return items;
}

std::vector<core::Role> difference(const std::vector<core::Role>& a, const std::vector<core::Role>& b) {
    std::vector<core::Role> only;
    std::ranges::copy_if(a, std::back_inserter(only), [&](core::Role role) { return std::ranges::find(b, role) == b.end(); });
    return only;
}

bool is_administrator(const core::Membership& membership) { return std::ranges::find(membership.roles, core::Role::administrator) != membership.roles.end(); }

std::string words(const std::vector<core::Role>& roles) {
    std::string text;
    for (const auto role : roles) text += (text.empty() ? "" : ", ") + std::string(core::text_of(role));
    return text.empty() ? "none" : text;
}

Result<void> check(InvitePerson& wanted) {
    auto email = core::parse_mailbox(wanted.email, "email");
    if (!email) return propagate(email);
    wanted.email = std::move(*email);
    wanted.display_name = std::string(trim(wanted.display_name));
    if (wanted.display_name.empty() || wanted.display_name.size() > 200) return bad_field("display_name", "`display_name` must be 1 to 200 bytes long");
    if (wanted.locale != "en" && wanted.locale != "ja") return bad_field("locale", "`locale` must be en or ja");
    wanted.roles = without_doubles(std::move(wanted.roles));
    if (wanted.roles.empty()) return bad_field("roles", "`roles` must hold at least one role");
    return {};
}

// Nothing for no change. One spelling, as providers' answers are compared; the e-mail address itself is what holds without any.
Result<std::optional<PutSetting>> account_change(const core::Membership& membership, const std::string& email, std::optional<std::string> wanted) {
    if (!wanted) return std::optional<PutSetting>();
    if (!wanted->empty()) {
        auto spelled = core::parse_mailbox(*wanted, "account_name");
        if (!spelled) return propagate(spelled);
        wanted = *spelled == email ? std::string() : *std::move(spelled);
    }
    return std::optional(put_account_name(membership.workspace, membership.person, *std::move(wanted)));
}

}  // namespace

Task<Result<std::vector<core::GroupId>>> People::groups_of(core::WorkspaceId workspace, std::vector<core::Name> names) {
    std::vector<core::GroupId> ids;
    if (names.empty()) co_return ids;
    auto groups = co_await n_.store.all_groups(workspace);
    if (!groups) co_return propagate(groups);
    for (const auto& name : names) {
        const auto found = std::ranges::find(*groups, name, &core::Group::name);
        if (found == groups->end()) co_return bad_field("groups", "there is no group " + name.text());
        ids.push_back(found->id);
    }
    co_return without_doubles(std::move(ids));
}

Task<Result<Page<Member>>> People::list(By by, std::optional<core::Name> group, PageRequest page) {
    std::optional<core::GroupId> id;
    if (group) {
        auto ids = co_await groups_of(by.principal.workspace, {*group});
        if (!ids) co_return propagate(ids);
        id = ids->front();
    }
    co_return co_await n_.store.list_members(by.principal.workspace, id, std::move(page));
}

Task<Result<Member>> People::find(core::WorkspaceId workspace, std::string who) {
    auto id = core::PersonId::parse(who);
    core::Person person;
    if (!id) {
        auto email = core::parse_mailbox(who);
        if (!email) co_return no_member();
        auto found = co_await n_.store.find_person_by_email(*email);
        if (!found && found.error().code != Errc::not_found) co_return propagate(found);
        if (!found) co_return no_member();
        id = found->id;
        person = std::move(*found);
    }
    auto membership = co_await n_.store.find_membership(workspace, *id);
    if (!membership && membership.error().code == Errc::not_found) co_return no_member();
    if (!membership) co_return propagate(membership);
    if (!person.id) {
        auto found = co_await n_.store.find_person(*id);
        if (!found) co_return propagate(found);
        person = std::move(*found);
    }
    co_return Member{std::move(*membership), std::move(person)};
}

Task<Result<Member>> People::show(By by, std::string who) { co_return co_await find(by.principal.workspace, std::move(who)); }

Task<Result<std::string>> People::account_name(core::Membership membership) {
    co_return co_await find_account_name(n_.store, membership.workspace, membership.person);
}

Task<Result<void>> People::refuse(By by, std::string action, std::string email, std::string reason) {
    UnitOfWork refusal;
    refusal.push_back(AppendAudit{refusal_row(by, n_.clock.now(), std::move(action), target_of("person", email), "denied: " + reason)});
    if (auto stored = co_await n_.store.commit(by.principal.workspace, std::move(refusal)); !stored) co_return propagate(stored);
    co_return fail(Error{Errc::denied, std::move(reason), {{"field", "roles"}}});
}

Task<Result<void>> People::check_handling(By by, std::string action, std::string email, std::vector<core::Role> roles) {
    for (const auto role : roles)
        if (!core::may_handle(by.principal, role, n_.clock.now()))
            co_return co_await refuse(std::move(by), std::move(action), std::move(email),
                                      "only an administrator decides about the role " + std::string(core::text_of(role)));
    co_return Result<void>{};
}

OneTimeLink People::add_link(UnitOfWork& unit, std::string_view purpose, std::string_view path, core::WorkspaceId workspace, core::PersonId person,
                             std::uint64_t version, std::chrono::hours life) {
    auto code = n_.random.text(32);
    OneTimeLink link{Secret(n_.public_url + std::string(path) + code), n_.clock.now() + life};
    unit.push_back(InsertOneTime{
        workspace, std::string(purpose), n_.vault.lookup_hash(Secret::take(std::move(code))), write_one_time({person, version}), {}, link.expires_at});
    return link;
}

Task<Result<Invited>> People::invite(By by, InvitePerson wanted) {
    if (auto fits = check(wanted); !fits) co_return propagate(fits);
    const auto now = n_.clock.now();
    const auto workspace = by.principal.workspace;
    if (auto may = co_await check_handling(by, "person.invite", wanted.email, wanted.roles); !may) co_return propagate(may);
    auto groups = co_await groups_of(workspace, wanted.groups);
    if (!groups) co_return propagate(groups);
    auto known = co_await n_.store.find_person_by_email(wanted.email);
    if (!known && known.error().code != Errc::not_found) co_return propagate(known);
    UnitOfWork unit;
    core::Person person;
    if (known) {
        person = std::move(*known);
    } else {
        person = {n_.random.make<core::PersonId>(), wanted.email, wanted.display_name, {}, wanted.locale, now};
        unit.push_back(PutPerson{person});
    }
    core::Membership membership{workspace, person.id, wanted.roles, *std::move(groups), false, wanted.display_name, now};
    unit.push_back(InsertMembership{membership});
    auto link = add_link(unit, invitation_purpose, "/invitations/", workspace, person.id, membership.version, invitation_life);
    unit.push_back(
        AppendAudit{audit_row(by, now, "person.invite", target_of("person", wanted.email), std::string(by_right) + "; roles: " + words(wanted.roles))});
    auto stored = co_await n_.store.commit(workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, wanted.email + " is a member or invited already", {{"field", "email"}}});
    if (!stored) co_return propagate(stored);
    co_return Invited{{std::move(membership), std::move(person)}, std::move(link)};
}

Task<Result<Invited>> People::invite_again(By by, std::string who, std::optional<std::uint64_t> expected) {
    auto member = co_await find(by.principal.workspace, std::move(who));
    if (!member) co_return propagate(member);
    auto& membership = member->membership;
    if (expected && *expected != membership.version) co_return fail(Errc::precondition_failed, "the member was changed meanwhile");
    if (membership.active) co_return fail(Errc::conflict, member->person.email + " has accepted already");
    if (auto may = co_await check_handling(by, "person.invite", member->person.email, membership.roles); !may) co_return propagate(may);
    const auto version = membership.version++;
    UnitOfWork unit;
    unit.push_back(UpdateMembership{membership, version});
    auto link = add_link(unit, invitation_purpose, "/invitations/", membership.workspace, member->person.id, membership.version, invitation_life);
    unit.push_back(
        AppendAudit{audit_row(by, n_.clock.now(), "person.invite", target_of("person", member->person.email), std::string(by_right) + "; earlier links end")});
    if (auto stored = co_await n_.store.commit(membership.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return Invited{std::move(*member), std::move(link)};
}

// A lost compare-and-swap and the last administrator are both a conflict of the unit; which one is looked up afterwards.
Task<Result<void>> People::commit_keeping_administrator(By by, core::Membership before, UnitOfWork unit) {
    auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit));
    if (stored || stored.error().code != Errc::conflict) co_return stored;
    auto now = co_await n_.store.find_membership(before.workspace, before.person);
    if (now && now->version == before.version)
        co_return fail(Errc::conflict, "this is the workspace's last administrator: make somebody else an administrator first");
    co_return stored;
}

Task<Result<Member>> People::change(By by, std::string who, ChangeMember wanted, std::optional<std::uint64_t> expected) {
    auto member = co_await find(by.principal.workspace, std::move(who));
    if (!member) co_return propagate(member);
    const auto before = member->membership;
    auto& after = member->membership;
    const auto email = member->person.email;
    if (expected && *expected != before.version) co_return fail(Errc::precondition_failed, "the member was changed meanwhile");
    if (wanted.roles) after.roles = without_doubles(std::move(*wanted.roles));
    if (after.roles.empty()) co_return bad_field("roles", "`roles` must hold at least one role");
    const auto added = difference(after.roles, before.roles), taken = difference(before.roles, after.roles);
    if (auto may = co_await check_handling(by, "person.change", email, before.roles); !may) co_return propagate(may);
    if (auto may = co_await check_handling(by, "person.change", email, after.roles); !may) co_return propagate(may);
    const bool own = by.principal.kind == core::Principal::Kind::person && by.principal.id == before.person.bytes();
    if (own && !added.empty() && !core::may_handle(by.principal, core::Role::administrator, n_.clock.now())) {
        auto refused = co_await refuse(by, "person.change", email, "nobody gives roles to themselves");
        co_return propagate(refused);
    }
    if (wanted.groups) {
        auto groups = co_await groups_of(before.workspace, std::move(*wanted.groups));
        if (!groups) co_return propagate(groups);
        after.groups = std::move(*groups);
    }
    auto named = account_change(before, email, std::move(wanted.account_name));
    if (!named) co_return propagate(named);
    after.version = before.version + 1;
    UnitOfWork unit;
    unit.push_back(UpdateMembership{after, before.version});
    const auto account = *named ? "; account name: " + ((*named)->value.empty() ? email : (*named)->value) : std::string();
    if (*named) unit.push_back(**std::move(named));
    if (is_administrator(before) && !is_administrator(after) && before.active) unit.push_back(KeepAdministrator{before.workspace});
    const bool moved = !added.empty() || !taken.empty();
    // OWASP: a session must not live through a change of what it may do.
    if (moved) unit.push_back(DeleteSessionsOf{before.workspace, before.person});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "person.change", target_of("person", email),
                                         std::string(by_right) +
                                             (moved           ? "; roles: " + words(after.roles)
                                              : wanted.groups ? "; groups"
                                                              : "") +
                                             account)});
    if (auto stored = co_await commit_keeping_administrator(by, before, std::move(unit)); !stored) co_return propagate(stored);
    co_return std::move(*member);
}

Task<Result<void>> People::remove(By by, std::string who, std::optional<std::uint64_t> expected) {
    auto member = co_await find(by.principal.workspace, std::move(who));
    if (!member) co_return propagate(member);
    const auto& membership = member->membership;
    if (expected && *expected != membership.version) co_return fail(Errc::precondition_failed, "the member was changed meanwhile");
    if (auto may = co_await check_handling(by, "person.remove", member->person.email, membership.roles); !may) co_return propagate(may);
    UnitOfWork unit;
    unit.push_back(DeleteMembership{membership.workspace, membership.person, membership.version});
    unit.push_back(put_account_name(membership.workspace, membership.person, {}));
    if (is_administrator(membership) && membership.active) unit.push_back(KeepAdministrator{membership.workspace});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "person.remove", target_of("person", member->person.email), std::string(by_right))});
    co_return co_await commit_keeping_administrator(by, membership, std::move(unit));
}

Task<Result<OneTimeLink>> People::reset_link(By by, std::string who) {
    auto member = co_await find(by.principal.workspace, std::move(who));
    if (!member) co_return propagate(member);
    const auto email = member->person.email;
    if (auto may = co_await check_handling(by, "person.reset", email, member->membership.roles); !may) co_return propagate(may);
    if (!member->membership.active) co_return fail(Errc::conflict, email + " has not accepted the invitation yet: make a new invitation instead");
    auto memberships = co_await n_.store.memberships_of(member->person.id);
    if (!memberships) co_return propagate(memberships);
    if (memberships->size() > 1) {
        auto refused = co_await refuse(by, "person.reset", email, "the password does not belong to this workspace alone");
        co_return propagate(refused);
    }
    UnitOfWork unit;
    auto link = add_link(unit, reset_purpose, "/password-reset/", by.principal.workspace, member->person.id, member->person.version, reset_life);
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "person.reset", target_of("person", email), std::string(by_right) + "; a link was made")});
    if (auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return link;
}

Task<Result<std::vector<core::Session>>> People::sessions(By by, std::string who) {
    auto member = co_await find(by.principal.workspace, std::move(who));
    if (!member) co_return propagate(member);
    auto found = co_await n_.store.sessions_of(by.principal.workspace, member->person.id);
    if (!found) co_return propagate(found);
    const auto now = n_.clock.now();
    std::erase_if(*found, [&](const core::Session& session) { return session.idle_until <= now; });
    co_return found;
}

Task<Result<void>> People::end_sessions(By by, std::string who) {
    auto member = co_await find(by.principal.workspace, std::move(who));
    if (!member) co_return propagate(member);
    if (auto may = co_await check_handling(by, "session.end", member->person.email, member->membership.roles); !may) co_return propagate(may);
    UnitOfWork unit;
    unit.push_back(DeleteSessionsOf{by.principal.workspace, member->person.id});
    unit.push_back(AppendAudit{
        audit_row(by, n_.clock.now(), "session.end", target_of("person", member->person.email), std::string(by_right) + "; all sessions in this workspace")});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

}  // namespace renkei::app

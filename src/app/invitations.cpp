#include "app/invitations.hpp"

#include "app/password.hpp"
#include "base/encoding.hpp"

namespace renkei::app {
namespace {

std::unexpected<Error> used_up() { return fail(Errc::gone, "this link was used, has expired, was replaced by a newer one, or never was"); }

// Of two uses at the same moment one loses in the store: for its caller the link is used up.
Result<void> settled(Result<void> stored) {
    if (!stored && (stored.error().code == Errc::not_found || stored.error().code == Errc::conflict)) return used_up();
    return stored;
}

}  // namespace

AppendAudit Invitations::row(const core::Person& person, core::WorkspaceId workspace, std::string request_id, std::string action, std::string reason) const {
    core::Principal principal;
    principal.kind = core::Principal::Kind::person;
    principal.workspace = workspace;
    principal.id = person.id.bytes();
    principal.name = person.email;
    const By by{std::move(principal), std::move(request_id)};
    return {audit_row(by, n_.clock.now(), std::move(action), target_of("person", person.email), std::move(reason))};
}

Task<Result<std::string>> Invitations::hash(Secret password) {
    if (auto fits = check_password(password); !fits) co_return propagate(fits);
    auto text = std::make_shared<const Secret>(std::move(password));
    co_return co_await run_blocking(n_.pool, [text] { return hash_password(*text); });
}

Task<Result<Invitations::Found>> Invitations::open(std::string purpose, Secret code) {
    auto found = co_await n_.store.find_one_time(std::move(purpose), n_.vault.lookup_hash(code));
    if (!found && found.error().code != Errc::not_found) co_return propagate(found);
    if (!found || found->used || found->expires_at <= n_.clock.now()) co_return used_up();
    auto data = read_one_time(found->data);
    if (!data) co_return propagate(data);
    co_return Found{*data, found->workspace};
}

Task<Result<InvitationLook>> Invitations::look_at(Secret code) {
    auto found = co_await open(std::string(invitation_purpose), std::move(code));
    if (!found) co_return propagate(found);
    auto membership = co_await n_.store.find_membership(found->workspace, found->data.person);
    if (!membership && membership.error().code != Errc::not_found) co_return propagate(membership);
    if (!membership || membership->active || membership->version != found->data.version) co_return used_up();
    auto workspace = co_await n_.store.find_workspace(found->workspace);
    if (!workspace) co_return propagate(workspace);
    auto person = co_await n_.store.find_person(found->data.person);
    if (!person) co_return propagate(person);
    const bool has_password = !person->password_hash.empty();
    co_return InvitationLook{std::move(*workspace), std::move(*person), std::move(*membership), has_password};
}

Task<Result<void>> Invitations::accept(Secret code, AcceptInvitation wanted, Visitor visitor) {
    auto look = co_await look_at(code.clone());
    if (!look) co_return propagate(look);
    const auto now = n_.clock.now();
    UnitOfWork unit;
    unit.push_back(UseOneTime{look->workspace.id, std::string(invitation_purpose), n_.vault.lookup_hash(code), now});
    if (look->has_password) {
        auto confirmed = co_await n_.sign_in.confirm(look->person, std::move(wanted.password), visitor);
        if (!confirmed) co_return propagate(confirmed);
    } else {
        wanted.display_name = std::string(trim(wanted.display_name));
        if (wanted.display_name.empty() || wanted.display_name.size() > 200) co_return bad_field("display_name", "`display_name` must be 1 to 200 bytes long");
        auto hashed = co_await hash(std::move(wanted.password));
        if (!hashed) co_return propagate(hashed);
        auto person = look->person;
        const auto version = person.version++;
        person.display_name = std::move(wanted.display_name);
        person.password_hash = std::move(*hashed);
        unit.push_back(UpdatePerson{std::move(person), version});
    }
    auto membership = look->membership;
    const auto version = membership.version++;
    membership.active = true;
    membership.since = now;
    unit.push_back(UpdateMembership{std::move(membership), version});
    unit.push_back(row(look->person, look->workspace.id, visitor.request_id, "person.accept", "allowed: one-time invitation"));
    co_return settled(co_await n_.store.commit(look->workspace.id, std::move(unit)));
}

Task<Result<core::Person>> Invitations::look_at_reset(Secret code) {
    auto found = co_await open(std::string(reset_purpose), std::move(code));
    if (!found) co_return propagate(found);
    auto person = co_await n_.store.find_person(found->data.person);
    if (!person && person.error().code != Errc::not_found) co_return propagate(person);
    if (!person || person->version != found->data.version) co_return used_up();
    // Whoever made the link has a say in one workspace only: a membership elsewhere, gained since, ends it.
    auto memberships = co_await n_.store.memberships_of(person->id);
    if (!memberships) co_return propagate(memberships);
    if (memberships->size() != 1 || memberships->front().workspace != found->workspace) co_return used_up();
    co_return std::move(*person);
}

Task<Result<void>> Invitations::reset(Secret code, Secret password, Visitor visitor) {
    auto person = co_await look_at_reset(code.clone());
    if (!person) co_return propagate(person);
    auto found = co_await open(std::string(reset_purpose), code.clone());
    if (!found) co_return propagate(found);
    auto hashed = co_await hash(std::move(password));
    if (!hashed) co_return propagate(hashed);
    const auto version = person->version++;
    person->password_hash = std::move(*hashed);
    UnitOfWork unit;
    unit.push_back(UseOneTime{found->workspace, std::string(reset_purpose), n_.vault.lookup_hash(code), n_.clock.now()});
    unit.push_back(UpdatePerson{*person, version});
    unit.push_back(DeleteSessionsOf{{}, person->id});
    unit.push_back(row(*person, found->workspace, visitor.request_id, "person.password", "allowed: one-time link; all sessions ended"));
    co_return settled(co_await n_.store.commit({}, std::move(unit)));
}

}  // namespace renkei::app

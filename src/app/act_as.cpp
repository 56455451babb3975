// With whose account a call is made: a person's own only if that person, or a rule of the workspace, lets the caller.
#include "app/access.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using core::Action;

// Where the person can allow it: the form there is filled in with the key's name.
std::string page_of(const core::Principal& caller, const core::Connection& connection) {
    const auto page = "/my/connections/" + connection.name.text();
    return caller.kind == core::Principal::Kind::key ? page + "?key=" + caller.name : page;
}

// What the caller would be told of a person who is not there is what they are told of one who has lent nothing: who is a
// member cannot be found out this way.
std::unexpected<Error> not_lent(const core::Principal& caller, const core::Connection& connection, std::string_view person, Action action) {
    return fail(Error{Errc::permission_needed,
                      std::string(person) + " has not allowed this caller to do " + std::string(core::text_of(action)) + " with their account",
                      {{"connection", connection.name.text()}, {"permission_path", page_of(caller, connection)}}});
}

bool is_self(const core::Principal& caller, core::PersonId person) { return caller.kind == core::Principal::Kind::person && caller.id == person.bytes(); }

}  // namespace

// The reason, for the audit.
Task<Result<std::string>> Access::lent(core::Principal caller, core::Connection connection, core::Person person, Action action) {
    if (is_self(caller, person.id)) co_return std::string("by its owner");
    auto permissions = co_await connections_.permissions_of(connection.workspace, connection.id);
    if (!permissions) co_return propagate(permissions);
    const auto* permission = core::permission_for(*permissions, person.id, caller, action, clock_.now());
    if (permission == nullptr) co_return not_lent(caller, connection, person.email, action);
    co_return permission->person ? "lent by " + person.email : "lent by a rule of the workspace, for " + person.email;
}

// Whose account is meant; nothing if that is nobody who is active in this workspace.
Task<Result<Access::Lender>> Access::lender(core::Principal caller, core::WorkspaceId workspace, std::string act_as) {
    Lender lender;
    if (act_as.empty()) act_as = caller.kind == core::Principal::Kind::person ? caller.name : std::string();
    if (act_as.empty())
        co_return bad_field("act_as", "everybody has an account of their own behind this connection: say whose is meant, by their e-mail address");
    auto email = core::parse_mailbox(act_as, "act_as");
    if (!email) co_return propagate(email);
    lender.email = *email;
    auto person = co_await workspaces_.find_person_by_email(*email);
    if (!person && person.error().code == Errc::not_found) co_return lender;
    if (!person) co_return propagate(person);
    auto membership = co_await workspaces_.find_membership(workspace, person->id);
    if (!membership && membership.error().code != Errc::not_found) co_return propagate(membership);
    if (!membership || !membership->active) co_return lender;
    lender.person = *std::move(person);
    lender.groups = std::move(membership->groups);
    co_return lender;
}

Task<Result<Granted>> Access::authorize_as(Standing place, core::Connection above, Action action, std::string mailbox, std::string act_as, core::TouchedAs as) {
    auto lender = co_await this->lender(place.caller, above.workspace, std::move(act_as));
    const auto groups = with_groups_above(lender ? lender->groups : std::vector<core::GroupId>{}, place.tree);
    // First what is asked of every connection: whoever may not even see it learns nothing of persons.
    const auto decision = core::decide(place.caller, action, above, right_in_folder(place, above.folder), groups, {}, clock_.now());
    if (!decision.allowed) co_return co_await judge(std::move(place), std::move(above), action, {}, groups);
    if (auto usable = check_usable(above); !usable) co_return propagate(usable);
    if (!lender) co_return propagate(lender);
    if (!lender->person) co_return not_lent(place.caller, above, lender->email, action);
    auto why = co_await lent(place.caller, above, *lender->person, action);
    if (!why) co_return propagate(why);
    auto own = co_await connections_.find_connection_of_person(above.workspace, above.id, lender->person->id);
    if (!own && own.error().code == Errc::not_found)
        co_return fail(Error{Errc::connection_draft,
                             lender->email + " has not connected their account yet",
                             {{"connection", above.name.text()}, {"permission_path", page_of(place.caller, above)}}});
    if (!own) co_return propagate(own);
    // Rights name the connection that everybody knows; the account's state, mailbox and tokens are the person's own.
    auto judged = *own;
    judged.name = above.name;
    judged.folder = above.folder;
    // The person's own mailbox, and whatever else the connection above allows everybody.
    judged.fence = core::joined(std::move(judged.fence), above.fence);
    auto granted = co_await judge(std::move(place), std::move(judged), action, std::move(mailbox), groups, as);
    if (!granted) co_return propagate(granted);
    co_return Granted{*std::move(own), std::move(granted->mailbox), granted->reason + ", " + *why, std::move(granted->directory_id)};
}

Task<Result<Granted>> Access::authorize_personal(Standing place, core::Connection connection, Action action, std::string mailbox, std::string act_as,
                                                 core::TouchedAs as) {
    auto groups = co_await owner_groups(connection, place.tree);
    if (!groups) co_return propagate(groups);
    auto granted = co_await judge_with_account(place, connection, action, std::move(mailbox), std::move(act_as), *std::move(groups), as);
    if (!granted) co_return propagate(granted);
    auto person = co_await workspaces_.find_person(*connection.owner);
    if (!person) co_return propagate(person);
    // What is lent is said of the connection that everybody knows.
    if (connection.managed_by) {
        auto above = co_await connections_.find_connection_by_id(connection.workspace, *connection.managed_by);
        if (!above) co_return propagate(above);
        if (auto usable = check_usable(*above); !usable) co_return propagate(usable);
        connection = *std::move(above);
    }
    auto why = co_await lent(place.caller, std::move(connection), *std::move(person), action);
    if (!why) co_return propagate(why);
    granted->reason += ", " + *why;
    co_return granted;
}

// Both habits of A-31 and U-25: with an application the user is the mailbox when none is named, and stands within the fence
// like one; a connection by sign-in acts as the one who signed in and as nobody else.
Task<Result<Granted>> Access::judge_with_account(Standing standing, core::Connection connection, Action action, std::string mailbox, std::string act_as,
                                                 std::vector<core::GroupId> owner_groups, core::TouchedAs as) const {
    if (act_as.empty()) co_return co_await judge(std::move(standing), std::move(connection), action, std::move(mailbox), std::move(owner_groups), as);
    if (connection.mode == core::ConnectionMode::client_credentials) {
        if (mailbox.empty()) co_return co_await judge(std::move(standing), std::move(connection), action, std::move(act_as), std::move(owner_groups), as);
        auto user = co_await judge(standing, connection, action, std::move(act_as), owner_groups, core::TouchedAs::act_as);
        if (!user) co_return user;
        co_return co_await judge(std::move(standing), std::move(connection), action, std::move(mailbox), std::move(owner_groups), as);
    }
    // Asked first: who may not use the connection does not learn whose it is.
    const auto account = connection.act_as.empty() ? connection.mailbox : connection.act_as;
    auto granted = co_await judge(std::move(standing), std::move(connection), action, std::move(mailbox), std::move(owner_groups), as);
    if (!granted) co_return granted;
    auto user = core::parse_mailbox(act_as, "act_as");
    if (!user) co_return propagate(user);
    if (*user != account)
        co_return fail(Error{
            Errc::outside_fence, "this connection acts as the account that signed in, not as " + *user, {{"connection", granted->connection.name.text()}}});
    co_return granted;
}

}  // namespace renkei::app

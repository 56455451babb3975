#include "app/sign_in.hpp"

#include "app/password.hpp"
#include "base/encoding.hpp"
#include "core/roles.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::chrono::seconds touch_every{60};
constexpr int most_hashing = 32;
// Of a text that nobody knows, with the parameters of hash_password(): what an unknown address is compared with.
constexpr std::string_view nobodys_hash = "$argon2id$v=19$m=65536,t=2,p=1$d07TByooRtAWTIzx/KZ1wA$Cvyu1v0t1wS9F1WgHqNZSYo6P2YmDMmh1iB9s7kFidU";

std::unexpected<Error> wrong() { return fail(Errc::sign_in_failed, "the address is unknown, has no password here, or the password is another one"); }
std::unexpected<Error> signed_out() { return fail(Errc::sign_in_required, "there is no session, or it has ended"); }

std::unexpected<Error> wait(std::chrono::seconds left) {
    return fail(Error{Errc::too_many_requests, "too many sign-ins have failed", {{"retry_after", std::to_string(left.count())}}});
}

std::string address_text(const Visitor& visitor) {
    const auto range = core::AddressRange{visitor.address, 128}.text();
    return range.substr(0, range.find('/'));
}

std::string from(const Visitor& visitor) { return "; from " + address_text(visitor); }

std::string shortened(std::string text) {
    constexpr std::size_t longest_agent = 200;
    std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e; });
    if (text.size() > longest_agent) text.resize(longest_agent);
    return text;
}

// Counts while passwords are compared, so that a flood of sign-ins cannot queue without end.
class Place {
public:
    explicit Place(std::atomic<int>& count) : count_(count), taken_(++count <= most_hashing) {}
    ~Place() { --count_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    bool taken() const { return taken_; }

private:
    std::atomic<int>& count_;
    bool taken_;
};

}  // namespace

Task<Result<bool>> SignIn::matches(std::string hash, Secret password) {
    const Place place(hashing_);
    if (!place.taken()) co_return wait(std::chrono::seconds(5));
    auto text = std::make_shared<const Secret>(std::move(password));
    const bool known = !hash.empty();
    auto against = known ? std::move(hash) : std::string(nobodys_hash);
    const bool same = co_await run_blocking(n_.pool, [text, against = std::move(against)] { return is_password(against, *text); });
    co_return known&& same;
}

NewSession SignIn::make_session(core::WorkspaceId workspace, core::PersonId person, const Visitor& visitor) {
    const auto now = n_.clock.now();
    NewSession made{{}, Secret::take("rs_" + n_.random.text(32))};
    made.session.workspace = workspace;
    made.session.id = n_.random.make<core::SessionId>();
    made.session.person = person;
    made.session.hash = hash_of_text(made.text);
    made.session.address = address_text(visitor);
    made.session.agent = shortened(visitor.agent);
    made.session.created_at = made.session.last_seen_at = now;
    made.session.ends_at = now + settings_.longest;
    made.session.idle_until = std::min(now + std::chrono::milliseconds(settings_.idle), made.session.ends_at);
    return made;
}

AppendAudit SignIn::row(const core::Person& person, core::WorkspaceId workspace, std::string request_id, std::string action, std::string reason) const {
    core::Principal principal;
    principal.kind = core::Principal::Kind::person;
    principal.workspace = workspace;
    principal.id = person.id.bytes();
    principal.name = person.email;
    const By by{std::move(principal), std::move(request_id)};
    return {audit_row(by, n_.clock.now(), std::move(action), target_of("person", person.email), std::move(reason))};
}

// One unit whether the address is known or not: the answer must not take longer for one of them. What was typed as an
// unknown address is not kept; it may be a password in the wrong field.
Task<Result<void>> SignIn::record_failure(std::string email, std::optional<core::PersonId> person, Visitor visitor) {
    auto memberships = co_await n_.store.memberships_of(person.value_or(core::PersonId{}));
    if (!memberships) co_return propagate(memberships);
    core::Person shown;
    shown.id = person.value_or(core::PersonId{});
    shown.email = person ? std::move(email) : "(unknown)";
    UnitOfWork unit;
    const auto add = [&](core::WorkspaceId workspace) {
        auto refusal = row(shown, workspace, visitor.request_id, "session.begin", "denied: sign-in failed" + from(visitor));
        refusal.row.allowed = false;
        unit.push_back(std::move(refusal));
    };
    for (const auto& membership : *memberships) add(membership.workspace);
    if (memberships->empty()) add({});
    co_return co_await n_.store.commit({}, std::move(unit));
}

Task<Result<void>> SignIn::confirm(core::Person person, Secret password, Visitor visitor) {
    if (const auto left = limits_.begin(person.email, visitor.address)) co_return wait(*left);
    auto same = co_await matches(person.password_hash, std::move(password));
    if (!same) co_return propagate(same);
    if (!*same) {
        // The refusal stands whether or not it can be recorded.
        static_cast<void>(co_await record_failure(person.email, person.id, std::move(visitor)));
        co_return wrong();
    }
    limits_.succeeded(person.email, visitor.address);
    co_return Result<void>{};
}

Task<Result<NewSession>> SignIn::sign_in(std::string email, Secret password, Visitor visitor) {
    auto spelled = core::parse_mailbox(email, "email");
    const auto address = spelled ? std::move(*spelled) : lower_ascii(trim(email));
    auto found = co_await n_.store.find_person_by_email(address);
    if (!found && found.error().code != Errc::not_found) co_return propagate(found);
    core::Person person = found ? std::move(*found) : core::Person{};
    if (const auto left = limits_.begin(address, visitor.address)) co_return wait(*left);
    auto same = co_await matches(person.password_hash, std::move(password));
    if (!same) co_return propagate(same);
    auto places = *same ? co_await choices(person.id) : Result<std::vector<Choice>>(std::vector<Choice>{});
    if (!places) co_return propagate(places);
    if (places->empty()) {
        static_cast<void>(co_await record_failure(address, person.id ? std::optional(person.id) : std::nullopt, std::move(visitor)));
        co_return wrong();
    }
    limits_.succeeded(address, visitor.address);
    const auto workspace = places->size() == 1 ? places->front().workspace.id : core::WorkspaceId{};
    auto made = make_session(workspace, person.id, visitor);
    UnitOfWork unit;
    unit.push_back(InsertSession{made.session});
    if (workspace) unit.push_back(row(person, workspace, visitor.request_id, "session.begin", "allowed: password" + from(visitor)));
    if (auto stored = co_await n_.store.commit(workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return made;
}

Task<Result<SignedIn>> SignIn::authenticate(std::optional<Secret> cookie) {
    if (!cookie) co_return signed_out();
    const auto hash = hash_of_text(*cookie);
    auto session = co_await n_.store.find_session_by_hash(hash);
    if (!session && session.error().code == Errc::not_found) co_return signed_out();
    if (!session) co_return propagate(session);
    const auto now = n_.clock.now();
    if (!constant_time_equal(as_text(session->hash), as_text(hash)) || session->idle_until <= now || session->ends_at <= now) co_return signed_out();
    SignedIn who{{}, std::move(*session), {}, {}};
    auto person = co_await n_.store.find_person(who.session.person);
    if (!person) co_return signed_out();
    who.person = std::move(*person);
    who.membership.workspace = who.session.workspace;
    who.membership.person = who.person.id;
    if (who.session.workspace) {
        auto membership = co_await n_.store.find_membership(who.session.workspace, who.person.id);
        if (!membership && membership.error().code != Errc::not_found) co_return propagate(membership);
        if (!membership || !membership->active) co_return signed_out();
        who.membership = std::move(*membership);
    }
    who.principal = core::principal_of(who.person, who.membership);
    if (now - who.session.last_seen_at >= touch_every) {
        UnitOfWork unit;
        unit.push_back(TouchSession{who.session.workspace, who.session.id, now, now + std::chrono::milliseconds(settings_.idle)});
        // A full disk ends the session early, nothing else.
        static_cast<void>(co_await n_.store.commit(who.session.workspace, std::move(unit)));
    }
    co_return who;
}

Task<Result<std::vector<Choice>>> SignIn::choices(core::PersonId person) {
    auto memberships = co_await n_.store.memberships_of(person);
    if (!memberships) co_return propagate(memberships);
    std::vector<Choice> found;
    for (auto& membership : *memberships) {
        if (!membership.active) continue;
        auto workspace = co_await n_.store.find_workspace(membership.workspace);
        if (!workspace) co_return propagate(workspace);
        found.push_back({std::move(*workspace), std::move(membership.roles)});
    }
    std::ranges::sort(found, {}, [](const Choice& choice) { return choice.workspace.name; });
    co_return found;
}

Task<Result<NewSession>> SignIn::choose(SignedIn who, core::Name workspace, Visitor visitor) {
    auto places = co_await choices(who.person.id);
    if (!places) co_return propagate(places);
    const auto chosen = std::ranges::find(*places, workspace, [](const Choice& choice) { return choice.workspace.name; });
    if (chosen == places->end()) co_return fail(Errc::not_found, "there is no such workspace for this person");
    auto made = make_session(chosen->workspace.id, who.person.id, visitor);
    // The sign-in stays as old as it is: changing the workspace must not make it longer.
    made.session.ends_at = who.session.ends_at;
    made.session.idle_until = std::min(made.session.idle_until, made.session.ends_at);
    UnitOfWork unit;
    unit.push_back(DeleteSession{who.session.workspace, who.session.id});
    unit.push_back(InsertSession{made.session});
    unit.push_back(row(who.person, chosen->workspace.id, visitor.request_id, "session.begin", "allowed: workspace chosen" + from(visitor)));
    auto stored = co_await n_.store.commit({}, std::move(unit));
    if (!stored && stored.error().code == Errc::not_found) co_return signed_out();
    if (!stored) co_return propagate(stored);
    co_return made;
}

Task<Result<void>> SignIn::sign_out(SignedIn who, std::string request_id) {
    UnitOfWork unit;
    unit.push_back(DeleteSession{who.session.workspace, who.session.id});
    if (who.session.workspace) unit.push_back(row(who.person, who.session.workspace, std::move(request_id), "session.end", "allowed: signed out"));
    auto stored = co_await n_.store.commit(who.session.workspace, std::move(unit));
    // Ended meanwhile: that is what was asked for.
    if (!stored && stored.error().code != Errc::not_found) co_return propagate(stored);
    co_return Result<void>{};
}

Task<Result<std::vector<core::Session>>> SignIn::sessions(SignedIn who) {
    auto found = co_await n_.store.sessions_of(who.session.workspace, who.person.id);
    if (!found) co_return propagate(found);
    const auto now = n_.clock.now();
    std::erase_if(*found, [&](const core::Session& session) { return session.idle_until <= now; });
    co_return found;
}

Task<Result<void>> SignIn::end_session(SignedIn who, core::SessionId id, std::string request_id) {
    auto session = co_await n_.store.find_session(who.session.workspace, id);
    if (!session && session.error().code != Errc::not_found) co_return propagate(session);
    if (!session || session->person != who.person.id) co_return fail(Errc::not_found, "there is no such session of yours");
    UnitOfWork unit;
    unit.push_back(DeleteSession{who.session.workspace, id});
    if (who.session.workspace) unit.push_back(row(who.person, who.session.workspace, std::move(request_id), "session.end", "allowed: own session"));
    co_return co_await n_.store.commit(who.session.workspace, std::move(unit));
}

Task<Result<void>> SignIn::end_other_sessions(SignedIn who, std::string request_id) {
    UnitOfWork unit;
    unit.push_back(DeleteSessionsOf{{}, who.person.id, who.session.id});
    if (who.session.workspace) unit.push_back(row(who.person, who.session.workspace, std::move(request_id), "session.end", "allowed: all other own sessions"));
    co_return co_await n_.store.commit({}, std::move(unit));
}

Task<Result<NewSession>> SignIn::change_password(SignedIn who, Secret current, Secret wanted, Visitor visitor) {
    if (auto fits = check_password(wanted); !fits) co_return propagate(fits);
    auto confirmed = co_await confirm(who.person, std::move(current), visitor);
    if (!confirmed && confirmed.error().code == Errc::sign_in_failed) co_return bad_field("current", "the current password is another one");
    if (!confirmed) co_return propagate(confirmed);
    auto text = std::make_shared<const Secret>(std::move(wanted));
    auto hash = co_await run_blocking(n_.pool, [text] { return hash_password(*text); });
    if (!hash) co_return propagate(hash);
    auto memberships = co_await n_.store.memberships_of(who.person.id);
    if (!memberships) co_return propagate(memberships);
    auto person = who.person;
    const auto version = person.version;
    person.password_hash = std::move(*hash);
    person.version = version + 1;
    auto made = make_session(who.session.workspace, person.id, visitor);
    UnitOfWork unit;
    unit.push_back(UpdatePerson{person, version});
    unit.push_back(DeleteSessionsOf{{}, person.id});
    unit.push_back(InsertSession{made.session});
    for (const auto& membership : *memberships)
        unit.push_back(row(person, membership.workspace, visitor.request_id, "person.password", "allowed: with the current password; all sessions ended"));
    if (auto stored = co_await n_.store.commit({}, std::move(unit)); !stored) co_return propagate(stored);
    co_return made;
}

std::string SignIn::form_token(const Secret& cookie) const { return base64url(hash_of_text(Secret("form\n" + std::string(cookie.expose())))); }

}  // namespace renkei::app

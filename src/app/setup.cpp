#include "app/setup.hpp"

#include "app/audit.hpp"
#include "app/password.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr auto link_life = std::chrono::hours(1);
constexpr std::string_view purpose = "setup";

std::unexpected<Error> used_up() {
    return fail(Errc::gone, "this set-up link was used, has expired, or never was; restart Renkei to get a new one while no administrator exists");
}

core::Name fixed_name(std::string_view text) { return *core::Name::parse(text); }

Result<void> check_wish(SetupWish& wish) {
    auto email = core::parse_mailbox(wish.email, "email");
    if (!email) return propagate(email);
    wish.email = std::move(*email);
    wish.display_name = std::string(trim(wish.display_name));
    if (wish.display_name.empty() || wish.display_name.size() > 200) return bad_field("display_name", "`display_name` must be 1 to 200 bytes long");
    if (wish.locale != "en" && wish.locale != "ja") return bad_field("locale", "`locale` must be en or ja");
    for (const auto action : wish.also)
        if (action != core::Action::tokens_read && action != core::Action::native) return bad_field("also", "`also` takes tokens:read and native");
    return check_password(wish.password);
}

core::Right everything_but(const std::vector<core::Action>& also) {
    core::Right right;
    for (std::size_t i = 0; i < static_cast<std::size_t>(core::Action::count_); ++i) {
        const auto action = static_cast<core::Action>(i);
        const bool separate = action == core::Action::tokens_read || action == core::Action::native;
        if (!separate || std::ranges::find(also, action) != also.end()) right.actions.push_back(action);
    }
    return right;
}

}  // namespace

Task<Result<std::optional<SetupLink>>> SetupService::ensure_setup_link() {
    auto workspaces = co_await n_.store.all_workspaces();
    if (!workspaces) co_return propagate(workspaces);
    if (!workspaces->empty()) co_return std::optional<SetupLink>{};
    auto code = n_.random.text(32);
    auto url = Secret(n_.public_url + "/setup/" + code);
    const auto until = n_.clock.now() + link_life;
    UnitOfWork unit;
    unit.push_back(InsertOneTime{{}, std::string(purpose), n_.vault.lookup_hash(Secret::take(std::move(code))), "{}", {}, until});
    if (auto stored = co_await n_.store.commit({}, std::move(unit)); !stored) co_return propagate(stored);
    co_return std::optional(SetupLink{std::move(url), until});
}

Task<Result<void>> SetupService::look_at(Secret code) {
    auto found = co_await n_.store.find_one_time(std::string(purpose), n_.vault.lookup_hash(code));
    if (!found && found.error().code != Errc::not_found) co_return propagate(found);
    if (!found || found->used || found->expires_at <= n_.clock.now()) co_return used_up();
    auto workspaces = co_await n_.store.all_workspaces();
    if (!workspaces) co_return propagate(workspaces);
    if (!workspaces->empty()) co_return used_up();
    co_return Result<void>{};
}

UnitOfWork SetupService::unit_of(const SetupDone& done, const core::Membership& membership, std::string wrapped_key, const Digest& code,
                                 std::string request_id) {
    const auto now = done.workspace.created_at;
    core::Folder folder;
    folder.workspace = done.workspace.id;
    folder.id = n_.random.make<core::FolderId>();
    folder.name = fixed_name("default");
    folder.title = "Default";
    folder.is_default = true;
    core::Principal principal;
    principal.kind = core::Principal::Kind::system;
    principal.workspace = done.workspace.id;
    principal.name = "setup";
    const By by{std::move(principal), std::move(request_id)};
    UnitOfWork unit;
    unit.push_back(UseOneTime{{}, std::string(purpose), code, now});
    unit.push_back(PutWorkspace{done.workspace});
    unit.push_back(PutDataKey{done.workspace.id, 1, std::move(wrapped_key), true});
    unit.push_back(PutFolder{std::move(folder)});
    unit.push_back(PutPerson{done.person});
    unit.push_back(PutMembership{membership});
    unit.push_back(InsertKey{done.key.key});
    unit.push_back(AppendAudit{audit_row(by, now, "workspace.create", target_of("workspace", done.workspace.name.text()), "allowed: one-time set-up link")});
    unit.push_back(AppendAudit{audit_row(by, now, "person.create", target_of("person", done.person.email), "allowed: one-time set-up link")});
    unit.push_back(AppendAudit{audit_row(by, now, "key.create", target_of("key", done.key.key.name.text()), "allowed: one-time set-up link")});
    return unit;
}

Task<Result<SetupDone>> SetupService::complete(SetupWish wish, std::string request_id) {
    // The code first: who has none learns nothing about the rest.
    if (auto fits = co_await look_at(wish.code.clone()); !fits) co_return propagate(fits);
    if (auto fits = check_wish(wish); !fits) co_return propagate(fits);
    const auto code = n_.vault.lookup_hash(wish.code);
    auto password = std::make_shared<const Secret>(std::move(wish.password));
    auto hash = co_await run_blocking(n_.pool, [password] { return hash_password(*password); });
    if (!hash) co_return propagate(hash);

    const auto now = n_.clock.now();
    SetupDone done{{}, {}, {{}, make_key_text(n_.random)}};
    done.workspace = {n_.random.make<core::WorkspaceId>(), fixed_name("main"), "Main", now};
    done.person = {n_.random.make<core::PersonId>(), wish.email, wish.display_name, std::move(*hash), wish.locale, now};
    done.key.key.workspace = done.workspace.id;
    done.key.key.id = n_.random.make<core::KeyId>();
    done.key.key.name = fixed_name("admin");
    done.key.key.hash = n_.vault.lookup_hash(done.key.text);
    done.key.key.rights = {everything_but(wish.also)};
    done.key.key.created_by = done.person.id;
    done.key.key.created_at = now;
    const core::Membership membership{done.workspace.id, done.person.id, {core::Role::administrator}, {}};
    auto wrapped = n_.vault.create_data_key(done.workspace.id);
    if (!wrapped) co_return propagate(wrapped);
    auto stored = co_await n_.store.commit({}, unit_of(done, membership, std::move(*wrapped), code, std::move(request_id)));
    if (!stored && (stored.error().code == Errc::not_found || stored.error().code == Errc::conflict)) co_return used_up();
    if (!stored) co_return propagate(stored);
    co_return done;
}

}  // namespace renkei::app

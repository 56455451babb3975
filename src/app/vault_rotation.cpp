#include "app/vault_rotation.hpp"

#include "app/reseal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace renkei::app {
namespace {

constexpr std::string_view master_step = "master-key";
constexpr std::string_view data_key_step = "data-key";
constexpr std::string_view secrets_step = "secrets";
// Small enough that a cancel is followed soon; of a great many secrets, so large that a thousand parts do.
constexpr std::uint64_t least_in_part = 256;
constexpr std::uint64_t most_parts = 1000;

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == text.npos) return parts;
        text.remove_prefix(colon + 1);
    }
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

struct Cleared {
    std::atomic_flag& flag;
    ~Cleared() { flag.clear(); }
};

std::uint64_t part_size(std::uint64_t values) { return std::max(least_in_part, values / most_parts + 1); }

}  // namespace

const core::Workspace* first_workspace(const std::vector<core::Workspace>& all) {
    const auto first = std::ranges::min_element(all, {}, [](const core::Workspace& workspace) { return std::pair(workspace.created_at, workspace.id); });
    return first == all.end() ? nullptr : &*first;
}

UnitOfWork key_audit(core::WorkspaceId workspace, std::string target, std::string request_id, TimePoint now) {
    core::Principal system;
    system.kind = core::Principal::Kind::system;
    system.workspace = workspace;
    system.name = VaultRotation::kind;
    return {AppendAudit{audit_row({std::move(system), std::move(request_id)}, now, "vault.key", std::move(target), "allowed: a rotation that was started")}};
}

// master-key:<id of the old one>, data-key:<workspace>:<version to reach>,
// secrets:<workspace>:<version>:<values at most, 0: all that are left>:<number of the part>
struct VaultRotation::Step {
    enum class Kind : std::uint8_t { master, data_key, secrets } kind = Kind::master;
    std::string old_master;
    core::WorkspaceId workspace;
    std::uint32_t version = 0;
    std::uint64_t most = 0;

    static std::optional<Step> parse(std::string_view target) {
        const auto parts = split(target);
        Step step;
        if (parts[0] == master_step && parts.size() == 2) {
            step.old_master = parts[1];
            return step;
        }
        if (parts.size() < 3) return std::nullopt;
        const auto workspace = core::WorkspaceId::parse(parts[1]);
        if (!workspace || !read_number(parts[2], step.version)) return std::nullopt;
        step.workspace = *workspace;
        step.kind = parts[0] == data_key_step ? Kind::data_key : Kind::secrets;
        if (step.kind == Kind::data_key) return parts.size() == 3 ? std::optional(step) : std::nullopt;
        if (parts[0] != secrets_step || parts.size() != 5 || !read_number(parts[3], step.most)) return std::nullopt;
        return step;
    }
};

Task<Result<void>> VaultRotation::expect_home(By by, std::string action) {
    auto workspaces = co_await n_.store.all_workspaces();
    if (!workspaces) co_return propagate(workspaces);
    if (const auto* first = first_workspace(*workspaces); first != nullptr && first->id == by.principal.workspace) co_return Result<void>{};
    const std::string why = "the vault belongs to the installation: only its first workspace's administrators may look at it or rotate it";
    UnitOfWork refusal{AppendAudit{refusal_row(by, n_.clock.now(), std::move(action), "vault", "denied: " + why)}};
    if (auto stored = co_await n_.store.commit(by.principal.workspace, std::move(refusal)); !stored) co_return propagate(stored);
    co_return fail(Errc::denied, why);
}

Task<Result<std::optional<core::OperationId>>> VaultRotation::running() {
    auto unfinished = co_await n_.store.unfinished_operations();
    if (!unfinished) co_return propagate(unfinished);
    const auto found = std::ranges::find(*unfinished, kind, &core::Operation::kind);
    co_return found == unfinished->end() ? std::nullopt : std::optional(found->id);
}

Task<Result<VaultRotation::Shown>> VaultRotation::show(By by) {
    if (auto home = co_await expect_home(by, "vault.read"); !home) co_return propagate(home);
    auto now = co_await running();
    if (!now) co_return propagate(now);
    Shown shown{n_.keys.state(), 0, *now};
    auto workspaces = co_await n_.store.all_workspaces();
    if (!workspaces) co_return propagate(workspaces);
    for (const auto& workspace : *workspaces) {
        const auto newest = n_.keys.newest_data_key(workspace.id);
        if (!newest) continue;
        auto behind = co_await n_.sealed.count_sealed_before(workspace.id, *newest);
        if (!behind) co_return propagate(behind);
        shown.behind += *behind;
    }
    co_return shown;
}

Task<Result<core::Operation>> VaultRotation::start(By by, Wish wish) {
    if (auto home = co_await expect_home(by, "vault.rotate"); !home) co_return propagate(home);
    if (starting_.test_and_set()) co_return fail(Errc::conflict, "another rotation of the vault's keys is being started");
    const Cleared at_the_end{starting_};
    co_return co_await start_alone(std::move(by), wish);
}

Task<Result<core::Operation>> VaultRotation::start_alone(By by, Wish wish) {
    auto now = co_await running();
    if (!now) co_return propagate(now);
    if (*now)
        co_return fail(Error{Errc::conflict, "the vault's keys are being rotated already, by operation " + (*now)->text(), {{"operation", (*now)->text()}}});
    const auto state = n_.keys.state();
    if (wish.master && !state.can_replace_master)
        co_return fail(Errc::needs_operator,
                       fmt::format("the master key comes from {}, which the server cannot change. The operator stops the server, runs `renkei vault rotate"
                                   " --master --new-key-file FILE`, puts the new key there and starts again; data keys can be rotated here",
                                   state.source));
    auto targets = co_await plan(wish);
    if (!targets) co_return propagate(targets);
    const std::string what = !wish.master ? "data keys" : wish.data_keys ? "master key and data keys" : "master key";
    UnitOfWork audit{AppendAudit{audit_row(by, n_.clock.now(), "vault.rotate", "vault", "granted by a right of the caller; " + what)}};
    co_return co_await n_.operations.start(std::move(by), std::string(kind), *std::move(targets), std::move(audit));
}

Task<Result<std::vector<std::string>>> VaultRotation::plan(Wish wish) {
    std::vector<std::string> targets;
    if (wish.master) targets.push_back(fmt::format("{}:{}", master_step, n_.keys.state().master_key_id));
    if (!wish.data_keys) co_return targets;
    auto workspaces = co_await n_.store.all_workspaces();
    if (!workspaces) co_return propagate(workspaces);
    for (const auto& workspace : *workspaces) {
        const auto newest = n_.keys.newest_data_key(workspace.id);
        if (!newest) continue;
        const auto version = *newest + 1;
        auto values = co_await n_.sealed.count_sealed_before(workspace.id, version);
        if (!values) co_return propagate(values);
        const auto id = workspace.id.text();
        const auto size = part_size(*values);
        targets.push_back(fmt::format("{}:{}:{}", data_key_step, id, version));
        std::uint64_t part = 1;
        for (auto left = *values; left > size; left -= size) targets.push_back(fmt::format("{}:{}:{}:{}:{}", secrets_step, id, version, size, part++));
        targets.push_back(fmt::format("{}:{}:{}:0:{}", secrets_step, id, version, part));
    }
    co_return targets;
}

Task<core::OperationItem> VaultRotation::work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) {
    core::OperationItem item{index, target, false, {}, {}};
    Result<std::string> done = fail(Errc::internal, "this step of a rotation is not known any more");
    if (auto step = Step::parse(target)) done = co_await do_step(workspace, *std::move(step), std::move(request_id));
    item.ok = done.has_value();
    item.detail = done ? *std::move(done) : done.error().detail;
    if (!item.ok) item.slug = error_row(done.error().code).slug;
    co_return item;
}

Task<Result<std::string>> VaultRotation::do_step(core::WorkspaceId home, Step step, std::string request_id) {
    if (step.kind == Step::Kind::data_key) co_return co_await new_data_key(std::move(step), std::move(request_id));
    if (step.kind == Step::Kind::secrets) co_return co_await seal_part(std::move(step));
    // Another key than the one that was to be replaced: an earlier try of this item got as far as that.
    if (n_.keys.state().master_key_id == step.old_master) {
        auto rotated = co_await n_.keys.rotate_master(std::nullopt, key_audit(home, "vault:master-key", std::move(request_id), n_.clock.now()));
        if (!rotated) co_return propagate(rotated);
    }
    const auto state = n_.keys.state();
    co_return fmt::format("the master key is {} now: copy {} to where you keep it", state.master_key_id, state.source);
}

Task<Result<std::string>> VaultRotation::new_data_key(Step step, std::string request_id) {
    auto newest = n_.keys.newest_data_key(step.workspace);
    if (newest && *newest < step.version)
        newest = co_await n_.keys.rotate_data_key(
            step.workspace, key_audit(step.workspace, fmt::format("vault:data-key-{}", step.version), std::move(request_id), n_.clock.now()));
    if (!newest) co_return propagate(newest);
    co_return fmt::format("data key {} seals now", *newest);
}

Task<Result<std::string>> VaultRotation::seal_part(Step step) {
    auto newest = n_.keys.newest_data_key(step.workspace);
    if (!newest) co_return propagate(newest);
    if (*newest < step.version) co_return fail(Errc::conflict, "the data key that these secrets were to be sealed with was not made; start another rotation");
    auto report = co_await reseal(n_.vault, n_.sealed, step.workspace, *newest, step.most == 0 ? reseal_everything : step.most);
    if (!report) co_return propagate(report);
    // What does not open is met by every part; the last one tells.
    if (step.most == 0 && report->unreadable > 0)
        co_return fail(Errc::vault_locked,
                       fmt::format("{} secrets sealed anew; {} do not open and were left as they are", report->resealed, report->unreadable));
    co_return fmt::format("{} secrets sealed anew", report->resealed);
}

}  // namespace renkei::app

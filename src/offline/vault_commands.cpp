#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "app/reseal.hpp"
#include "app/vault_rotation.hpp"
#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "offline/commands.hpp"
#include "server/world.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include <ostream>

namespace renkei::offline {
namespace {

// An offline command has no event loop of its own. This one must outlive the store, whose threads post to it: so it is
// the first member of what it serves.
class Loop {
public:
    template <class T>
    T run(Task<T> task) {
        std::optional<T> value;
        std::exception_ptr thrown;
        asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error, T result) {
            thrown = error;
            value.emplace(std::move(result));
        });
        loop_.restart();
        loop_.run();
        if (thrown) std::rethrow_exception(thrown);
        return *std::move(value);
    }

private:
    asio::io_context loop_{1};
};

struct OpenedVault {
    std::unique_ptr<Loop> loop = std::make_unique<Loop>();
    std::unique_ptr<Clock> clock = make_system_clock();
    std::unique_ptr<sqlite::SqliteStore> store;
    std::unique_ptr<vault::SealingVault> vault;
};

// `command` is what a running server can be asked instead, by its API; empty: nothing of the kind.
std::unexpected<Error> in_use(Error error, const server::Settings& settings, std::string_view command) {
    if (!command.empty())
        error.detail += fmt::format(" Or ask it, with a key that has the right for it: `renkei {} --online --url {} --key-file FILE`", command,
                                    settings.public_url.origin());
    return fail(std::move(error));
}

Result<OpenedVault> open_vault(const server::Settings& settings, std::string_view command, Random& random) {
    // Looking must not make a store or a key.
    const auto file = sqlite::database_file(settings.data_dir);
    if (::access(file.c_str(), F_OK) != 0)
        return fail(Errc::not_found, fmt::format("There is no store {}. Start the server once, or check data_dir.", file.string()));
    sqlite::Settings storage;
    storage.folder = settings.data_dir;
    OpenedVault opened;
    auto store = sqlite::SqliteStore::open(std::move(storage));
    if (!store && store.error().code == Errc::conflict) return in_use(std::move(store.error()), settings, command);
    if (!store) return propagate(store);
    opened.store = *std::move(store);
    auto vault = opened.loop->run(vault::SealingVault::open_store(server::vault_settings(settings, server::read_outside()), *opened.store, random));
    if (!vault) return propagate(vault);
    opened.vault = *std::move(vault);
    return opened;
}

// What of the rotation a running server can do by itself.
std::string online_command(const server::Settings& settings, const VaultRotate& what) {
    const bool master = what.master && !what.new_key_file && vault::source_is_file(server::vault_settings(settings, server::read_outside()));
    if (!master && !what.data_keys) return {};
    return fmt::format("vault rotate{}{}", master ? " --master" : "", what.data_keys ? " --data-keys" : "");
}

Result<void> rotate_master(OpenedVault& opened, const VaultRotate& what) {
    std::optional<Secret> next;
    if (what.new_key_file) {
        auto read = vault::read_key_file(*what.new_key_file);
        if (!read) return propagate(read);
        next = Secret::take(base64(read->bytes()));
    }
    auto workspaces = opened.loop->run(opened.store->all_workspaces());
    if (!workspaces) return propagate(workspaces);
    const auto* first = app::first_workspace(*workspaces);
    app::UnitOfWork audit;
    if (first != nullptr) audit = app::key_audit(first->id, "vault:master-key", "offline", opened.clock->now());
    return opened.loop->run(opened.vault->rotate_master(std::move(next), std::move(audit)));
}

std::string master_note(const OpenedVault& opened, const VaultRotate& what) {
    const auto state = opened.vault->state();
    if (state.can_replace_master)
        return fmt::format("The master key is new ({}). Copy {} to where you keep it; older backups need the older key.\n", state.master_key_id, state.source);
    return fmt::format("The store needs the key in {} now ({}). Put it into {} before the next start; older backups need the older key.\n",
                       what.new_key_file->string(), state.master_key_id, state.source);
}

struct Resealed {
    std::uint64_t values = 0, unreadable = 0;
};

Result<Resealed> rotate_data_keys(OpenedVault& opened, std::ostream& out, bool json) {
    auto workspaces = opened.loop->run(opened.store->all_workspaces());
    if (!workspaces) return propagate(workspaces);
    Resealed all;
    for (const auto& workspace : *workspaces) {
        auto newest = opened.vault->newest_data_key(workspace.id);
        if (!newest) return propagate(newest);
        auto audit = app::key_audit(workspace.id, fmt::format("vault:data-key-{}", *newest + 1), "offline", opened.clock->now());
        auto version = opened.loop->run(opened.vault->rotate_data_key(workspace.id, std::move(audit)));
        if (!version) return propagate(version);
        auto report = opened.loop->run(app::reseal(*opened.vault, *opened.store, workspace.id, *version, app::reseal_everything));
        if (!report) return propagate(report);
        all.values += report->resealed;
        all.unreadable += report->unreadable;
        if (!json)
            out << fmt::format("{}: data key {}, {} secrets sealed anew, {} unreadable\n", workspace.name.text(), *version, report->resealed,
                               report->unreadable);
    }
    return all;
}

}  // namespace

Result<void> vault_status(const server::Settings& settings, std::ostream& out, bool json) {
    SystemRandom random;
    auto opened = open_vault(settings, "vault status", random);
    if (!opened) return propagate(opened);
    const auto state = opened->vault->state();
    if (json) {
        json::object object;
        object["state"] = "open";
        object["master_key_source"] = state.source;
        object["master_key_id"] = state.master_key_id;
        object["workspaces"] = state.workspaces;
        object["data_keys"] = state.data_keys;
        out << json::serialize(object) << '\n';
    } else {
        out << fmt::format("The vault is open.\nmaster key from: {}\nmaster key id:   {}\nworkspaces:      {}\ndata keys:       {}\n", state.source,
                           state.master_key_id, state.workspaces, state.data_keys);
    }
    return {};
}

Result<void> vault_rotate(const server::Settings& settings, VaultRotate what, std::ostream& out, bool json) {
    SystemRandom random;
    auto opened = open_vault(settings, online_command(settings, what), random);
    if (!opened) return propagate(opened);
    if (what.master) {
        if (auto rotated = rotate_master(*opened, what); !rotated) return rotated;
        if (!json) out << master_note(*opened, what);
    }
    Resealed resealed;
    if (what.data_keys) {
        auto done = rotate_data_keys(*opened, out, json);
        if (!done) return propagate(done);
        resealed = *done;
    }
    if (json) {
        json::object object;
        object["master_rotated"] = what.master;
        object["data_keys_rotated"] = what.data_keys;
        object["resealed"] = resealed.values;
        object["unreadable"] = resealed.unreadable;
        out << json::serialize(object) << '\n';
    }
    return {};
}

}  // namespace renkei::offline

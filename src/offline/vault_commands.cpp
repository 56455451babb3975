#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "base/json.hpp"
#include "offline/commands.hpp"
#include "server/world.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include <ostream>

namespace renkei::offline {
namespace {

// Drives a coroutine to its end: an offline command has no event loop of its own.
template <class T>
T run(Task<T> task) {
    asio::io_context loop(1);
    std::optional<T> value;
    std::exception_ptr thrown;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T result) {
        thrown = error;
        value.emplace(std::move(result));
    });
    loop.run();
    if (thrown) std::rethrow_exception(thrown);
    return *std::move(value);
}

struct OpenedVault {
    std::unique_ptr<sqlite::SqliteStore> store;
    std::unique_ptr<vault::SealingVault> vault;
};

Result<OpenedVault> open_vault(const server::Settings& settings, Random& random) {
    // Looking must not make a store or a key.
    const auto file = sqlite::database_file(settings.data_dir);
    if (::access(file.c_str(), F_OK) != 0)
        return fail(Errc::not_found, fmt::format("There is no store {}. Start the server once, or check data_dir.", file.string()));
    sqlite::Settings storage;
    storage.folder = settings.data_dir;
    auto store = sqlite::SqliteStore::open(std::move(storage));
    if (!store) return propagate(store);
    auto vault = run(vault::SealingVault::open_store(server::vault_settings(settings, server::read_outside()), **store, random));
    if (!vault) return propagate(vault);
    return OpenedVault{*std::move(store), *std::move(vault)};
}

Result<std::uint64_t> rotate_data_keys(OpenedVault& opened, std::ostream& out, bool json, std::uint64_t& unreadable) {
    auto workspaces = run(opened.store->all_workspaces());
    if (!workspaces) return propagate(workspaces);
    std::uint64_t resealed = 0;
    for (const auto& workspace : *workspaces) {
        auto version = run(opened.vault->rotate_data_key(workspace.id));
        if (!version) return propagate(version);
        auto report = run(opened.vault->reseal(workspace.id, *opened.store));
        if (!report) return propagate(report);
        resealed += report->resealed;
        unreadable += report->unreadable;
        if (!json)
            out << fmt::format("{}: data key {}, {} secrets sealed anew, {} unreadable\n", workspace.name.text(), *version, report->resealed,
                               report->unreadable);
    }
    return resealed;
}

}  // namespace

Result<void> vault_status(const server::Settings& settings, std::ostream& out, bool json) {
    SystemRandom random;
    auto opened = open_vault(settings, random);
    if (!opened) return propagate(opened);
    const auto status = opened->vault->status();
    if (json) {
        json::object object;
        object["state"] = "open";
        object["master_key_source"] = status.source;
        object["workspaces"] = status.workspaces;
        object["data_keys"] = status.data_keys;
        out << json::serialize(object) << '\n';
    } else {
        out << fmt::format("The vault is open.\nmaster key from: {}\nworkspaces:      {}\ndata keys:       {}\n", status.source, status.workspaces,
                           status.data_keys);
    }
    return {};
}

Result<void> vault_rotate(const server::Settings& settings, bool master, bool data_keys, std::ostream& out, bool json) {
    SystemRandom random;
    auto opened = open_vault(settings, random);
    if (!opened) return propagate(opened);
    if (master) {
        auto rotated = run(opened->vault->rotate_master(std::nullopt));
        if (!rotated) return rotated;
        if (!json)
            out << fmt::format("The master key is new. Copy {} to where you keep it; older backups need the older key.\n", opened->vault->status().source);
    }
    std::uint64_t resealed = 0, unreadable = 0;
    if (data_keys) {
        auto done = rotate_data_keys(*opened, out, json, unreadable);
        if (!done) return propagate(done);
        resealed = *done;
    }
    if (json) {
        json::object object;
        object["master_rotated"] = master;
        object["data_keys_rotated"] = data_keys;
        object["resealed"] = resealed;
        object["unreadable"] = unreadable;
        out << json::serialize(object) << '\n';
    }
    return {};
}

}  // namespace renkei::offline

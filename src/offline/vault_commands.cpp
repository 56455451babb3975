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
    OpenedVault opened;
    auto store = sqlite::SqliteStore::open(std::move(storage));
    if (!store) return propagate(store);
    opened.store = *std::move(store);
    auto vault = opened.loop->run(vault::SealingVault::open_store(server::vault_settings(settings, server::read_outside()), *opened.store, random));
    if (!vault) return propagate(vault);
    opened.vault = *std::move(vault);
    return opened;
}

Result<std::uint64_t> rotate_data_keys(OpenedVault& opened, std::ostream& out, bool json, std::uint64_t& unreadable) {
    auto workspaces = opened.loop->run(opened.store->all_workspaces());
    if (!workspaces) return propagate(workspaces);
    std::uint64_t resealed = 0;
    for (const auto& workspace : *workspaces) {
        auto version = opened.loop->run(opened.vault->rotate_data_key(workspace.id));
        if (!version) return propagate(version);
        auto report = opened.loop->run(opened.vault->reseal(workspace.id, *opened.store));
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
        auto rotated = opened->loop->run(opened->vault->rotate_master(std::nullopt));
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

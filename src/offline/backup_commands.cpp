#include "adapters/storage/sqlite/backup.hpp"
#include "adapters/storage/sqlite/check.hpp"
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "base/json.hpp"
#include "offline/commands.hpp"

#include <fmt/format.h>

#include <ostream>

namespace renkei::offline {

// Without the lock: SQLite lets a second process read a consistent state while the server goes on writing.
Result<void> backup(const server::Settings& settings, const std::filesystem::path& target, std::ostream& out, bool json) {
    const auto clock = make_system_clock();
    auto copied = sqlite::copy_database(sqlite::database_file(settings.data_dir), target, clock->now());
    if (!copied) return copied;
    if (json) {
        json::object object;
        object["file"] = target.string();
        object["manifest"] = target.string() + ".json";
        out << json::serialize(object) << '\n';
    } else {
        out << fmt::format("{} and {}.json are written. The master key is in neither: without it they open nothing, so keep it, apart from them.\n",
                           target.string(), target.string());
    }
    return {};
}

Result<void> check(const server::Settings& settings, std::ostream& out, bool json) {
    std::error_code ignored;
    if (!std::filesystem::exists(settings.data_dir, ignored)) return fail(Errc::not_found, fmt::format("There is no folder {}.", settings.data_dir));
    auto lock = sqlite::FolderLock::take(settings.data_dir);
    if (!lock) return propagate(lock);
    auto report = sqlite::check_database(sqlite::database_file(settings.data_dir));
    if (!report) return propagate(report);
    if (json) {
        json::object object;
        object["schema_version"] = report->schema_version;
        object["audit_rows"] = report->audit_rows;
        json::array problems;
        for (const auto& problem : report->problems) problems.emplace_back(json::view(problem));
        object["problems"] = std::move(problems);
        out << json::serialize(object) << '\n';
    } else {
        out << fmt::format("schema {}, {} audit rows\n", report->schema_version, report->audit_rows);
        for (const auto& problem : report->problems) out << "problem: " << problem << '\n';
    }
    if (!report->problems.empty())
        return fail(Errc::storage_failed, fmt::format("The store has {} problems. Restore it from a backup.", report->problems.size()));
    return {};
}

}  // namespace renkei::offline

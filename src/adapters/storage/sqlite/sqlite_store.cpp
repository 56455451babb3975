#include "adapters/storage/sqlite/sqlite_store.hpp"

#include "adapters/storage/migrations/migrations.hpp"
#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/backup.hpp"
#include "adapters/storage/sqlite/read.hpp"
#include "app/ports/unit_scope.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace renkei::sqlite {
namespace {

// SQLite makes its files with the mode of the umask and gives -wal and -shm the mode of the database: so that is made first.
Result<void> make_private(const std::filesystem::path& file) {
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made < 0) {
        const bool full = errno == ENOSPC || errno == EROFS || errno == EDQUOT;
        return fail(full ? Errc::storage_full : Errc::storage_failed,
                    fmt::format("The store {} could not be opened: {}.", file.string(), std::strerror(errno)));
    }
    ::close(made);
    return {};
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(Settings settings) {
    std::error_code error;
    if (std::filesystem::create_directories(settings.folder, error)) std::filesystem::permissions(settings.folder, std::filesystem::perms::owner_all, error);
    if (error) return fail(Errc::storage_failed, fmt::format("The folder {} could not be made: {}.", settings.folder.string(), error.message()));
    auto lock = FolderLock::take(settings.folder);
    if (!lock) return propagate(lock);
    if (auto made = make_private(database_file(settings.folder)); !made) return propagate(made);
    std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(settings), *std::move(lock)));
    if (auto started = store->start(); !started) return propagate(started);
    return store;
}

SqliteStore::SqliteStore(Settings settings, FolderLock lock) : settings_(std::move(settings)), lock_(std::move(lock)), pool_(std::max(settings_.readers, 1u)) {}

// The writer first: it stores what was taken on, and its last checkpoint empties the log when no reader is left.
SqliteStore::~SqliteStore() {
    pool_.join();
    copying_.join();
    idle_readers_.clear();
    writer_.reset();
}

Result<void> SqliteStore::start() {
    OpenOptions options{database_file(settings_.folder), OpenOptions::Access::read_write, settings_.writer_cache_kib, settings_.max_pages, settings_.vfs};
    auto database = Database::open(options);
    if (!database) return propagate(database);
    if (auto migrated = migrate(**database, all_migrations()); !migrated) return migrated;
    writer_ = std::make_unique<Writer>(*std::move(database), settings_.writer);
    options.access = OpenOptions::Access::read_only;
    options.cache_kib = settings_.reader_cache_kib;
    options.max_pages = 0;
    for (unsigned i = 0; i < std::max(settings_.readers, 1u); ++i) {
        auto reader = Database::open(options);
        if (!reader) return propagate(reader);
        idle_readers_.push_back(*std::move(reader));
    }
    return {};
}

Task<Result<void>> SqliteStore::write(std::function<Result<void>(Database&)> work) {
    Job job{std::move(work), {}};
    co_return co_await wait_for_callback<Result<void>>([this, job = std::move(job)](auto done) mutable {
        job.done = [done = std::move(done)](Result<void> result) mutable { done(std::move(result)); };
        writer_->submit(std::move(job));
    });
}

Task<Result<void>> SqliteStore::commit(core::WorkspaceId workspace, app::UnitOfWork unit) {
    if (!app::belongs_to(unit, workspace)) co_return fail(Errc::not_found, "A change of the unit belongs to another workspace.");
    // Shared, because a job is copyable and may be applied twice.
    auto shared = std::make_shared<const app::UnitOfWork>(std::move(unit));
    auto written = co_await write([shared](Database& db) { return apply_unit(db, *shared); });
    if (written)
        for (auto* observer : observers_) observer->committed(*shared);
    co_return written;
}

Task<Result<app::Lease>> SqliteStore::claim(core::WorkspaceId workspace, std::string name, std::string owner, TimePoint now, std::chrono::milliseconds length) {
    auto lease = std::make_shared<app::Lease>();
    auto written = co_await write([=](Database& db) -> Result<void> {
        auto claimed = claim_lease(db, workspace, name, owner, now, now + length);
        if (!claimed) return propagate(claimed);
        *lease = *std::move(claimed);
        return {};
    });
    if (!written) co_return propagate(written);
    co_return std::move(*lease);
}

Task<Result<void>> SqliteStore::release(core::WorkspaceId workspace, app::Lease lease) {
    return write([workspace, lease = std::move(lease)](Database& db) { return release_lease(db, workspace, lease); });
}

Task<Result<std::uint64_t>> SqliteStore::sweep(TimePoint now) {
    // In small steps, so that other units get their turn in between.
    constexpr std::uint32_t step = 500;
    std::uint64_t total = 0;
    for (;;) {
        auto swept = std::make_shared<std::uint64_t>(0);
        auto written = co_await write([=](Database& db) -> Result<void> {
            auto some = sweep_some(db, now, step);
            if (!some) return propagate(some);
            *swept = *some;
            return {};
        });
        if (!written) co_return propagate(written);
        if (*swept == 0) co_return total;
        total += *swept;
    }
}

Task<Result<void>> SqliteStore::backup(std::filesystem::path target, TimePoint now) {
    return run_blocking(copying_, [source = database_file(settings_.folder), target = std::move(target), now] { return copy_database(source, target, now); });
}

}  // namespace renkei::sqlite

#include "tests/contract/failing_disk.hpp"
#include "tests/contract/store_world.hpp"

#include <sqlite3.h>

#include <climits>
#include <cstring>

namespace renkei::testing {
namespace {

std::atomic<FailingDisk::Mood> mood{FailingDisk::Mood::fine};
std::atomic<int> writes_left{INT_MAX};

// A file of ours: the platform's file follows right behind it.
struct ShimFile {
    sqlite3_file base;
};
sqlite3_file* inner(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<ShimFile*>(file) + 1); }
sqlite3_vfs* platform() {
    static sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    return vfs;
}

int refuse_write() {
    switch (mood.load()) {
        case FailingDisk::Mood::full: return SQLITE_FULL;
        case FailingDisk::Mood::read_only: return SQLITE_READONLY;
        default: return writes_left.fetch_sub(1) > 0 ? SQLITE_OK : SQLITE_FULL;
    }
}

int shim_write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    if (const int refused = refuse_write(); refused != SQLITE_OK) return refused;
    return inner(file)->pMethods->xWrite(inner(file), bytes, size, at);
}
int shim_sync(sqlite3_file* file, int flags) {
    if (mood == FailingDisk::Mood::sync_fails) return SQLITE_IOERR_FSYNC;
    return inner(file)->pMethods->xSync(inner(file), flags);
}

const sqlite3_io_methods* shim_methods() {
    static const sqlite3_io_methods methods = [] {
        sqlite3_io_methods m{};
        m.iVersion = 2;
        m.xClose = [](sqlite3_file* f) { return inner(f)->pMethods->xClose(inner(f)); };
        m.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) { return inner(f)->pMethods->xRead(inner(f), to, size, at); };
        m.xWrite = shim_write;
        m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) { return inner(f)->pMethods->xTruncate(inner(f), size); };
        m.xSync = shim_sync;
        m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return inner(f)->pMethods->xFileSize(inner(f), size); };
        m.xLock = [](sqlite3_file* f, int level) { return inner(f)->pMethods->xLock(inner(f), level); };
        m.xUnlock = [](sqlite3_file* f, int level) { return inner(f)->pMethods->xUnlock(inner(f), level); };
        m.xCheckReservedLock = [](sqlite3_file* f, int* out) { return inner(f)->pMethods->xCheckReservedLock(inner(f), out); };
        m.xFileControl = [](sqlite3_file* f, int op, void* arg) { return inner(f)->pMethods->xFileControl(inner(f), op, arg); };
        m.xSectorSize = [](sqlite3_file* f) { return inner(f)->pMethods->xSectorSize(inner(f)); };
        m.xDeviceCharacteristics = [](sqlite3_file* f) { return inner(f)->pMethods->xDeviceCharacteristics(inner(f)); };
        m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
            return inner(f)->pMethods->xShmMap(inner(f), page, size, extend, out);
        };
        m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) { return inner(f)->pMethods->xShmLock(inner(f), offset, n, flags); };
        m.xShmBarrier = [](sqlite3_file* f) { inner(f)->pMethods->xShmBarrier(inner(f)); };
        m.xShmUnmap = [](sqlite3_file* f, int remove) { return inner(f)->pMethods->xShmUnmap(inner(f), remove); };
        return m;
    }();
    return &methods;
}

int shim_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    file->pMethods = nullptr;
    const int code = platform()->xOpen(platform(), name, inner(file), flags, out_flags);
    if (code == SQLITE_OK) file->pMethods = shim_methods();
    return code;
}

class StoreOnAFailingDisk : public ::testing::Test {
protected:
    StoreOnAFailingDisk() {
        FailingDisk::become(FailingDisk::Mood::fine);
        open();
        given(a_home_with_a_connection());
        given({app::InsertGrant{a_grant()}});
    }
    ~StoreOnAFailingDisk() override { FailingDisk::become(FailingDisk::Mood::fine); }
    void open() {
        sqlite::Settings settings;
        settings.folder = folder_.path();
        settings.vfs = FailingDisk::vfs_name();
        store_ = *sqlite::SqliteStore::open(settings);
    }
    void reopen() {
        store_.reset();
        open();
    }
    Result<void> commit(app::UnitOfWork unit) { return run_task(store_->commit(home, std::move(unit))); }
    void given(app::UnitOfWork unit) {
        if (!commit(std::move(unit))) throw std::runtime_error("the arrangement failed");
    }
    Result<void> put_setting(int number) { return commit({app::PutSetting{home, "s" + std::to_string(number), std::string(3000, 'v')}}); }
    bool has_setting(int number) { return run_task(store_->find_setting(home, "s" + std::to_string(number))).has_value(); }

    TempFolder folder_;
    std::unique_ptr<sqlite::SqliteStore> store_;
};

TEST_F(StoreOnAFailingDisk, AFullDiskIsStorageFullReadsGoOnAndWritingRecovers) {
    ASSERT_TRUE(put_setting(1));
    FailingDisk::become(FailingDisk::Mood::full);

    for (int i = 2; i < 6; ++i) EXPECT_EQ(code_of(put_setting(i)), Errc::storage_full);
    EXPECT_TRUE(has_setting(1));
    EXPECT_FALSE(has_setting(2));
    EXPECT_TRUE(run_task(store_->find_connection(home, a_connection().name)));

    FailingDisk::become(FailingDisk::Mood::fine);
    EXPECT_EQ(code_of(put_setting(6)), fine);
    reopen();
    EXPECT_TRUE(has_setting(1));
    EXPECT_TRUE(has_setting(6));
    EXPECT_FALSE(has_setting(3));
}

TEST_F(StoreOnAFailingDisk, AReadOnlyDiskIsStorageFullToo) {
    FailingDisk::become(FailingDisk::Mood::read_only);

    EXPECT_EQ(code_of(put_setting(1)), Errc::storage_full);
    EXPECT_TRUE(run_task(store_->find_grant(home, a_grant().id)));
    FailingDisk::become(FailingDisk::Mood::fine);
    EXPECT_EQ(code_of(put_setting(2)), fine);
}

TEST_F(StoreOnAFailingDisk, ACommitThatCannotBeSyncedIsNotAcknowledged) {
    FailingDisk::become(FailingDisk::Mood::sync_fails);

    EXPECT_EQ(code_of(put_setting(1)), Errc::storage_failed);
    FailingDisk::become(FailingDisk::Mood::fine);
    EXPECT_EQ(code_of(put_setting(2)), fine);
    EXPECT_FALSE(has_setting(1));
    reopen();
    EXPECT_TRUE(has_setting(2));
    EXPECT_FALSE(has_setting(1));
}

TEST_F(StoreOnAFailingDisk, WhereverTheDiskFillsUpNothingAcknowledgedIsLost) {
    std::vector<int> acknowledged, refused;
    for (int round = 0; round < 40; ++round) {
        FailingDisk::become_full_after(round);
        for (int i = 0; i < 4; ++i) {
            const int number = round * 10 + i;
            (put_setting(number) ? acknowledged : refused).push_back(number);
        }
        FailingDisk::become(FailingDisk::Mood::fine);
        if (round % 8 == 7) reopen();
    }

    reopen();
    EXPECT_GT(acknowledged.size(), 20u);
    EXPECT_GT(refused.size(), 20u);
    for (const int number : acknowledged) EXPECT_TRUE(has_setting(number)) << number;
    for (const int number : refused) EXPECT_FALSE(has_setting(number)) << number;
}

TEST_F(StoreOnAFailingDisk, AStoreAtItsLargestSizeRefusesAndRecovers) {
    store_.reset();
    sqlite::Settings settings;
    settings.folder = folder_.path();
    settings.max_pages = 120;
    store_ = *sqlite::SqliteStore::open(settings);
    int stored = 0;
    Result<void> last;
    while (stored < 1000 && (last = put_setting(stored))) ++stored;
    EXPECT_EQ(code_of(last), Errc::storage_full);
    EXPECT_TRUE(has_setting(stored - 1));
    // A small change still fits where a big one does not.
    EXPECT_EQ(code_of(commit({app::PutSetting{home, "s0", "short"}, app::PutSetting{home, "s1", "short"}})), fine);
    EXPECT_EQ(code_of(put_setting(3000)), fine);
}

TEST_F(StoreOnAFailingDisk, AStoreThatCannotBeOpenedForWritingSaysSo) {
    store_.reset();
    FailingDisk::become(FailingDisk::Mood::full);
    sqlite::Settings settings;
    settings.folder = folder_.path() / "fresh";
    settings.vfs = FailingDisk::vfs_name();

    EXPECT_EQ(code_of(sqlite::SqliteStore::open(settings)), Errc::storage_full);
}

}  // namespace

const std::string& FailingDisk::vfs_name() {
    static const std::string name = [] {
        static sqlite3_vfs vfs = *platform();
        vfs.zName = "renkei-failing-disk";
        vfs.szOsFile += static_cast<int>(sizeof(ShimFile));
        vfs.pNext = nullptr;
        vfs.xOpen = shim_open;
        sqlite3_vfs_register(&vfs, 0);
        return std::string(vfs.zName);
    }();
    return name;
}

void FailingDisk::become(Mood next) {
    writes_left = INT_MAX;
    mood = next;
}
void FailingDisk::become_full_after(int writes) { writes_left = writes; }

}  // namespace renkei::testing

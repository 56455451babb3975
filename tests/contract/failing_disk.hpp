#pragma once

#include <atomic>
#include <string>

namespace renkei::testing {

/// A disk for SQLite that can be told to be full: writes and syncs then fail with what a real one says. Registered once
/// as a VFS over the platform's own.
class FailingDisk {
public:
    enum class Mood { fine, full, read_only, sync_fails };
    static const std::string& vfs_name();
    static void become(Mood mood);
    /// Full after so many more writes.
    static void become_full_after(int writes);
};

}  // namespace renkei::testing

#pragma once

#include "base/result.hpp"

#include <filesystem>

namespace renkei::sqlite {

/// Only one process serves a store: it holds the lock on renkei.lock in the store's folder for as long as it lives.
class FolderLock {
public:
    /// conflict, naming the process, when another one has it. `retryable` work may simply try again.
    static Result<FolderLock> take(const std::filesystem::path& folder);
    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&& other) noexcept;
    ~FolderLock();

private:
    explicit FolderLock(int file) : file_(file) {}
    int file_ = -1;
};

}  // namespace renkei::sqlite

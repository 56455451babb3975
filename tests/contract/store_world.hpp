#pragma once

#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/fake_store.hpp"
#include "tests/support/run_task.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace renkei::testing {

/// A folder that goes with the test.
class TempFolder {
public:
    TempFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "renkei-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct FakeStoreWorld {
    FakeStore store;
};

struct SqliteStoreWorld {
    TempFolder folder;
    std::unique_ptr<sqlite::SqliteStore> opened = open();
    app::Store& store = *opened;

private:
    std::unique_ptr<sqlite::SqliteStore> open() {
        sqlite::Settings settings;
        settings.folder = folder.path();
        auto made = sqlite::SqliteStore::open(settings);
        if (!made) throw std::runtime_error(made.error().detail);
        return *std::move(made);
    }
};

/// One suite for every store.
template <class World>
class StoreContract : public ::testing::Test {
protected:
    Result<void> commit(app::UnitOfWork unit, core::WorkspaceId workspace = home) { return run_task(store().commit(workspace, std::move(unit))); }
    /// Arranges; a failure here ends the test.
    void given(app::UnitOfWork unit, core::WorkspaceId workspace = home) {
        auto done = commit(std::move(unit), workspace);
        if (!done) throw std::runtime_error("the arrangement failed: " + done.error().detail);
    }
    app::Store& store() { return world_.store; }

    World world_;
};
using StoreWorlds = ::testing::Types<FakeStoreWorld, SqliteStoreWorld>;
class StoreWorldNames {
public:
    template <class World>
    static std::string GetName(int) {
        return std::is_same_v<World, FakeStoreWorld> ? "Fake" : "Sqlite";
    }
};

/// Open, of a_connection().
core::ConsentRequest a_consent(std::uint64_t number = 1);

/// The code of a failure; EXPECT_EQ prints it by number when it differs.
template <class T>
std::optional<Errc> code_of(const Result<T>& result) {
    if (result) return std::nullopt;
    return result.error().code;
}
inline constexpr std::optional<Errc> fine = std::nullopt;

// Every member of a value as text, to compare whole rows.
std::string show(const core::Workspace& row);
std::string show(const core::Person& row);
std::string show(const core::Membership& row);
std::string show(const core::Group& row);
std::string show(const core::Session& row);
std::string show(const core::Folder& row);
std::string show(const core::FolderGrant& row);
std::string show(const core::ApiKey& row);
std::string show(const core::ClientRegistration& row);
std::string show(const core::Connection& row);
std::string show(const core::Grant& row);
std::string show(const core::StoredToken& row);
std::string show(const core::Operation& row);
std::string show(const core::OperationItem& row);
std::string show(const core::AuditRow& row);
template <class T>
std::string show(const std::vector<T>& rows) {
    std::string all;
    for (const auto& row : rows) all += show(row) + "\n";
    return all;
}

template <class T, class Member>
auto each(const std::vector<T>& rows, Member member) {
    std::vector<std::decay_t<std::invoke_result_t<Member, const T&>>> all;
    for (const auto& row : rows) all.push_back(member(row));
    return all;
}
inline constexpr auto name_text = [](const auto& row) { return row.name.text(); };

}  // namespace renkei::testing

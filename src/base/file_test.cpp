#include "base/file.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

namespace renkei {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
protected:
    FileTest() {
        auto pattern = (fs::temp_directory_path() / "renkei-file-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(last_system_error());
        folder = pattern;
    }
    ~FileTest() override { fs::remove_all(folder); }
    static std::string content(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    fs::path folder;
};

TEST_F(FileTest, ANewFileHoldsEveryByteAndIsItsOwnersAlone) {
    const std::string bytes("a\0b\xff\n", 5);

    EXPECT_FALSE(write_new_private_file(folder / "key", bytes));

    EXPECT_EQ(content(folder / "key"), bytes);
    EXPECT_EQ(fs::status(folder / "key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_FALSE(write_new_private_file(folder / "empty", ""));
    EXPECT_TRUE(fs::exists(folder / "empty"));
}

TEST_F(FileTest, AFileThatIsThereStaysAsItIs) {
    ASSERT_FALSE(write_new_private_file(folder / "key", "first"));
    fs::create_symlink(folder / "nowhere", folder / "link");

    EXPECT_EQ(write_new_private_file(folder / "key", "second"), std::errc::file_exists);
    EXPECT_EQ(write_new_private_file(folder / "link", "second"), std::errc::file_exists);

    EXPECT_EQ(content(folder / "key"), "first");
    EXPECT_FALSE(fs::exists(folder / "nowhere")) << "no link is followed";
}

TEST_F(FileTest, AFileThatCannotBeMadeSaysWhy) {
    EXPECT_EQ(write_new_private_file(folder / "no/such/folder/key", "x"), std::errc::no_such_file_or_directory);
    ASSERT_FALSE(write_new_private_file(folder / "file", "x"));
    EXPECT_EQ(write_new_private_file(folder / "file/key", "x"), std::errc::not_a_directory);
}

TEST_F(FileTest, AFileThatCannotBeWrittenWholeIsNoneAtAll) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);

    const auto error = write_new_private_file(folder / "key", std::string(10'000, 'x'));

    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(error, std::errc::file_too_large);
    EXPECT_FALSE(fs::exists(folder / "key"));
}

TEST_F(FileTest, FilesAndFoldersAreSyncedAndMissingOnesRefused) {
    ASSERT_FALSE(write_new_private_file(folder / "key", "x"));

    EXPECT_FALSE(sync_to_disk(folder / "key"));
    EXPECT_FALSE(sync_to_disk(folder));
    EXPECT_FALSE(sync_folder_of(folder / "key"));
    EXPECT_FALSE(sync_folder_of("a-name-without-a-folder")) << "the present folder";
    EXPECT_EQ(sync_to_disk(folder / "other"), std::errc::no_such_file_or_directory);
    EXPECT_EQ(sync_folder_of(folder / "no/key"), std::errc::no_such_file_or_directory);
}

TEST_F(FileTest, NoRoomIsToldFromOtherFailures) {
    for (const int full : {ENOSPC, EDQUOT, EROFS}) EXPECT_TRUE(says_full({full, std::generic_category()})) << full;
    for (const int other : {0, EEXIST, EACCES, EIO, ENOENT}) EXPECT_FALSE(says_full({other, std::generic_category()})) << other;
}

TEST_F(FileTest, AnOpenFileIsClosedAtItsEndAndNotHandedToOtherPrograms) {
    ASSERT_FALSE(write_new_private_file(folder / "key", "x"));
    int number = -1;
    {
        const OpenFile opened(folder / "key", O_RDONLY);
        ASSERT_TRUE(opened);
        number = opened.number();
        EXPECT_EQ(::fcntl(number, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
    EXPECT_EQ(::fcntl(number, F_GETFD), -1);
    EXPECT_FALSE(OpenFile(folder / "other", O_RDONLY));
    EXPECT_EQ(last_system_error(), std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace renkei

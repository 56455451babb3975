#include "server/mapped_values.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace renkei::server {
namespace {

namespace fs = std::filesystem;

class MappedFiles : public ::testing::Test {
protected:
    MappedFiles() {
        std::string pattern = (fs::temp_directory_path() / "renkei-values-XXXXXX").string();
        root = mkdtemp(pattern.data());
        fs::create_directories(root / "mapped/app");
        write(root / "mapped/app/secret", "s3cret\r\n");
        write(root / "outside", "not yours");
        write(root / "master.key", "key");
    }
    ~MappedFiles() override { fs::remove_all(root); }
    static void write(const fs::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }
    std::optional<Errc> code_of(const std::string& path) {
        const auto read = read_beneath(root / "mapped", path, {root / "master.key"});
        return read ? std::nullopt : std::optional(read.error().code);
    }
    fs::path root;
};

TEST_F(MappedFiles, A32_GiveTheirTextWithoutTheLastLineEnd) { EXPECT_EQ(read_beneath(root / "mapped", "app/secret", {})->expose(), "s3cret"); }

TEST_F(MappedFiles, A32_NothingOutsideTheFolderIsReadWhateverTheWay) {
    fs::create_symlink(root / "outside", root / "mapped/link");
    fs::create_directory_symlink(root, root / "mapped/up");
    fs::create_symlink("app/secret", root / "mapped/inner");
    fs::create_hard_link(root / "master.key", root / "mapped/hard");
    ASSERT_EQ(mkfifo((root / "mapped/pipe").c_str(), 0600), 0);

    for (const std::string path :
         {"../outside", "app/../../outside", "/etc/hostname", "link", "up/outside", "inner", "hard", "pipe", "app", ".", "/proc/self/environ"})
        EXPECT_EQ(code_of(path), Errc::source_refused) << path;
    EXPECT_EQ(code_of(std::string("app/secret\0x", 12)), Errc::source_refused);
    EXPECT_EQ(code_of("app/nothing"), Errc::value_missing);
    EXPECT_EQ(code_of("app/secret/x"), Errc::value_missing);
}

TEST_F(MappedFiles, A32_TooLargeOrEmptyIsNoValue) {
    write(root / "mapped/large", std::string((64 << 10) + 1, 'x'));
    write(root / "mapped/full", std::string(64 << 10, 'x'));
    write(root / "mapped/empty", "\n");

    EXPECT_EQ(code_of("large"), Errc::value_unusable);
    EXPECT_EQ(code_of("full"), std::nullopt);
    EXPECT_EQ(code_of("empty"), Errc::value_unusable);
}

TEST(MappedEnvironment, A32_APrefixIsNeverRenkeisOwnNorEverything) {
    for (const auto* good : {"ACME_", "MAIN_APP_", "abc"}) EXPECT_TRUE(is_good_prefix(good)) << good;
    for (const auto* bad : {"", "A", "AB", "R", "REN", "RENKEI", "RENKEI_", "RENKEI_VAULT_MASTER_KEY", "AC ME", "A=B"})
        EXPECT_FALSE(is_good_prefix(bad)) << bad;
}

}  // namespace
}  // namespace renkei::server

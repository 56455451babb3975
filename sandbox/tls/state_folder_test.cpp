#include "sandbox/tls/state_folder.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/stat.h>

namespace renkei::sandbox {
namespace {

struct Folder {
    Folder() {
        char name[] = "/tmp/renkei-state-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

unsigned mode_of(const std::filesystem::path& file) {
    struct stat status{};
    return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

TEST(StateFolder, StaysTheSameFromOneStartToTheNext) {
    Folder folder;
    const auto first = StateFolder::open(folder.path / "state");
    ASSERT_TRUE(first);
    const auto ca = read_file(first->ca_file());
    const auto server = read_file(first->server_certificate_file());
    const auto pfx = read_file(first->app_pfx_file());
    const auto second = StateFolder::open(folder.path / "state");

    ASSERT_TRUE(second);
    EXPECT_EQ(read_file(second->ca_file()), ca);
    EXPECT_EQ(read_file(second->server_certificate_file()), server);
    EXPECT_EQ(read_file(second->app_pfx_file()), pfx);
    EXPECT_EQ(first->token_certificate(), second->token_certificate());
}

TEST(StateFolder, KeysAreForTheOwnerOnly) {
    Folder folder;
    const auto state = StateFolder::open(folder.path / "state");

    ASSERT_TRUE(state);
    EXPECT_EQ(mode_of(state->path()), 0700u);
    for (const auto& file :
         {state->server_key_file(), state->app_key_file(), state->app_pfx_file(), state->path() / "ca-key.pem", state->path() / "token-key.pem"})
        EXPECT_EQ(mode_of(file), 0600u) << file;
}

TEST(StateFolder, ANewCaGetsANewServerCertificate) {
    Folder folder;
    const auto first = StateFolder::open(folder.path);
    ASSERT_TRUE(first);
    const auto server = read_file(first->server_certificate_file());
    std::filesystem::remove(first->ca_file());

    const auto second = StateFolder::open(folder.path);

    ASSERT_TRUE(second);
    EXPECT_NE(read_file(second->server_certificate_file()), server);
}

TEST(StateFolder, SaysWhichFileIsNoKey) {
    Folder folder;
    ASSERT_TRUE(write_file(folder.path / "ca-key.pem", "nonsense", 0600));

    const auto state = StateFolder::open(folder.path);

    ASSERT_FALSE(state);
    EXPECT_NE(state.error().detail.find("ca-key.pem"), std::string::npos);
}

TEST(StateFolder, SaysThatAFolderCannotBeMade) {
    const auto state = StateFolder::open("/proc/nothing/here");

    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().code, Errc::storage_failed);
}

TEST(Keys, ACertificateIsUsableForItsOwnKeyAndWhileItLives) {
    const auto key = PrivateKey::make_ec();
    const auto other = PrivateKey::make_ec();
    const auto pem = make_certificate({"x", {"localhost", "127.0.0.1"}}, key, {}, key);
    const auto short_lived = make_certificate({"x", {}, false, std::chrono::days(20)}, key, {}, key);

    EXPECT_TRUE(usable(pem, key));
    EXPECT_FALSE(usable(pem, other));
    EXPECT_FALSE(usable(short_lived, key));
    EXPECT_FALSE(usable("nonsense", key));
    EXPECT_TRUE(der_of("nonsense").empty());
    EXPECT_FALSE(PrivateKey::from_pem("nonsense"));
}

}  // namespace
}  // namespace renkei::sandbox

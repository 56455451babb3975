#include "base/test_clock.hpp"

#ifdef RENKEI_TEST_HOOKS

#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <future>

namespace renkei {
namespace {

// The driver's side: listens, sends lines, reads answers.
class Driver {
public:
    Driver() {
        char name[] = "/tmp/renkei-clock-XXXXXX";
        folder_ = ::mkdtemp(name);
        path_ = folder_ + "/clock";
        listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
        ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        ::listen(listener_, 1);
    }
    ~Driver() {
        if (peer_ >= 0) ::close(peer_);
        ::close(listener_);
        std::filesystem::remove_all(folder_);
    }
    const std::string& path() const { return path_; }
    void accept() { peer_ = ::accept(listener_, nullptr, nullptr); }
    void hang_up() {
        ::close(peer_);
        peer_ = -1;
    }
    std::string say(const std::string& line) {
        (void)!::send(peer_, line.data(), line.size(), MSG_NOSIGNAL);
        std::string answer;
        char c = 0;
        while (::recv(peer_, &c, 1, 0) == 1 && c != '\n') answer += c;
        return answer;
    }

private:
    std::string folder_, path_;
    int listener_ = -1, peer_ = -1;
};

// A clock that has connected and been told its start.
std::unique_ptr<TestClock> started(Driver& driver, const std::string& first_line) {
    auto clock = std::async(std::launch::async, [&] { return TestClock::connect(driver.path()); });
    driver.accept();
    EXPECT_EQ(driver.say(first_line), "ok");
    return std::move(clock.get().value());
}

TEST(TestClock, StartsAtTheDriversTimeAndStandsStill) {
    Driver driver;
    const auto clock = started(driver, "now 1790000000000\n");

    EXPECT_EQ(to_millis(clock->now()), 1790000000000);
}

TEST(TestClock, AnswersOnlyAfterEveryDueTimerHasRun) {
    Driver driver;
    const auto clock = started(driver, "now 1000\n");
    std::atomic<int> ran{0};
    auto one = clock->call_at(from_millis(2000), [&] { ++ran; });
    auto two = clock->call_at(from_millis(3000), [&] { ++ran; });
    auto later = clock->call_at(from_millis(5000), [&] { ++ran; });
    std::atomic<int> settled{0};
    clock->follow([&] { settled = ran.load(); });

    EXPECT_EQ(driver.say("now 3000\n"), "ok");

    EXPECT_EQ(ran, 2);
    EXPECT_EQ(settled, 2);
}

TEST(TestClock, RefusesToGoBackAndWhatItDoesNotUnderstand) {
    Driver driver;
    const auto clock = started(driver, "now 1000\n");
    clock->follow();

    EXPECT_EQ(driver.say("now 999\n"), "error");
    EXPECT_EQ(driver.say("now 12x\n"), "error");
    EXPECT_EQ(driver.say("then 2000\n"), "error");

    EXPECT_EQ(to_millis(clock->now()), 1000);
}

TEST(TestClock, StandsStillWhenTheDriverIsGone) {
    Driver driver;
    const auto clock = started(driver, "now 1000\n");
    clock->follow();
    EXPECT_EQ(driver.say("now 1500\n"), "ok");

    driver.hang_up();

    EXPECT_EQ(to_millis(clock->now()), 1500);
}

TEST(TestClock, SaysThatNobodyListens) {
    const auto clock = TestClock::connect("/nonexistent/clock");

    ASSERT_FALSE(clock);
    EXPECT_EQ(clock.error().code, Errc::invalid_field);
}

TEST(TestClock, RefusesAFirstLineThatIsNoTime) {
    Driver driver;
    auto clock = std::async(std::launch::async, [&] { return TestClock::connect(driver.path()); });
    driver.accept();

    EXPECT_EQ(driver.say("hello\n"), "");

    EXPECT_FALSE(clock.get());
}

}  // namespace
}  // namespace renkei

#endif

#include "base/test_clock.hpp"

#ifdef RENKEI_TEST_HOOKS

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

namespace renkei {
namespace {

constexpr std::size_t longest_line = 64;

// The next line without its end; nothing when the driver is gone or talks too long.
std::optional<std::string> read_line(int socket, std::string& rest) {
    for (;;) {
        if (const auto end = rest.find('\n'); end != std::string::npos) {
            auto line = rest.substr(0, end);
            rest.erase(0, end + 1);
            return line;
        }
        if (rest.size() > longest_line) return std::nullopt;
        char buffer[256];
        const auto count = ::recv(socket, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        rest.append(buffer, static_cast<std::size_t>(count));
    }
}

std::optional<TimePoint> parse_now(std::string_view line) {
    if (!line.starts_with("now ")) return std::nullopt;
    line.remove_prefix(4);
    std::int64_t millis = 0;
    const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), millis);
    if (problem != std::errc() || end != line.data() + line.size() || millis < 0) return std::nullopt;
    return from_millis(millis);
}

void answer(int socket, std::string_view text) { (void)!::send(socket, text.data(), text.size(), MSG_NOSIGNAL); }

void limit_reading(int socket, int seconds) {
    const timeval limit{seconds, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

}  // namespace

Result<std::unique_ptr<TestClock>> TestClock::connect(const std::string& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path) return fail(Errc::invalid_field, "the path of the test clock's socket is too long");
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return fail(Errc::internal, "no socket for the test clock");
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket);
        return fail(Errc::invalid_field, "nobody listens on the test clock's socket " + socket_path);
    }
    limit_reading(socket, 10);
    std::string rest;
    const auto line = read_line(socket, rest);
    const auto start = line ? parse_now(*line) : std::nullopt;
    if (!start) {
        ::close(socket);
        return fail(Errc::invalid_field, "the test clock's driver did not say what time it is");
    }
    limit_reading(socket, 0);
    answer(socket, "ok\n");
    return std::unique_ptr<TestClock>(new TestClock(socket, std::move(rest), *start));
}

TestClock::~TestClock() {
    ::shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
}

void TestClock::follow(std::function<void()> settle) {
    thread_ = std::thread([this, settle = std::move(settle)] { run(settle); });
}

void TestClock::run(const std::function<void()>& settle) {
    while (const auto line = read_line(socket_, rest_)) {
        const auto to = parse_now(*line);
        if (!to || *to < now()) {
            answer(socket_, "error\n");
            continue;
        }
        clock_.advance(*to - now());
        if (settle) settle();
        answer(socket_, "ok\n");
    }
}

}  // namespace renkei

#endif

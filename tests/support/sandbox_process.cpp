#include "tests/support/sandbox_process.hpp"

#include "tests/support/fake_provider_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace renkei::testing {
namespace {

constexpr std::chrono::seconds start_takes_at_most{60};
constexpr std::string_view before_control_port = "Control  http://127.0.0.1:";

// What the program says up to the line that names the control port. It says so once all ports listen.
std::string read_until_ready(int output) {
    const auto until = std::chrono::steady_clock::now() + start_takes_at_most;
    std::string said;
    for (;;) {
        const auto at = said.find(before_control_port);
        if (at != said.npos && said.find('\n', at) != said.npos) return said.substr(at + before_control_port.size());
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        pollfd wait{output, POLLIN, 0};
        char piece[4096];
        if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) throw std::runtime_error("the sandbox does not come up: " + said);
        const auto got = ::read(output, piece, sizeof piece);
        if (got <= 0) throw std::runtime_error("the sandbox has ended: " + said);
        said.append(piece, static_cast<std::size_t>(got));
    }
}

pid_t start(const std::string& program, const std::string& state, int output) {
    const auto parent = ::getpid();
    const auto child = ::fork();
    if (child != 0) return child;
    // Between fork and exec only what is safe in a signal handler.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) std::_Exit(1);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execl(program.c_str(), program.c_str(), "serve", "--state", state.c_str(), "--login-port", "0", "--graph-port", "0", "--control-port", "0", nullptr);
    std::_Exit(127);
}

}  // namespace

json::object ask_control(std::uint16_t port, const std::string& method, const std::string& path, const std::string& body) {
    const auto answer =
        SocketClient(port).exchange(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json" +
                                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto head_end = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.1 200 ") || head_end == answer.npos) throw std::runtime_error(method + " " + path + ": " + answer);
    auto parsed = json::parse(std::string_view(answer).substr(head_end + 4));
    if (!parsed || !parsed->is_object()) throw std::runtime_error(path + " is no JSON object");
    return std::move(parsed->get_object());
}

SandboxProcess::SandboxProcess(const std::filesystem::path& state) {
    // In the build folder, one above the tests.
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "renkei-sandbox";
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    output_ = ends[0];
    process_ = start(program.string(), state.string(), ends[1]);
    ::close(ends[1]);
    try {
        const auto port = read_until_ready(output_);
        std::from_chars(port.data(), port.data() + port.size(), control_port_);
    } catch (...) {
        end();
        throw;
    }
}

SandboxProcess::~SandboxProcess() { end(); }

void SandboxProcess::end() {
    if (process_ > 0) {
        ::kill(process_, SIGKILL);  // it keeps nothing that would have to be written
        ::waitpid(process_, nullptr, 0);
    }
    ::close(output_);
}

}  // namespace renkei::testing

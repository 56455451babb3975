// Closed-loop load for the token read: keep-alive clients on one epoll, every answer checked against its own request.
//   load PORT SECONDS CLIENTS CONNECTIONS KEYFILE [tls] [plainbody] [sweep] [even] [rotating COUNT PORT CERTIFICATE KEY]
// KEYFILE: line 1 a valid key, line 2 a revoked one. Of 100 requests one is odd: the revoked key (must be 401), a mailbox
// outside the fence (must be 403), or a connection whose token lives two seconds and was just rotated by the token endpoint
// that this program serves on PORT (must be no older than the newest token that anybody had got when the request was sent).
// A good answer must hold the connection's own name and token. `plainbody` checks nothing but the status: for the
// reference server; `sweep` reads each connection once, in order; `even` sends no odd requests, to see what those cost.
// Prints one JSON line.
#include "bench/rotating_tokens.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int port = 0;
    double seconds = 3;
    int clients = 64;
    unsigned connections = 100'000;
    std::string key, revoked;
    bool tls = false, plain_body = false, sweep = false, even = false;
    unsigned rotating = 0;  ///< connections whose token rotates
    std::uint16_t rotating_port = 0;
    std::string certificate, certificate_key;
};

// By number of the rotating connection: the newest generation of its token that any client has received.
std::array<unsigned long, renkei::bench::RotatingTokens::most> newest_received{};

struct Totals {
    unsigned long good = 0, odd = 0, rotated = 0, wrong = 0, errors = 0;
    std::string first_wrong;
    std::vector<float> micros;
};

enum class Kind { good, revoked, fenced, rotated };

class Client {
public:
    Client(const Options& options, SSL_CTX* tls, unsigned seed) : options_(options), tls_(tls), random_(seed) {}
    ~Client() {
        if (ssl_ != nullptr) SSL_free(ssl_);
        if (fd_ >= 0) close(fd_);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool connect_now() {
        fd_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(options_.port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return false;
        int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (tls_ != nullptr) {
            ssl_ = SSL_new(tls_);
            SSL_set_fd(ssl_, fd_);
            if (SSL_connect(ssl_) != 1) return false;
        }
        fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
        return true;
    }

    int fd() const { return fd_; }

    bool send_next() {
        choose();
        write_request();
        answer_.clear();
        sent_at_ = Clock::now();
        const auto sent =
            ssl_ != nullptr ? SSL_write(ssl_, request_.data(), static_cast<int>(request_.size())) : ::send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL);
        return sent == static_cast<ssize_t>(request_.size());
    }

    // One request for a rotating connection, waiting for the answer. For before the others; the socket blocks for it.
    bool read_rotating(unsigned number) {
        fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
        kind_ = Kind::rotated;
        number_ = number;
        write_request();
        answer_.clear();
        bool alive = (ssl_ != nullptr ? SSL_write(ssl_, request_.data(), static_cast<int>(request_.size()))
                                      : static_cast<int>(::send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL))) > 0;
        while (alive && !complete()) {
            char buffer[16384];
            const auto got = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer) : static_cast<int>(recv(fd_, buffer, sizeof buffer, 0));
            alive = got > 0;
            if (alive) answer_.append(buffer, static_cast<std::size_t>(got));
        }
        fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
        return alive && right();
    }

    // Reads what is there; says whether the connection goes on.
    bool on_readable(Totals& totals) {
        for (;;) {
            char buffer[16384];
            const auto got = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer) : recv(fd_, buffer, sizeof buffer, 0);
            if (got <= 0) {
                const bool again = ssl_ != nullptr ? SSL_get_error(ssl_, static_cast<int>(got)) == SSL_ERROR_WANT_READ : errno == EAGAIN && got < 0;
                return again;
            }
            answer_.append(buffer, static_cast<std::size_t>(got));
            if (!complete()) continue;
            judge(totals);
            if (!send_next()) return false;
        }
    }

private:
    void choose() {
        random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
        number_ = static_cast<unsigned>((random_ >> 33) % options_.connections);
        static unsigned next = 0;
        if (options_.sweep) number_ = next++ % options_.connections;
        const bool odd = static_cast<unsigned>(random_ >> 20) % 100 == 0 && !options_.sweep && !options_.even && !options_.plain_body;
        if (!odd) {
            kind_ = Kind::good;
            return;
        }
        constexpr std::array kinds{Kind::revoked, Kind::fenced, Kind::rotated};
        static unsigned turn = 0;
        kind_ = kinds[turn++ % (options_.rotating > 0 ? 3 : 2)];
        if (kind_ == Kind::rotated) number_ %= options_.rotating;
    }

    void write_request() {
        char name[16];
        std::snprintf(name, sizeof name, kind_ == Kind::rotated ? "r%06u" : "c%06u", number_);
        request_.assign("GET /v1/connections/").append(name).append("/token HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ");
        request_.append(kind_ == Kind::revoked ? options_.revoked : options_.key).append("\r\n");
        if (kind_ == Kind::fenced) request_.append("Renkei-Mailbox: somebody.else@contoso.example\r\n");
        request_.append("\r\n");
        if (kind_ == Kind::rotated) at_least_ = newest_received[number_];
    }

    bool complete() {
        const auto head = answer_.find("\r\n\r\n");
        if (head == std::string::npos) return false;
        auto at = answer_.find("Content-Length: ");
        if (at == std::string::npos || at > head) at = answer_.find("content-length: ");
        if (at == std::string::npos || at > head) return false;
        body_ = head + 4;
        return answer_.size() >= body_ + std::strtoul(answer_.c_str() + at + 16, nullptr, 10);
    }

    bool right_rotated(std::string_view body) const {
        char name[40], token[24];
        std::snprintf(name, sizeof name, "\"connection\":\"r%06u\"", number_);
        std::snprintf(token, sizeof token, "tok-%06u-g", number_);
        const auto at = body.find(token);
        if (body.find(name) == body.npos || at == body.npos) return false;
        const auto generation = std::strtoul(body.data() + at + std::strlen(token), nullptr, 10);
        newest_received[number_] = std::max(newest_received[number_], generation);
        return generation >= at_least_ && generation > 0;
    }

    bool right() const {
        const std::string_view status = std::string_view(answer_).substr(9, 3);
        if (kind_ == Kind::revoked) return status == "401";
        if (kind_ == Kind::fenced) return status == "403";
        if (status != "200") return false;
        if (options_.plain_body) return true;
        const auto body = std::string_view(answer_).substr(body_);
        if (kind_ == Kind::rotated) return right_rotated(body);
        char name[40], token[24];
        std::snprintf(name, sizeof name, "\"connection\":\"c%06u\"", number_);
        std::snprintf(token, sizeof token, "tok-%06u-", number_);
        return body.find(name) != body.npos && body.find(token) != body.npos;
    }

    void judge(Totals& totals) {
        totals.micros.push_back(std::chrono::duration<float, std::micro>(Clock::now() - sent_at_).count());
        if (!right()) {
            ++totals.wrong;
            if (totals.first_wrong.empty()) totals.first_wrong = request_.substr(0, 60) + " -> " + answer_.substr(0, 60);
        } else {
            ++(kind_ == Kind::good ? totals.good : totals.odd);
            if (kind_ == Kind::rotated) ++totals.rotated;
        }
    }

    const Options& options_;
    SSL_CTX* tls_;
    SSL* ssl_ = nullptr;
    int fd_ = -1;
    std::uint64_t random_;
    unsigned number_ = 0;
    unsigned long at_least_ = 0;
    Kind kind_ = Kind::good;
    std::string request_, answer_;
    std::size_t body_ = 0;
    Clock::time_point sent_at_;
};

Options read_options(int count, char** words) {
    Options options;
    if (count < 6) {
        std::fputs("usage: load PORT SECONDS CLIENTS CONNECTIONS KEYFILE [tls] [plainbody] [sweep] [even] [rotating COUNT PORT CERTIFICATE KEY]\n", stderr);
        std::exit(2);
    }
    options.port = std::atoi(words[1]);
    options.seconds = std::atof(words[2]);
    options.clients = std::atoi(words[3]);
    options.connections = static_cast<unsigned>(std::atoi(words[4]));
    std::ifstream keys(words[5]);
    std::getline(keys, options.key);
    std::getline(keys, options.revoked);
    for (int i = 6; i < count; ++i) {
        options.tls = options.tls || std::string_view(words[i]) == "tls";
        options.plain_body = options.plain_body || std::string_view(words[i]) == "plainbody";
        options.sweep = options.sweep || std::string_view(words[i]) == "sweep";
        options.even = options.even || std::string_view(words[i]) == "even";
        if (std::string_view(words[i]) == "rotating" && i + 4 < count) {
            options.rotating = std::min(static_cast<unsigned>(std::atoi(words[i + 1])), renkei::bench::RotatingTokens::most);
            options.rotating_port = static_cast<std::uint16_t>(std::atoi(words[i + 2]));
            options.certificate = words[i + 3];
            options.certificate_key = words[i + 4];
            i += 4;
        }
    }
    return options;
}

float percentile(std::vector<float>& values, double share) {
    if (values.empty()) return 0;
    const auto at = values.begin() + static_cast<long>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

void run(const Options& options, std::vector<std::unique_ptr<Client>>& clients, Totals& totals) {
    const int poll = epoll_create1(0);
    for (auto& client : clients) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = client.get();
        epoll_ctl(poll, EPOLL_CTL_ADD, client->fd(), &event);
        if (!client->send_next()) ++totals.errors;
    }
    const auto end = Clock::now() + std::chrono::duration<double>(options.seconds);
    std::array<epoll_event, 256> events;
    // A sweep reads each connection once and ends then.
    while (Clock::now() < end && !(options.sweep && totals.good >= options.connections)) {
        const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
        for (int i = 0; i < ready; ++i) {
            auto* client = static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (client->on_readable(totals)) continue;
            ++totals.errors;
            epoll_ctl(poll, EPOLL_CTL_DEL, client->fd(), nullptr);
        }
    }
    close(poll);
}

// Renkei may have tried in vain while nobody served, and leaves the endpoint alone for a while then: each rotating
// connection is asked until it works.
bool wait_for_rotating(const Options& options, Client& client) {
    const auto end = Clock::now() + std::chrono::seconds(60);
    for (unsigned number = 0; number < options.rotating; ++number)
        while (!client.read_rotating(number)) {
            if (Clock::now() > end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    return true;
}

bool connect_all(const Options& options, SSL_CTX* tls, std::vector<std::unique_ptr<Client>>& clients) {
    for (int i = 0; i < options.clients; ++i) {
        clients.push_back(std::make_unique<Client>(options, tls, 12345U + static_cast<unsigned>(i) * 7919U));
        if (!clients.back()->connect_now()) return false;
    }
    return true;
}

void print(Totals& totals, double took, unsigned long rotations) {
    const auto all = totals.good + totals.odd + totals.wrong;
    std::printf(
        "{\"requests\":%lu,\"rps\":%.0f,\"good\":%lu,\"odd\":%lu,\"rotated\":%lu,\"rotations\":%lu,\"wrong\":%lu,\"errors\":%lu,\"p50\":%.0f,\"p99\":%.0f}\n",
        all, static_cast<double>(all) / took, totals.good, totals.odd, totals.rotated, rotations, totals.wrong, totals.errors,
        static_cast<double>(percentile(totals.micros, 0.5)), static_cast<double>(percentile(totals.micros, 0.99)));
    if (totals.wrong != 0) std::fprintf(stderr, "first wrong: %s\n", totals.first_wrong.c_str());
}

}  // namespace

int main(int count, char** words) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto options = read_options(count, words);
    SSL_CTX* tls = options.tls ? SSL_CTX_new(TLS_client_method()) : nullptr;
    if (tls != nullptr) SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    // Its threads serve until the program ends.
    auto* endpoint = options.rotating > 0 ? new renkei::bench::RotatingTokens(options.rotating_port, options.certificate, options.certificate_key) : nullptr;
    std::vector<std::unique_ptr<Client>> clients;
    Totals totals;
    if (!connect_all(options, tls, clients)) return std::fputs("could not connect\n", stderr), 1;
    if (endpoint != nullptr && !wait_for_rotating(options, *clients.front())) return std::fputs("the rotating connections do not work\n", stderr), 1;
    const auto rotations = endpoint != nullptr ? endpoint->rotations() : 0;
    const auto began = Clock::now();
    run(options, clients, totals);
    print(totals, std::chrono::duration<double>(Clock::now() - began).count(), endpoint != nullptr ? endpoint->rotations() - rotations : 0);
    clients.clear();
    if (tls != nullptr) SSL_CTX_free(tls);
    std::fflush(stdout);
    std::_Exit(totals.wrong == 0 && totals.errors == 0 ? 0 : 1);
}

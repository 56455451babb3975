#include "adapters/http/server.hpp"

#include "adapters/http/server_loop.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <string>
#include <utility>

namespace renkei::http {
namespace {

using Acceptor = ServerLoop::Acceptor;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
constexpr int backlog = 4096;

enum class Sharing { alone, with_other_loops };

// An acceptor that is bound; with_other_loops lets the kernel spread connections over several of them.
Acceptor bind(asio::io_context& loop, const asio::ip::tcp::endpoint& at, Sharing sharing, boost::system::error_code& error) {
    Acceptor acceptor(loop.get_executor());
    acceptor.open(at.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && at.protocol() == asio::ip::tcp::v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error && sharing == Sharing::with_other_loops) acceptor.set_option(ReusePort(true), error);
    if (!error) acceptor.bind(at, error);
    return acceptor;
}

// Counts loops that have come to their end; waited for by the thread that stops the server.
class Countdown {
public:
    explicit Countdown(std::size_t count) : left_(count) {}
    void one() {
        const std::lock_guard lock(mutex_);
        if (--left_ == 0) changed_.notify_all();
    }
    bool wait(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, time, [this] { return left_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t left_;
};

}  // namespace

struct Server::Impl {
    app::EventLoops& event_loops;
    std::shared_ptr<ServerContext> context;
    std::vector<std::shared_ptr<ServerLoop>> loops;
    std::vector<std::shared_ptr<TlsServerContext>> certificates;
    bool running = false;
};

Server::Server(ServerSettings settings, app::EventLoops& loops, app::HttpHandler& handler, Random& random, app::AccessSink* sink)
    : impl_(std::make_unique<Impl>(loops, std::make_shared<ServerContext>(std::move(settings), handler, random, sink))) {
    for (std::size_t i = 0; i < loops.size(); ++i) impl_->loops.push_back(std::make_shared<ServerLoop>(loops.at(i), impl_->context));
    // OpenSSL writes with write(), which has no MSG_NOSIGNAL: a client that goes away would end the process.
    std::signal(SIGPIPE, SIG_IGN);
}

Server::~Server() {
    if (impl_->running) stop(std::chrono::milliseconds(0));
}

Result<std::uint16_t> Server::listen(const ListenAddress& address) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address.address, error);
    if (error) return bad_field("listen", "`" + address.address + "` is no address to listen on.");
    std::shared_ptr<TlsServerContext> tls;
    if (address.tls) {
        auto loaded = TlsServerContext::load(*address.tls);
        if (!loaded) return propagate(loaded);
        tls = std::move(*loaded);
    }
    asio::ip::tcp::endpoint at(ip, address.port);
    // SO_REUSEPORT would let a second server of the same user join in silently, so the port is tried alone first.
    auto& unbound = impl_->context->unbound;
    if (at.port() != 0) bind(unbound, at, Sharing::alone, error);
    for (auto& loop : impl_->loops) {
        if (error) break;
        auto acceptor = bind(unbound, at, Sharing::with_other_loops, error);
        if (!error) acceptor.listen(backlog, error);
        if (!error) at = acceptor.local_endpoint(error);
        if (!error) loop->add(std::move(acceptor), tls);
    }
    if (error) return fail(Errc::internal, "Cannot listen on " + address.address + " port " + std::to_string(address.port) + ": " + error.message() + ".");
    if (tls) impl_->certificates.push_back(std::move(tls));
    return at.port();
}

void Server::start() {
    impl_->running = true;
    for (auto& loop : impl_->loops) asio::post(loop->loop(), [loop] { loop->start(); });
}

Result<void> Server::reload() {
    Result<void> outcome;
    for (auto& certificate : impl_->certificates)
        if (auto one = certificate->reload(); !one) outcome = propagate(one);
    return outcome;
}

bool Server::stop(std::chrono::milliseconds drain) {
    if (!std::exchange(impl_->running, false)) return true;
    auto ends = std::make_shared<Countdown>(impl_->loops.size());
    for (auto& loop : impl_->loops) {
        // A loop that has been stopped before would never answer.
        if (loop->loop().stopped())
            ends->one();
        else
            asio::post(loop->loop(), [loop, ends] { loop->drain([ends] { ends->one(); }); });
    }
    if (ends->wait(drain)) return true;
    for (auto& loop : impl_->loops) asio::post(loop->loop(), [loop] { loop->abort(); });
    constexpr std::chrono::milliseconds to_notice(1000);
    return ends->wait(to_notice);
}

std::size_t Server::open_connections() const { return impl_->context->connections.load(std::memory_order_relaxed); }

}  // namespace renkei::http

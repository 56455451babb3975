#include "adapters/http/egress_client.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace renkei::http {
namespace {

using TcpResolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

Address bytes_of(const asio::ip::address& from) {
    if (from.is_v6()) return from.to_v6().to_bytes();
    Address address{};
    const auto v4 = from.to_v4().to_bytes();
    address[10] = address[11] = 0xff;
    std::copy(v4.begin(), v4.end(), address.begin() + 12);
    return address;
}

// A lookup and a timer: the first of them answers. A lookup cannot be called off, so it keeps this until it is through.
struct Lookup {
    Lookup(const Executor& executor, std::string name) : resolver(executor), timer(executor), host(std::move(name)) {}
    TcpResolver resolver;
    Timer timer;
    std::string host;
    std::function<void(bool)> done;
    Result<std::vector<Address>> found{};

    void finish(Result<std::vector<Address>> result) {
        if (!done) return;
        found = std::move(result);
        timer.cancel();
        std::exchange(done, nullptr)(true);
    }
    void take(const boost::system::error_code& error, const TcpResolver::results_type& results) {
        if (error) return finish(fail(Errc::provider_unavailable, "the name " + host + " could not be resolved"));
        std::vector<Address> addresses;
        for (const auto& entry : results) addresses.push_back(bytes_of(entry.endpoint().address()));
        finish(std::move(addresses));
    }
};

class SystemResolver final : public Resolver {
public:
    Task<Result<std::vector<Address>>> resolve(std::string host, std::chrono::milliseconds deadline) override {
        auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor, std::move(host));
        co_await wait_for_callback<bool>([&lookup, deadline](auto done) {
            lookup->done = std::move(done);
            lookup->timer.expires_after(deadline);
            lookup->timer.async_wait([lookup](boost::system::error_code error) {
                if (!error) lookup->finish(fail(Errc::provider_timeout, "the name " + lookup->host + " was not resolved in time"));
            });
            lookup->resolver.async_resolve(lookup->host, "", [lookup](const auto& error, const auto& results) { lookup->take(error, results); });
        });
        co_return std::move(lookup->found);
    }
};

}  // namespace

std::unique_ptr<Resolver> make_system_resolver() { return std::make_unique<SystemResolver>(); }

}  // namespace renkei::http

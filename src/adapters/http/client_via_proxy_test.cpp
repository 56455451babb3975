#include "adapters/http/client.hpp"
#include "adapters/http/client_loopback_test.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>

namespace renkei::http {
namespace {

using namespace std::chrono_literals;
using testing::LoopbackServer;
using testing::Peer;
using testing::TestCertificate;

void relay(Peer& from, Peer& to) {
    for (auto bytes = from.read_some(); !bytes.empty() && to.write(bytes); bytes = from.read_some()) {
    }
    to.stop();
}

// A proxy that tunnels to `port` of this machine, whatever name it is asked for.
class TestProxy {
public:
    explicit TestProxy(std::uint16_t port, std::string credentials = "")
        : server_([this, port, wanted = std::move(credentials)](Peer& peer) { serve(peer, port, wanted); }) {}
    std::string address(std::string_view user = "") const { return "http://" + std::string(user) + "127.0.0.1:" + std::to_string(server_.port()); }
    std::vector<std::string> heads() { return server_.notes(); }
    int connections() const { return server_.connections(); }

private:
    void serve(Peer& peer, std::uint16_t port, const std::string& wanted) {
        const auto head = peer.read_head();
        if (head.empty()) return;
        server_.note(head);
        if (!wanted.empty() && head.find("Proxy-Authorization: " + wanted + "\r\n") == head.npos) {
            peer.write("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            return;
        }
        if (!head.starts_with("CONNECT ")) {
            peer.answer("from the proxy", "Connection: close\r\n");
            return;
        }
        sockaddr_in target{};
        target.sin_family = AF_INET;
        target.sin_port = htons(port);
        target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        Peer upstream(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(upstream.fd(), reinterpret_cast<sockaddr*>(&target), sizeof target) != 0) return;
        peer.write("HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n");
        std::thread back([&] { relay(upstream, peer); });
        relay(peer, upstream);
        back.join();
    }
    LoopbackServer server_;
};

struct World {
    explicit World(ClientSettings settings) {
        settings.ca_bundle.clear();
        client = std::move(make_http_client(std::move(settings), clock, random).value());
    }
    Result<HttpResponse> get(std::string url) {
        HttpRequest request{.url = std::move(url)};
        if (request.url.starts_with("https")) request.authorization = Secret("Bearer planted-token");
        return loop.run(client->send(std::move(request), {.deadline = 5s}));
    }
    ManualClock clock;
    testing::FixedRandom random;
    std::unique_ptr<app::HttpClient> client;
    testing::TestLoop loop;
};

struct Inside {
    TestCertificate certificate{"provider.example"};
    LoopbackServer server{[this](Peer& peer) {
        if (!peer.start_tls(certificate.server_context())) return;
        while (!peer.read_request().empty()) peer.answer("through the tunnel");
    }};
};

ClientSettings through(const std::string& proxy, const Inside& inside) {
    ClientSettings settings;
    settings.proxy.https_proxy = Secret(proxy);
    settings.proxied_names = ProxiedNames::trust_the_proxy;  // provider.example has no address on this machine
    settings.extra_ca_file = inside.certificate.pem_file();
    return settings;
}

TEST(ClientViaProxy, TunnelsWithConnectAndChecksTheCertificateOfTheTarget) {
    Inside inside;
    TestProxy proxy(inside.server.port());
    World world(through(proxy.address(), inside));

    const auto answer = world.get("https://provider.example/path?q=1");

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "through the tunnel");
    EXPECT_FALSE(answer->headers.has("X-Proxy"));
    const auto head = proxy.heads().at(0);
    EXPECT_TRUE(head.starts_with("CONNECT provider.example:443 HTTP/1.1\r\n")) << head;
    // The proxy sees the name and nothing else.
    EXPECT_EQ(head.find("planted-token"), head.npos);
    EXPECT_EQ(head.find("path"), head.npos);
    EXPECT_EQ(world.get("https://wrong-name.example/").error().code, Errc::tls_failed);
}

TEST(ClientViaProxy, KeepsTheTunnel) {
    Inside inside;
    TestProxy proxy(inside.server.port());
    World world(through(proxy.address(), inside));

    for (int i = 0; i < 3; ++i) EXPECT_TRUE(world.get("https://provider.example/"));

    EXPECT_EQ(proxy.connections(), 1);
}

TEST(ClientViaProxy, AuthenticatesWithUserAndPassword) {
    Inside inside;
    TestProxy proxy(inside.server.port(), "Basic dXNlcjpwYTpzcyB3b3Jk");  // user:pa:ss word
    World world(through(proxy.address("user:pa%3Ass%20word@"), inside));

    const auto answer = world.get("https://provider.example/");

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "through the tunnel");
}

TEST(ClientViaProxy, SaysThatTheProxyAsksForAPassword) {
    Inside inside;
    TestProxy proxy(inside.server.port(), "Basic dXNlcjpwYXNz");
    World none(through(proxy.address(), inside));
    World wrong(through(proxy.address("user:planted-password@"), inside));

    for (World* world : {&none, &wrong}) {
        const auto answer = world->get("https://provider.example/");
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, Errc::provider_unavailable);
        EXPECT_EQ(answer.error().detail, "the proxy refused the way to provider.example with status 407: it asks for a user name and password");
    }
}

TEST(ClientViaProxy, PlainHttpGoesToTheProxyWithTheWholeAddress) {
    Inside inside;
    TestProxy proxy(1);
    auto settings = through("", inside);
    settings.proxy.http_proxy = Secret(proxy.address());
    World world(std::move(settings));

    EXPECT_EQ(world.get("http://provider.example/path")->body, "from the proxy");
    EXPECT_TRUE(proxy.heads().at(0).starts_with("GET http://provider.example/path HTTP/1.1\r\n"));
}

TEST(ClientViaProxy, A407ToPlainHttpIsNoAnswerOfTheProvider) {
    Inside inside;
    TestProxy proxy(1, "Basic nobody");
    auto settings = through("", inside);
    settings.proxy.http_proxy = Secret(proxy.address());
    World world(std::move(settings));

    EXPECT_EQ(world.get("http://provider.example/").error().code, Errc::provider_unavailable);
}

TEST(ClientViaProxy, NamesOfInternalAddressesAreRefusedBeforeTheProxyIsAsked) {
    Inside inside;
    TestProxy proxy(inside.server.port());
    auto settings = through(proxy.address(), inside);
    settings.proxied_names = ProxiedNames::resolve_and_check;
    World world(std::move(settings));

    for (const char* host : {"localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "10.0.0.1", "169.254.169.254"})
        EXPECT_EQ(world.get("https://" + std::string(host) + "/").error().code, Errc::egress_refused) << host;
    EXPECT_EQ(proxy.connections(), 0);
}

TEST(ClientViaProxy, NoProxyGoesDirectlyAndIsCheckedAsSuch) {
    Inside inside;
    TestProxy proxy(inside.server.port());
    auto settings = through(proxy.address(), inside);
    settings.proxy.no_proxy = "localhost";
    World world(std::move(settings));

    EXPECT_EQ(world.get("https://localhost:" + std::to_string(inside.server.port()) + "/").error().code, Errc::egress_refused);
    EXPECT_EQ(proxy.connections(), 0);
}

TEST(ClientViaProxy, TheEnvironmentIsNotReadHere) {
    LoopbackServer trap([](Peer& peer) { peer.answer("trapped"); });
    LoopbackServer server([](Peer& peer) {
        peer.read_request();
        peer.answer("direct");
    });
    ::setenv("http_proxy", trap.url().c_str(), 1);
    ::setenv("ALL_PROXY", trap.url().c_str(), 1);
    ClientSettings settings;
    settings.egress = {{"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}}};
    World world(std::move(settings));

    EXPECT_EQ(world.get(server.url())->body, "direct");

    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
    EXPECT_EQ(trap.connections(), 0);
}

TEST(ClientViaProxy, AProxyThatIsNotThereIsUnavailable) {
    Inside inside;
    std::uint16_t nobody = 0;
    {
        nobody = LoopbackServer([](Peer&) {}).port();
    }
    World world(through("http://127.0.0.1:" + std::to_string(nobody), inside));

    EXPECT_EQ(world.get("https://provider.example/").error().code, Errc::provider_unavailable);
}

}  // namespace
}  // namespace renkei::http

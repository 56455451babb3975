#include "adapters/http/client.hpp"
#include "adapters/http/client_loopback_test.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

using namespace std::chrono_literals;
using testing::LoopbackServer;
using testing::Peer;

const core::WorkspaceId ours(IdBytes{1}), theirs(IdBytes{2});

struct World {
    explicit World(std::vector<EgressAllowance> egress = {}) {
        ClientSettings settings;
        settings.egress = std::move(egress);
        client = std::move(make_http_client(std::move(settings), clock, random).value());
    }
    Result<HttpResponse> get(std::string url, core::WorkspaceId workspace = {}, std::string purpose = "provider") {
        return loop.run(client->send({.url = std::move(url)}, {.deadline = 5s, .purpose = std::move(purpose), .workspace = workspace}));
    }
    ManualClock clock;
    testing::FixedRandom random;
    std::unique_ptr<app::HttpClient> client;
    testing::TestLoop loop;
};

EgressAllowance allowance(std::string_view range, std::optional<core::WorkspaceId> workspace = {}) {
    return {"*", workspace, core::AddressRange::parse(range).value(), {}};
}

void keep_answering(Peer& peer) {
    while (!peer.read_request().empty()) peer.answer("inside");
}

Errc code_of(const Result<HttpResponse>& result) { return result ? Errc::internal : result.error().code; }

TEST(ClientEgress, RefusesLoopbackInEveryNotation) {
    LoopbackServer server(keep_answering);
    World world;

    for (const char* host : {"127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0.0.0.0", "0",
                             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "foo.localhost"})
        EXPECT_EQ(code_of(world.get(server.url("/", host))), Errc::egress_refused) << host;
    EXPECT_EQ(code_of(world.get(server.url("/", "127.0.0.1."))), Errc::invalid_field);
    EXPECT_EQ(server.connections(), 0);
}

TEST(ClientEgress, RefusesIpv6Loopback) {
    LoopbackServer server(keep_answering, LoopbackServer::Family::v6);
    World world;

    EXPECT_EQ(code_of(world.get(server.url("/", "[::1]"))), Errc::egress_refused);
    EXPECT_EQ(code_of(world.get(server.url("/", "[0:0:0:0:0:0:0:1]"))), Errc::egress_refused);
    EXPECT_EQ(server.connections(), 0);
}

TEST(ClientEgress, CallsANameOfThisMachineWithAnAllowance) {
    LoopbackServer server(keep_answering);
    World world({allowance("127.0.0.0/8"), allowance("::1")});

    EXPECT_EQ(world.get(server.url("/", "localhost"))->body, "inside");
    EXPECT_EQ(world.get(server.url("/", "127.1"))->body, "inside");
}

TEST(ClientEgress, CallsIpv6LoopbackWithAnAllowance) {
    LoopbackServer server(keep_answering, LoopbackServer::Family::v6);
    World world({allowance("::1")});

    EXPECT_EQ(world.get(server.url("/", "[::1]"))->body, "inside");
}

TEST(ClientEgress, AnotherAddressOfANameIsTriedIfOneIsRefused) {
    // localhost is ::1 and 127.0.0.1; only the second is allowed.
    LoopbackServer server(keep_answering);
    World world({allowance("127.0.0.1")});

    EXPECT_EQ(world.get(server.url("/", "localhost"))->body, "inside");
}

TEST(ClientEgress, NobodyRidesOnAConnectionOpenedUnderSomebodyElsesAllowance) {
    LoopbackServer server(keep_answering);
    World world({allowance("127.0.0.0/8", ours)});
    ASSERT_TRUE(world.get(server.url("/", "localhost"), ours));
    ASSERT_EQ(server.connections(), 1);

    // The kept connection to the same host and port is open.
    EXPECT_EQ(code_of(world.get(server.url("/", "localhost"), theirs)), Errc::egress_refused);
    EXPECT_EQ(code_of(world.get(server.url("/", "localhost"))), Errc::egress_refused);
    EXPECT_TRUE(world.get(server.url("/", "localhost"), ours));
    EXPECT_EQ(server.connections(), 1);
}

TEST(ClientEgress, StreamsAndUploadsAreCheckedToo) {
    LoopbackServer server(keep_answering);
    World world;

    EXPECT_EQ(world.loop.run(world.client->open({.url = server.url("/", "localhost")}, {})).error().code, Errc::egress_refused);
    EXPECT_EQ(world.loop
                  .run(world.client->upload({.method = Method::put, .url = server.url("/", "localhost")},
                                            std::make_unique<testing::PiecesStream>(std::deque<Result<std::string>>{}), 0, {}))
                  .error()
                  .code,
              Errc::egress_refused);
    EXPECT_EQ(server.connections(), 0);
}

TEST(ClientEgress, RefusesPrivateAndMetadataAddressesWithoutTouchingThem) {
    World world;

    for (const char* url : {"http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://192.168.1.1/",
                            "http://100.64.0.1/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://0x0a000001/", "http://167772161/"})
        EXPECT_EQ(code_of(world.get(url)), Errc::egress_refused) << url;
}

TEST(ClientEgress, RefusesAddressesThatAreNotHttp) {
    World world;

    for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://user:pass@127.0.0.1/", "//127.0.0.1/", "", "http://"})
        EXPECT_EQ(code_of(world.get(url)), Errc::invalid_field) << url;
}

TEST(ClientEgress, CredentialsDoNotTravelWithoutTls) {
    LoopbackServer server(keep_answering);
    World world({allowance("127.0.0.0/8")});
    HttpRequest bearer{.url = server.url()};
    bearer.authorization = Secret("Bearer planted");
    HttpRequest form{.method = Method::post, .url = server.url()};
    form.secret_body = Secret("client_secret=planted");

    EXPECT_EQ(code_of(world.loop.run(world.client->send(std::move(bearer), {}))), Errc::egress_refused);
    EXPECT_EQ(code_of(world.loop.run(world.client->send(std::move(form), {}))), Errc::egress_refused);
    EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace renkei::http

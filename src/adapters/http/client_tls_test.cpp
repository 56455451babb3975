#include "adapters/http/client.hpp"
#include "adapters/http/client_loopback_test.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <cstdio>

namespace renkei::http {
namespace {

using namespace std::chrono_literals;
using testing::LoopbackServer;
using testing::Peer;
using testing::TestCertificate;

struct World {
    explicit World(std::string extra_ca_file, std::string bundle = "") {
        ClientSettings settings;
        settings.egress = {{"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}}};
        settings.ca_bundle = std::move(bundle);
        settings.extra_ca_file = std::move(extra_ca_file);
        client = std::move(make_http_client(std::move(settings), clock, random).value());
    }
    Result<HttpResponse> get(const LoopbackServer& server, std::string_view host) {
        HttpRequest request{.url = "https://" + std::string(host) + ":" + std::to_string(server.port()) + "/path?query=planted"};
        request.authorization = Secret("Bearer planted-token");
        return loop.run(client->send(std::move(request), {.deadline = 5s}));
    }
    ManualClock clock;
    testing::FixedRandom random;
    std::unique_ptr<app::HttpClient> client;
    testing::TestLoop loop;
};

LoopbackServer tls_server(const TestCertificate& certificate) {
    return LoopbackServer([&certificate](Peer& peer) {
        if (!peer.start_tls(certificate.server_context())) return;
        while (!peer.read_request().empty()) peer.answer("over TLS");
    });
}

TEST(ClientTls, BelievesTheExtraCaFile) {
    TestCertificate certificate("localhost");
    auto server = tls_server(certificate);
    World world(certificate.pem_file());

    const auto by_name = world.get(server, "localhost");
    const auto by_address = world.get(server, "127.0.0.1");

    ASSERT_TRUE(by_name) << by_name.error().detail;
    EXPECT_EQ(by_name->body, "over TLS");
    ASSERT_TRUE(by_address) << by_address.error().detail;
}

TEST(ClientTls, BelievesTheExtraCaFileBesideTheSystemsBundle) {
    TestCertificate certificate("localhost"), other("localhost");
    auto server = tls_server(certificate);
    World world(certificate.pem_file(), other.pem_file());

    EXPECT_TRUE(world.get(server, "localhost"));
}

TEST(ClientTls, RefusesAnUnknownCertificateAndNamesTheHostOnly) {
    TestCertificate certificate("localhost"), other("localhost");
    auto server = tls_server(certificate);
    World world(other.pem_file());

    const auto answer = world.get(server, "localhost");

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::tls_failed);
    EXPECT_EQ(answer.error().detail, "the certificate of localhost was not accepted");
}

TEST(ClientTls, RefusesACertificateForAnotherName) {
    TestCertificate certificate("other.example", false);
    auto server = tls_server(certificate);
    World world(certificate.pem_file());

    EXPECT_EQ(world.get(server, "localhost").error().code, Errc::tls_failed);
    EXPECT_EQ(world.get(server, "127.0.0.1").error().code, Errc::tls_failed);
}

TEST(ClientTls, RefusesProtocolsOlderThanTls12) {
    TestCertificate certificate("localhost");
    SSL_CTX_set_security_level(certificate.server_context(), 0);
    SSL_CTX_set_max_proto_version(certificate.server_context(), TLS1_1_VERSION);
    auto server = tls_server(certificate);
    World world(certificate.pem_file());

    EXPECT_EQ(world.get(server, "localhost").error().code, Errc::tls_failed);
}

TEST(ClientTls, AHandshakeThatIsCutIsAFaultOfTheNetwork) {
    LoopbackServer closing([](Peer& peer) { peer.read_some(); });
    LoopbackServer resetting([](Peer& peer) {
        peer.read_some();
        peer.reset();
    });
    TestCertificate certificate("localhost");
    World world(certificate.pem_file());

    EXPECT_EQ(world.get(closing, "localhost").error().code, Errc::provider_unavailable);
    EXPECT_EQ(world.get(resetting, "localhost").error().code, Errc::provider_unavailable);
}

TEST(ClientTls, AServerThatDoesNotSpeakTlsIsRefused) {
    LoopbackServer plain([](Peer& peer) {
        peer.read_some();
        peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    TestCertificate certificate("localhost");
    World world(certificate.pem_file());

    EXPECT_EQ(world.get(plain, "localhost").error().code, Errc::tls_failed);
}

TEST(ClientTls, StreamsOverTls) {
    TestCertificate certificate("localhost");
    const std::string body(3 << 20, 'x');
    LoopbackServer server([&](Peer& peer) {
        if (!peer.start_tls(certificate.server_context())) return;
        peer.read_request();
        peer.answer(body);
    });
    World world(certificate.pem_file());

    auto opened = world.loop.run(world.client->open({.url = "https://localhost:" + std::to_string(server.port()) + "/"}, {}));
    ASSERT_TRUE(opened) << opened.error().detail;
    std::string got;
    for (auto piece = world.loop.run(opened->body->read()); piece && !piece->empty(); piece = world.loop.run(opened->body->read())) got += *piece;

    EXPECT_TRUE(got == body);
}

TEST(ClientTls, AnUnreadableExtraCaFileStopsTheStart) {
    ManualClock clock;
    testing::FixedRandom random;
    const auto start = [&](std::string file) {
        ClientSettings settings;
        settings.extra_ca_file = std::move(file);
        return make_http_client(std::move(settings), clock, random);
    };

    EXPECT_EQ(start("/nowhere/ca.pem").error().code, Errc::tls_failed);
    EXPECT_EQ(start("/dev/null").error().code, Errc::tls_failed);
}

TEST(ClientTls, AnUnreadableBundleIsATlsFault) {
    TestCertificate certificate("localhost");
    auto server = tls_server(certificate);
    World world(certificate.pem_file(), "/nowhere/bundle.pem");

    EXPECT_EQ(world.get(server, "localhost").error().code, Errc::tls_failed);
}

}  // namespace
}  // namespace renkei::http

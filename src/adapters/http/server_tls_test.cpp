#include "adapters/http/server_test_world.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>

namespace renkei::http {
namespace {

using namespace testing;

using ContextPtr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using SessionPtr = std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using FilePtr = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

CertificatePtr make_certificate(EVP_PKEY* key, long serial) {
    CertificatePtr certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    auto* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

class ServerTls : public ::testing::Test {
protected:
    ServerTls() { write(1); }
    ~ServerTls() override { std::filesystem::remove_all(folder_); }

    void write(long serial) {
        const KeyPtr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        const auto certificate = make_certificate(key.get(), serial);
        const FilePtr certificate_file(std::fopen(files.certificate.c_str(), "w"), std::fclose);
        const FilePtr key_file(std::fopen(files.key.c_str(), "w"), std::fclose);
        PEM_write_X509(certificate_file.get(), certificate.get());
        PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    }
    static long serial_of(RawClient& client) {
        const CertificatePtr certificate(SSL_get1_peer_certificate(client.tls()), X509_free);
        return certificate ? ASN1_INTEGER_get(X509_get_serialNumber(certificate.get())) : 0;
    }
    static ContextPtr client_context(int version = TLS1_3_VERSION) {
        ContextPtr context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
        SSL_CTX_set_security_level(context.get(), 0);
        SSL_CTX_set_min_proto_version(context.get(), version);
        SSL_CTX_set_max_proto_version(context.get(), version);
        return context;
    }

private:
    static std::string make_folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "renkei-tls-XXXXXX").string();
        return ::mkdtemp(pattern.data()) ? pattern : std::string();
    }
    std::string folder_ = make_folder();

protected:
    TlsFiles files{folder_ + "/certificate.pem", folder_ + "/key.pem"};
    ContextPtr context = client_context();
};

TEST_F(ServerTls, ServesBothVersionsAndRefusesOlderOnes) {
    ServerWorld world({}, files);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto own = client_context(version);
        RawClient client(world.port);
        ASSERT_TRUE(client.start_tls(own.get()));
        EXPECT_TRUE(client.ask(get_request("/who")).body.find(" secure ") != std::string::npos);
        EXPECT_EQ(client.ask(post_request("/b", std::string(80'000, 'x'))).body.size(), 80'008u);
        EXPECT_EQ(client.ask(get_request("/fast", "Connection: close\r\n")).status, 200);
        EXPECT_TRUE(client.closed());
    }
    const auto old = client_context(TLS1_1_VERSION);
    EXPECT_FALSE(RawClient(world.port).start_tls(old.get()));
}

TEST_F(ServerTls, NegotiatesHttp11OrNothing) {
    ServerWorld world({}, files);
    const auto offer = [&](std::string_view protocols) {
        auto own = client_context();
        SSL_CTX_set_alpn_protos(own.get(), reinterpret_cast<const unsigned char*>(protocols.data()), static_cast<unsigned>(protocols.size()));
        return own;
    };
    const auto both = offer("\x02h2\x08http/1.1"), other = offer("\x02h2");
    RawClient client(world.port);

    ASSERT_TRUE(client.start_tls(both.get()));
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(client.tls(), &chosen, &length);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), length), "http/1.1");
    EXPECT_FALSE(RawClient(world.port).start_tls(other.get()));
}

TEST_F(ServerTls, AReloadChangesTheCertificateAndKeepsConnections) {
    ServerWorld world({}, files);
    RawClient before(world.port);
    ASSERT_TRUE(before.start_tls(context.get()));
    ASSERT_EQ(before.ask(get_request("/")).status, 200);
    write(2);

    ASSERT_TRUE(world.server.reload());

    RawClient after(world.port);
    ASSERT_TRUE(after.start_tls(context.get()));
    EXPECT_EQ(serial_of(before), 1);
    EXPECT_EQ(serial_of(after), 2);
    EXPECT_EQ(before.ask(get_request("/")).status, 200);
    EXPECT_EQ(after.ask(get_request("/")).status, 200);
}

TEST_F(ServerTls, AReloadOfBadFilesKeepsTheOldCertificate) {
    ServerWorld world({}, files);
    const FilePtr file(std::fopen(files.key.c_str(), "w"), std::fclose);
    std::fputs("nonsense", file.get());
    std::fflush(file.get());

    const auto outcome = world.server.reload();

    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().detail.find("key.pem"), std::string::npos);
    RawClient client(world.port);
    ASSERT_TRUE(client.start_tls(context.get()));
    EXPECT_EQ(client.ask(get_request("/")).status, 200);
}

TEST_F(ServerTls, AKeyOfAnotherCertificateIsRefused) {
    const auto other = files.key + ".other";
    std::filesystem::copy_file(files.key, other);
    write(2);
    app::EventLoops loops(1);
    PathHandler handler;
    SystemRandom random;
    Server server({}, loops, handler, random, nullptr);

    EXPECT_FALSE(server.listen({"127.0.0.1", 0, TlsFiles{files.certificate, other}}));
}

TEST_F(ServerTls, ResumesASessionAlsoAfterAReload) {
    ServerWorld world({}, files);
    RawClient first(world.port);
    ASSERT_TRUE(first.start_tls(context.get()));
    ASSERT_EQ(first.ask(get_request("/")).status, 200);  // the ticket comes behind the handshake
    const SessionPtr session(SSL_get1_session(first.tls()), SSL_SESSION_free);
    ASSERT_TRUE(world.server.reload());

    RawClient second(world.port);
    ASSERT_TRUE(second.start_tls(context.get(), session.get()));

    EXPECT_EQ(SSL_session_reused(second.tls()), 1);
    EXPECT_EQ(second.ask(get_request("/")).status, 200);
}

TEST_F(ServerTls, PipelinedRequestsAndLongAnswersPass) {
    ServerWorld world({}, files);
    RawClient client(world.port);
    ASSERT_TRUE(client.start_tls(context.get()));
    std::string all;
    for (int i = 0; i < 100; ++i) all += get_request("/fast");

    client.send(all + get_request("/big") + get_request("/stream"));

    for (int i = 0; i < 100; ++i) ASSERT_EQ(client.read().status, 200) << i;
    EXPECT_EQ(client.read().body.size(), 8u << 20);
    EXPECT_EQ(client.read().body, "one two 3");
}

TEST_F(ServerTls, PlainBytesOnATlsPortEndTheConnection) {
    ServerWorld world({}, files);
    RawClient client(world.port);
    client.send(get_request("/"));

    EXPECT_EQ(client.read_all().find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(ServerTls, ASlowHandshakeIsCutOff) {
    ServerSettings settings;
    settings.sweep_interval = std::chrono::milliseconds(5);
    settings.head_deadline = std::chrono::milliseconds(30);
    ServerWorld world(settings, files);
    RawClient client(world.port);
    client.send("\x16\x03\x01");

    EXPECT_TRUE(client.closed());
}

TEST_F(ServerTls, AClientThatGoesAwayDoesNotEndTheServer) {
    ServerWorld world({}, files);
    for (int i = 0; i < 20; ++i) {
        RawClient client(world.port, 4096);
        ASSERT_TRUE(client.start_tls(context.get()));
        client.send(get_request("/big"));
    }
    RawClient last(world.port);
    ASSERT_TRUE(last.start_tls(context.get()));

    EXPECT_EQ(last.ask(get_request("/")).status, 200);
}

TEST_F(ServerTls, PlainAndTlsAreServedAtOnce) {
    SystemRandom random;
    PathHandler handler;
    app::EventLoops loops(2);
    Server server({}, loops, handler, random, nullptr);
    const auto plain = server.listen({"127.0.0.1", 0, {}});
    const auto tls = server.listen({"::1", 0, files});
    const auto second = server.listen({"127.0.0.1", 0, files});
    ASSERT_TRUE(plain && second);
    loops.start();
    server.start();
    RawClient client(*plain), secure(*second);

    EXPECT_EQ(client.ask(get_request("/")).status, 200);
    ASSERT_TRUE(secure.start_tls(context.get()));
    EXPECT_EQ(secure.ask(get_request("/")).status, 200);
}

}  // namespace
}  // namespace renkei::http

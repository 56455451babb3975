#include "adapters/http/client.hpp"

#include "adapters/http/client_loopback_test.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace renkei::http {
namespace {

using testing::LoopbackServer;
using testing::Peer;

struct World {
    World() {
        ClientSettings settings;
        settings.egress.push_back({"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}});
        client = std::move(make_http_client(std::move(settings), clock, random).value());
    }
    Result<HttpResponse> get(std::string url, app::CallOptions options = {}) { return loop.run(client->send({.url = std::move(url)}, std::move(options))); }

    ManualClock clock;
    testing::FixedRandom random;
    std::unique_ptr<app::HttpClient> client;
    testing::TestLoop loop;
};

LoopbackServer answering(std::string raw) {
    return LoopbackServer([raw](Peer& peer) {
        if (!peer.read_request().empty()) peer.write(raw);
    });
}

Errc code_of(const Result<HttpResponse>& result) { return result ? Errc::internal : result.error().code; }

const std::string gzip_head("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);

std::uint32_t crc_of(std::string_view text) {
    std::uint32_t crc = ~0u;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
    }
    return ~crc;
}

std::string little_endian(std::uint32_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
}

// One stored block (RFC 1951 section 3.2.4).
std::string gzipped(std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    return gzip_head + '\1' + little_endian(size, 2) + little_endian(~size, 2) + std::string(text) + little_endian(crc_of(text), 4) + little_endian(size, 4);
}

// A zero, and then "the last byte 258 times" again and again: 13 bits for 258 bytes (RFC 1951 section 3.2.6).
std::string gzip_bomb(std::size_t unpacked) {
    std::string out = gzip_head;
    unsigned bits = 0, count = 0;
    const auto put = [&](unsigned code, unsigned length) {
        for (unsigned i = 0; i < length; ++i) {
            bits |= (code >> (length - 1 - i) & 1) << count;
            if (++count == 8) out += static_cast<char>(std::exchange(bits, 0)), count = 0;
        }
    };
    put(0b110, 3);       // last block, fixed codes
    put(0b00110000, 8);  // the literal 0
    for (std::size_t made = 1; made < unpacked; made += 258) put(0b11000101, 8), put(0, 5);
    put(0, 16);
    return out;
}

std::string encoded_answer(std::string_view body) {
    return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST(ClientEncoding, UnpacksGzipAndDropsTheHeadersThatSpeakOfIt) {
    auto server = answering(encoded_answer(gzipped("plain text")));
    World world;

    const auto answer = world.get(server.url());

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "plain text");
    EXPECT_FALSE(answer->headers.has("Content-Encoding"));
    EXPECT_FALSE(answer->headers.has("Content-Length"));
}

TEST(ClientEncoding, GzipBombEndsAtTheLimit) {
    auto server = answering(encoded_answer(gzip_bomb(64 << 20)));
    World world;

    EXPECT_EQ(code_of(world.get(server.url(), {.max_answer_bytes = 1 << 20})), Errc::provider_bad_answer);
}

TEST(ClientEncoding, BrokenGzipIsABadAnswer) {
    World world;
    auto garbage = answering(encoded_answer("this is not gzip at all"));
    auto wrong_sum = answering(encoded_answer(gzipped("text").replace(20, 1, "!")));

    EXPECT_EQ(code_of(world.get(garbage.url())), Errc::provider_bad_answer);
    EXPECT_EQ(code_of(world.get(wrong_sum.url())), Errc::provider_bad_answer);
}

}  // namespace
}  // namespace renkei::http

#include "adapters/http/client.hpp"
#include "adapters/http/client_blocking.hpp"
#include "adapters/http/client_loopback_test.hpp"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <utility>

namespace renkei::http {
namespace {

using namespace std::chrono_literals;
using testing::LoopbackServer;
using testing::Peer;
using testing::PiecesStream;

std::unique_ptr<app::HttpClient> make_client(Clock& clock, Random& random) {
    ClientSettings settings;
    settings.egress.push_back({"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}});
    settings.plain_http = PlainHttp::allow_plain_http_for_tests;
    return std::move(make_http_client(std::move(settings), clock, random).value());
}

struct World {
    ManualClock clock;
    testing::FixedRandom random;
    std::unique_ptr<app::HttpClient> client = make_client(clock, random);
    testing::TestLoop loop;
};

// Byte n of every body here.
std::string pattern(std::uint64_t from, std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((from + i) * 2654435761u >> 13);
    return out;
}

struct Streamed {
    int status = 0;
    std::uint64_t bytes = 0;
    bool intact = true;
    std::size_t longest_piece = 0;
    std::optional<Error> error;
};

// Reads to the end; between two pieces it lets the loop turn, so that whatever is not held back would pile up.
Task<Streamed> read_all(app::HttpClient& client, HttpRequest request, app::CallOptions options, int turns, std::function<void(std::uint64_t)> look) {
    Streamed seen;
    auto opened = co_await client.open(std::move(request), std::move(options));
    if (!opened) {
        seen.error = opened.error();
        co_return seen;
    }
    seen.status = opened->status;
    for (;;) {
        auto piece = co_await opened->body->read();
        if (!piece) {
            seen.error = piece.error();
            co_return seen;
        }
        if (piece->empty()) co_return seen;
        seen.intact = seen.intact && *piece == pattern(seen.bytes, piece->size());
        seen.bytes += piece->size();
        seen.longest_piece = std::max(seen.longest_piece, piece->size());
        for (int i = 0; i < turns; ++i) co_await asio::post(use_task);
        if (look) look(seen.bytes);
    }
}

// Streams `size` bytes; `sent` follows how far it came.
LoopbackServer streaming(std::uint64_t size, std::atomic<std::uint64_t>& sent, bool with_length = true) {
    return LoopbackServer([size, &sent, with_length](Peer& peer) {
        peer.small_send_buffer();
        if (peer.read_request().empty()) return;
        peer.write("HTTP/1.1 200 OK\r\n" + (with_length ? "Content-Length: " + std::to_string(size) : std::string("Connection: close")) + "\r\n\r\n");
        for (std::uint64_t at = 0; at < size; at += 65536) {
            if (!peer.write(pattern(at, std::min<std::uint64_t>(65536, size - at)))) return;
            sent += 65536;
        }
    });
}

TEST(ClientStream, Delivers64MiBIntactInSmallPiecesWithBoundedMemory) {
    constexpr std::uint64_t size = 64 << 20;
    std::atomic<std::uint64_t> sent{0};
    auto server = streaming(size, sent);
    World world;
    std::uint64_t furthest_ahead = 0;

    const auto seen = world.loop.run(read_all(*world.client, {.url = server.url()}, {.deadline = 60s, .max_answer_bytes = size}, 3, [&](std::uint64_t read) {
        furthest_ahead = std::max(furthest_ahead, sent - std::min<std::uint64_t>(read, sent));
    }));

    EXPECT_FALSE(seen.error) << seen.error->detail;
    EXPECT_EQ(seen.bytes, size);
    EXPECT_TRUE(seen.intact);
    EXPECT_LE(seen.longest_piece, 65536u);
    // What the kernel keeps for a loopback connection, and a little of ours.
    EXPECT_LT(furthest_ahead, 16u << 20);
}

TEST(ClientStream, AReaderThatDoesNotReadHoldsTheSenderBack) {
    constexpr std::uint64_t size = 64 << 20;
    std::atomic<std::uint64_t> sent{0};
    auto server = streaming(size, sent);
    World world;
    std::uint64_t sent_meanwhile = 0;
    const auto look = [&](std::uint64_t read) {
        if (read <= 65536) sent_meanwhile = sent;
    };

    world.loop.run(read_all(*world.client, {.url = server.url()}, {.deadline = 60s, .max_answer_bytes = size}, 0, [&](std::uint64_t read) {
        // After the first piece: the loop runs on for a while without anybody reading.
        for (int i = 0; i < 20000 && read <= 65536 && sent < size; ++i) world.loop.context().poll();
        look(read);
    }));

    EXPECT_GT(sent_meanwhile, 0u);
    EXPECT_LT(sent_meanwhile, 16u << 20);
}

TEST(ClientStream, DeliversBodiesWithoutALength) {
    std::atomic<std::uint64_t> sent{0};
    auto server = streaming(3 << 20, sent, false);
    World world;

    const auto seen = world.loop.run(read_all(*world.client, {.url = server.url()}, {}, 1, {}));

    EXPECT_FALSE(seen.error);
    EXPECT_EQ(seen.bytes, 3u << 20);
    EXPECT_TRUE(seen.intact);
}

TEST(ClientStream, HandsOverTheHeadBeforeTheBodyIsThere) {
    std::atomic<bool> asked_on{false};
    LoopbackServer server([&](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nX-Here: yes\r\n\r\n");
        while (!asked_on) std::this_thread::yield();
        peer.write("later");
    });
    World world;

    auto opened = world.loop.run(world.client->open({.url = server.url()}, {}));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->status, 206);
    EXPECT_EQ(opened->headers.get("x-here"), "yes");
    asked_on = true;

    EXPECT_EQ(world.loop.run(opened->body->read()).value(), "later");
    EXPECT_EQ(world.loop.run(opened->body->read()).value(), "");
}

TEST(ClientStream, DroppingTheStreamClosesTheConnection) {
    std::atomic<bool> cut{false};
    LoopbackServer server([&](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
        while (peer.write(std::string(65536, 'x'))) {
        }
        cut = true;
    });
    World world;
    auto opened = world.loop.run(world.client->open({.url = server.url()}, {.max_answer_bytes = 1'000'000'000}));
    ASSERT_TRUE(opened);
    ASSERT_EQ(world.loop.run(opened->body->read()).value().size(), 65536u);

    opened->body.reset();

    while (!cut) world.loop.context().poll();
    EXPECT_TRUE(cut);
}

TEST(ClientStream, AStreamMayOutliveItsLoop) {
    auto loop = std::make_unique<testing::TestLoop>();
    std::atomic<std::uint64_t> sent{0};
    auto server = streaming(1 << 20, sent);
    ManualClock clock;
    testing::FixedRandom random;
    auto client = make_client(clock, random);
    auto opened = loop->run(client->open({.url = server.url()}, {}));
    ASSERT_TRUE(opened);

    loop.reset();
    client.reset();
    opened->body.reset();

    EXPECT_FALSE(opened->body);
}

TEST(ClientStream, ALoopMayEndWhileCallsWait) {
    std::atomic<int> arrived{0};
    LoopbackServer server([&](Peer& peer) {
        peer.read_request();
        ++arrived;
        peer.read_some();
    });
    ManualClock clock;
    testing::FixedRandom random;
    auto client = make_client(clock, random);
    bool finished = false;
    {
        asio::io_context loop(1);
        for (int i = 0; i < 3; ++i)
            asio::co_spawn(loop.get_executor(), client->send({.url = server.url()}, {}), [&](std::exception_ptr, Result<HttpResponse>) { finished = true; });
        while (arrived < 3) loop.poll();
    }

    EXPECT_FALSE(finished);
}

TEST(ClientStream, ACutStreamEndsWithAnErrorAfterWhatHasArrived) {
    LoopbackServer server([](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + pattern(0, 100000));
    });
    World world;

    const auto seen = world.loop.run(read_all(*world.client, {.url = server.url()}, {}, 0, {}));

    ASSERT_TRUE(seen.error);
    EXPECT_EQ(seen.error->code, Errc::provider_bad_answer);
    EXPECT_EQ(seen.bytes, 100000u);
    EXPECT_TRUE(seen.intact);
}

TEST(ClientStream, TheLimitHoldsForStreamsToo) {
    std::atomic<std::uint64_t> sent{0};
    auto announced = streaming(2 << 20, sent);
    auto silent = streaming(2 << 20, sent, false);
    World world;
    const app::CallOptions options{.max_answer_bytes = 1 << 20};

    EXPECT_EQ(world.loop.run(read_all(*world.client, {.url = announced.url()}, options, 0, {})).error->code, Errc::provider_bad_answer);
    EXPECT_EQ(world.loop.run(read_all(*world.client, {.url = silent.url()}, options, 0, {})).error->code, Errc::provider_bad_answer);
}

TEST(ClientStream, TheDeadlineHoldsWhileNobodyReads) {
    std::atomic<std::uint64_t> sent{0};
    auto server = streaming(64 << 20, sent);
    World world;
    auto opened = world.loop.run(world.client->open({.url = server.url()}, {.deadline = 200ms, .max_answer_bytes = 64 << 20}));
    ASSERT_TRUE(opened);

    // Reads with long pauses: the deadline comes first.
    std::optional<Error> error;
    const auto started = std::chrono::steady_clock::now();
    while (!error && std::chrono::steady_clock::now() - started < 20s) {
        while (std::chrono::steady_clock::now() - started < 250ms) world.loop.context().poll();
        auto piece = world.loop.run(opened->body->read());
        if (!piece)
            error = piece.error();
        else if (piece->empty())
            break;
    }

    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, Errc::provider_timeout);
}

TEST(ClientStream, RefusesAnEncodedStreamItAskedNotToGet) {
    LoopbackServer server([&](Peer& peer) {
        server.note(peer.read_request());
        peer.answer("xxxx", "Content-Encoding: gzip\r\n");
    });
    World world;

    const auto seen = world.loop.run(read_all(*world.client, {.url = server.url()}, {}, 0, {}));

    EXPECT_EQ(seen.error->code, Errc::provider_bad_answer);
    EXPECT_NE(server.notes().at(0).find("Accept-Encoding: identity\r\n"), std::string::npos);
}

std::unique_ptr<PiecesStream> pieces_of(std::uint64_t size, int* taken = nullptr) {
    std::deque<Result<std::string>> pieces;
    for (std::uint64_t at = 0; at < size; at += 65536) pieces.emplace_back(pattern(at, std::min<std::uint64_t>(65536, size - at)));
    return std::make_unique<PiecesStream>(std::move(pieces), taken);
}

TEST(ClientStream, UploadsABodyPieceByPiece) {
    constexpr std::uint64_t size = (8 << 20) + 123;
    LoopbackServer server([&](Peer& peer) {
        server.note(peer.read_request());
        peer.answer("taken");
    });
    World world;
    HttpRequest request{.method = Method::put, .url = server.url("/up"), .headers = {{"Content-Range", "bytes 0-1/2"}, {"Content-Length", "7"}}};

    const auto answer = world.loop.run(world.client->upload(std::move(request), pieces_of(size), size, {}));

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "taken");
    const auto seen = server.notes().at(0);
    EXPECT_TRUE(seen.starts_with("PUT /up HTTP/1.1\r\n"));
    EXPECT_NE(seen.find("Content-Length: " + std::to_string(size) + "\r\n"), seen.npos);
    EXPECT_NE(seen.find("Content-Range: bytes 0-1/2\r\n"), seen.npos);
    EXPECT_TRUE(seen.substr(seen.find("\r\n\r\n") + 4) == pattern(0, size));
}

TEST(ClientStream, UploadsWithPost) {
    LoopbackServer server([&](Peer& peer) {
        server.note(peer.read_request());
        peer.answer("");
    });
    World world;

    ASSERT_TRUE(world.loop.run(world.client->upload({.method = Method::post, .url = server.url()}, pieces_of(1000), 1000, {})));

    EXPECT_TRUE(server.notes().at(0).starts_with("POST / HTTP/1.1\r\n"));
}

TEST(ClientStream, AnUploadThatIsRefusedEarlyGetsTheAnswer) {
    int taken = 0;
    LoopbackServer server([](Peer& peer) {
        peer.read_head();
        peer.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\nConnection: close\r\n\r\ntoo big");
        while (!peer.read_some().empty()) {
        }
    });
    World world;

    const auto answer = world.loop.run(world.client->upload({.method = Method::put, .url = server.url()}, pieces_of(64 << 20, &taken), 64 << 20, {}));

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 413);
    EXPECT_LT(taken, 1024);
}

TEST(ClientStream, AnUploadOfAnotherLengthThanAnnouncedIsRefused) {
    LoopbackServer server([](Peer& peer) { peer.read_request(); });
    World world;
    const auto upload = [&](std::uint64_t real, std::uint64_t announced) {
        return world.loop.run(world.client->upload({.method = Method::put, .url = server.url()}, pieces_of(real), announced, {})).error().code;
    };

    EXPECT_EQ(upload(1000, 1001), Errc::bad_request);
    EXPECT_EQ(upload(1001, 1000), Errc::bad_request);
}

TEST(ClientStream, AFailingSourceEndsTheUploadWithItsError) {
    LoopbackServer server([](Peer& peer) { peer.read_request(); });
    World world;
    std::deque<Result<std::string>> pieces;
    pieces.emplace_back("some");
    pieces.emplace_back(fail(Errc::request_timeout, "the sender is too slow"));

    const auto answer =
        world.loop.run(world.client->upload({.method = Method::put, .url = server.url()}, std::make_unique<PiecesStream>(std::move(pieces)), 100, {}));

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::request_timeout);
}

TEST(BlockingHttpClient, SendsDownloadsAndUploadsWithoutALoopOfTheCaller) {
    LoopbackServer server([](Peer& peer) {
        for (auto text = peer.read_request(); !text.empty(); text = peer.read_request()) {
            if (text.starts_with("GET /no"))
                peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
            else
                peer.answer(pattern(0, 300000));
        }
    });
    ManualClock clock;
    testing::FixedRandom random;
    BlockingHttpClient client(make_client(clock, random));
    std::string got;
    const auto sink = [&](std::string_view piece) {
        got += piece;
        return true;
    };

    EXPECT_EQ(client.send({.url = server.url()}, {})->body.size(), 300000u);
    EXPECT_EQ(client.download({.url = server.url()}, {}, sink)->status, 200);
    EXPECT_TRUE(got == pattern(0, 300000));
    EXPECT_EQ(client.download({.url = server.url("/no")}, {}, sink)->body, "none");
    EXPECT_EQ(client.upload({.method = Method::put, .url = server.url()}, pieces_of(10), 10, {})->status, 200);
    EXPECT_EQ(client.download({.url = server.url()}, {}, [](std::string_view) { return false; })->status, 200);
    EXPECT_EQ(client.send({.url = server.url()}, {})->status, 200);
}

}  // namespace
}  // namespace renkei::http

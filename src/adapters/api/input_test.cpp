// The readers of outside input, the router and what is negotiated: without a world.
#include "adapters/api/access_log.hpp"
#include "adapters/api/connect_cookie.hpp"
#include "adapters/api/html.hpp"
#include "adapters/api/language.hpp"
#include "adapters/api/metrics_sink.hpp"
#include "adapters/api/router.hpp"
#include "adapters/api/times.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace renkei::api {
namespace {

constexpr Route sample[] = {
    {Method::get, "/v1/things", Requires::nothing, nullptr},
    {Method::post, "/v1/things", Requires::nothing, nullptr},
    {Method::get, "/v1/things/search", Requires::nothing, nullptr},
    {Method::get, "/v1/things/{id}", Requires::nothing, nullptr},
    {Method::get, "/v1/things/{id}/parts/{part}", Requires::nothing, nullptr},
};

TEST(Router, FindsLiteralsBeforeParametersAndDecodesSegments) {
    const Router router({sample});

    EXPECT_EQ(router.find(Method::get, "/v1/things/search")->route->pattern, "/v1/things/search");
    const auto match = router.find(Method::get, "/v1/things/a%2Fb%3D/parts/%E3%81%82");
    ASSERT_TRUE(match);
    EXPECT_EQ(match->parameters[0].second, "a/b=");
    EXPECT_EQ(match->parameters[1].second, "あ");
}

TEST(Router, HeadIsGetAndOtherMethodsAreTold) {
    const Router router({sample});

    EXPECT_EQ(router.find(Method::head, "/v1/things")->route->method, Method::get);
    const auto other = router.find(Method::delete_, "/v1/things");
    EXPECT_EQ(other->route, nullptr);
    EXPECT_EQ(other->allow, "GET, HEAD, POST, OPTIONS");
}

TEST(Router, RefusesWhatIsNoPlainPath) {
    const Router router({sample});

    for (const auto* path : {"", "v1/things", "/v1//things", "/v1/things/", "/v1/./things", "/v1/things/..", "/v1/things/%2e%2e", "/v1/things/%",
                             "/v1/things/%0a", "/v1/things/%c3"})
        EXPECT_FALSE(router.find(Method::get, path)) << path;
}

TEST(Router, TwoRoutesForOnePlaceAreADefect) {
    constexpr Route twice[] = {{Method::get, "/v1/things", Requires::nothing, nullptr}};
    constexpr Route renamed[] = {{Method::put, "/v1/things/{name}", Requires::nothing, nullptr}};

    EXPECT_THROW(Router({sample, twice}), std::logic_error);
    EXPECT_THROW(Router({sample, renamed}), std::logic_error);
}

TEST(Language, TakesTheHeaviestThatIsKnown) {
    EXPECT_EQ(negotiate(""), Language::en);
    EXPECT_EQ(negotiate("ja"), Language::ja);
    EXPECT_EQ(negotiate("ja-JP,en;q=0.9"), Language::ja);
    EXPECT_EQ(negotiate("en-GB;q=0.9, ja;q=0.8"), Language::en);
    EXPECT_EQ(negotiate("de, ja;q=0.1"), Language::ja);
    EXPECT_EQ(negotiate("ja;q=0"), Language::en);
    EXPECT_EQ(negotiate("*, ja;q=0.5"), Language::en);
    EXPECT_EQ(negotiate(";;;q=,,=1,jam,j"), Language::en);
    EXPECT_EQ(negotiate(std::string(10'000, 'j')), Language::en);
}

TEST(Times, AreReadAsRfc3339AndNothingElse) {
    EXPECT_EQ(iso_text(*parse_time("2026-12-31T09:00:00Z")), "2026-12-31T09:00:00Z");
    EXPECT_EQ(iso_text(*parse_time("2026-12-31T09:00:00.123456+09:00")), "2026-12-31T00:00:00Z");
    for (const auto* text : {"", "2026-12-31", "2026-12-31 09:00:00Z", "2026-02-30T00:00:00Z", "2026-12-31T24:00:00Z", "2026-12-31T09:00:00",
                             "2026-12-31T09:00:00.Z", "2026-12-31T09:00:00+0900", "2026-12-31T09:00:00Zx", "٢٠٢٦-12-31T09:00:00Z", "2026-12-31T09:00:60Z"})
        EXPECT_FALSE(parse_time(text)) << text;
}

TEST(Html, EscapesTextAndAttributes) {
    Html html;
    html.open("a", {{"title", "\"><script>"}}).text("<b> & 'x'").close("a");

    EXPECT_EQ(html.result(), "<a title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt; &amp; &#39;x&#39;</a>");
}

TEST(ConnectCookie, IsReadOnlyWhenThereIsExactlyOne) {
    const ConnectCookie cookie("https://renkei.example");
    const auto read = [&](std::string_view header) { return cookie.read(std::optional<Secret>(Secret(header))); };

    EXPECT_TRUE(read("a=b; __Host-renkei-connect=x%2By; c=d")->equals(Secret("x+y")));
    EXPECT_FALSE(read("__Host-renkei-connect=x; __Host-renkei-connect=y"));
    EXPECT_FALSE(read("__Host-renkei-connect="));
    EXPECT_FALSE(read("__Host-renkei-connect=%zz"));
    EXPECT_FALSE(read("renkei-connect=x"));
    EXPECT_FALSE(read(";;=;"));
    EXPECT_FALSE(cookie.read(std::nullopt));
}

app::AccessRecord answered(std::string_view method, std::string_view route, int status) {
    app::AccessRecord access;
    access.method = method;
    access.route = route;
    access.status = status;
    access.bytes = 100;
    access.duration = std::chrono::microseconds(700);
    access.request_id = "0123456789abcdef0123456789abcdef";
    access.address[10] = access.address[11] = 0xff;
    access.address[12] = 192;
    access.address[15] = 7;
    access.principal = "robot";
    return access;
}

TEST(MetricsSink, AddsUpTheThreadsByRouteAndStatus) {
    MetricsSink sink;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&sink] {
            for (int n = 0; n < 250; ++n) sink.record(answered("GET", "/v1/me", n % 5 == 0 ? 401 : 200));
        });
    for (auto& thread : threads) thread.join();
    sink.add_reading("renkei_cached_tokens", "Tokens in memory.", MetricsSink::Kind::gauge, [] { return 42.0; });

    const auto text = sink.text();

    EXPECT_NE(text.find(R"(renkei_http_requests_total{method="GET",route="/v1/me",status="200"} 800)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"(renkei_http_requests_total{method="GET",route="/v1/me",status="401"} 200)"), std::string::npos);
    EXPECT_NE(text.find(R"(renkei_http_request_duration_seconds_bucket{method="GET",route="/v1/me",le="0.001"} 1000)"), std::string::npos);
    EXPECT_NE(text.find(R"(renkei_http_request_duration_seconds_bucket{method="GET",route="/v1/me",le="0.0005"} 0)"), std::string::npos);
    EXPECT_NE(text.find(R"(renkei_http_answer_bytes_total{method="GET",route="/v1/me"} 100000)"), std::string::npos);
    EXPECT_NE(text.find("renkei_cached_tokens 42"), std::string::npos);
}

TEST(MetricsSink, MethodsOfTheCallersChoiceBecomeOne) {
    MetricsSink sink;
    for (int i = 0; i < 100; ++i) sink.record(answered("X" + std::to_string(i), "", 400));

    EXPECT_NE(sink.text().find(R"({method="other",route="",status="400"} 100)"), std::string::npos);
}

TEST(AccessLog, WritesWholeLinesAndNoneThatWasForged) {
    ManualClock clock(from_millis(1'790'000'000'000));
    std::string written;
    AccessLog text(clock, AccessLog::Format::text, [&](std::string_view lines) { written += lines; });
    text.record(answered("GET", "/v1/me", 200));
    text.record(answered("GET\n2026 forged", "", 400));
    EXPECT_EQ(written, "") << "gathered first";
    text.flush();

    EXPECT_EQ(written,
              "2026-09-21T14:13:20Z 200 GET /v1/me 100 B 0.700 ms 192.0.0.7 robot 0123456789abcdef0123456789abcdef\n"
              "2026-09-21T14:13:20Z 400 ? - 100 B 0.700 ms 192.0.0.7 robot 0123456789abcdef0123456789abcdef\n");
}

TEST(AccessLog, JsonLinesAreWrittenInBlocksAndAtTheEnd) {
    ManualClock clock;
    std::string written;
    {
        AccessLog log(clock, AccessLog::Format::json, [&](std::string_view lines) { written += lines; }, 400);
        for (int i = 0; i < 5; ++i) log.record(answered("GET", "/v1/me", 200));
        EXPECT_FALSE(written.empty());
    }
    EXPECT_EQ(std::ranges::count(written, '\n'), 5);
    EXPECT_NE(written.find(R"("route":"/v1/me","status":200,"bytes":100,"ms":0.700,"address":"192.0.0.7","principal":"robot")"), std::string::npos);
}

}  // namespace
}  // namespace renkei::api

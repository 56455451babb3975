#include "adapters/http/exchange_log.hpp"

#include "adapters/http/client_loopback_test.hpp"
#include "adapters/http/exchange_log_redaction.hpp"
#include "base/json.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace renkei::http {
namespace {

using testing::FakeClient;

struct World {
    World() {
        char folder[] = "/tmp/renkei-log-XXXXXX";
        path = std::string(::mkdtemp(folder)) + "/exchange.jsonl";
        client = with_exchange_log(std::make_unique<FakeClient>(script), ExchangeLog::open(path).value());
    }
    ~World() {
        ::unlink(path.c_str());
        ::rmdir(path.substr(0, path.rfind('/')).c_str());
    }
    std::string log() const {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    json::object line() const { return json::parse(log().substr(0, log().find('\n'))).value().as_object(); }
    std::string member(const char* name) const { return std::string(json::text(line(), name).value_or("?")); }
    void answers(std::string type, std::string body) { script->answers.emplace_back(HttpResponse{200, {{"Content-Type", std::move(type)}}, std::move(body)}); }
    Result<HttpResponse> send(HttpRequest request) { return loop.run(client->send(std::move(request), {})); }

    std::string path;
    std::shared_ptr<FakeClient::Script> script = std::make_shared<FakeClient::Script>();
    std::unique_ptr<app::HttpClient> client;
    testing::TestLoop loop;
};

TEST(ExchangeLog, WritesOneLineACallIntoAFileOfTheOwnersAlone) {
    World world;
    world.answers("application/json", R"({"value":[1]})");

    ASSERT_TRUE(world.send({.url = "https://graph.example:8443/v1.0/me/messages?$top=10"}));

    EXPECT_EQ(world.log().back(), '\n');
    EXPECT_EQ(world.member("service"), "graph.example");
    EXPECT_EQ(world.member("method"), "GET");
    EXPECT_EQ(world.member("path"), "/v1.0/me/messages?%24top=10");
    EXPECT_EQ(json::integer(world.line(), "status"), 200);
    EXPECT_EQ(world.member("request"), "");
    EXPECT_EQ(world.member("response"), R"({"value":[1]})");
    struct stat info{};
    ASSERT_EQ(::stat(world.path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(ExchangeLog, KeepsPlantedSecretsOut) {
    World world;
    world.answers("application/json; charset=utf-8",
                  R"({"access_token":"planted-1","refresh_token":"planted-2","id_token":"planted-3","expires_in":3599,"echo":"got planted-4 and planted-5"})");
    HttpRequest request{.method = Method::post,
                        .url = "https://login.example/token?code=planted-6&client_secret=planted%2D7&kept=yes",
                        .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}};
    request.authorization = Secret("Basic planted-4");
    request.secret_body = Secret(
        "grant_type=refresh_token&refresh_token=planted-5&client_secret=planted-8&client_assertion=planted-9&code=planted-10&code_verifier=planted-11&"
        "password=planted-12&assertion=planted-13&device_code=planted-14&CLIENT_SECRET=planted-15");

    ASSERT_TRUE(world.send(std::move(request)));

    EXPECT_EQ(world.log().find("planted"), std::string::npos) << world.log();
    EXPECT_EQ(world.member("path"), "/token?code=[removed]&client_secret=[removed]&kept=yes");
    EXPECT_NE(world.member("request").find("grant_type=refresh_token&refresh_token=[removed]"), std::string::npos);
    EXPECT_NE(world.member("response").find("\"expires_in\":3599"), std::string::npos);
    EXPECT_NE(world.member("response").find("got [removed] and [removed]"), std::string::npos);
}

TEST(ExchangeLog, KeepsSecretsOutOfJsonAtAnyDepth) {
    World world;
    world.answers(
        "application/json",
        R"({"a":[{"uploadUrl":"https://planted/1"},{"b":{"Client_Secret":{"deep":["planted-2"]}}}],"header":"Bearer planted-3","jwt":"eyJhbGciOi.planted.sig"})");
    HttpRequest request{.method = Method::post, .url = "https://h.example/", .headers = {{"Content-Type", "application/json"}}};
    request.secret_body = Secret(R"({"password":"planted-4","code":123456,"name":"kept"})");

    ASSERT_TRUE(world.send(std::move(request)));

    EXPECT_EQ(world.log().find("planted"), std::string::npos) << world.log();
    EXPECT_EQ(world.log().find("123456"), std::string::npos);
    EXPECT_NE(world.member("request").find("kept"), std::string::npos);
}

TEST(ExchangeLog, ShowsTheErrorCodesOfGraph) {
    World world;
    world.answers("application/json", R"({"error":{"code":"ErrorItemNotFound","message":"gone"}})");

    ASSERT_TRUE(world.send({.url = "https://graph.example/"}));

    EXPECT_EQ(world.member("response"), R"({"error":{"code":"ErrorItemNotFound","message":"gone"}})");
}

TEST(ExchangeLog, ShowsOnlyTheSizeOfWhatItCannotClean) {
    World world;
    world.answers("application/json", R"({"access_token":"planted-1)");
    world.answers("text/html", "<input name=code value=planted-2>");
    HttpRequest no_type{.method = Method::post, .url = "https://h.example/"};
    no_type.secret_body = Secret("planted-3");
    HttpRequest bad_form{.method = Method::post, .url = "https://h.example/?%zz=planted-5", .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}};
    bad_form.secret_body = Secret("a=%zz&client_secret=planted-4");

    ASSERT_TRUE(world.send(std::move(no_type)));
    (void)world.send(std::move(bad_form));

    EXPECT_EQ(world.log().find("planted"), std::string::npos) << world.log();
    EXPECT_EQ(world.member("request"), "[9 bytes]");
    EXPECT_EQ(world.member("response"), "[not JSON, 26 bytes]");
}

TEST(ExchangeLog, CutsLongBodiesBetweenCharacters) {
    World world;
    std::string text;
    for (int i = 0; i < 3000; ++i) text += "\xe3\x81\x82";
    world.answers("application/json", "[\"" + text + "\"]");

    ASSERT_TRUE(world.send({.url = "https://h.example/"}));

    const auto shown = world.member("response");
    EXPECT_LE(shown.size(), 4096u + 5);
    EXPECT_TRUE(shown.ends_with("\xe3\x81\x82[cut]"));
}

TEST(ExchangeLog, NotesErrorsAndStreams) {
    World world;
    world.script->answers.emplace_back(fail(Errc::provider_timeout, "h did not answer in time"));
    world.script->answers.emplace_back(HttpResponse{200, {}, "planted"});
    world.script->answers.emplace_back(HttpResponse{201, {}, ""});

    EXPECT_FALSE(world.send({.url = "https://h.example/"}));
    EXPECT_TRUE(world.loop.run(world.client->open({.url = "https://h.example/"}, {})));
    std::deque<Result<std::string>> pieces;
    pieces.emplace_back("planted");
    EXPECT_TRUE(world.loop.run(
        world.client->upload({.method = Method::put, .url = "https://h.example/"}, std::make_unique<testing::PiecesStream>(std::move(pieces)), 7, {})));

    EXPECT_EQ(world.member("response"), "[error: provider-timeout]");
    EXPECT_NE(world.log().find("\"response\":\"[stream]\""), std::string::npos);
    EXPECT_NE(world.log().find("[stream of 7 bytes]"), std::string::npos);
    EXPECT_EQ(world.log().find("planted"), std::string::npos);
}

TEST(ExchangeLog, RefusesAFileItCannotOpenAndALinkToAnother) {
    World world;
    const auto link = world.path + ".link";
    ASSERT_EQ(::symlink(world.path.c_str(), link.c_str()), 0);

    EXPECT_EQ(ExchangeLog::open("/nowhere/log").error().code, Errc::invalid_field);
    EXPECT_EQ(ExchangeLog::open(link).error().code, Errc::invalid_field);

    ::unlink(link.c_str());
}

TEST(ExchangeLog, NarrowsTheRightsOfAnOlderFile) {
    World world;
    ASSERT_EQ(::chmod(world.path.c_str(), 0644), 0);

    ASSERT_TRUE(ExchangeLog::open(world.path));

    struct stat info{};
    ASSERT_EQ(::stat(world.path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace renkei::http

#include "sandbox/mounted.hpp"

#include "base/json.hpp"
#include "sandbox/login/login_test_world.hpp"
#include "sandbox/tls/state_folder.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>

namespace renkei::sandbox {
namespace {

// A service that counts and echoes.
class Echo final : public Service {
public:
    std::string_view name() const override { return "graph"; }
    ServerResponse handle(ServerRequest request) override {
        ++handled;
        auto response = json_response(200, R"({"path":")" + request.path + "\"}");
        response.route = "/v1.0/{any}";
        return response;
    }
    ServerResponse vendor_error(int status, const ServerRequest&) override { return json_response(status, R"({"error":{"code":"vendor"}})"); }
    int handled = 0;
};

struct LogFolder {
    LogFolder() {
        char name[] = "/tmp/renkei-sandbox-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~LogFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

struct MountedWorld {
    LoginWorld w;
    Echo echo;
    Faults faults;
    Counters counters;
    LogFolder folder;
    std::optional<ExchangeLog> log;
    std::optional<Mounted> mounted;

    MountedWorld() {
        log.emplace(std::move(ExchangeLog::open((folder.path / "log").string()).value()));
        mounted.emplace(echo, Surroundings{w.world, faults, counters, &*log});
    }
    void fault(std::string_view json_text) { faults.add(parse_fault(json_text).value()); }
    ServerResponse run(Task<ServerResponse> task) {
        asio::io_context loop;
        ServerResponse out;
        asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failed, ServerResponse response) {
            EXPECT_FALSE(failed);
            out = std::move(response);
        });
        loop.run();
        return out;
    }
    ServerResponse send(Method method, std::string_view target, std::string body = {}, Headers headers = {}) {
        return run(mounted->handle(make_request(method, target, std::move(body), std::move(headers))));
    }
    ServerResponse get(std::string_view target = "/v1.0/me") { return send(Method::get, target); }
    // The whole body of a streamed answer, and whether it broke off.
    std::pair<std::string, bool> read(ServerResponse& response) {
        asio::io_context loop;
        std::pair<std::string, bool> out;
        asio::co_spawn(loop, read_all(*response.stream, out), [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
        loop.run();
        return out;
    }
    static Task<void> read_all(app::BodyStream& stream, std::pair<std::string, bool>& out) {
        for (;;) {
            auto piece = co_await stream.read();
            out.second = !piece;
            if (!piece || piece->empty()) co_return;
            out.first += *piece;
        }
    }
    std::vector<json::object> lines() {
        std::vector<json::object> out;
        const auto text = read_file(folder.path / "log").value_or("");
        for (const auto line : split(text, '\n'))
            if (!line.empty()) out.push_back(json::parse(line)->get_object());
        return out;
    }
};

TEST(SandboxFaults, AnswersInTheVendorsFormOnceAndDoesNotCarryOut) {
    MountedWorld m;
    m.fault(R"({"service":"graph","method":"GET","path":"/v1.0/me","status":429,"headers":{"Retry-After":"2"},"times":1})");

    const auto first = m.get("/v1.0/me?$select=id");
    const auto second = m.get();

    EXPECT_EQ(first.status, 429);
    EXPECT_EQ(first.headers.get("Retry-After"), "2");
    EXPECT_NE(first.body.find("vendor"), std::string::npos);
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(m.echo.handled, 1);
}

TEST(SandboxFaults, MeetOnlyTheirServiceMethodAndPath) {
    MountedWorld m;
    m.fault(R"({"service":"login","status":500})");
    m.fault(R"({"method":"POST","status":500})");
    m.fault(R"({"path":"/v1.0/users","status":500})");
    m.fault(R"({"path":"/v1.0/groups/*","status":503})");

    EXPECT_EQ(m.get().status, 200);
    EXPECT_EQ(m.get("/v1.0/me%20").status, 200);
    EXPECT_EQ(m.get("/v1.0/groups/1").status, 503);
    EXPECT_EQ(m.get("/v1.0/users").status, 500);
}

TEST(SandboxFaults, WithoutTimesTheyLastUntilForgotten) {
    MountedWorld m;
    m.fault(R"({"status":500})");
    EXPECT_EQ(m.get().status, 500);
    EXPECT_EQ(m.get().status, 500);

    m.faults.clear();

    EXPECT_EQ(m.get().status, 200);
}

TEST(SandboxFaults, AResetIsLeftToTheServer) {
    MountedWorld m;
    m.fault(R"({"reset":true,"times":1})");

    EXPECT_TRUE(m.get().reset_connection);
    EXPECT_EQ(m.echo.handled, 0);
}

TEST(SandboxFaults, ALostAnswerIsOfARequestThatWasCarriedOut) {
    MountedWorld m;
    m.fault(R"({"reset":true,"carryOut":true,"times":1})");

    EXPECT_TRUE(m.get().reset_connection);
    EXPECT_EQ(m.echo.handled, 1);
}

TEST(SandboxFaults, BodiesMayBeHtmlTextJsonOrHuge) {
    MountedWorld m;
    m.fault(R"({"status":200,"body":"html","times":1})");
    m.fault(R"({"status":502,"body":"{\"cut\":","times":1})");
    m.fault(R"({"status":400,"body":{"error":"x"},"times":1})");
    m.fault(R"({"status":200,"bodyBytes":100000,"contentType":"text/plain","times":1})");

    const auto page = m.get();
    EXPECT_TRUE(page.headers.get("Content-Type").starts_with("text/html"));
    EXPECT_EQ(m.get().body, "{\"cut\":");
    EXPECT_EQ(m.get().body, R"({"error":"x"})");
    const auto huge = m.get();
    EXPECT_EQ(huge.body.size(), 100000u);
    EXPECT_EQ(huge.headers.get("Content-Type"), "text/plain");
}

TEST(SandboxFaults, ACutOffAnswerIsTheServicesOwnUpToThere) {
    MountedWorld m;
    m.fault(R"({"cutAfter":5,"times":1})");
    auto response = m.get();

    ASSERT_TRUE(response.stream);
    EXPECT_EQ(response.headers.get("Content-Length"), "19");
    EXPECT_EQ(m.read(response), std::pair(std::string("{\"pat"), true));
    EXPECT_EQ(m.echo.handled, 1);
}

TEST(SandboxFaults, ADelayAloneOnlyDelays) {
    MountedWorld m;
    m.fault(R"({"delayMs":1,"times":1})");

    EXPECT_EQ(m.get().status, 200);
    EXPECT_EQ(m.echo.handled, 1);
}

TEST(SandboxFaults, NoAnswerComesUntilTheFaultsAreForgotten) {
    MountedWorld m;
    m.fault(R"({"hang":true,"times":1})");
    asio::io_context loop;
    int status = 0;
    asio::co_spawn(loop, m.mounted->handle(make_request(Method::get, "/v1.0/me")),
                   [&](std::exception_ptr, ServerResponse response) { status = response.status; });
    loop.poll();
    EXPECT_EQ(status, 0);

    m.faults.clear();
    loop.run();

    EXPECT_EQ(status, 200);
}

TEST(SandboxFaults, AnAadstsNumberIsAnsweredAsThePlatformWould) {
    MountedWorld m;
    m.fault(R"({"aadsts":50076,"claims":"{\"access_token\":{}}","times":1})");
    const auto response = m.get();

    expect_aadsts(response, 50076, "interaction_required");
    EXPECT_EQ(LoginWorld::text(LoginWorld::body(response), "claims"), R"({"access_token":{}})");
}

TEST(SandboxMounted, CountsByPatternAndStatus) {
    MountedWorld m;
    m.fault(R"({"status":500,"path":"/v1.0/x","times":1})");
    m.get();
    m.get("/v1.0/other");
    m.get("/v1.0/x");

    auto& counted = m.counters.requests["graph"];
    EXPECT_EQ(counted["GET /v1.0/{any}"][200], 2u);
    EXPECT_EQ(counted["GET /v1.0/x"][500], 1u);
}

TEST(SandboxMounted, WritesEachExchangeAsOneJsonLine) {
    MountedWorld m;
    m.send(Method::post, "/v1.0/a?x=1", R"({"subject":"件名"})", {{"Content-Type", "application/json"}});
    m.send(Method::post, "/v1.0/b", "grant_type=x&scope=a+b", {{"Content-Type", "application/x-www-form-urlencoded"}});
    m.send(Method::post, "/v1.0/c", "\xff\xfe", {{"Content-Type", "message/rfc822"}});

    const auto lines = m.lines();
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(LoginWorld::text(lines[0], "service"), "graph");
    EXPECT_EQ(LoginWorld::text(lines[0], "method"), "POST");
    EXPECT_EQ(LoginWorld::text(lines[0], "path"), "/v1.0/a");
    EXPECT_EQ(LoginWorld::text(lines[0], "query"), "x=1");
    EXPECT_EQ(json::integer(lines[0], "status"), 200);
    EXPECT_EQ(LoginWorld::text(lines[0].at("request").get_object(), "subject"), "件名");
    EXPECT_EQ(LoginWorld::text(lines[0].at("response").get_object(), "path"), "/v1.0/a");
    EXPECT_EQ(LoginWorld::text(lines[1].at("request").get_object(), "scope"), "a b");
    EXPECT_EQ(LoginWorld::text(lines[2], "request"), base64(as_bytes("\xff\xfe")));
}

TEST(SandboxMounted, AnswersScriptsOfOtherOrigins) {
    MountedWorld m;
    const auto preflight =
        m.send(Method::options, "/v1.0/me", {},
               {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "PATCH"}, {"Access-Control-Request-Headers", "authorization"}});
    const auto answer = m.send(Method::get, "/v1.0/me", {}, {{"Origin", "https://app.example"}});

    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Headers"), "authorization");
    EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_FALSE(m.get().headers.has("Access-Control-Allow-Origin"));
}

TEST(SandboxMounted, WhatTheServerRefusesIsInTheVendorsForm) {
    MountedWorld m;

    EXPECT_EQ(m.mounted->refuse(413, "too large", "0123456789abcdef0123456789abcdef").status, 413);
}

}  // namespace
}  // namespace renkei::sandbox

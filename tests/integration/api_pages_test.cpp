// The pages for people: set-up and connecting, in both languages, without script.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

class ApiPages : public ::testing::Test {
protected:
    Answer page(std::string method, std::string target, std::string body = {}, std::string cookie = {}, std::string language = "en") {
        Ask ask{std::move(method), std::move(target), std::move(body)};
        ask.content_type = "application/x-www-form-urlencoded";
        ask.cookie = std::move(cookie);
        ask.headers.set("Accept-Language", std::move(language));
        return world.ask(std::move(ask));
    }
    std::string link() {
        world.post(
            "/v1/connections",
            R"({"name":"hanako","title":"<script>alert(1)</script>","registration":"microsoft-app","mode":"authorization_code","act_as":"hanako@acme.example"})");
        const auto url = world.post("/v1/connections/hanako/link", "").text("url");
        return url.substr(std::string("https://renkei.example").size());
    }
    static std::string cookie_of(const Answer& answer) {
        const auto set = std::string(answer.headers.get("Set-Cookie"));
        return set.substr(0, set.find(';'));
    }
    std::string callback(const Answer& started) {
        return "/provisioning_/callback/microsoft?" + form_encode(world.provider.consent(std::string(started.headers.get("Location"))));
    }
    ApiWorld world;
};

TEST_F(ApiPages, U41_ThePageShowsWhoAsksForWhatBeforeAnythingIsSent) {
    const auto path = link();
    const auto shown = page("GET", path);

    EXPECT_EQ(shown.status, 200);
    for (const auto* text :
         {"Connect Cloud mail", "admin", "Mail.Read", "hanako@acme.example", "https://renkei.example/provisioning_/callback/microsoft", "Continue"})
        EXPECT_NE(shown.body.find(text), std::string::npos) << text;
    EXPECT_EQ(shown.body.find("<script"), std::string::npos);
    EXPECT_NE(shown.body.find("&lt;script&gt;"), std::string::npos);
    EXPECT_NE(shown.headers.get("Content-Security-Policy").find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(shown.headers.get("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(world.provider.exchanges(), 0u);
    EXPECT_EQ(page("GET", path).status, 200) << "looking does not use the link up";
}

TEST_F(ApiPages, TheWholeWayEndsInAConnectionAndAPageThatSaysSo) {
    const auto started = page("POST", link());
    ASSERT_EQ(started.status, 303) << started.body;
    const auto cookie = std::string(started.headers.get("Set-Cookie"));
    for (const auto* part : {"__Host-renkei-connect=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"})
        EXPECT_NE(cookie.find(part), std::string::npos) << part;

    const auto done = page("GET", callback(started), {}, cookie_of(started));

    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_NE(done.body.find("Connected as hanako@acme.example"), std::string::npos);
    EXPECT_NE(done.headers.get("Set-Cookie").find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(world.get("/v1/connections/hanako").text("state"), "active");
}

TEST_F(ApiPages, AnAnswerInAnotherBrowserIsRefused) {
    const auto started = page("POST", link());
    const auto target = callback(started);

    EXPECT_EQ(page("GET", target).status, 400) << "no cookie";
    EXPECT_EQ(page("GET", target, {}, "__Host-renkei-connect=somebody-else").status, 400);
    EXPECT_EQ(page("GET", target, {}, cookie_of(started) + "; " + cookie_of(started)).status, 400) << "two cookies of the name";
    EXPECT_EQ(page("GET", target, {}, "renkei-connect=" + cookie_of(started).substr(22)).status, 400) << "without __Host-";
    EXPECT_EQ(world.get("/v1/connections/hanako").text("state"), "draft");
    EXPECT_EQ(world.provider.exchanges(), 0u);
}

TEST_F(ApiPages, ALinkWorksOnce) {
    const auto path = link();
    ASSERT_EQ(page("POST", path).status, 303);

    EXPECT_EQ(page("POST", path).status, 410);
    EXPECT_EQ(page("GET", path).status, 410);
    EXPECT_EQ(page("GET", "/connect/guess").headers.get("Content-Type"), "text/html; charset=utf-8");
}

TEST_F(ApiPages, U13_AFailureSaysWhatHappenedWhoMustActAndWhatToSendThem) {
    const auto started = page("POST", link());
    const auto fields = world.provider.consent(std::string(started.headers.get("Location")));
    const auto refused =
        page("GET", "/provisioning_/callback/microsoft?error=access_denied&error_description=%3Cb%3E&state=" + percent_encode(*find_field(fields, "state")), {},
             cookie_of(started), "ja");

    EXPECT_EQ(refused.status, 409) << refused.body;
    for (const auto* text : {"lang=\"ja\"", "対応する人", "対処方法", "本人", "連絡用の文面", "consent-refused"})
        EXPECT_NE(refused.body.find(text), std::string::npos) << text;
    EXPECT_EQ(refused.body.find("<b>"), std::string::npos);
}

TEST_F(ApiPages, OnPlainHttpTheCookieIsOneThatBrowsersKeep) {
    ApiWorld plain(ApiWorld::Start::furnished, "http://localhost:8080");
    plain.post("/v1/connections", R"({"name":"hanako","registration":"microsoft-app","mode":"authorization_code","act_as":"hanako@acme.example"})");
    const auto url = plain.post("/v1/connections/hanako/link", "").text("url");

    const auto started = plain.ask({"POST", url.substr(std::string("http://localhost:8080").size())});

    EXPECT_TRUE(started.headers.get("Set-Cookie").starts_with("renkei-connect="));
    EXPECT_EQ(started.headers.get("Set-Cookie").find("Secure"), std::string_view::npos);
    EXPECT_FALSE(started.headers.has("Strict-Transport-Security"));
}

TEST_F(ApiPages, TheSetUpPageMakesTheAdministratorAndShowsTheKeyOnce) {
    ApiWorld fresh(ApiWorld::Start::empty);
    const std::string url(run_task(fresh.setup->ensure_setup_link()).value()->url.expose());
    const auto path = url.substr(std::string("https://renkei.example").size());
    const auto send = [&](const std::string& body) {
        Ask ask{"POST", path, body};
        ask.content_type = "application/x-www-form-urlencoded";
        return fresh.ask(std::move(ask));
    };
    const std::string good = "email=hanako%40acme.example&display_name=%E8%8A%B1%E5%AD%90&password=correct+horse+battery&password_again=";

    EXPECT_EQ(fresh.ask({"GET", path}).status, 200);
    const auto differ = send(good + "another+horse");
    EXPECT_EQ(differ.status, 400);
    EXPECT_NE(differ.body.find("花子"), std::string::npos) << "what was typed stays";
    EXPECT_EQ(differ.body.find("correct horse"), std::string::npos) << "but not the password";
    EXPECT_EQ(send("email=x&display_name=A&password=correct+horse+battery&password_again=correct+horse+battery").status, 400);
    EXPECT_EQ(send("%zz").status, 400);
    const auto done = send(good + "correct+horse+battery");
    EXPECT_EQ(done.status, 200);
    EXPECT_TRUE(done.secret);
    const auto at = done.body.find("rk_");
    ASSERT_NE(at, std::string::npos);
    EXPECT_EQ(fresh.get("/v1/me", done.body.substr(at, 46)).status, 200);
    EXPECT_EQ(send(good + "correct+horse+battery").status, 410);
}

TEST_F(ApiPages, TheStyleSheetIsFoundByItsHashAlone) {
    const auto shown = page("GET", "/connect/guess");
    const auto at = shown.body.find("/assets/");
    const auto address = shown.body.substr(at, shown.body.find('"', at) - at);

    EXPECT_EQ(world.ask({"GET", address}).headers.get("Content-Type"), "text/css; charset=utf-8");
    EXPECT_EQ(world.ask({"GET", "/assets/0000000000000000/renkei.css"}).status, 404);
}

}  // namespace
}  // namespace renkei::testing

// What somebody without the password, or on another site, can try.
#include "tests/support/browser.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace renkei::testing {
namespace {

using core::Role;

class SignInAttacks : public ::testing::Test {
protected:
    SignInAttacks() {
        add_member(world, 1, "hanako@acme.example", {Role::administrator});
        add_member(world, 2, "taro@acme.example", {Role::user});
    }
    ApiWorld world;
    Browser browser{world};
};

TEST_F(SignInAttacks, Enumeration_AnUnknownAddressAnswersAndCostsLikeAWrongPassword) {
    auto nobody = a_person(7, "no-password@acme.example");
    nobody.password_hash.clear();
    world.commit(home, {app::PutPerson{nobody}, app::PutMembership{{home, nobody.id, {Role::user}, {}}}});
    add_member(world, 8, "left@acme.example", {Role::user});
    world.ask({"DELETE", "/v1/people/left@acme.example", {}, world.admin});
    std::set<std::string> pages;
    const auto page_of = [&](const std::string& email, std::string_view password) {
        const auto commits = world.store.commits();
        auto answer = browser.sign_in(email, password);
        EXPECT_EQ(answer.status, 401) << email;
        EXPECT_EQ(world.store.commits(), commits + 1) << email << ": the same writes for all";
        auto body = answer.body;
        if (const auto at = body.find(email); at != body.npos) body.erase(at, email.size());
        pages.insert(body);
    };
    page_of("taro@acme.example", "wrong wrong wrong");
    page_of("nobody@acme.example", usual_password);
    page_of("no-password@acme.example", usual_password);
    page_of("left@acme.example", usual_password);
    page_of("no address at all", usual_password);

    EXPECT_EQ(pages.size(), 1u);
}

TEST_F(SignInAttacks, Enumeration_WaitingBeginsForUnknownAddressesToo) {
    for (const auto* email : {"taro@acme.example", "nobody@acme.example"}) {
        Browser attacker(world, email[0] == 't' ? "198.51.100.1" : "198.51.100.2");
        for (int i = 0; i < 5; ++i) EXPECT_EQ(attacker.sign_in(email, "wrong wrong wrong").status, 401) << email << i;
        const auto answer = attacker.sign_in(email, "wrong wrong wrong");
        EXPECT_EQ(answer.status, 429) << email;
        EXPECT_EQ(answer.headers.get("Retry-After"), "30") << email;
    }
}

TEST_F(SignInAttacks, AfterFiveFailuresEvenTheRightPasswordWaitsAndTheWaitGrows) {
    Browser attacker(world, "198.51.100.1");
    for (int i = 0; i < 5; ++i) attacker.sign_in("taro@acme.example", "wrong wrong wrong");

    EXPECT_EQ(browser.sign_in("taro@acme.example", usual_password).status, 429);
    world.clock.advance(std::chrono::seconds(30));
    EXPECT_EQ(attacker.sign_in("taro@acme.example", "wrong wrong wrong").status, 401);
    EXPECT_EQ(attacker.sign_in("taro@acme.example", "wrong wrong wrong").headers.get("Retry-After"), "60");
    world.clock.advance(std::chrono::seconds(60));
    EXPECT_EQ(browser.sign_in("taro@acme.example", usual_password).status, 303);
    EXPECT_EQ(attacker.sign_in("taro@acme.example", "wrong wrong wrong").status, 401) << "a success begins anew";
}

TEST_F(SignInAttacks, OneNetworkGuessesAtManyPeopleOnlySoOften) {
    Browser attacker(world, "198.51.100.1");
    for (int i = 0; i < app::SignInLimits::tries_of_address; ++i)
        EXPECT_EQ(attacker.sign_in("person" + std::to_string(i) + "@acme.example", "wrong wrong wrong").status, 401) << i;

    EXPECT_EQ(attacker.sign_in("taro@acme.example", usual_password).status, 429);
    EXPECT_EQ(browser.sign_in("taro@acme.example", usual_password).status, 303) << "from elsewhere";
    world.clock.advance(app::SignInLimits::address_window);
    EXPECT_EQ(attacker.sign_in("taro@acme.example", usual_password).status, 303);
}

TEST_F(SignInAttacks, ManyGuessesAtTheSameMomentAreNotMoreThanFive) {
    app::SignInLimits limits(world.clock);
    const auto address = core::parse_address("198.51.100.1").value();
    std::atomic<int> admitted{0};
    std::vector<std::jthread> guessing;
    for (int i = 0; i < 8; ++i)
        guessing.emplace_back([&] {
            for (int j = 0; j < 10; ++j) admitted += limits.begin("taro@acme.example", address) ? 0 : 1;
        });
    guessing.clear();

    EXPECT_EQ(admitted, app::SignInLimits::free_tries);
}

TEST_F(SignInAttacks, AFloodOfAddressesDoesNotFillTheMemory) {
    app::SignInLimits limits(world.clock);
    auto address = core::parse_address("2001:db8::1").value();
    for (std::uint32_t i = 0; i < app::SignInLimits::most_rows + 2'000; ++i) {
        for (unsigned byte = 0; byte < 4; ++byte) address[4 + byte] = static_cast<std::uint8_t>(i >> (8 * byte));
        static_cast<void>(limits.begin("p" + std::to_string(i), address));
        // So that the oldest is found at once, as it would be over time.
        if (i == app::SignInLimits::most_rows - 1) world.clock.advance(app::SignInLimits::person_memory);
    }

    EXPECT_LE(limits.rows(), 2 * app::SignInLimits::most_rows);
}

TEST_F(SignInAttacks, Fixation_ASessionThatWasPlantedIsNotTheOneThatIsSignedIn) {
    Browser attacker(world);
    attacker.sign_in("taro@acme.example", usual_password);
    const auto planted = attacker.session();
    browser.cookies["__Host-renkei-session"] = planted;

    browser.sign_in("hanako@acme.example", usual_password);

    EXPECT_NE(browser.session(), planted);
    EXPECT_EQ(attacker.get("/my/account").status, 303) << "the planted session has ended";
    browser.cookies["__Host-renkei-session"] = "rs_" + std::string(43, 'A');
    EXPECT_EQ(browser.get("/my/account").status, 303) << "a text of one's own choice";
    EXPECT_TRUE(browser.session().starts_with("rs_AAA")) << "and nothing is set for it";
}

TEST_F(SignInAttacks, Fixation_TwoCookiesOfOneNameAreNone) {
    browser.sign_in("taro@acme.example", usual_password);
    Ask ask{"GET", "/my/account"};
    ask.cookie = "__Host-renkei-session=rs_planted_planted; __Host-renkei-session=" + browser.session();

    EXPECT_EQ(world.ask(std::move(ask)).status, 303);
}

TEST_F(SignInAttacks, LoginCsrf_ASignInNeedsTheFormThatThisBrowserWasShown) {
    const Fields fields{{"email", "taro@acme.example"}, {"password", std::string(usual_password)}};
    EXPECT_EQ(browser.post("/sign-in", fields).status, 403) << "no form was shown";

    Browser attacker(world);
    const auto token = form_token_in(attacker.get("/sign-in").body);
    static_cast<void>(browser.get("/sign-in"));
    auto with_token = fields;
    with_token.emplace_back("form", token);
    EXPECT_EQ(browser.post("/sign-in", with_token).status, 403) << "another browser's token";
    with_token.back().second.clear();
    EXPECT_EQ(browser.post("/sign-in", with_token).status, 403) << "an empty one";
    EXPECT_TRUE(browser.session().empty());
}

TEST_F(SignInAttacks, Csrf_FormsFromOtherPlacesAreRefusedWhateverTheyCarry) {
    browser.sign_in("taro@acme.example", usual_password);
    const auto token = form_token_in(browser.get("/my/account").body);
    ASSERT_FALSE(token.empty());
    const auto refused = [&](Headers headers) { return browser.post("/sign-out", {{"form", token}}, std::move(headers)).status == 403; };

    EXPECT_TRUE(refused({{"Origin", "https://evil.example"}}));
    EXPECT_TRUE(refused({{"Origin", "null"}}));
    EXPECT_TRUE(refused({{"Origin", "https://renkei.example.evil.example"}}));
    EXPECT_TRUE(refused({{"Origin", "http://renkei.example"}}));
    EXPECT_TRUE(refused({{"Origin", "https://renkei.example"}, {"Origin", "https://evil.example"}}));
    EXPECT_TRUE(refused({{"Sec-Fetch-Site", "cross-site"}}));
    EXPECT_TRUE(refused({{"Sec-Fetch-Site", "same-site"}}));
    EXPECT_EQ(browser.get("/my/account").status, 200);
    EXPECT_EQ(browser.post("/sign-out", {{"form", token}}).status, 303);
}

TEST_F(SignInAttacks, Csrf_EveryFormOfASignedInPersonNeedsItsToken) {
    // Whoever holds every right: only the token is missing.
    browser.sign_in("hanako@acme.example", usual_password);
    Browser other(world);
    other.sign_in("taro@acme.example", usual_password);
    const auto strange = form_token_in(other.get("/my/account").body);
    const auto commits = world.store.commits();
    for (const auto* route : world.api->router().all()) {
        if (!route->needs.is_page() || route->method == Method::get) continue;
        std::string target(route->pattern);
        for (const auto* hole : {"{id}", "{name}", "{code}", "{kind}"})
            if (const auto at = target.find(hole); at != target.npos) target.replace(at, std::string_view(hole).size(), "invoice-mail");
        EXPECT_EQ(browser.post(target, {}).status, 403) << target;
        EXPECT_EQ(browser.post(target, {{"form", strange}}).status, 403) << target;
        EXPECT_EQ(browser.post(target, {{"form", "x"}, {"form", strange}}).status, 403) << target;
    }
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(SignInAttacks, ASessionIsNoKeyOfTheApi) {
    browser.sign_in("hanako@acme.example", usual_password);
    EXPECT_EQ(browser.get("/v1/people").status, 401);
    EXPECT_EQ(browser.get("/v1/me").status, 401);
    Ask ask{"GET", "/v1/me", {}, browser.session()};
    EXPECT_EQ(world.ask(std::move(ask)).status, 401) << "as a bearer token either";
}

TEST_F(SignInAttacks, NothingElseThanOurPagesIsRedirectedTo) {
    for (const auto* next : {"https://evil.example/", "//evil.example", "/\\evil.example", "/my/../v1/me", "/v1/me", "javascript:alert(1)", "/my//evil.example",
                             "/my/\r\nSet-Cookie: a=b", "/connect/a b", " /my/account"}) {
        Browser fresh(world);
        const auto answer = fresh.submit("/sign-in", "/sign-in", {{"email", "taro@acme.example"}, {"password", std::string(usual_password)}, {"next", next}});
        EXPECT_EQ(answer.headers.get("Location"), "/my/connections") << next;
    }
}

TEST_F(SignInAttacks, TemplateInjection_NamesStayText) {
    const std::string evil = R"(<script>alert(1)</script>"'><img src=x onerror=1>{{7*7}})";
    auto person = add_member(world, 9, "evil@acme.example", {Role::user});
    const auto version = person.version++;
    person.display_name = evil;
    auto workspace = a_workspace(id_of<core::WorkspaceId>(3), "third");
    workspace.title = evil;
    world.commit(workspace.id,
                 {app::UpdatePerson{person, version}, app::PutWorkspace{workspace}, app::PutMembership{{workspace.id, person.id, {Role::user}, {}}}});
    Browser agent(world);
    agent.sign_in("evil@acme.example", usual_password);
    const auto choose = agent.get("/sign-in/workspace");
    agent.submit("/sign-in/workspace", "/sign-in/workspace", {{"workspace", "third"}});
    const auto account = agent.get("/my/account");
    const auto failed = browser.submit("/sign-in", "/sign-in", {{"email", evil}, {"password", "wrong wrong wrong"}});

    for (const auto* answer : {&choose, &account, &failed}) {
        EXPECT_EQ(answer->body.find("<script"), std::string::npos);
        EXPECT_EQ(answer->body.find("<img"), std::string::npos);
        EXPECT_EQ(answer->headers.get("Content-Security-Policy").find("script-src"), std::string_view::npos);
    }
    EXPECT_NE(account.body.find("&lt;script&gt;"), std::string::npos);
    EXPECT_NE(account.body.find("{{7*7}}"), std::string::npos);
}

TEST_F(SignInAttacks, WhatWasTypedAsAnUnknownAddressIsNotKept) {
    browser.sign_in("my secret passphrase in the wrong field", "x");
    for (const auto& row : world.store.audit({})) EXPECT_EQ((row.principal_name + row.target + row.reason).find("passphrase"), std::string::npos);
    EXPECT_EQ(world.store.audit({}).size(), 1u);
    for (const auto& text : world.failures) EXPECT_EQ(text.find("passphrase"), std::string::npos);
}

TEST_F(SignInAttacks, ASessionDiesWithTheMembershipAndAStoreThatFailsLetsNobodyIn) {
    browser.sign_in("taro@acme.example", usual_password);
    auto row = *run_task(world.store.find_membership(home, a_person(2).id));
    row.active = false;
    world.commit(home, {app::PutMembership{row}});
    EXPECT_EQ(browser.get("/my/account").status, 303);

    Browser fresh(world);
    static_cast<void>(fresh.get("/sign-in"));
    world.store.fail_next_commits(1, Errc::storage_full);
    EXPECT_EQ(fresh.sign_in("hanako@acme.example", usual_password).status, 507);
    EXPECT_TRUE(fresh.session().empty());
}

}  // namespace
}  // namespace renkei::testing

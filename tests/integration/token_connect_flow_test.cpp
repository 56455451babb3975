// Connecting: what is stored when all is well, and every way in which it must not be.
#include "tests/support/fake_provider_world.hpp"

#include "base/uri.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using Outcome = Result<app::ConnectOutcome>;

std::string slug_of(const Outcome& outcome) { return outcome ? "connected" : std::string(error_row(outcome.error().code).slug); }

struct ConnectWorld : TokenWorld {
    std::unique_ptr<app::OAuthConnectFlow> flow;
    explicit ConnectWorld(FakeProvider::Settings provider_settings = {}) : TokenWorld(std::move(provider_settings)) {
        edit([](core::Connection& row) {
            row.mode = core::ConnectionMode::authorization_code;
            row.state = core::ConnectionState::draft;
            row.scopes = {"Mail.Read", "Mail.Send"};
        });
        make_flow();
    }
    void make_flow() { flow = std::make_unique<app::OAuthConnectFlow>(connect_ports(), *tokens, "https://renkei.example/"); }

    std::string link() {
        core::Principal by;
        by.name = "robot";
        return must(flow->create_link(by, now_connection())).url;
    }
    static Secret code_of(const std::string& url) { return Secret(std::string_view(url).substr(url.rfind('/') + 1)); }
    app::StartedAuthorization started() { return must(flow->start(code_of(link()), "req-1")); }
    Outcome finish(Fields query, std::optional<Secret> browser, std::string connector = "microsoft") {
        return run_task(flow->finish(std::move(connector), std::move(query), std::move(browser), "req-2"));
    }
    Outcome sign_in(FakeProvider::Person person = {}) {
        auto begun = started();
        return finish(provider.consent(begun.provider_url, std::move(person)), std::move(begun.browser_secret));
    }
    std::size_t grants() { return must(store.grants_of_connection(home, connection.id)).size(); }
};

TEST(ConnectFlow, U41_StoresTheGrantPinnedToWhoSignedIn) {
    ConnectWorld world;

    const auto outcome = world.sign_in();

    ASSERT_TRUE(outcome) << slug_of(outcome);
    EXPECT_EQ(outcome->signed_in_as, "hanako@acme.example");
    EXPECT_TRUE(outcome->missing_scopes.empty());
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::active);
    EXPECT_EQ(world.grant().identity.subject, "oid-1");
    EXPECT_EQ(world.grant().identity.issuer, "https://login.example/tenant-1/v2.0");
    EXPECT_TRUE(world.provider.alive(world.refresh_token()));
    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.provider.exchanges(), 1U);
    EXPECT_TRUE(world.last_audit().starts_with("connection.connect"));
}

TEST(ConnectFlow, U41_AsksWithStateNonceAndProofKeyAtTheTenantsAddress) {
    ConnectWorld world;
    world.edit([](core::Connection& row) { row.act_as = "hanako@acme.example"; });

    const auto begun = world.started();

    const auto url = Uri::parse(begun.provider_url).value();
    const auto query = form_decode(url.query).value();
    EXPECT_EQ(url.path, "/tenant-1/oauth2/v2.0/authorize");
    EXPECT_EQ(*find_field(query, "redirect_uri"), "https://renkei.example/provisioning_/callback/microsoft");
    EXPECT_EQ(*find_field(query, "scope"), "Mail.Read Mail.Send openid offline_access");
    EXPECT_EQ(*find_field(query, "login_hint"), "hanako@acme.example");
    for (const auto* name : {"state", "nonce", "code_challenge"}) EXPECT_GE(find_field(query, name)->size(), 43U) << name;
}

TEST(ConnectFlow, ShowsWhoAsksForWhatWithoutUsingTheLinkUp) {
    ConnectWorld world;
    const auto link = world.link();

    const auto seen = TokenWorld::must(world.flow->look_at_link(ConnectWorld::code_of(link)));

    EXPECT_EQ(seen.asked_by, "robot");
    EXPECT_EQ(seen.scopes.size(), 4U);
    EXPECT_TRUE(run_task(world.flow->start(ConnectWorld::code_of(link), "req")));
}

TEST(ConnectFlow, ALinkWorksOnceAndForOneHour) {
    ConnectWorld world;
    const auto used = world.link(), old = world.link();
    ASSERT_TRUE(run_task(world.flow->start(ConnectWorld::code_of(used), "req")));

    EXPECT_EQ(run_task(world.flow->start(ConnectWorld::code_of(used), "req")).error().code, Errc::gone);
    EXPECT_EQ(run_task(world.flow->look_at_link(ConnectWorld::code_of(used))).error().code, Errc::gone);
    EXPECT_EQ(run_task(world.flow->start(Secret("invented"), "req")).error().code, Errc::not_found);
    world.clock.advance(1h);
    EXPECT_EQ(run_task(world.flow->start(ConnectWorld::code_of(old), "req")).error().code, Errc::gone);
}

TEST(ConnectFlow, RefusesTheStateOfAnotherBrowserAndLeavesTheSignInUsable) {
    ConnectWorld world;
    auto mine = world.started();
    auto theirs = world.started();
    const auto answer = world.provider.consent(mine.provider_url);

    EXPECT_EQ(slug_of(world.finish(answer, std::move(theirs.browser_secret))), "callback-invalid");
    EXPECT_EQ(slug_of(world.finish(answer, std::nullopt)), "callback-invalid");
    EXPECT_EQ(world.provider.exchanges(), 0U);
    EXPECT_EQ(slug_of(world.finish(answer, std::move(mine.browser_secret))), "connected");
}

TEST(ConnectFlow, RefusesAStateThatWasUsedBefore) {
    ConnectWorld world;
    auto begun = world.started();
    const auto answer = world.provider.consent(begun.provider_url);
    const auto again = begun.browser_secret.clone();
    ASSERT_EQ(slug_of(world.finish(answer, std::move(begun.browser_secret))), "connected");

    EXPECT_EQ(slug_of(world.finish(answer, again.clone())), "callback-invalid");
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(ConnectFlow, RefusesAStateThatHasExpiredOrWasNeverMade) {
    ConnectWorld world;
    auto begun = world.started();
    auto answer = world.provider.consent(begun.provider_url);
    world.clock.advance(15min);
    EXPECT_EQ(slug_of(world.finish(answer, begun.browser_secret.clone())), "callback-invalid");

    answer[1].second = "invented";
    EXPECT_EQ(slug_of(world.finish(answer, begun.browser_secret.clone())), "callback-invalid");
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(ConnectFlow, RefusesAnAnswerAtAnotherConnectorsAddress) {
    ConnectWorld world;
    auto begun = world.started();
    const auto answer = world.provider.consent(begun.provider_url);

    EXPECT_EQ(slug_of(world.finish(answer, begun.browser_secret.clone(), "oauth")), "callback-invalid");
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(ConnectFlow, RefusesTheAnswerOfAnotherIssuerAndAMissingOneWhereItIsPromised) {
    ConnectWorld world;
    auto begun = world.started();
    auto answer = world.provider.consent(begun.provider_url);
    answer.emplace_back("iss", "https://evil.example/v2.0");
    EXPECT_EQ(slug_of(world.finish(answer, std::move(begun.browser_secret))), "callback-invalid");

    world.catalog.tenanted.sends_iss = true;
    EXPECT_EQ(slug_of(world.sign_in()), "callback-invalid");
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(ConnectFlow, TellsWhatAnErrorAnswerMeansAndUsesTheStateUp) {
    ConnectWorld world;
    const auto with = [&](std::string error) {
        auto begun = world.started();
        const auto answer = world.provider.consent(begun.provider_url);
        Fields refused{{"error", std::move(error)}, {"error_description", "<script>"}, answer[1]};
        const auto again = begun.browser_secret.clone();
        const auto outcome = world.finish(refused, std::move(begun.browser_secret));
        EXPECT_EQ(slug_of(world.finish(answer, again.clone())), "callback-invalid");
        EXPECT_EQ(outcome.error().detail.find("script"), std::string::npos);
        return slug_of(outcome);
    };

    EXPECT_EQ(with("access_denied"), "consent-refused");
    EXPECT_EQ(with("temporarily_unavailable"), "provider-unavailable");
    EXPECT_EQ(with("unauthorized_client"), "needs-app-owner");
    EXPECT_EQ(with("whatever"), "provider-rejected");
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

// RFC 9700 section 4.5: a code of another sign-in, put into an answer with the victim's own state.
TEST(ConnectFlow, AStolenCodeDoesNotPassTheProofKey) {
    ConnectWorld world;
    auto mine = world.started();
    const auto theirs = world.started();
    auto answer = world.provider.consent(mine.provider_url);
    answer[0].second = world.provider.consent(theirs.provider_url)[0].second;

    EXPECT_EQ(slug_of(world.finish(answer, std::move(mine.browser_secret))), "callback-invalid");
    EXPECT_EQ(world.grants(), 0U);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::draft);
}

struct ClaimCase {
    std::string_view what;
    std::map<std::string, std::string> claims;
};
class BadIdToken : public ::testing::TestWithParam<ClaimCase> {};

TEST_P(BadIdToken, IsRefusedAndNothingIsStored) {
    ConnectWorld world;
    world.provider.change_id_token(GetParam().claims);

    EXPECT_EQ(slug_of(world.sign_in()), "provider-bad-answer") << GetParam().what;
    EXPECT_EQ(world.grants(), 0U);
}

INSTANTIATE_TEST_SUITE_P(EachClaim, BadIdToken,
                         ::testing::Values(ClaimCase{"another client", {{"aud", "another"}}}, ClaimCase{"no audience", {{"aud", ""}}},
                                           ClaimCase{"another nonce", {{"nonce", "x"}}}, ClaimCase{"no nonce", {{"nonce", ""}}},
                                           ClaimCase{"expired", {{"exp", "1600000000"}}}, ClaimCase{"no expiry", {{"exp", ""}}},
                                           ClaimCase{"another issuer", {{"iss", "https://evil.example/tenant-1/v2.0"}}}, ClaimCase{"no issuer", {{"iss", ""}}},
                                           ClaimCase{"issuer of another tenant than the claim", {{"tid", "tenant-2"}}}, ClaimCase{"no subject", {{"sub", ""}}},
                                           ClaimCase{"from the future", {{"iat", "1990000000"}}}));

TEST(ConnectFlow, RefusesAReconnectAsSomebodyElse) {
    ConnectWorld world;
    ASSERT_TRUE(world.sign_in());
    const auto before = world.refresh_token();

    EXPECT_EQ(slug_of(world.sign_in({.subject = "oid-2", .tenant = "tenant-1", .name = "hanako@acme.example"})), "denied");
    EXPECT_EQ(world.refresh_token(), before);
    EXPECT_EQ(world.grant().generation, 1U);
}

TEST(ConnectFlow, AReconnectRepairsADeadGrantAndKeepsItsId) {
    ConnectWorld world;
    ASSERT_TRUE(world.sign_in());
    const auto id = world.grant().id;
    world.provider.revoke_everything();
    world.clock.advance(2h);
    ASSERT_FALSE(world.ask());

    const auto outcome = world.sign_in({.name = "hanako.renamed@acme.example"});

    ASSERT_TRUE(outcome) << slug_of(outcome);
    EXPECT_EQ(world.grant().id, id);
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_EQ(world.grant().identity.display, "hanako.renamed@acme.example");
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::active);
    EXPECT_TRUE(world.ask());
}

TEST(ConnectFlow, B01_AReconnectEndsARefreshThatWasCutOff) {
    ConnectWorld world;
    ASSERT_TRUE(world.sign_in());
    world.clock.advance(2h);
    world.provider.next_faults({Fault::answer_lost});
    ASSERT_FALSE(world.ask());
    ASSERT_TRUE(world.intent_stands());

    ASSERT_TRUE(world.sign_in());

    EXPECT_FALSE(world.intent_stands());
    EXPECT_TRUE(world.ask());
    EXPECT_TRUE(world.provider.alive(world.refresh_token()));
}

TEST(ConnectFlow, TellsWhichScopesWereAskedForAndNotGranted) {
    ConnectWorld world;
    world.provider.answer_with_scope("https://api.example/mail.read openid");

    const auto outcome = world.sign_in();

    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->missing_scopes, std::vector<std::string>{"Mail.Send"});
}

TEST(ConnectFlow, AnAppsBrokenSecretIsTheAppOwnersMatterDuringConnectingToo) {
    ConnectWorld world;
    world.provider.set_secret("changed");

    EXPECT_EQ(slug_of(world.sign_in()), "needs-app-owner");
    EXPECT_EQ(world.grants(), 0U);
    EXPECT_TRUE(world.last_audit().starts_with("connection.connect needs-app-owner"));
}

TEST(ConnectFlow, ABrokenTokenAnswerConnectsNothing) {
    for (const auto fault : {Fault::html, Fault::cut_answer, Fault::wrong_type, Fault::huge, Fault::timeout, Fault::unavailable}) {
        ConnectWorld world;
        world.provider.next_faults({fault});
        EXPECT_FALSE(world.sign_in());
        EXPECT_EQ(world.grants(), 0U);
        EXPECT_EQ(world.now_connection().state, core::ConnectionState::draft);
    }
}

TEST(ConnectFlow, NoLinkForAConnectionThatNeedsNoPerson) {
    ConnectWorld world;
    world.set_mode(core::ConnectionMode::client_credentials);

    EXPECT_EQ(run_task(world.flow->create_link({}, world.now_connection())).error().code, Errc::invalid_field);
}

TEST(ConnectAppOnly, A30_MakesTheGrantAndActivatesTheConnection) {
    ConnectWorld world;
    world.set_mode(core::ConnectionMode::client_credentials);

    const auto outcome = run_task(world.flow->connect_app_only({}, world.now_connection(), "req"));

    ASSERT_TRUE(outcome) << slug_of(outcome);
    EXPECT_EQ(outcome->connection.state, core::ConnectionState::active);
    EXPECT_EQ(world.grant().subject_kind, core::SubjectKind::app);
    EXPECT_TRUE(world.grant().refresh_token.empty());
    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(ConnectAppOnly, ChecksTheCredentialAgainEachTime) {
    ConnectWorld world;
    world.set_mode(core::ConnectionMode::client_credentials);
    ASSERT_TRUE(run_task(world.flow->connect_app_only({}, world.now_connection(), "req")));
    world.provider.set_secret("changed");

    EXPECT_EQ(slug_of(run_task(world.flow->connect_app_only({}, world.now_connection(), "req"))), "needs-app-owner");
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_secret);
    EXPECT_EQ(world.grants(), 1U);
}

TEST(ConnectAppOnly, U31_RefusesATenantThatStandsForAnyAndSaysWhatIsNeeded) {
    for (const auto* tenant : {"common", "Organizations", "consumers", ""}) {
        ConnectWorld world;
        world.set_mode(core::ConnectionMode::client_credentials);
        auto registration = TokenWorld::must(world.store.find_registration(home, world.connection.registration));
        const auto version = registration.version++;
        registration.tenant = tenant;
        world.commit({app::UpdateRegistration{registration, version}});

        const auto outcome = run_task(world.flow->connect_app_only({}, world.now_connection(), "req"));

        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().get("field"), "tenant");
        EXPECT_NE(outcome.error().detail.find("one tenant"), std::string::npos);
        EXPECT_EQ(world.provider.exchanges(), 0U);
    }
}

TEST(ConnectAppOnly, RefusesATenantThatWouldLeadToAnotherAddress) {
    for (const auto* tenant : {"../evil", "a/b", "a%2fb", "a?b", "..", "a#b", "a b", "t\n"}) {
        ConnectWorld world;
        world.set_mode(core::ConnectionMode::client_credentials);
        auto registration = TokenWorld::must(world.store.find_registration(home, world.connection.registration));
        const auto version = registration.version++;
        registration.tenant = tenant;
        world.commit({app::UpdateRegistration{registration, version}});

        EXPECT_FALSE(run_task(world.flow->connect_app_only({}, world.now_connection(), "req"))) << tenant;
        EXPECT_EQ(world.provider.exchanges(), 0U);
    }
}

TEST(ConnectGeneric, DiscoversTheServerByItsIssuerAndRefusesAnothersDescription) {
    for (const bool right : {true, false}) {
        ConnectWorld world;
        auto registration = TokenWorld::must(world.store.find_registration(home, world.connection.registration));
        const auto version = registration.version++;
        registration.connector = "oauth";
        registration.issuer = "https://as.example/realm";
        world.commit({app::UpdateRegistration{registration, version}});
        world.edit([](core::Connection& row) {
            row.connector = "oauth";
            row.scopes = {"read"};
        });
        world.provider.publish("https://as.example/realm/.well-known/openid-configuration",
                               std::string(R"({"issuer":")") + (right ? "https://as.example/realm" : "https://evil.example") +
                                   R"(","authorization_endpoint":"https://as.example/authorize","token_endpoint":"https://as.example/token"})");

        const auto begun = run_task(world.flow->start(ConnectWorld::code_of(world.link()), "req"));

        ASSERT_EQ(begun.has_value(), right);
        if (!right) continue;
        EXPECT_TRUE(begun->provider_url.starts_with("https://as.example/authorize?"));
        auto secret = begun->browser_secret.clone();
        EXPECT_EQ(slug_of(world.finish(world.provider.consent(begun->provider_url), std::move(secret), "oauth")), "connected");
    }
}

}  // namespace
}  // namespace renkei::testing

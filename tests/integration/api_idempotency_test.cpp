// draft-ietf-httpapi-idempotency-key-header, and issue 2: an answer that showed a secret once is never replayed.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

const std::string folder = R"({"name":"team"})";

class ApiIdempotency : public ::testing::Test {
protected:
    Answer create(std::string target, std::string body, std::string key = "key-1", std::string caller = {}) {
        return world.ask({"POST", std::move(target), std::move(body), caller.empty() ? world.admin : std::move(caller), {{"Idempotency-Key", std::move(key)}}});
    }
    ApiWorld world;
};

TEST_F(ApiIdempotency, ARepeatGetsTheFirstAnswerAndDoesNothing) {
    const auto first = create("/v1/folders", folder);
    const auto commits = world.store.commits();

    const auto second = create("/v1/folders", folder);

    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.headers.get("Location"), first.headers.get("Location"));
    EXPECT_EQ(second.headers.get("Idempotency-Replayed"), "true");
    EXPECT_FALSE(first.headers.has("Idempotency-Replayed"));
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(ApiIdempotency, ARefusalIsReplayedToo) {
    const auto first = create("/v1/folders", R"({"nmae":"team"})");
    const auto second = create("/v1/folders", R"({"nmae":"team"})");

    EXPECT_EQ(first.status, 400);
    EXPECT_EQ(second.status, 400);
    EXPECT_EQ(second.body, first.body);
}

TEST_F(ApiIdempotency, AnotherBodyOrTargetWithTheSameKeyIs422) {
    ASSERT_EQ(create("/v1/folders", folder).status, 201);

    EXPECT_EQ(create("/v1/folders", R"({"name":"other"})").code(), "idempotency-key-reused");
    EXPECT_EQ(create("/v1/folders?x=1", folder).status, 422);
}

TEST_F(ApiIdempotency, KeysOfOtherCallersAndRoutesAreOthers) {
    const auto second = world.add_key("second", {core::Action::connections_write});
    ASSERT_EQ(create("/v1/folders", folder).status, 201);

    EXPECT_EQ(create("/v1/folders", folder, "key-1", second).status, 409) << "a request of its own: the name is taken";
    EXPECT_EQ(create("/v1/operations", R"({"kind":"connections.check"})").status, 202);
}

TEST_F(ApiIdempotency, AnAnswerThatShowedASecretIsNotKept) {
    const auto body = R"({"name":"robot","rights":[{"actions":["mail:read"]}]})";
    const auto first = create("/v1/keys", body);
    const auto second = create("/v1/keys", body);

    ASSERT_EQ(first.status, 201);
    EXPECT_TRUE(first.secret);
    EXPECT_EQ(second.status, 410);
    EXPECT_NE(second.text("detail").find("shown once"), std::string::npos);
    EXPECT_EQ(second.body.find(first.text("text")), std::string::npos);
    EXPECT_EQ(world.get("/v1/keys/robot").text("state"), "active");
}

TEST_F(ApiIdempotency, WhileTheFirstRunsARepeatIs409) {
    const auto caller = run_task(world.authenticator.authenticate(Secret("Bearer " + world.admin), {})).value();
    const auto claim = app::Idempotency::claim_of(caller, "POST /v1/folders", "key-1", "/v1/folders", folder);
    ASSERT_TRUE(run_task(world.idempotency.begin(claim))->first);

    const auto repeat = create("/v1/folders", folder);

    EXPECT_EQ(repeat.status, 409);
    EXPECT_EQ(repeat.code(), "idempotency-in-progress");
    EXPECT_NE(repeat.text("detail").find("has not been answered"), std::string::npos);
}

TEST_F(ApiIdempotency, AFirstRequestThatAStopCutOffIsNotRunAgain) {
    const auto caller = run_task(world.authenticator.authenticate(Secret("Bearer " + world.admin), {})).value();
    app::Idempotency before_the_stop(world.store, world.clock);
    ASSERT_TRUE(run_task(before_the_stop.begin(app::Idempotency::claim_of(caller, "POST /v1/folders", "key-1", "/v1/folders", folder)))->first);

    const auto repeat = create("/v1/folders", folder);

    EXPECT_EQ(repeat.status, 409);
    EXPECT_NE(repeat.text("detail").find("cut off"), std::string::npos);
    EXPECT_EQ(world.get("/v1/folders/team").status, 404);
}

TEST_F(ApiIdempotency, TwoAtTheSameMomentDoItOnce) {
    std::vector<Result<app::Idempotency::Begun>> begun;
    const auto caller = run_task(world.authenticator.authenticate(Secret("Bearer " + world.admin), {})).value();
    const auto claim = app::Idempotency::claim_of(caller, "POST /v1/folders", "key-1", "/v1/folders", folder);
    asio::io_context loop(1);
    for (int i = 0; i < 8; ++i)
        asio::co_spawn(loop, world.idempotency.begin(claim),
                       [&](std::exception_ptr, Result<app::Idempotency::Begun> result) { begun.push_back(std::move(result)); });
    loop.run();

    ASSERT_EQ(begun.size(), 8u);
    EXPECT_EQ(std::ranges::count_if(begun, [](const auto& one) { return one && one->first; }), 1);
    for (const auto& one : begun)
        if (!one) EXPECT_EQ(one.error().code, Errc::idempotency_in_progress);
}

TEST_F(ApiIdempotency, AfterADayTheKeyIsFree) {
    ASSERT_EQ(create("/v1/folders", folder).status, 201);
    world.clock.advance(std::chrono::hours(24) + std::chrono::seconds(1));

    EXPECT_EQ(create("/v1/folders", folder).status, 409) << "it runs again, and the name is taken";
}

TEST_F(ApiIdempotency, AFailureOfOursLeavesTheKeyFree) {
    world.store.fail_commits_when([](const app::UnitOfWork& unit) -> std::optional<Errc> {
        return std::holds_alternative<app::PutFolder>(unit.front()) ? std::optional(Errc::storage_full) : std::nullopt;
    });
    EXPECT_EQ(create("/v1/folders", folder).status, 507);
    world.store.revive();

    EXPECT_EQ(create("/v1/folders", folder).status, 201);
}

TEST_F(ApiIdempotency, ASendWhoseOutcomeIsNotKnownIsNotSentTwice) {
    world.add_connection("invoice-mail");
    world.mail_provider.refusal = Error{Errc::provider_timeout, "the provider did not answer in time"};
    Ask ask{"POST",
            "/v1/mail/messages",
            R"({"to":[{"email":"taro@acme.example"}],"subject":"Hello","text_body":"Hello"})",
            world.admin,
            {{"Idempotency-Key", "send-1"}, {"Renkei-Connection", "invoice-mail"}}};

    const auto first = world.ask(ask);
    world.mail_provider.refusal.reset();
    const auto second = world.ask(ask);

    EXPECT_EQ(first.status, 504);
    EXPECT_EQ(second.status, 504);
    EXPECT_EQ(world.mail_provider.sent, 1);
}

TEST_F(ApiIdempotency, KeysThatAreNoKeysAreRefused) {
    for (const auto& key : {std::string(), std::string(201, 'a'), std::string("a b"), std::string("\xe3\x81\x82"), std::string("\"\"")})
        EXPECT_EQ(create("/v1/folders", folder, key).text("field"), "Idempotency-Key") << key;
    EXPECT_EQ(world.ask({"POST", "/v1/folders", folder, world.admin, {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}}}).status, 400);
}

}  // namespace
}  // namespace renkei::testing

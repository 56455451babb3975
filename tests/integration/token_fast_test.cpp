#include "tests/support/token_fast_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using core::Action;

/// B-09: the fast way answers as the ordinary one does, and leaves to it whatever it is not sure of.
using TokenFast = TokenFastTest;

TEST_F(TokenFast, B09_TheSecondReadGoesTheFastWayWithTheSameAnswer) {
    EXPECT_FALSE(is_fast()) << "nothing was decided yet";
    const auto first = ordinary();
    ASSERT_EQ(first.status, 200);

    const auto second = fast({});

    ASSERT_TRUE(second);
    EXPECT_EQ(json::parse(*second).value(), first.json);
    EXPECT_EQ(token_in(*second), "access token of invoice-mail");
    EXPECT_EQ(world.provider.requests().size(), 0U);
}

TEST_F(TokenFast, B09_TheLifeThatIsLeftIsCountedFromTheTimeOfTheRead) {
    warm();
    world.clock.advance(10min + 1ms);

    const auto answer = json::parse(fast({}).value()).value().as_object();

    EXPECT_EQ(answer.at("expires_in").as_int64(), 50 * 60 - 1);
    EXPECT_EQ(json::text(answer, "expires_at"), iso_text(at_start() + 1h));
    EXPECT_EQ(ordinary().json, json::value(answer));
}

TEST_F(TokenFast, WhatTheDoorIsNotSureOfGoesTheOrdinaryWay) {
    warm();
    const std::string key = world.reader;
    const Read others[] = {
        {.method = "HEAD"},
        {.method = "POST"},
        {.method = "get"},
        {.target = "/v1/connections/invoice-mail/token?min_validity=60"},
        {.target = "/v1/connections/invoice-mail/token?"},
        {.target = "/v1/connections/%69nvoice-mail/token"},
        {.target = "/v1/connections/invoice-mail/x/token"},
        {.target = "/v1/connections/invoice-mail/token/"},
        {.target = "/v1/connections/invoice-mail#/token"},
        {.target = "/v1/connections//token"},
        {.target = "/v1/connections/token"},
        {.target = "/v1/connections/Invoice-mail/token"},
        {.target = "/v1/connections/other-mail/token"},
        {.target = "/v2/connections/invoice-mail/token"},
        {.target = "http://renkei.example/v1/connections/invoice-mail/token"},
        {.authorization = key},
        {.authorization = "bearer " + key},
        {.authorization = "Basic " + key},
        {.authorization = "Bearer"},
        {.authorization = "Bearer "},
        {.authorization = "Bearer  " + key},
        {.authorization = "Bearer " + key + " "},
        {.authorization = "Bearer " + key.substr(0, key.size() - 1)},
        {.authorization = "Bearer rk_unknown"},
        {.authorization = "Bearer " + world.admin},
    };
    for (const auto& read : others) EXPECT_FALSE(fast(read)) << read.method << ' ' << read.target << ' ' << read.authorization;
    EXPECT_TRUE(is_fast()) << "and spoils nothing";
}

TEST_F(TokenFast, B05_AKeyOfAnotherWorkspaceNeverGetsThere) {
    warm();
    const auto stranger = world.add_key("stranger", {Action::tokens_read}, elsewhere);

    EXPECT_FALSE(is_fast_with(stranger));
    EXPECT_EQ(ordinary(stranger).status, 404);
    EXPECT_FALSE(is_fast_with(stranger));
}

TEST_F(TokenFast, B05_OneKeysDecisionIsNoOtherKeys) {
    warm();
    const auto other = world.add_key("other", {Action::tokens_read});
    const auto poor = world.add_key("poor", {Action::mail_read});

    EXPECT_FALSE(is_fast_with(other));
    warm(other);
    EXPECT_EQ(ordinary(poor).status, 403);
    EXPECT_FALSE(is_fast_with(poor));
}

TEST_F(TokenFast, B05_OnlyTheMailboxThatWasDecidedIsFast) {
    warm();

    EXPECT_TRUE(fast({.mailbox = "invoice@acme.example"}));
    EXPECT_FALSE(fast({.mailbox = "sato@acme.example"}));
    EXPECT_FALSE(fast({.mailbox = "INVOICE@acme.example"})) << "another spelling is for the ordinary way";
    EXPECT_FALSE(fast({.mailbox = "invoice@acme.example "}));
    EXPECT_EQ(ordinary({}, "sato@acme.example").status, 403);
    EXPECT_FALSE(fast({.mailbox = "sato@acme.example"})) << "a refusal is not remembered as a yes";
}

TEST_F(TokenFast, B05_ADecisionForANamedMailboxIsNoneForTheConnectionsOwn) {
    edit([](core::Connection& row) {
        row.mailbox = "president@acme.example";
        row.fence.mailboxes = {"invoice@acme.example"};
    });
    ASSERT_EQ(ordinary().status, 403);

    ASSERT_EQ(ordinary({}, "invoice@acme.example").status, 200);

    EXPECT_TRUE(fast({.mailbox = "invoice@acme.example"}));
    EXPECT_FALSE(is_fast());
    EXPECT_EQ(ordinary().status, 403);
}

}  // namespace
}  // namespace renkei::testing

#include "oauth/client/refusal_reason.hpp"

#include "oauth/client/callback.hpp"
#include "oauth/client/classify.hpp"

#include <gtest/gtest.h>

#include <set>

namespace renkei::oauth {
namespace {

// U-13: the cases that a person can meet, with who must act. One row each; a new case belongs into this table.
struct Case {
    std::string_view error;
    std::int64_t code;
    std::string_view reason;
    Actor actor;
};
constexpr Case cases[] = {
    {"invalid_client", 7000215, "secret-wrong", Actor::app_owner},
    {"invalid_client", 7000222, "secret-expired", Actor::app_owner},
    {"invalid_client", 700027, "certificate-unknown", Actor::app_owner},
    {"invalid_client", 700024, "assertion-out-of-time", Actor::operator_},
    {"invalid_client", 50011, "redirect-not-registered", Actor::app_owner},
    {"invalid_client", 500112, "redirect-not-registered", Actor::app_owner},
    {"unauthorized_client", 700016, "app-not-in-tenant", Actor::app_owner},
    {"invalid_request", 90002, "tenant-not-found", Actor::app_owner},
    {"invalid_request", 90038, "other-cloud-unnamed", Actor::app_owner},
    {"invalid_request", 900382, "other-cloud-unnamed", Actor::app_owner},
    {"invalid_client", 700023, "wrong-audience", Actor::app_owner},
    {"invalid_grant", 50105, "user-not-assigned", Actor::administrator},
    {"invalid_grant", 65001, "consent-missing", Actor::user},
    {"access_denied", 90094, "admin-consent-needed", Actor::administrator},
    {"access_denied", 90095, "admin-consent-needed", Actor::administrator},
    {"access_denied", 65004, "consent-refused", Actor::user},
    {"invalid_grant", 50057, "account-disabled", Actor::administrator},
    {"invalid_grant", 50055, "password-changed", Actor::user},
    {"invalid_grant", 50133, "password-changed", Actor::user},
    {"invalid_grant", 50053, "account-locked", Actor::nobody},
    {"interaction_required", 50076, "mfa-needed", Actor::user},
    {"interaction_required", 53003, "conditional-access", Actor::administrator},
    {"invalid_grant", 700082, "refresh-token-expired", Actor::user},
    {"invalid_grant", 50173, "refresh-token-revoked", Actor::user},
    {"invalid_grant", 70043, "sign-in-frequency", Actor::user},
    {"invalid_client", 7000218, "public-client-not-allowed", Actor::app_owner},
    {"invalid_client", 700025, "public-client-sent-secret", Actor::app_owner},
    {"expired_token", 70019, "device-code-expired", Actor::user},
    {"temporarily_unavailable", 90055, "throttled", Actor::nobody},
    {"temporarily_unavailable", 90033, "provider-busy", Actor::nobody},
    {"invalid_request", 50194, "single-tenant-app", Actor::app_owner},
    {"unauthorized_client", 7000112, "app-disabled", Actor::administrator},
    {"invalid_grant", 50020, "account-elsewhere", Actor::user},
};

class SignInRefusal : public ::testing::TestWithParam<Case> {};

TEST_P(SignInRefusal, U13_IsNamedWithItsCodeAndWhoActs) {
    const auto& row = GetParam();
    const auto error = explained(Errc::needs_app_owner, {.error = std::string(row.error), .codes = {row.code}});

    EXPECT_EQ(error.get("reason"), row.reason);
    EXPECT_EQ(error.get("provider_code"), "AADSTS" + std::to_string(row.code));
    EXPECT_EQ(told(error, true).actor, row.actor);
    EXPECT_NE(told(error, true).detail.find("AADSTS" + std::to_string(row.code)), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(EveryCase, SignInRefusal, ::testing::ValuesIn(cases), [](const auto& info) { return "AADSTS" + std::to_string(info.param.code); });

TEST(RefusalReason, U13_EveryReasonOfACodeIsInTheCatalogueAndEveryRowIsUsed) {
    std::set<std::string_view> used;
    for (const auto& row : code_reasons()) {
        EXPECT_NE(sign_in_reason(row.reason), nullptr) << row.code << ' ' << row.reason;
        used.insert(row.reason);
    }
    // Given by us, not by a code of the provider.
    for (const auto ours : {"other-cloud", "shared-tenant", "other-browser"}) used.insert(ours);
    for (const auto& row : sign_in_reasons()) EXPECT_TRUE(used.contains(row.slug)) << row.slug;
}

TEST(RefusalReason, U13_AReasonBlamesWhoTheClassificationBlames) {
    for (const auto& row : code_reasons()) {
        const auto* known = find_code(row.code);
        if (known == nullptr) continue;
        const auto actor = sign_in_reason(row.reason)->actor;
        if (known->who == RefreshFailure::retry_later) EXPECT_EQ(actor, Actor::nobody) << row.code;
        if (known->who == RefreshFailure::needs_admin) EXPECT_EQ(actor, Actor::administrator) << row.code;
        if (known->who == RefreshFailure::needs_user) EXPECT_EQ(actor, Actor::user) << row.code;
        if (known->who == RefreshFailure::needs_app_owner) EXPECT_TRUE(actor == Actor::app_owner || actor == Actor::operator_) << row.code;
    }
}

TEST(RefusalReason, U13_AnUnknownCodeKeepsTheGenericWordsAndShowsNothingOfTheProvider) {
    const OAuthFailure failure{.error = "invalid_grant", .codes = {999999}, .suberror = "hanako@acme.example"};

    const auto error = explained(Errc::reconnect_required, failure);

    EXPECT_EQ(reason_of(failure), nullptr);
    EXPECT_EQ(error.get("provider_code"), "") << "a code that nobody knows may be anything";
    EXPECT_EQ(told(error, false).detail, "the provider does not accept the stored permission any more (invalid_grant)");
}

TEST(RefusalReason, TheSecondCodeNamesItWhenTheFirstIsUnknown) {
    EXPECT_EQ(explained(Errc::needs_app_owner, {.error = "invalid_client", .codes = {1, 7000222}}).get("reason"), "secret-expired");
}

TEST(RefusalReason, TheCodeOfAnAnswerIsDigitsAndNothingElse) {
    EXPECT_EQ(code_of_answer("", "AADSTS90094: The grant requires admin permission."), 90094);
    EXPECT_EQ(code_of_answer("https://login.example/error?code=65004", ""), 65004);
    EXPECT_EQ(code_of_answer("https://login.example/error?code=65004", "AADSTS90094: both"), 90094);
    for (const auto* text : {"", "AADSTS", "AADSTSx1", "aadsts65004", " AADSTS65004", "see AADSTS65004", "AADSTS-5", "AADSTS99999999999999999999", "AADSTS0"})
        EXPECT_EQ(code_of_answer("", text), std::nullopt) << text;
    for (const auto* uri : {"https://login.example/error", "https://login.example/error?code=", "?code=<script>", "?code=1234567890123"})
        EXPECT_EQ(code_of_answer(uri, ""), std::nullopt) << uri;
}

struct Answered {
    Secret state{"the-state"};
    Error with(std::string error, std::string description = {}, std::string uri = {}) const {
        Fields query{{"state", "the-state"}, {"error", std::move(error)}};
        if (!description.empty()) query.emplace_back("error_description", std::move(description));
        if (!uri.empty()) query.emplace_back("error_uri", std::move(uri));
        return ValidatedCallback::from(query, {.state = state, .issuer = {}}).error();
    }
};

TEST(RefusedCallback, B13_AnApprovalThatIsNeededIsTheAdministratorsMatter) {
    for (const auto* code : {"AADSTS90094: hanako needs approval", "AADSTS90095: x"}) {
        const auto error = Answered().with("access_denied", code);
        EXPECT_EQ(error.code, Errc::needs_admin);
        EXPECT_TRUE(asks_for_approval(error));
        EXPECT_EQ(error.detail.find("hanako"), std::string::npos);
    }
    EXPECT_TRUE(asks_for_approval(Answered().with("consent_required")));
    EXPECT_TRUE(asks_for_approval(Answered().with("access_denied", "AADSTS65001: no consent")));
}

TEST(RefusedCallback, U13_ARefusalByThePersonOrAPolicyIsNoRequestToAnAdministrator) {
    EXPECT_FALSE(asks_for_approval(Answered().with("access_denied")));
    EXPECT_FALSE(asks_for_approval(Answered().with("access_denied", "AADSTS65004: User declined")));
    const auto policy = Answered().with("access_denied", {}, "https://login.example/error?code=53003");
    EXPECT_EQ(policy.code, Errc::needs_admin);
    EXPECT_EQ(policy.get("reason"), "conditional-access");
    EXPECT_FALSE(asks_for_approval(policy));
}

}  // namespace
}  // namespace renkei::oauth

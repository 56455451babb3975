#include "adapters/providers/microsoft/graph_error.hpp"

#include <gtest/gtest.h>

namespace renkei::microsoft {
namespace {

const Asked app_only{"Mail.Read", core::ConnectionMode::client_credentials, "info@contoso.com"};
const Asked delegated{"Mail.Read", core::ConnectionMode::authorization_code, "info@contoso.com"};

HttpResponse refusal(int status, const std::string& code, Headers headers = {}) {
    headers.set("Content-Type", "application/json");
    return {status, std::move(headers),
            R"({"error":{"code":")" + code + R"(","message":"secret words of the provider","innerError":{"date":"2026-11-21T09:00:00"}}})"};
}

TEST(GraphError, EveryCodeOfTheReferenceBecomesANamedError) {
    const std::tuple<int, std::string, Errc> table[] = {
        {400, "BadRequest", Errc::provider_rejected},
        {400, "RequestBroker--ParseUri", Errc::provider_rejected},
        {400, "ErrorInvalidIdMalformed", Errc::not_found},
        {400, "InefficientFilter", Errc::provider_rejected},
        {400, "ErrorInvalidRecipients", Errc::provider_rejected},
        {401, "InvalidAuthenticationToken", Errc::unauthenticated},
        {403, "ErrorAccessDenied", Errc::provider_refused},
        {403, "accessDenied", Errc::provider_refused},
        {403, "Authorization_RequestDenied", Errc::provider_refused},
        {403, "ErrorSendAsDenied", Errc::provider_refused},
        {403, "SomethingNew", Errc::provider_refused},
        {404, "ErrorItemNotFound", Errc::not_found},
        {404, "ResourceNotFound", Errc::not_found},
        {404, "Request_ResourceNotFound", Errc::not_found},
        {404, "ErrorInvalidUser", Errc::needs_admin},
        {404, "MailboxNotEnabledForRESTAPI", Errc::needs_admin},
        {404, "MailboxNotSupportedForRESTAPI", Errc::needs_admin},
        {404, "SomethingNew", Errc::not_found},
        {409, "ErrorIrresolvableConflict", Errc::conflict},
        {410, "syncStateNotFound", Errc::gone},
        {412, "resourceModified", Errc::conflict},
        {413, "ErrorMessageSizeExceeded", Errc::payload_too_large},
        {429, "TooManyRequests", Errc::provider_throttled},
        {429, "ApplicationThrottled", Errc::provider_throttled},
        {429, "SomethingNew", Errc::provider_throttled},
        {500, "ErrorInternalServerTransientError", Errc::provider_unavailable},
        {503, "serviceNotAvailable", Errc::provider_unavailable},
        {504, "UnknownError", Errc::provider_unavailable},
        {507, "ErrorQuotaExceeded", Errc::needs_admin},
        {509, "Bandwidth", Errc::provider_unavailable},
    };
    for (const auto& [status, code, expected] : table) {
        const auto error = failure_of(refusal(status, code), app_only);
        EXPECT_EQ(error.code, expected) << status << ' ' << code;
        EXPECT_EQ(error.get("status"), std::to_string(status));
        EXPECT_EQ(error.get("provider_code"), code);
        EXPECT_EQ(error.detail.find("secret words"), std::string::npos);
    }
}

TEST(GraphError, TheDeepestKnownCodeDecides) {
    const auto body = [](std::string inner) {
        return HttpResponse{403, {{"Content-Type", "application/json"}}, R"({"error":{"code":"accessDenied","message":"m","innerError":)" + inner + "}}"};
    };
    EXPECT_EQ(failure_of(body(R"({"code":"MailboxNotEnabledForRESTAPI"})"), app_only).code, Errc::needs_admin);
    EXPECT_EQ(failure_of(body(R"({"code":"somethingNew"})"), app_only).code, Errc::provider_refused);
    EXPECT_EQ(failure_of(body(R"({"innererror":{"code":"ErrorItemNotFound"}})"), app_only).code, Errc::not_found);
    EXPECT_EQ(failure_of(body("7"), app_only).code, Errc::provider_refused);
}

TEST(GraphError, ARefusalNamesThePermissionThatIsMissing) {
    const auto app = failure_of(refusal(403, "ErrorAccessDenied"), app_only);
    EXPECT_NE(app.detail.find("application permission Mail.Read"), std::string::npos) << app.detail;
    EXPECT_NE(app.detail.find("info@contoso.com"), std::string::npos);
    const auto person = failure_of(refusal(403, "ErrorAccessDenied"), delegated);
    EXPECT_NE(person.detail.find("delegated permission Mail.Read"), std::string::npos) << person.detail;
    EXPECT_NE(person.detail.find("Mail.Read.Shared"), std::string::npos);
}

TEST(GraphError, CarriesRetryAfterInWholeSecondsRoundedUp) {
    const std::pair<std::string, std::string> table[] = {{"10", "10"}, {"2.128", "3"}, {"0", "0"},  {"-1", ""},
                                                         {"soon", ""}, {"1e9", ""},    {"nan", ""}, {"", ""}};
    for (const auto& [sent, expected] : table)
        EXPECT_EQ(failure_of(refusal(429, "TooManyRequests", {{"Retry-After", sent}}), app_only).get("retry_after"), expected) << sent;
}

TEST(GraphError, WhatIsNotGraphsOwnErrorIsABadAnswerUnlessTheStatusSaysIt) {
    const auto html = [](int status) { return HttpResponse{status, {{"Content-Type", "text/html"}}, "<html>proxy</html>"}; };
    for (const int status : {400, 403, 404, 407, 418}) EXPECT_EQ(failure_of(html(status), app_only).code, Errc::provider_bad_answer) << status;
    for (const int status : {301, 302, 204, 200, 100, 0}) EXPECT_EQ(failure_of(html(status), app_only).code, Errc::provider_bad_answer) << status;
    EXPECT_EQ(failure_of(html(429), app_only).code, Errc::provider_throttled);
    EXPECT_EQ(failure_of(html(502), app_only).code, Errc::provider_unavailable);
    EXPECT_EQ(failure_of(html(401), app_only).code, Errc::unauthenticated);
}

TEST(GraphError, AClaimsChallengeAsksForThePersonOrTheAdministrator) {
    const Headers challenge{{"WWW-Authenticate", R"(Bearer realm="", error="insufficient_claims", claims="eyJ9")"}};
    EXPECT_EQ(failure_of(refusal(401, "InvalidAuthenticationToken", challenge), delegated).code, Errc::reconnect_required);
    EXPECT_EQ(failure_of(refusal(401, "InvalidAuthenticationToken", challenge), app_only).code, Errc::needs_admin);
}

TEST(GraphError, CodesAndRequestIdsOfStrangeFormDoNotReachTheLog) {
    auto response = refusal(403, "a b\\n<script>", {{"request-id", "x y\r\nz"}});
    const auto error = failure_of(response, app_only);
    EXPECT_EQ(error.get("provider_code"), "");
    EXPECT_EQ(error.get("provider_request_id"), "");
    EXPECT_EQ(failure_of(refusal(403, "x", {{"request-id", "0c1e3d5b-aaaa"}}), app_only).get("provider_request_id"), "0c1e3d5b-aaaa");
}

}  // namespace
}  // namespace renkei::microsoft

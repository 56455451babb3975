#include "base/encoding.hpp"
#include "tests/support/fake_mail_graph.hpp"

#include <gtest/gtest.h>

namespace renkei::microsoft {
namespace {

using testing::FakeHttpClient;
using testing::run_task;
constexpr std::string_view root = testing::graph_root;

class GraphMailTest : public testing::GraphMailFixture {};

TEST_F(GraphMailTest, ListsWithTokenImmutableIdsAndARepeatableGet) {
    http_.answers(200, R"({"value":[]})");

    page();

    ASSERT_EQ(http_.seen.size(), 1u);
    const auto& seen = http_.seen.front();
    EXPECT_EQ(seen.method, Method::get);
    EXPECT_TRUE(seen.url.starts_with(std::string(root) + "/messages?$orderby=")) << seen.url;
    EXPECT_EQ(seen.authorization, "Bearer token-1");
    EXPECT_NE(seen.headers.get("Prefer").find("IdType=\"ImmutableId\""), std::string_view::npos);
    EXPECT_TRUE(seen.options.may_repeat);
    EXPECT_EQ(seen.options.request_id, "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(seen.url.find("token-1"), std::string::npos);
}

TEST_F(GraphMailTest, TheSignedInPersonsOwnMailboxIsMe) {
    http_.answers(200, R"({"value":[]})");

    (void)run_task(mail_.list(access(""), {}, 10, ""));

    EXPECT_TRUE(http_.seen.front().url.starts_with("https://graph.microsoft.com/v1.0/me/messages?"));
}

TEST_F(GraphMailTest, U50_EachCloudHasItsOwnHost) {
    for (const auto& [cloud, host] : std::vector<std::pair<std::string, std::string>>{{"us_gov_l4", "https://graph.microsoft.us/"},
                                                                                      {"us_gov_l5", "https://dod-graph.microsoft.us/"},
                                                                                      {"china", "https://microsoftgraph.chinacloudapi.cn/"}}) {
        http_.answers(200, R"({"value":[]})");
        (void)run_task(mail_.list(access("info@contoso.com", cloud), {}, 10, ""));
        EXPECT_TRUE(http_.seen.back().url.starts_with(host)) << http_.seen.back().url;
    }
    EXPECT_EQ(list_refusal(access("info@contoso.com", "germany")), Errc::internal);
    EXPECT_EQ(http_.seen.size(), 3u);
}

TEST_F(GraphMailTest, AMailboxIsEscapedInThePath) {
    http_.answers(200, R"({"value":[]})");

    (void)run_task(mail_.list(access("a/../b?c#d@contoso.com"), {}, 10, ""));

    EXPECT_TRUE(http_.seen.front().url.starts_with("https://graph.microsoft.com/v1.0/users/a%2F..%2Fb%3Fc%23d%40contoso.com/messages?"));
}

TEST_F(GraphMailTest, ReadsMessagesIntoTheModel) {
    http_.answers(200, R"({"@odata.context":"x","unknown":[1,{"a":null}],"value":[
        {"@odata.etag":"W/\"1\"","id":"AAA=","conversationId":"C1","parentFolderId":"F1","isRead":true,"isDraft":false,"flag":{"flagStatus":"flagged"},
         "receivedDateTime":"2026-11-20T01:02:03Z","sentDateTime":"2026-11-20T01:02:00.5Z","internetMessageId":"<m1@contoso.com>","subject":"請求書 ①㈱髙橋",
         "from":{"emailAddress":{"name":"佐藤 花子","address":"hanako@contoso.com"}},"toRecipients":[{"emailAddress":{"name":"","address":"info@contoso.com"}}],
         "ccRecipients":[],"replyTo":null,"bodyPreview":"お世話になっております","hasAttachments":true,"importance":"high"},
        {"id":"BBB"}]})");

    const auto got = page();

    ASSERT_EQ(got.emails.size(), 2u);
    const auto& email = got.emails.front();
    EXPECT_EQ(email.id, "AAA=");
    EXPECT_EQ(email.subject, "請求書 ①㈱髙橋");
    EXPECT_EQ(email.keywords, (std::vector<std::string>{"$seen", "$flagged"}));
    EXPECT_EQ(iso_text(email.received_at), "2026-11-20T01:02:03Z");
    EXPECT_EQ(to_millis(*email.sent_at) % 1000, 500);
    EXPECT_EQ(email.message_id, "m1@contoso.com");
    EXPECT_EQ(email.from, (std::vector<core::MailAddress>{{"佐藤 花子", "hanako@contoso.com"}}));
    EXPECT_EQ(email.to.size(), 1u);
    EXPECT_TRUE(email.has_attachment);
    EXPECT_EQ(got.emails.back().id, "BBB");
    EXPECT_TRUE(got.emails.back().subject.empty());
    EXPECT_TRUE(got.next_cursor.empty());
}

TEST_F(GraphMailTest, FollowsANextLinkUnchangedAndWithTheSameHeaders) {
    const std::string link = std::string(root) + "/messages?$top=10&$skip=10&$skiptoken=a%2Bb%3D";
    http_.answers(200, R"({"value":[],"@odata.nextLink":")" + link + R"("})").answers(200, R"({"value":[{"id":"X"}]})");

    const auto first = page();
    const auto second = page({}, first.next_cursor);

    EXPECT_FALSE(first.next_cursor.empty());
    EXPECT_EQ(http_.seen.back().url, link);
    EXPECT_EQ(http_.seen.back().authorization, "Bearer token-1");
    EXPECT_EQ(http_.seen.back().headers.get("Prefer"), http_.seen.front().headers.get("Prefer"));
    EXPECT_EQ(second.emails.size(), 1u);
}

TEST_F(GraphMailTest, ANextLinkToAnywhereElseIsRefusedBeforeATokenGoesThere) {
    for (const auto* link :
         {"https://evil.example/v1.0/me/messages", "http://graph.microsoft.com/v1.0/me/messages", "https://graph.microsoft.com:8443/v1.0/me/messages",
          "https://graph.microsoft.com.evil.example/v1.0/me", "https://graph.microsoft.com@evil.example/v1.0/me", "https://graph.microsoft.us/v1.0/me/messages",
          "https://graph.microsoft.com/beta/me/messages", "https://graph.microsoft.com/v1.0/../beta/me", "https://graph.microsoft.com/v1.0/%2e%2e/beta/me",
          "//evil.example/v1.0/", "/v1.0/me", "file:///etc/passwd"}) {
        http_.seen.clear();
        http_.answers(200, R"({"value":[],"@odata.nextLink":")" + std::string(link) + R"("})");
        EXPECT_EQ(list_refusal(), Errc::provider_bad_answer) << link;
        EXPECT_EQ(list_refusal(access(), base64url(as_bytes(link))), Errc::bad_request) << link;
        EXPECT_EQ(http_.seen.size(), 1u);
    }
}

TEST_F(GraphMailTest, ACursorThatIsNoneCausesNoRequest) {
    for (const auto& cursor :
         {std::string("x"), std::string("!!!"), std::string("AAAA"), std::string(10'000, 'A'), base64url(as_bytes("https://graph.microsoft.com/v1.0")),
          base64url(as_bytes(std::string("https://graph.microsoft.com/v1.0/me\r\nX: y")))})
        EXPECT_EQ(list_refusal(access(), cursor), Errc::bad_request) << cursor.substr(0, 20);
    EXPECT_TRUE(http_.seen.empty());
}

TEST_F(GraphMailTest, AnswersThatMakeNoSenseAreNamedErrors) {
    const FakeHttpClient::Answer answers[] = {
        {200, {{"Content-Type", "text/html"}}, "<html>Sign in to the network</html>"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[{"id":"A","subject":")"},
        {200, {{"Content-Type", "application/json"}}, ""},
        {200, {{"Content-Type", "application/json"}}, "[]"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":{}})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[7]})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[{"subject":"no id"}]})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[{"id":7}]})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[{"id":"A","receivedDateTime":"yesterday"}]})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[{"id":"A","isRead":"yes"}]})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[{"id":"A","toRecipients":["x"]}]})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[{"id":"A","from":{"emailAddress":7}}]})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[],"@odata.nextLink":7})"},
        {200, {{"Content-Type", "application/json"}}, R"({"value":[],"value":[]})"},
        {200, {{"Content-Type", "application/json"}}, "{\"value\":[{\"id\":\"\xff\"}]}"},
        {200, {}, R"({"value":[]})"},
        {204, {}, ""},
        {302, {{"Location", "https://login.example/"}}, ""},
        {407, {{"Content-Type", "text/html"}}, "proxy"},
    };
    for (const auto& answer : answers) {
        http_.answers(answer);
        EXPECT_EQ(list_refusal(), Errc::provider_bad_answer) << answer.status << ' ' << answer.body;
    }
}

TEST_F(GraphMailTest, FaultsOfTheTransportStayWhatTheyAre) {
    for (const auto code : {Errc::provider_unavailable, Errc::provider_timeout, Errc::provider_bad_answer, Errc::tls_failed, Errc::egress_refused}) {
        http_.fails(code);
        EXPECT_EQ(list_refusal(), code);
    }
}

}  // namespace
}  // namespace renkei::microsoft

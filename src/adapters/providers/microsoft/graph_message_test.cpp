#include "base/json.hpp"
#include "tests/support/fake_mail_graph.hpp"

#include <gtest/gtest.h>

namespace renkei::microsoft {
namespace {

using testing::run_task;
constexpr std::string_view message_root = testing::graph_root;

class GraphMessageTest : public testing::GraphMailFixture {};

TEST_F(GraphMessageTest, GetsABodyAsHtmlAndText) {
    http_.answers(200, R"({"id":"A","subject":"s","hasAttachments":false,"body":{"contentType":"html","content":"<p>こんにちは</p><p>x &amp; y</p>"}})");

    const auto email = run_task(mail_.get(access(), "A"));

    ASSERT_TRUE(email);
    EXPECT_EQ(email->html_body, "<p>こんにちは</p><p>x &amp; y</p>");
    EXPECT_EQ(email->text_body, "こんにちは\n\nx & y");
    EXPECT_NE(http_.seen.front().headers.get("Prefer").find("outlook.body-content-type=\"html\""), std::string_view::npos);
    EXPECT_EQ(http_.seen.size(), 1u);
}

TEST_F(GraphMessageTest, ATextBodyStaysText) {
    http_.answers(200, R"({"id":"A","body":{"contentType":"text","content":"a <b> c"}})");

    const auto email = run_task(mail_.get(access(), "A"));

    ASSERT_TRUE(email);
    EXPECT_EQ(email->text_body, "a <b> c");
    EXPECT_TRUE(email->html_body.empty());
}

TEST_F(GraphMessageTest, ListsAttachmentsWithoutTheirContentAlsoInlineOnes) {
    http_.answers(200, R"({"id":"A","hasAttachments":false,"body":{"contentType":"html","content":"<img src=\"cid:logo\">"}})")
        .answers(
            200,
            R"({"value":[{"@odata.type":"#microsoft.graph.fileAttachment","id":"T1","name":"logo.png","contentType":"image/png","size":100,"isInline":true,"contentId":"<logo>"},
            {"@odata.type":"#microsoft.graph.itemAttachment","id":"T2","name":"Fwd","contentType":null,"size":5},{"@odata.type":"#microsoft.graph.referenceAttachment","id":"T3","name":"link"}]})");

    const auto email = run_task(mail_.get(access(), "A"));

    ASSERT_TRUE(email);
    ASSERT_EQ(email->attachments.size(), 3u);
    EXPECT_EQ(email->attachments[0].content_id, "logo");
    EXPECT_TRUE(email->attachments[0].is_inline);
    EXPECT_EQ(email->attachments[1].kind, "item");
    EXPECT_EQ(email->attachments[1].type, "message/rfc822");
    EXPECT_EQ(email->attachments[2].kind, "link");
    EXPECT_EQ(http_.seen[1].url.find("contentBytes"), std::string::npos);
    EXPECT_NE(http_.seen[1].url.find("/messages/A/attachments?$select="), std::string::npos);
}

TEST_F(GraphMessageTest, AnAttachmentListThatLeadsElsewhereIsNotFollowed) {
    http_.answers(200, R"({"id":"A","hasAttachments":true})").answers(200, R"({"value":[],"@odata.nextLink":"https://evil.example/v1.0/x"})");

    const auto email = run_task(mail_.get(access(), "A"));

    ASSERT_FALSE(email);
    EXPECT_EQ(email.error().code, Errc::provider_bad_answer);
    EXPECT_EQ(http_.seen.size(), 2u);
}

TEST_F(GraphMessageTest, IdsThatCannotBeOnesCauseNoRequest) {
    for (const auto& id : {std::string(".."), std::string("a/../../users/ceo"), std::string("a?$expand=x"), std::string()}) {
        EXPECT_FALSE(run_task(mail_.get(access(), id)));
        EXPECT_FALSE(run_task(mail_.mime(access(), id)));
        EXPECT_FALSE(run_task(mail_.attachment(access(), id, "T")));
        EXPECT_FALSE(run_task(mail_.attachment(access(), "A", id)));
    }
    EXPECT_TRUE(http_.seen.empty());
}

TEST_F(GraphMessageTest, StreamsTheOriginalMessage) {
    http_.answers({200, {{"Content-Type", "text/plain"}, {"Content-Length", "34"}}, "Subject: x\r\n\r\nthe original message"});

    auto raw = run_task(mail_.mime(access(), "A="));

    ASSERT_TRUE(raw);
    EXPECT_EQ(raw->media_type, "message/rfc822");
    EXPECT_EQ(raw->size, 34u);
    EXPECT_EQ(*run_task(testing::read_all(std::move(raw->body))), "Subject: x\r\n\r\nthe original message");
    EXPECT_EQ(http_.seen.front().url, std::string(message_root) + "/messages/A%3D/$value");
}

TEST_F(GraphMessageTest, AMessageThatIsCutOffOrAPageOrARefusalIsAnError) {
    http_.answers({200, {{"Content-Type", "text/plain"}}, "Subject", {}, Error{Errc::provider_bad_answer, "cut"}});
    auto cut = run_task(mail_.mime(access(), "A"));
    ASSERT_TRUE(cut);
    EXPECT_FALSE(run_task(testing::read_all(std::move(cut->body))));

    http_.answers({200, {{"Content-Type", "text/html; charset=utf-8"}}, "<html>"});
    EXPECT_EQ(run_task(mail_.mime(access(), "A")).error().code, Errc::provider_bad_answer);

    http_.answers(404, R"({"error":{"code":"ErrorItemNotFound","message":"m"}})");
    EXPECT_EQ(run_task(mail_.mime(access(), "A")).error().code, Errc::not_found);

    http_.answers(401, R"({"error":{"code":"InvalidAuthenticationToken","message":"m"}})");
    EXPECT_EQ(run_task(mail_.mime(access(), "A")).error().code, Errc::unauthenticated);
}

TEST_F(GraphMessageTest, StreamsAnAttachmentWithItsNameAndType) {
    http_.answers(200, R"({"@odata.type":"#microsoft.graph.fileAttachment","id":"T","name":"見積.pdf","contentType":"application/pdf","size":99})")
        .answers({200, {{"Content-Type", "application/octet-stream"}}, std::string("%PDF\0bytes", 10)});

    auto raw = run_task(mail_.attachment(access(), "A", "T"));

    ASSERT_TRUE(raw);
    EXPECT_EQ(raw->name, "見積.pdf");
    EXPECT_EQ(raw->media_type, "application/pdf");
    EXPECT_EQ(raw->size, 0u);
    EXPECT_EQ(*run_task(testing::read_all(std::move(raw->body))), std::string("%PDF\0bytes", 10));
    EXPECT_EQ(http_.seen[1].url, std::string(message_root) + "/messages/A/attachments/T/$value");
}

TEST_F(GraphMessageTest, AnAttachmentThatIsALinkHasNoContent) {
    http_.answers(200, R"({"@odata.type":"#microsoft.graph.referenceAttachment","id":"T","name":"x"})");

    const auto raw = run_task(mail_.attachment(access(), "A", "T"));

    ASSERT_FALSE(raw);
    EXPECT_EQ(raw.error().code, Errc::provider_rejected);
    EXPECT_EQ(http_.seen.size(), 1u);
}

core::OutgoingEmail a_message() {
    core::OutgoingEmail email;
    email.to = {{"佐藤", "hanako@contoso.com"}};
    email.bcc = {{"", "secret@contoso.com"}};
    email.subject = "件名";
    email.text_body = "本文";
    return email;
}

TEST_F(GraphMessageTest, SendsJsonOnceAndNeverRepeats) {
    http_.answers(202, "", {});
    auto email = a_message();
    email.attachments.push_back({"a.bin", "application/octet-stream", std::string("\0\xff", 2), "", false});

    EXPECT_TRUE(run_task(mail_.send(access(), email)));

    const auto& seen = http_.seen.front();
    EXPECT_EQ(seen.method, Method::post);
    EXPECT_EQ(seen.url, std::string(message_root) + "/sendMail");
    EXPECT_FALSE(seen.options.may_repeat);
    const auto body = json::parse(seen.body);
    ASSERT_TRUE(body);
    const auto& message = body->at("message").as_object();
    EXPECT_EQ(message.at("subject").as_string(), "件名");
    EXPECT_EQ(message.at("toRecipients").at(0).at("emailAddress").at("address").as_string(), "hanako@contoso.com");
    EXPECT_EQ(message.at("bccRecipients").at(0).at("emailAddress").as_object().size(), 1u);
    EXPECT_EQ(message.at("body").at("contentType").as_string(), "text");
    EXPECT_EQ(message.at("attachments").at(0).at("@odata.type").as_string(), "#microsoft.graph.fileAttachment");
    EXPECT_EQ(message.at("attachments").at(0).at("contentBytes").as_string(), "AP8=");
    EXPECT_FALSE(message.contains("from"));
    EXPECT_TRUE(body->at("saveToSentItems").as_bool());
}

TEST_F(GraphMessageTest, NamesASenderOnlyWhereItDiffersAndPrefersHtml) {
    http_.answers(202, "", {}).answers(202, "", {});
    auto email = a_message();
    email.html_body = "<p>x</p>";
    email.from = core::MailAddress{"", "info@contoso.com"};
    (void)run_task(mail_.send(access(), email));
    email.from->email = "sales@contoso.com";
    (void)run_task(mail_.send(access(), email));

    EXPECT_EQ(http_.seen[0].body.find("\"from\""), std::string::npos);
    EXPECT_NE(http_.seen[1].body.find("sales@contoso.com"), std::string::npos);
    EXPECT_NE(http_.seen[1].body.find("\"contentType\":\"html\""), std::string::npos);
}

TEST_F(GraphMessageTest, RefusesAttachmentsOverThreeMegabytesInSumNamingTheLimit) {
    auto email = a_message();
    email.attachments.push_back({"a", "text/plain", std::string(2u << 20, 'a'), "", false});
    email.attachments.push_back({"b", "text/plain", std::string((1u << 20) + 1, 'b'), "", false});

    const auto sent = run_task(mail_.send(access(), email));

    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::payload_too_large);
    EXPECT_NE(sent.error().detail.find("3145728"), std::string::npos) << sent.error().detail;
    EXPECT_TRUE(http_.seen.empty());
    email.attachments[1].content.pop_back();
    http_.answers(202, "", {});
    EXPECT_TRUE(run_task(mail_.send(access(), email)));
}

TEST_F(GraphMessageTest, ASendThatIsNotAcceptedIsNotSent) {
    for (const auto& [status, code, expected] : std::vector<std::tuple<int, std::string, Errc>>{{200, "x", Errc::provider_bad_answer},
                                                                                                {403, "ErrorSendAsDenied", Errc::provider_refused},
                                                                                                {403, "ErrorAccessDenied", Errc::provider_refused},
                                                                                                {400, "ErrorInvalidRecipients", Errc::provider_rejected},
                                                                                                {413, "ErrorMessageSizeExceeded", Errc::payload_too_large},
                                                                                                {503, "serviceNotAvailable", Errc::provider_unavailable}}) {
        http_.answers(status, R"({"error":{"code":")" + code + R"("}})");
        const auto sent = run_task(mail_.send(access(), a_message()));
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().code, expected) << code;
    }
    EXPECT_EQ(http_.left(), 0u);
    EXPECT_EQ(http_.unexpected, 0);
}

TEST_F(GraphMessageTest, ReadsTheWholeFolderTreeWithPagesAndRoles) {
    const auto role = [](const std::string& id) { return R"({"id":")" + id + R"("})"; };
    http_
        .answers(
            200,
            R"({"value":[{"id":"IN","displayName":"受信トレイ","parentFolderId":"ROOT","childFolderCount":1,"unreadItemCount":3,"totalItemCount":9}],"@odata.nextLink":")" +
                std::string(message_root) + R"(/mailFolders?$skip=1"})")
        .answers(200, R"({"value":[{"id":"SENT","displayName":"送信済み","parentFolderId":"ROOT","childFolderCount":0}]})")
        .answers(200, R"({"value":[{"id":"SUB","displayName":"請求","parentFolderId":"IN","childFolderCount":0}]})")
        .answers(200, role("IN"))
        .answers(200, role("SENT"))
        .answers(404, R"({"error":{"code":"ErrorItemNotFound"}})")
        .answers(200, role("TRASH"))
        .answers(404, R"({"error":{"code":"ErrorItemNotFound"}})")
        .answers(404, R"({"error":{"code":"ErrorItemNotFound"}})");

    const auto folders = run_task(mail_.folders(access()));

    ASSERT_TRUE(folders) << folders.error().detail;
    ASSERT_EQ(folders->size(), 3u);
    EXPECT_EQ((*folders)[0].role, "inbox");
    EXPECT_EQ((*folders)[0].unread_emails, 3u);
    EXPECT_TRUE((*folders)[0].has_children);
    EXPECT_FALSE((*folders)[0].parent_id);
    EXPECT_EQ((*folders)[1].role, "sent");
    EXPECT_EQ((*folders)[2].parent_id, "IN");
    EXPECT_EQ(http_.seen[2].url.substr(message_root.size(), 29), "/mailFolders/IN/childFolders?");
    EXPECT_EQ(http_.left(), 0u);
}

TEST_F(GraphMessageTest, FoldersThatRunInACircleEnd) {
    for (int i = 0; i < 300; ++i) http_.answers(200, R"({"value":[{"id":"IN","childFolderCount":1}]})");

    const auto folders = run_task(mail_.folders(access()));

    ASSERT_FALSE(folders);
    EXPECT_EQ(folders.error().code, Errc::provider_bad_answer);
    EXPECT_LE(http_.seen.size(), 200u);
}

TEST_F(GraphMessageTest, AFolderListThatLeadsElsewhereIsNotFollowed) {
    http_.answers(200, R"({"value":[],"@odata.nextLink":"https://evil.example/v1.0/x"})");

    EXPECT_EQ(run_task(mail_.folders(access())).error().code, Errc::provider_bad_answer);
    EXPECT_EQ(http_.seen.size(), 1u);
}

TEST_F(GraphMessageTest, AProbeReadsTheInboxOnly) {
    http_.answers(200, R"({"id":"IN"})").answers(404, R"({"error":{"code":"MailboxNotEnabledForRESTAPI"}})").answers(200, "{}");

    EXPECT_TRUE(run_task(mail_.probe(access())));
    EXPECT_EQ(http_.seen.front().url, std::string(message_root) + "/mailFolders/inbox?$select=id");
    EXPECT_EQ(run_task(mail_.probe(access())).error().code, Errc::needs_admin);
    EXPECT_EQ(run_task(mail_.probe(access())).error().code, Errc::provider_bad_answer);
}

}  // namespace
}  // namespace renkei::microsoft

#include "sandbox/mime/parse.hpp"
#include "tests/support/graph_world.hpp"

namespace {

using namespace renkei;
using namespace renkei::testing;

struct Sending : ::testing::Test, GraphWorld {
    std::string me = token(hanako);

    json::array inbox(const char* upn) { return get("/v1.0/me/mailFolders/inbox/messages?$expand=attachments", token(upn)).at("value").as_array(); }
    json::array sent() { return get("/v1.0/me/mailFolders/sentitems/messages", me).at("value").as_array(); }
    sandbox::ServerResponse send(std::string body, Headers headers = {}) {
        return call(Method::post, "/v1.0/me/sendMail", me, std::move(body), std::move(headers));
    }
};

std::string letter(const std::string& rest) {
    return R"({"message":{"subject":"月次報告 ①","body":{"contentType":"Text","content":"数字は㈱髙島屋より"},)" + rest + "}";
}
constexpr const char* to_two =
    R"("toRecipients":[{"emailAddress":{"name":"鈴木","address":"suzuki.ichiro@contoso.example"}}],"ccRecipients":[{"emailAddress":{"address":"dave@fabrikam.example"}}],"bccRecipients":[{"emailAddress":{"address":"alice@contoso.example"}}])";

TEST_F(Sending, DeliversToEveryRecipientOfTheSandboxAndKeepsACopy) {
    const auto response = send(letter(std::string(to_two) + "}"));

    EXPECT_EQ(response.status, 202);
    EXPECT_TRUE(response.body.empty());
    for (const char* upn : {ichiro, dave, alice}) {
        SCOPED_TRACE(upn);
        const auto received = inbox(upn);
        ASSERT_EQ(received.size(), 1u);
        const auto& message = received[0].as_object();
        expect_schema(message, "message");
        EXPECT_EQ(text_at(message, "subject"), "月次報告 ①");
        EXPECT_EQ(text_at(message.at("body").as_object(), "content"), "数字は㈱髙島屋より");
        EXPECT_TRUE(message.at("bccRecipients").as_array().empty());
        EXPECT_FALSE(message.at("isRead").as_bool());
        EXPECT_EQ(text_at(message.at("from").as_object().at("emailAddress").as_object(), "address"), hanako);
    }
    ASSERT_EQ(sent().size(), 1u);
    EXPECT_EQ(sent()[0].as_object().at("bccRecipients").as_array().size(), 1u);
    EXPECT_TRUE(sent()[0].as_object().at("isRead").as_bool());
}

TEST_F(Sending, SaveToSentItemsFalseKeepsNothing) {
    EXPECT_EQ(send(letter(std::string(to_two) + R"(},"saveToSentItems":false)")).status, 202);
    EXPECT_EQ(send(letter(std::string(to_two) + R"(},"SaveToSentItems":"false")")).status, 202);
    EXPECT_TRUE(sent().empty());
    EXPECT_EQ(inbox(ichiro).size(), 2u);
}

TEST_F(Sending, AttachmentsArriveByteForByteWithJapaneseNames) {
    std::string bytes;
    for (int i = 0; i < 5000; ++i) bytes += static_cast<char>(i * 7);
    const auto body = letter(
        std::string(to_two) +
        R"(,"attachments":[{"@odata.type":"#microsoft.graph.fileAttachment","name":"請求書㈱ 2026年11月分（髙橋様）.pdf","contentType":"application/pdf","contentBytes":")" +
        base64(as_bytes(bytes)) +
        R"("},{"@odata.type":"#microsoft.graph.fileAttachment","name":"logo.png","contentType":"image/png","isInline":true,"contentId":"logo@x","contentBytes":"AAEC"}]})");
    ASSERT_EQ(send(body).status, 202);

    const auto message = inbox(dave)[0].as_object();
    EXPECT_TRUE(message.at("hasAttachments").as_bool());
    const auto& attachments = message.at("attachments").as_array();
    ASSERT_EQ(attachments.size(), 2u);
    const auto& pdf = (text_at(attachments[0].as_object(), "name") == "logo.png" ? attachments[1] : attachments[0]).as_object();
    const auto& logo = (text_at(attachments[0].as_object(), "name") == "logo.png" ? attachments[0] : attachments[1]).as_object();
    EXPECT_EQ(text_at(pdf, "name"), "請求書㈱ 2026年11月分（髙橋様）.pdf");
    EXPECT_EQ(decode_base64(text_at(pdf, "contentBytes")), bytes);
    EXPECT_EQ(text_at(logo, "contentId"), "logo@x");
    EXPECT_TRUE(logo.at("isInline").as_bool());
}

TEST_F(Sending, MimeGoesOutAsItIsWithoutItsBcc) {
    const std::string eml =
        "To: suzuki.ichiro@contoso.example\r\nBcc: alice@contoso.example,\r\n dave@fabrikam.example\r\nSubject: Raw\r\nX-Mine: 1\r\n\r\nBody\r\n";
    EXPECT_EQ(send(base64(as_bytes(eml)), {{"Content-Type", "text/plain"}}).status, 202);

    ASSERT_EQ(inbox(alice).size(), 1u);
    const auto raw = call(Method::get, "/v1.0/me/messages/" + percent_encode(text_at(inbox(dave)[0].as_object(), "id")) + "/$value", token(dave)).body;
    EXPECT_EQ(raw.find("Bcc"), std::string::npos);
    EXPECT_NE(raw.find("X-Mine: 1\r\n"), std::string::npos);
    const auto parsed = sandbox::mime::parse_message(raw);
    EXPECT_EQ(parsed.from->address, hanako);
    EXPECT_FALSE(parsed.message_id.empty());
    EXPECT_TRUE(parsed.date.has_value());
}

TEST_F(Sending, EveryBadLetterIsRefusedAndNothingIsSent) {
    const std::string one = R"("toRecipients":[{"emailAddress":{"address":"suzuki.ichiro@contoso.example"}}])";
    const struct {
        std::string body;
        int status;
        const char* code;
    } cases[] = {
        {"", 400, "BadRequest"},
        {"{", 400, "BadRequest"},
        {"[]", 400, "BadRequest"},
        {"{}", 400, "ErrorInvalidRequest"},
        {R"({"message":null})", 400, "ErrorInvalidRequest"},
        {R"({"message":{}})", 400, "ErrorInvalidRecipients"},
        {R"({"message":{"toRecipients":[]}})", 400, "ErrorInvalidRecipients"},
        {R"({"message":{"toRecipients":[{"emailAddress":{"address":"not an address"}}]}})", 400, "ErrorInvalidRecipients"},
        {R"({"message":{"toRecipients":[{"emailAddress":{"address":"a@b\r\nBcc: c@d"}}]}})", 400, "ErrorInvalidRecipients"},
        {R"({"message":{"toRecipients":"a@b.example"}})", 400, "RequestBodyRead"},
        {R"({"message":{"toRecipients":[{"address":"a@b.example"}]}})", 400, "RequestBodyRead"},
        {R"({"message":{"toRecipients":[{"emailAddress":{"adress":"a@b.example"}}]}})", 400, "RequestBodyRead"},
        {letter(one + R"(,"subjekt":"x"})"), 400, "RequestBodyRead"},
        {letter(one + R"(,"importance":"urgent"})"), 400, "RequestBodyRead"},
        {letter(one + R"(},"saveToSentItems":"perhaps")"), 400, "RequestBodyRead"},
        {letter(one + R"(},"savetosent":true)"), 400, "RequestBodyRead"},
        {letter(one + R"(,"attachments":[{"name":"x","contentBytes":"AA=="}]})"), 400, "RequestBodyRead"},
        {letter(one + R"(,"attachments":[{"@odata.type":"#microsoft.graph.fileAttachment","name":"x","contentBytes":"%%"}]})"), 400, "RequestBodyRead"},
        {letter(one + R"(,"attachments":[{"@odata.type":"#microsoft.graph.fileAttachment","name":"x"}]})"), 400, "ErrorRequiredPropertyMissing"},
        {letter(one + R"(,"internetMessageHeaders":[{"name":"Subject","value":"x"}]})"), 400, "InvalidInternetMessageHeader"},
        {letter(one + R"(,"from":{"emailAddress":{"address":"suzuki.ichiro@contoso.example"}}})"), 403, "ErrorSendAsDenied"},
        {letter(one + R"(,"from":{"emailAddress":{"address":"invoices@contoso.example"}}})"), 403, "ErrorSendAsDenied"},
        {letter(one + R"(,"body":{"contentType":"html","content":")" + std::string(4 << 20, 'x') + R"("}})"), 413, "ErrorMessageSizeExceeded"},
    };
    for (const auto& test : cases) {
        SCOPED_TRACE(test.body.substr(0, 200));
        expect_refusal(send(test.body), test.status, test.code);
    }
    expect_refusal(send("not base64!", {{"Content-Type", "text/plain"}}), 400, "ErrorMimeContentInvalidBase64String");
    expect_refusal(send(base64(as_bytes("Subject: nobody\r\n\r\nx")), {{"Content-Type", "text/plain"}}), 400, "ErrorInvalidRecipients");
    expect_refusal(send("<x/>", {{"Content-Type", "application/xml"}}), 415, "RequestBodyRead");
    EXPECT_TRUE(inbox(ichiro).empty());
    EXPECT_TRUE(sent().empty());
}

TEST_F(Sending, OnBehalfOfASharedMailboxNeedsTheSharedScope) {
    const auto body = letter(std::string(to_two) + R"(,"from":{"emailAddress":{"address":"invoices@contoso.example"}}})");
    EXPECT_EQ(call(Method::post, "/v1.0/me/sendMail", token(hanako, {"Mail.Send", "Mail.Send.Shared"}), body).status, 202);

    const auto message = inbox(ichiro)[0].as_object();
    EXPECT_EQ(text_at(message.at("from").as_object().at("emailAddress").as_object(), "address"), shared_box);
    EXPECT_EQ(text_at(message.at("sender").as_object().at("emailAddress").as_object(), "address"), hanako);
}

TEST_F(Sending, AnApplicationSendsFromAMailbox) {
    const auto target = std::string("/v1.0/users/") + shared_box + "/sendMail";
    EXPECT_EQ(call(Method::post, target, app_token({"Mail.Send"}), letter(std::string(to_two) + "}")).status, 202);
    expect_refusal(call(Method::post, target, app_token({"Mail.ReadWrite"}), letter(std::string(to_two) + "}")), 403, "ErrorAccessDenied");
    EXPECT_EQ(inbox(dave).size(), 1u);
}

TEST_F(Sending, ADraftIsWrittenChangedAndSentOnce) {
    const auto draft = post("/v1.0/me/messages", me, R"({"subject":"Draft","toRecipients":[{"emailAddress":{"address":"dave@fabrikam.example"}}]})");
    expect_schema(draft, "message");
    EXPECT_TRUE(draft.at("isDraft").as_bool());
    const auto target = "/v1.0/me/messages/" + percent_encode(text_at(draft, "id"));
    const auto stable = text_at(get(target, me, {{"Prefer", "IdType=\"ImmutableId\""}}), "id");
    EXPECT_EQ(call(Method::patch, target, me, R"({"subject":"Final","body":{"contentType":"html","content":"<b>Done</b>"}})").status, 200);
    const auto attachment = post(target + "/attachments", me, R"({"@odata.type":"#microsoft.graph.fileAttachment","name":"a.csv","contentBytes":"YSxi"})");
    expect_schema(attachment, "attachment");

    EXPECT_EQ(call(Method::post, target + "/send", me).status, 202);
    expect_refusal(call(Method::post, target + "/send", me), 404, "ErrorItemNotFound");
    const auto received = inbox(dave)[0].as_object();
    EXPECT_EQ(text_at(received, "subject"), "Final");
    EXPECT_EQ(text_at(received.at("attachments").as_array()[0].as_object(), "contentBytes"), "YSxi");
    const auto kept = get("/v1.0/me/messages/" + percent_encode(stable), me, {{"Prefer", "IdType=\"ImmutableId\""}});
    EXPECT_FALSE(kept.at("isDraft").as_bool());
    EXPECT_TRUE(kept.at("hasAttachments").as_bool());
}

TEST_F(Sending, ADraftWithoutRecipientsStaysADraft) {
    const auto draft = post("/v1.0/me/messages", me, R"({"subject":"Draft"})");
    expect_refusal(call(Method::post, "/v1.0/me/messages/" + percent_encode(text_at(draft, "id")) + "/send", me), 400, "ErrorInvalidRecipients");
    EXPECT_EQ(get("/v1.0/me/mailFolders/drafts/messages", me).at("value").as_array().size(), 1u);
    const auto received = deliver(hanako, "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nx");
    expect_refusal(call(Method::post, "/v1.0/me/messages/" + percent_encode(received) + "/send", me), 400, "ErrorInvalidRequest");
}

TEST_F(Sending, RepliesGoWhereTheOriginalSaysAndStayInTheConversation) {
    const auto id = deliver(hanako,
                            "From: alice@contoso.example\r\nReply-To: dave@fabrikam.example\r\nTo: sato.hanako@contoso.example, "
                            "suzuki.ichiro@contoso.example\r\nMessage-ID: <q@x>\r\nSubject: Question\r\n\r\nWhen?");
    const auto target = "/v1.0/me/messages/" + percent_encode(id);

    EXPECT_EQ(call(Method::post, target + "/reply", me, R"({"Comment":"Soon <b>"})").status, 202);
    const auto answer = inbox(dave)[0].as_object();
    EXPECT_EQ(text_at(answer, "subject"), "RE: Question");
    EXPECT_NE(text_at(answer.at("body").as_object(), "content").find("Soon &lt;b&gt;"), std::string::npos);
    EXPECT_TRUE(inbox(alice).empty());
    EXPECT_EQ(call(Method::post, target + "/replyAll", me, R"({"message":{"body":{"contentType":"text","content":"All"}}})").status, 202);
    EXPECT_EQ(inbox(ichiro).size(), 1u);
    EXPECT_EQ(call(Method::post, target + "/forward", me, R"({"toRecipients":[{"emailAddress":{"address":"alice@contoso.example"}}]})").status, 202);
    EXPECT_EQ(text_at(inbox(alice)[0].as_object(), "subject"), "FW: Question");
    const auto draft = object(call(Method::post, target + "/createReply", me), 201, "createReply");
    EXPECT_TRUE(draft.at("isDraft").as_bool());
    EXPECT_EQ(text_at(draft, "conversationId"), text_at(get(target, me), "conversationId"));
    expect_refusal(call(Method::post, target + "/reply", me, R"({"comment":"x","message":{"body":{"contentType":"text","content":"y"}}})"), 400,
                   "ErrorInvalidRequest");
    expect_refusal(call(Method::post, target + "/forward", me, R"({"comment":"x"})"), 400, "ErrorInvalidRecipients");
    expect_refusal(call(Method::post, target + "/reply", me, R"({"text":"x"})"), 400, "RequestBodyRead");
    expect_refusal(call(Method::post, "/v1.0/me/messages/bad/reply", me, R"({"comment":"x"})"), 400, "ErrorInvalidIdMalformed");
}

}  // namespace

#include "tests/support/graph_world.hpp"

#include <set>

namespace {

using namespace renkei;
using namespace renkei::testing;

std::string mail(const std::string& subject, const std::string& from = "Bob Carter <bob@contoso.example>", const std::string& text = "Hello",
                 const std::string& extra = {}) {
    return "From: " + from + "\r\nTo: sato.hanako@contoso.example\r\nSubject: " + subject + "\r\nMessage-ID: <" + base64url(as_bytes(subject)) +
           "@example>\r\nDate: Mon, 01 Sep 2025 10:00:00 +0900\r\n" + extra + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n";
}

std::vector<std::string> subjects(const json::object& answer) {
    std::vector<std::string> out;
    for (const auto& one : answer.at("value").as_array()) out.push_back(text_at(one.as_object(), "subject"));
    return out;
}

struct Messages : ::testing::Test, GraphWorld {
    std::string me = token(hanako);
    void fill(int count) {
        for (int i = 0; i < count; ++i) deliver(hanako, mail("Number " + std::to_string(1000 + i)), world.now() + std::chrono::minutes(i));
    }
};

TEST_F(Messages, ListsTenNewestFirstWithTheAbsoluteAddressOfTheNextPage) {
    fill(25);

    const auto first = get("/v1.0/me/messages", me, {{"Host", "localhost:18444"}});
    expect_collection(first, "message");
    ASSERT_EQ(subjects(first).size(), 10u);
    EXPECT_EQ(subjects(first)[0], "Number 1024");
    const auto link = text_at(first, "@odata.nextLink");
    ASSERT_TRUE(link.starts_with("https://localhost:18444/v1.0/me/messages?")) << link;
    const auto second = get(link.substr(std::string("https://localhost:18444").size()), me);
    const auto third = get(text_at(second, "@odata.nextLink").substr(std::string("https://localhost:18443").size()), me);
    EXPECT_EQ(subjects(second)[0], "Number 1014");
    EXPECT_EQ(subjects(third).size(), 5u);
    EXPECT_FALSE(third.contains("@odata.nextLink"));
}

TEST_F(Messages, TheNextPageKeepsTheOptionsOfTheFirst) {
    fill(5);
    const auto first = get("/v1.0/me/mailFolders('Inbox')/messages?%24select=subject&$filter=contains(subject,'Number')&$top=2&$count=true", me);

    EXPECT_EQ(first.at("@odata.count").to_number<int>(), 5);
    const auto second = get(text_at(first, "@odata.nextLink").substr(std::string("https://localhost:18443").size()), me);
    EXPECT_EQ(subjects(second).size(), 2u);
    for (const auto& one : second.at("value").as_array()) {
        EXPECT_TRUE(one.as_object().contains("id"));
        EXPECT_FALSE(one.as_object().contains("body"));
    }
}

TEST_F(Messages, AMailboxOfTenThousandIsPagedThroughOnceEach) {
    fill(10'000);

    std::set<std::string> seen;
    std::string target = "/v1.0/me/messages?$select=subject&$top=1000";
    int pages = 0;
    while (!target.empty() && pages < 20) {
        const auto page = get(target, me);
        for (const auto& subject : subjects(page)) seen.insert(subject);
        ++pages;
        target = page.contains("@odata.nextLink") ? text_at(page, "@odata.nextLink").substr(std::string("https://localhost:18443").size()) : "";
    }
    EXPECT_EQ(seen.size(), 10'000u);
    EXPECT_EQ(pages, 10);
}

TEST_F(Messages, AMessageHasThePublishedPropertiesAndItsEtagInTheHeader) {
    const auto id = deliver(hanako, mail("=?utf-8?B?6KuL5rGC5pu4?=", "=?utf-8?B?5L2Q6Jek?= <bob@contoso.example>", "本文です"));

    const auto response = call(Method::get, "/v1.0/me/messages/" + percent_encode(id), me);
    const auto message = object(response, 200, "get");
    expect_schema(message, "message");
    EXPECT_EQ(text_at(message, "subject"), "請求書");
    EXPECT_EQ(text_at(message, "@odata.etag"), response.headers.get("ETag"));
    EXPECT_EQ(text_at(message.at("from").as_object().at("emailAddress").as_object(), "name"), "佐藤");
    EXPECT_EQ(text_at(message, "bodyPreview"), "本文です");
    EXPECT_TRUE(text_at(message, "@odata.context").ends_with("/messages/$entity"));
    EXPECT_FALSE(message.contains("uniqueBody"));
    EXPECT_FALSE(message.contains("internetMessageHeaders"));
}

TEST_F(Messages, HeadersAndUniqueBodyComeOnlyWhenSelected) {
    const auto id = deliver(hanako, mail("One", "bob@contoso.example", "Hello", "X-Custom: yes\r\n"));
    const auto message = get("/v1.0/me/messages/" + percent_encode(id) + "?$select=internetMessageHeaders,uniqueBody", me);

    expect_schema(message, "message");
    EXPECT_GE(message.at("internetMessageHeaders").as_array().size(), 6u);
    EXPECT_TRUE(message.contains("uniqueBody"));
    EXPECT_FALSE(message.contains("subject"));
}

TEST_F(Messages, TheBodyComesAsPreferredAndTheAnswerSaysSo) {
    const auto id = deliver(
        hanako, "From: bob@contoso.example\r\nSubject: html\r\nContent-Type: text/html\r\n\r\n<p onclick=\"x()\">One</p><script>alert(1)</script><p>Two</p>");
    const auto target = "/v1.0/me/messages/" + percent_encode(id);

    const auto html = get(target, me);
    const auto response = call(Method::get, target, me, {}, {{"Prefer", "outlook.body-content-type=\"text\", IdType=\"ImmutableId\""}});
    const auto unsafe = get(target, me, {{"Prefer", "outlook.allow-unsafe-html"}});
    const auto body = text_at(html.at("body").as_object(), "content");
    EXPECT_EQ(body.find("script"), std::string::npos);
    EXPECT_EQ(body.find("onclick"), std::string::npos);
    EXPECT_NE(body.find("Two"), std::string::npos);
    EXPECT_NE(text_at(unsafe.at("body").as_object(), "content").find("<script>"), std::string::npos);
    EXPECT_EQ(response.headers.get("Preference-Applied"), "outlook.body-content-type=\"text\", IdType=\"ImmutableId\"");
    const auto text = object(response, 200, "text");
    EXPECT_EQ(text_at(text.at("body").as_object(), "content"), "One\r\nTwo\r\n");
    EXPECT_NE(text_at(text, "id"), id);
}

TEST_F(Messages, TheOriginalMimeComesBackByteForByte) {
    const auto eml = mail("Raw", "bob@contoso.example", "odd \xE9 byte");
    const auto id = deliver(hanako, eml);
    const auto response = call(Method::get, "/v1.0/me/messages/" + percent_encode(id) + "/$value", me);

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("Content-Type"), "text/plain");
    EXPECT_EQ(response.body, eml);
}

TEST_F(Messages, FilteringAndOrderingFollowTheVendorsRules) {
    fill(3);
    deliver(hanako, mail("Invoice", "Dave <dave@fabrikam.example>", "pay", "Importance: high\r\n"), world.now() - std::chrono::hours(1));
    const auto found = [&](const std::string& query) { return subjects(get("/v1.0/me/messages?" + query, me)).size(); };

    EXPECT_EQ(found("$filter=from/emailAddress/address%20eq%20'DAVE@fabrikam.example'"), 1u);
    EXPECT_EQ(found("$filter=importance%20eq%20'high'%20and%20isRead%20eq%20false"), 1u);
    EXPECT_EQ(found("$filter=not%20(startswith(subject,'Number'))"), 1u);
    EXPECT_EQ(found("$filter=receivedDateTime%20ge%20" + percent_encode(iso_text(world.now())) + "&$orderby=receivedDateTime%20asc"), 3u);
    EXPECT_EQ(found("$filter=subject%20eq%20'it''s'"), 0u);
    EXPECT_EQ(subjects(get("/v1.0/me/messages?$orderby=subject", me))[0], "Invoice");
    expect_refusal(call(Method::get, "/v1.0/me/messages?$filter=isRead%20eq%20false&$orderby=receivedDateTime", me), 400, "InefficientFilter");
    expect_refusal(call(Method::get, "/v1.0/me/messages?$filter=isRead%20eq%20false%20and%20receivedDateTime%20ge%202020-01-01&$orderby=receivedDateTime", me),
                   400, "InefficientFilter");
}

TEST_F(Messages, SearchFindsJapaneseAnywhereInTheTextAndIsNotCombined) {
    deliver(hanako, mail("=?utf-8?B?MTDmnIjliIbjga7oq4vmsYLmm7jpgIHku5g=?=", "billing@vendor.example", "株式会社テストより"));
    deliver(hanako, mail("Weekly report", "alice@contoso.example", "Numbers attached"));
    const auto found = [&](const std::string& kql) { return subjects(get("/v1.0/me/messages?$search=" + percent_encode("\"" + kql + "\""), me)).size(); };

    EXPECT_EQ(found("請求書"), 1u);
    EXPECT_EQ(found("ﾃｽﾄ"), 1u);
    EXPECT_EQ(found("subject:report from:alice"), 1u);
    EXPECT_EQ(found("subject:eport"), 0u);
    EXPECT_EQ(found("report OR 請求書"), 2u);
    EXPECT_EQ(found("NOT report"), 1u);
    EXPECT_EQ(found("\\\"numbers attached\\\""), 1u);
    EXPECT_EQ(found("hasAttachments:true"), 0u);
    EXPECT_EQ(found("participants:sato.hanako"), 2u);
    const std::string search = "/v1.0/me/messages?$search=%22report%22";
    expect_refusal(call(Method::get, search + "&$filter=isRead%20eq%20false", me), 400, "SearchWithFilter");
    expect_refusal(call(Method::get, search + "&$orderby=subject", me), 400, "SearchWithOrderBy");
    expect_refusal(call(Method::get, search + "&$skip=1", me), 400, "SearchWithSkip");
    expect_refusal(call(Method::get, "/v1.0/me/messages?$search=report", me), 400, "BadRequest");
}

TEST_F(Messages, ASearchIsPagedWithASkipToken) {
    fill(3);
    const auto first = get("/v1.0/me/messages?$search=%22number%22&$top=2", me);
    const auto link = text_at(first, "@odata.nextLink");

    EXPECT_NE(link.find("$skiptoken="), std::string::npos);
    EXPECT_EQ(subjects(get(link.substr(std::string("https://localhost:18443").size()), me)).size(), 1u);
}

TEST_F(Messages, EveryMalformedOptionIsRefusedWithTheVendorsCode) {
    fill(1);
    const std::pair<const char*, const char*> cases[] = {
        {"$top=0", "BadRequest"},
        {"$top=1001", "BadRequest"},
        {"$top=ten", "BadRequest"},
        {"$top=-1", "BadRequest"},
        {"$skip=-1", "BadRequest"},
        {"$skip=99999999999999999999", "BadRequest"},
        {"$top=1&$top=2", "BadRequest"},
        {"$count=maybe", "RequestBroker--ParseUri"},
        {"$bogus=1", "RequestBroker--ParseUri"},
        {"$select=", "RequestBroker--ParseUri"},
        {"$select=subject,nonsense", "RequestBroker--ParseUri"},
        {"$expand=everything", "RequestBroker--ParseUri"},
        {"$orderby=nonsense", "RequestBroker--ParseUri"},
        {"$orderby=subject%20sideways", "RequestBroker--ParseUri"},
        {"$orderby=toRecipients", "ErrorInvalidUrlQuery"},
        {"$filter=", "BadRequest"},
        {"$filter=nonsense%20eq%201", "RequestBroker--ParseUri"},
        {"$filter=subject", "BadRequest"},
        {"$filter=subject%20eq", "BadRequest"},
        {"$filter=subject%20eq%201", "BadRequest"},
        {"$filter=subject%20like%20'x'", "BadRequest"},
        {"$filter=subject%20eq%20'x", "BadRequest"},
        {"$filter=(isRead%20eq%20true", "BadRequest"},
        {"$filter=isRead%20eq%20true)", "BadRequest"},
        {"$filter=isRead%20eq%20'true'", "BadRequest"},
        {"$filter=receivedDateTime%20ge%20yesterday", "BadRequest"},
        {"$filter=receivedDateTime%20ge%202026-13-01", "BadRequest"},
        {"$filter=startswith(isRead,'x')", "BadRequest"},
        {"$filter=contains(subject)", "BadRequest"},
        {"$filter=endswith(subject,'x')", "RequestBroker--ParseUri"},
        {"$filter=toRecipients/any(r:r/emailAddress/address%20eq%20'x')", "ErrorInvalidUrlQueryFilter"},
        {"$filter=categories/any(c:d%20eq%20'x')", "BadRequest"},
        {"$search=%22%22", "BadRequest"},
        {"$search=%22(report%22", "BadRequest"},
        {"$search=%22report)%22", "BadRequest"},
        {"$search=%22received:someday%22", "BadRequest"},
        {"$search=%22size%3Elots%22", "BadRequest"},
        {"$skiptoken=zzz", "BadRequest"},
    };
    for (const auto& [query, code] : cases) {
        SCOPED_TRACE(query);
        expect_refusal(call(Method::get, std::string("/v1.0/me/messages?") + query, me), 400, code);
    }
    const std::string deep(200, '(');
    expect_refusal(call(Method::get, "/v1.0/me/messages?$filter=" + deep + "isRead%20eq%20true", me), 400, "InefficientFilter");
}

TEST_F(Messages, ChangesAreAllOrNothingAndRespectDrafts) {
    const auto target = "/v1.0/me/messages/" + percent_encode(deliver(hanako, mail("Received")));
    const auto changed = object(
        call(Method::patch, target, me, R"({"isRead":true,"categories":["Red","重要"],"flag":{"flagStatus":"Flagged"},"importance":"HIGH"})"), 200, "patch");

    expect_schema(changed, "message");
    EXPECT_TRUE(changed.at("isRead").as_bool());
    EXPECT_EQ(text_at(changed, "importance"), "high");
    EXPECT_EQ(subjects(get("/v1.0/me/messages?$filter=categories/any(c:c%20eq%20'" + percent_encode("重要") + "')", me)).size(), 1u);
    expect_refusal(call(Method::patch, target, me, R"({"isRead":false,"subject":"new"})"), 400, "ErrorInvalidPropertySet");
    expect_refusal(call(Method::patch, target, me, R"({"isRead":"yes"})"), 400, "RequestBodyRead");
    expect_refusal(call(Method::patch, target, me, R"({"colour":"blue"})"), 400, "RequestBodyRead");
    expect_refusal(call(Method::patch, target, me, R"({"importance":"extreme"})"), 400, "RequestBodyRead");
    expect_refusal(call(Method::patch, target, me, R"({"isRead":true)"), 400, "BadRequest");
    expect_refusal(call(Method::patch, target, me, R"([1])"), 400, "BadRequest");
    expect_refusal(call(Method::patch, target, me, R"({"isRead":true})", {{"If-Match", "W/\"old\""}}), 412, "ErrorIrresolvableConflict");
    EXPECT_TRUE(get(target, me).at("isRead").as_bool());
}

TEST_F(Messages, DeletingMovesToDeletedItemsThenOutOfSight) {
    const auto id = deliver(hanako, mail("Gone"));
    EXPECT_EQ(call(Method::delete_, "/v1.0/me/messages/" + percent_encode(id), me).status, 204);

    expect_refusal(call(Method::get, "/v1.0/me/messages/" + percent_encode(id), me), 404, "ErrorItemNotFound");
    const auto deleted = get("/v1.0/me/mailFolders/deletedItems/messages", me);
    ASSERT_EQ(subjects(deleted).size(), 1u);
    const auto again = call(Method::delete_, "/v1.0/me/messages/" + percent_encode(text_at(deleted.at("value").as_array()[0].as_object(), "id")), me);
    EXPECT_EQ(again.status, 204);
    EXPECT_TRUE(again.body.empty());
    EXPECT_TRUE(subjects(get("/v1.0/me/messages", me)).empty());
}

TEST_F(Messages, MovingGivesANewIdExceptToWhoAsksForImmutableOnes) {
    const auto id = deliver(hanako, mail("Moving"));
    const Headers immutable{{"Prefer", "IdType=\"ImmutableId\""}};
    const auto stable = text_at(get("/v1.0/me/messages/" + percent_encode(id), me, immutable), "id");
    const auto moved = post("/v1.0/me/messages/" + percent_encode(id) + "/move", me, R"({"DestinationId":"archive"})");

    EXPECT_NE(text_at(moved, "id"), id);
    expect_refusal(call(Method::get, "/v1.0/me/messages/" + percent_encode(id), me), 404, "ErrorItemNotFound");
    EXPECT_EQ(text_at(get("/v1.0/me/messages/" + percent_encode(stable), me, immutable), "subject"), "Moving");
    expect_refusal(call(Method::get, "/v1.0/me/messages/" + percent_encode(stable), me), 404, "ErrorItemNotFound");
    const auto copied = post("/v1.0/me/messages/" + percent_encode(text_at(moved, "id")) + "/copy", me, R"({"destinationId":"inbox"})");
    EXPECT_NE(text_at(copied, "id"), text_at(moved, "id"));
    EXPECT_EQ(subjects(get("/v1.0/me/messages", me)).size(), 2u);
    expect_refusal(call(Method::post, "/v1.0/me/messages/" + percent_encode(text_at(copied, "id")) + "/move", me, R"({"destinationId":"nowhere"})"), 400,
                   "ErrorInvalidIdMalformed");
    expect_refusal(call(Method::post, "/v1.0/me/messages/" + percent_encode(text_at(copied, "id")) + "/move", me, "{}"), 400, "ErrorInvalidRequest");
}

TEST_F(Messages, IdsOfAnotherKindCutOnesAndOtherPeoplesAreTold) {
    const auto id = deliver(hanako, mail("Mine"));
    const auto theirs = deliver(ichiro, mail("Theirs"));
    const auto folder = text_at(get("/v1.0/me/mailFolders/inbox", me), "id");

    expect_refusal(call(Method::get, "/v1.0/me/messages/" + percent_encode(folder), me), 400, "ErrorInvalidIdMalformed");
    expect_refusal(call(Method::get, "/v1.0/me/messages/" + percent_encode(id.substr(0, 20)), me), 400, "ErrorInvalidIdMalformed");
    expect_refusal(call(Method::get, "/v1.0/me/messages/" + percent_encode(lower_ascii(id)), me), 400, "ErrorInvalidIdMalformed");
    expect_refusal(call(Method::get, "/v1.0/me/messages/x", me), 400, "ErrorInvalidIdMalformed");
    expect_refusal(call(Method::get, "/v1.0/me/messages/" + percent_encode(theirs), me), 404, "ErrorItemNotFound");
    expect_refusal(call(Method::get, "/v1.0/me/mailFolders/" + percent_encode(id) + "/messages", me), 400, "ErrorInvalidIdMalformed");
    expect_refusal(call(Method::get, "/v1.0/me/mailFolders/elsewhere", me), 400, "ErrorInvalidIdMalformed");
}

TEST_F(Messages, AnswersToAMessageShareItsConversation) {
    const auto first = deliver(hanako, mail("Plan"));
    const auto second = deliver(hanako, mail("Re: Plan", "alice@contoso.example", "ok", "In-Reply-To: <" + base64url(as_bytes("Plan")) + "@example>\r\n"));
    const auto other = deliver(hanako, mail("Other"));
    const auto conversation = [&](const std::string& id) { return text_at(get("/v1.0/me/messages/" + percent_encode(id), me), "conversationId"); };

    EXPECT_EQ(conversation(first), conversation(second));
    EXPECT_NE(conversation(first), conversation(other));
    EXPECT_EQ(subjects(get("/v1.0/me/messages?$filter=conversationId%20eq%20'" + percent_encode(conversation(first)) + "'", me)).size(), 2u);
}

}  // namespace

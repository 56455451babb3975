// /v1/mail/… from the request to the answer. Every answer is held against docs/api/openapi.yaml by ApiWorld.
#include "adapters/api/api.hpp"
#include "base/encoding.hpp"
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::testing {
namespace {

using core::Action;

class MailEndpoints : public ::testing::Test {
protected:
    MailEndpoints() {
        world.add_connection("invoice-mail");
        key = world.add_key("mailer", {Action::mail_read, Action::mail_send});
    }
    Answer get(std::string target, Headers headers = {{"Renkei-Connection", "invoice-mail"}}) {
        return world.ask({.method = "GET", .target = std::move(target), .key = key, .headers = std::move(headers)});
    }
    Answer send(std::string body, Headers headers = {{"Renkei-Connection", "invoice-mail"}}) {
        return world.ask({.method = "POST", .target = "/v1/mail/messages", .body = std::move(body), .key = key, .headers = std::move(headers)});
    }
    static core::EmailHeader a_header() {
        core::EmailHeader header;
        header.id = "AAMk=";
        header.subject = "請求書 ①";
        header.from = {{"佐藤 花子", "hanako@contoso.com"}};
        header.keywords = {"$seen"};
        header.received_at = at_start();
        header.has_attachment = true;
        return header;
    }
    ApiWorld world;
    std::string key;
};

constexpr const char* simple = R"({"to":[{"email":"hanako@contoso.com"}],"subject":"件名","text_body":"本文"})";

TEST_F(MailEndpoints, ListsFoldersAndMessagesFlat) {
    world.mail_provider.mailboxes = {{"IN", "受信トレイ", {}, "inbox", 9, 3, true}, {"SUB", "請求", "IN", "", 1, 0, false}};
    world.mail_provider.page.emails = {a_header()};

    const auto folders = get("/v1/mail/folders");
    const auto messages = get("/v1/mail/messages");

    EXPECT_EQ(folders.status, 200);
    EXPECT_EQ(folders.json.at("items").at(0).at("role").as_string(), "inbox");
    EXPECT_EQ(folders.json.at("items").at(1).at("parent_id").as_string(), "IN");
    EXPECT_EQ(messages.status, 200);
    EXPECT_EQ(messages.json.at("items").at(0).at("subject").as_string(), "請求書 ①");
    EXPECT_TRUE(messages.json.at("next_cursor").is_null());
    EXPECT_EQ(world.mail_provider.mailbox, "invoice@acme.example");
}

TEST_F(MailEndpoints, HandsEveryFilterOnAndPagesWithTheCursor) {
    world.mail_provider.page.next_cursor = "provider-cursor";
    const std::string query =
        "/v1/mail/"
        "messages?folder=inbox&from=a%40contoso.com&subject=%E8%AB%8B%E6%B1%82&after=2026-11-01T00:00:00Z&before=2026-11-02T09:00:00%2B09:00&unread=true&has_"
        "attachment=false&limit=7";

    const auto first = get(query);
    ASSERT_EQ(first.status, 200) << first.body;
    const auto& filter = world.mail_provider.filter;
    EXPECT_EQ(filter.mailbox_id, "inbox");
    EXPECT_EQ(filter.from, "a@contoso.com");
    EXPECT_EQ(filter.subject, "請求");
    EXPECT_EQ(iso_text(*filter.after), "2026-11-01T00:00:00Z");
    EXPECT_EQ(iso_text(*filter.before), "2026-11-02T00:00:00Z");
    EXPECT_EQ(filter.unread, true);
    EXPECT_EQ(filter.has_attachment, false);
    EXPECT_EQ(world.mail_provider.limit, 7u);
    EXPECT_EQ(world.mail_provider.cursor, "");

    const auto cursor = first.text("next_cursor");
    EXPECT_EQ(get(query + "&cursor=" + cursor).status, 200);
    EXPECT_EQ(world.mail_provider.cursor, "provider-cursor");
    EXPECT_EQ(get("/v1/mail/messages?cursor=" + cursor).code(), "bad-request");
    EXPECT_EQ(get("/v1/mail/messages?cursor=provider-cursor").code(), "bad-request");
}

TEST_F(MailEndpoints, SearchesJapanese) {
    EXPECT_EQ(get("/v1/mail/messages/search?q=%E8%AB%8B%E6%B1%82%E6%9B%B8").status, 200);
    EXPECT_EQ(world.mail_provider.filter.text, "請求書");
}

TEST_F(MailEndpoints, RefusesWhatIsNoProperRequestBeforeAnythingIsAsked) {
    const std::tuple<std::string, std::string, std::string> table[] = {
        {"/v1/mail/messages?fodler=inbox", "unknown-field", "fodler"},
        {"/v1/mail/messages?unread=yes", "invalid-field", "unread"},
        {"/v1/mail/messages?limit=0", "invalid-field", "limit"},
        {"/v1/mail/messages?limit=501", "invalid-field", "limit"},
        {"/v1/mail/messages?limit=x", "invalid-field", "limit"},
        {"/v1/mail/messages?after=yesterday", "invalid-field", "after"},
        {"/v1/mail/messages?from=a%40b.example&from=c%40d.example", "invalid-field", "from"},
        {"/v1/mail/messages?subject=", "invalid-field", "subject"},
        {"/v1/mail/messages?subject=a%0Ab", "invalid-field", "subject"},
        {"/v1/mail/messages?q=x", "unknown-field", "q"},
        {"/v1/mail/messages/search", "invalid-field", "q"},
        {"/v1/mail/messages/search?q=", "invalid-field", "q"},
        {"/v1/mail/folders?limit=3", "unknown-field", "limit"},
        {"/v1/mail/messages/A?html=true", "unknown-field", "html"},
        {"/v1/mail/messages/A/mime?x=1", "unknown-field", "x"},
        {"/v1/mail/messages/A/attachments/T?x=1", "unknown-field", "x"},
    };
    for (const auto& [target, code, field] : table) {
        const auto answer = get(target);
        EXPECT_EQ(answer.status, 400) << target;
        EXPECT_EQ(answer.code(), code) << target << answer.body;
        EXPECT_EQ(answer.text("field"), field) << target;
    }
    EXPECT_NE(get("/v1/mail/messages?fodler=inbox").text("detail").find("did you mean `folder`"), std::string::npos);
    EXPECT_EQ(world.mail_provider.asked, 0);
}

TEST_F(MailEndpoints, TheConnectionStandsInOneHeaderAndTheMailboxInAnother) {
    EXPECT_EQ(get("/v1/mail/folders", {}).text("field"), "Renkei-Connection");
    EXPECT_EQ(get("/v1/mail/folders", {{"Renkei-Connection", "Invoice Mail"}}).text("field"), "Renkei-Connection");
    EXPECT_EQ(get("/v1/mail/folders", {{"Renkei-Connection", "invoice-mail"}, {"Renkei-Connection", "other"}}).text("field"), "Renkei-Connection");
    EXPECT_EQ(get("/v1/mail/folders", {{"Renkei-Connection", "invoice-mail"}, {"Renkei-Mailbox", " "}}).text("field"), "Renkei-Mailbox");
    EXPECT_EQ(get("/v1/mail/folders", {{"Renkei-Connection", "invoice-mail"}, {"Renkei-Mailbox", "a"}, {"Renkei-Mailbox", "b"}}).text("field"),
              "Renkei-Mailbox");
    EXPECT_EQ(get("/v1/mail/folders", {{"Renkei-Connection", "nothing"}}).status, 404);
    const auto fenced = get("/v1/mail/folders", {{"Renkei-Connection", "invoice-mail"}, {"Renkei-Mailbox", "ceo@acme.example"}});
    EXPECT_EQ(fenced.status, 403);
    EXPECT_EQ(fenced.code(), "outside-fence");
    EXPECT_EQ(world.mail_provider.asked, 0);
    EXPECT_EQ(get("/v1/mail/folders", {{"Renkei-Connection", "invoice-mail"}, {"Renkei-Mailbox", "Invoice@ACME.example"}}).status, 200);
}

TEST_F(MailEndpoints, A01_NoCallForMailGoesOutBeforeAConnectionIsNamedThatWorks) {
    const auto made =
        world.post("/v1/connections", R"({"name":"unfinished","registration":"microsoft-app","mode":"authorization_code","act_as":"hanako@acme.example"})");
    ASSERT_EQ(made.status, 201) << made.body;
    std::size_t routes = 0;
    const auto ask_each = [&](const api::Route& route) {
        if (!route.pattern.starts_with("/v1/mail/")) return;
        ++routes;
        std::string target(route.pattern);
        for (const auto* part : {"{id}", "{aid}"})
            if (const auto at = target.find(part); at != target.npos) target.replace(at, std::string_view(part).size(), "A");
        if (target.ends_with("/search")) target += "?q=x";
        const auto ask = [&](Headers headers) {
            const bool post = route.method == Method::post;
            return world.ask({.method = post ? "POST" : "GET", .target = target, .body = post ? simple : "", .key = key, .headers = std::move(headers)});
        };
        EXPECT_EQ(ask({}).text("field"), "Renkei-Connection") << target;
        EXPECT_EQ(ask({{"Renkei-Connection", "nowhere"}}).status, 404) << target;
        EXPECT_EQ(ask({{"Renkei-Connection", "unfinished"}}).code(), "connection-draft") << target;
    };
    for (const auto& table : api::all_routes()) std::ranges::for_each(table, ask_each);
    EXPECT_GE(routes, 7u);
    EXPECT_EQ(world.mail_provider.asked, 0);
}

TEST_F(MailEndpoints, GetsAMessageWithBodiesAndAttachments) {
    world.mail_provider.email = core::Email{a_header(), "text", "<p>text</p>", {{"T=", "見積.pdf", "application/pdf", 99, "", false, "file"}}};

    const auto answer = get("/v1/mail/messages/AAMk%3D");

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(world.mail_provider.ids, std::vector<std::string>{"AAMk="});
    EXPECT_EQ(answer.text("html_body"), "<p>text</p>");
    EXPECT_EQ(answer.json.at("attachments").at(0).at("name").as_string(), "見積.pdf");
    world.mail_provider.email.reset();
    EXPECT_EQ(get("/v1/mail/messages/AAMk%3D").status, 404);
}

TEST_F(MailEndpoints, BytesOfStrangersAreSandboxedDownloads) {
    world.mail_provider.raw = "<script>alert(1)</script>";
    world.mail_provider.raw_name = "悪\r\nX: y.html";
    world.mail_provider.raw_type = "text/html";

    const auto answer = get("/v1/mail/messages/A/attachments/T");

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "<script>alert(1)</script>");
    EXPECT_EQ(world.mail_provider.ids, (std::vector<std::string>{"A", "T"}));
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/octet-stream");
    EXPECT_TRUE(answer.headers.get("Content-Disposition").starts_with("attachment; filename="));
    EXPECT_EQ(answer.headers.get("Content-Disposition").find_first_of("\r\n"), std::string_view::npos);
    EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_TRUE(answer.headers.get("Content-Security-Policy").starts_with("sandbox;"));
    EXPECT_EQ(answer.headers.get("Content-Length"), "25");
}

TEST_F(MailEndpoints, GivesTheOriginalMessage) {
    world.mail_provider.raw = "Subject: x\r\n\r\nbody";

    const auto answer = get("/v1/mail/messages/A/mime");

    EXPECT_EQ(answer.headers.get("Content-Type"), "message/rfc822");
    EXPECT_EQ(answer.body, "Subject: x\r\n\r\nbody");
}

TEST_F(MailEndpoints, SendsWhatTheBodySays) {
    const auto answer = send(
        R"({"to":[{"email":"Hanako@contoso.com","name":"佐藤"}],"cc":[{"email":"b@contoso.com"}],"subject":"件名","text_body":"本文\n","html_body":"<p>本文</p>",
        "importance":"high","save_to_sent":false,"attachments":[{"name":"a.bin","type":"application/x-thing","content":"AP8=","content_id":"c1","is_inline":true}]})");

    EXPECT_EQ(answer.status, 202) << answer.body;
    EXPECT_EQ(answer.text("status"), "accepted");
    const auto& sent = world.mail_provider.outgoing;
    EXPECT_EQ(sent.to.front().email, "hanako@contoso.com");
    EXPECT_EQ(sent.to.front().name, "佐藤");
    EXPECT_EQ(sent.html_body, "<p>本文</p>");
    EXPECT_FALSE(sent.save_to_sent);
    EXPECT_EQ(sent.attachments.front().content, std::string("\0\xff", 2));
    EXPECT_TRUE(sent.attachments.front().is_inline);
}

TEST_F(MailEndpoints, RefusesMessagesThatAreNone) {
    const std::tuple<std::string, int, std::string> table[] = {
        {"", 400, ""},
        {"[]", 400, ""},
        {"{", 400, ""},
        {"{}", 400, "to"},
        {R"({"to":"a@b.example"})", 400, "to"},
        {R"({"to":["a@b.example"]})", 400, "to[0]"},
        {R"({"to":[{"email":7}]})", 400, "to[0].email"},
        {R"({"to":[{"name":"x"}]})", 400, "to[0].email"},
        {R"({"to":[{"email":"a@b.example","emial":"x"}]})", 400, "to[0].emial"},
        {R"({"to":[{"email":"a@b.example\r\nBcc: c@d.example"}]})", 400, "to[0].email"},
        {R"({"to":[{"email":"a@b.example"}],"subject":"x\r\nBcc: c@d.example"})", 400, "subject"},
        {R"({"to":[{"email":"a@b.example"}],"sbject":"x"})", 400, "sbject"},
        {R"({"to":[{"email":"a@b.example"}],"importance":"urgent"})", 400, "importance"},
        {R"({"to":[{"email":"a@b.example"}],"save_to_sent":"no"})", 400, "save_to_sent"},
        {R"({"to":[{"email":"a@b.example"}],"attachments":[{"name":"x","content":"***"}]})", 400, "attachments[0].content"},
        {R"({"to":[{"email":"a@b.example"}],"attachments":[{"name":"x","content":"QQ"}]})", 400, "attachments[0].content"},
        {R"({"to":[{"email":"a@b.example"}],"attachments":[{"content":"QQ=="}]})", 400, "attachments[0].name"},
        {R"({"to":[{"email":"a@b.example"}],"attachments":[{"name":"../x","content":"QQ=="}]})", 400, "attachments[0].name"},
        {R"({"to":[{"email":"a@b.example"}],"from":{"email":"x"}})", 400, "from.email"},
    };
    for (const auto& [body, status, field] : table) {
        const auto answer = send(body);
        EXPECT_EQ(answer.status, status) << body;
        if (!field.empty()) EXPECT_EQ(answer.text("field"), field) << body << answer.body;
    }
    EXPECT_EQ(send(R"({"to":[{"email":"a@b.example"}],"from":{"email":"ceo@acme.example"}})").code(), "outside-fence");
    EXPECT_EQ(world.mail_provider.asked, 0);
}

TEST_F(MailEndpoints, ARepeatWithTheSameIdempotencyKeyDoesNotSendTwice) {
    const Headers headers{{"Renkei-Connection", "invoice-mail"}, {"Idempotency-Key", "k1"}};
    EXPECT_EQ(send(simple, headers).status, 202);
    EXPECT_EQ(send(simple, headers).status, 202);
    EXPECT_EQ(world.mail_provider.sent, 1);
}

TEST_F(MailEndpoints, AfterAnUnclearOutcomeARepeatIsNotSentAgain) {
    const Headers headers{{"Renkei-Connection", "invoice-mail"}, {"Idempotency-Key", "k2"}};
    world.mail_provider.refusal = Error{Errc::provider_timeout, "no answer"};
    EXPECT_EQ(send(simple, headers).status, 504);
    world.mail_provider.refusal.reset();
    EXPECT_EQ(send(simple, headers).status, 504);
    EXPECT_EQ(world.mail_provider.sent, 1);
}

TEST_F(MailEndpoints, TheProvidersTroublesHaveTheirStatusAndWords) {
    const std::pair<Errc, int> table[] = {
        {Errc::provider_unavailable, 502}, {Errc::provider_timeout, 504},  {Errc::provider_throttled, 429}, {Errc::provider_refused, 403},
        {Errc::provider_bad_answer, 502},  {Errc::provider_rejected, 422}, {Errc::needs_admin, 409},        {Errc::not_found, 404}};
    for (const auto& [code, status] : table) {
        world.mail_provider.refusal = Error{code, "our words", {{"retry_after", "7"}}};
        const auto answer = get("/v1/mail/messages");
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.code(), error_row(code).slug);
        EXPECT_FALSE(answer.text("remedy").empty());
        if (code == Errc::provider_throttled) EXPECT_EQ(answer.headers.get("Retry-After"), "7");
    }
}

TEST_F(MailEndpoints, AReaderMayNotSend) {
    key = world.add_key("only-reads", {Action::mail_read});
    EXPECT_EQ(send(simple).status, 403);
    EXPECT_EQ(world.mail_provider.asked, 0);
}

}  // namespace
}  // namespace renkei::testing

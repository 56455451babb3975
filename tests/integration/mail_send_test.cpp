#include "base/json.hpp"
#include "tests/support/fake_mail_world.hpp"

namespace renkei::testing {
namespace {

core::OutgoingEmail a_message() {
    core::OutgoingEmail email;
    email.to = {{"佐藤 花子", "Hanako@Contoso.com"}};
    email.subject = "件名";
    email.text_body = "本文\r\n二行目";
    return email;
}

Result<void> sent(MailWorld& world, core::OutgoingEmail email, app::MailPlace place = {}) {
    if (place.connection.text().empty()) place = world.place();
    return run_task(world.mail.send_message(world.by(), std::move(place), std::move(email)));
}

TEST(MailSend, B16_TheAuditSaysWhatIsAboutToBeSentAndHowItWent) {
    MailWorld world;
    world.http.answers(202, "", {});

    EXPECT_TRUE(sent(world, a_message()));

    const auto rows = world.audit();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].action, "mail.send");
    EXPECT_EQ(rows[0].target, "connection:invoice-mail");
    EXPECT_NE(rows[0].reason.find("invoice@acme.example, recipients: 1"), std::string::npos) << rows[0].reason;
    EXPECT_EQ(rows[0].principal_name, "robot");
    EXPECT_EQ(rows[0].request_id, "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(rows[1].action, "mail.sent");
    EXPECT_EQ(rows[1].credential_version, 4u);
    for (const auto& row : rows) {
        EXPECT_EQ(row.reason.find("件名"), std::string::npos);
        EXPECT_EQ(row.reason.find("hanako"), std::string::npos);
    }
}

TEST(MailSend, AFailedSendIsWrittenDownAsNotSent) {
    MailWorld world;
    world.http.fails(Errc::provider_timeout);

    EXPECT_EQ(sent(world, a_message()).error().code, Errc::provider_timeout);

    ASSERT_EQ(world.audit().size(), 2u);
    EXPECT_EQ(world.audit().back().action, "mail.not_sent");
    EXPECT_TRUE(world.audit().back().reason.starts_with("provider-timeout"));
    EXPECT_EQ(world.http.seen.size(), 1u);
}

TEST(MailSend, NothingIsSentThatCannotBeWrittenDown) {
    MailWorld world;
    world.store.fail_next_commits(1, Errc::storage_full);

    EXPECT_EQ(sent(world, a_message()).error().code, Errc::storage_full);

    EXPECT_TRUE(world.http.seen.empty());
}

TEST(MailSend, AnOutcomeThatCannotBeWrittenDownDoesNotUnsendTheMessage) {
    MailWorld world;
    world.http.answers(202, "", {});
    int commits = 0;
    world.store.fail_commits_when([&commits](const app::UnitOfWork&) { return ++commits > 1 ? std::optional(Errc::storage_full) : std::nullopt; });

    EXPECT_TRUE(sent(world, a_message()));

    EXPECT_EQ(world.http.seen.size(), 1u);
}

TEST(MailSend, ReadingGoesOnWhenARefusalCannotBeWrittenDown) {
    MailWorld world;
    world.store.fail_next_commits(1, Errc::storage_full);

    const auto refused = run_task(world.mail.list_folders(world.by(), world.place("ceo@acme.example")));

    EXPECT_EQ(refused.error().code, Errc::outside_fence);
}

TEST(MailSend, B05_TheSenderStandsInsideTheFenceToo) {
    MailWorld world;
    auto email = a_message();
    email.from = core::MailAddress{"Boss", "ceo@acme.example"};

    const auto refused = sent(world, email);

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::outside_fence);
    EXPECT_TRUE(world.http.seen.empty());
    EXPECT_EQ(world.tokens.asked, 0);
    EXPECT_FALSE(world.audit().back().allowed);
}

TEST(MailSend, ASenderOfTheFenceAndTheMailboxItselfAreTaken) {
    MailWorld world;
    world.change([](core::Connection& c) { c.fence.mailboxes = {"invoice@acme.example", "sales@acme.example"}; });
    world.http.answers(202, "", {}).answers(202, "", {});
    auto email = a_message();
    email.from = core::MailAddress{"", "Sales@acme.example"};
    EXPECT_TRUE(sent(world, email));
    email.from->email = "INVOICE@acme.example";
    EXPECT_TRUE(sent(world, email));

    EXPECT_NE(world.http.seen[0].body.find("\"sales@acme.example\""), std::string::npos);
    EXPECT_EQ(world.http.seen[1].body.find("\"from\""), std::string::npos);
    EXPECT_EQ(world.http.seen[0].url, "https://graph.microsoft.com/v1.0/users/invoice%40acme.example/sendMail");
}

TEST(MailSend, AddressesGoInOneSpellingAndTextAsItIs) {
    MailWorld world;
    world.http.answers(202, "", {});

    EXPECT_TRUE(sent(world, a_message()));

    const auto body = json::parse(world.http.seen.front().body);
    ASSERT_TRUE(body);
    const auto& message = body->at("message").as_object();
    EXPECT_EQ(message.at("toRecipients").at(0).at("emailAddress").at("address").as_string(), "hanako@contoso.com");
    EXPECT_EQ(message.at("toRecipients").at(0).at("emailAddress").at("name").as_string(), "佐藤 花子");
    EXPECT_EQ(message.at("body").at("content").as_string(), "本文\r\n二行目");
}

struct Change {
    std::string field;
    std::function<void(core::OutgoingEmail&)> edit;
};

// RFC 5322 section 2.2: nothing that a caller writes may begin a header of its own.
TEST(MailSend, RefusesEveryWayToWriteAHeaderOrANonsenseField) {
    const auto attachment = [](core::OutgoingAttachment one) { return [one](core::OutgoingEmail& e) { e.attachments = {one}; }; };
    const std::vector<Change> changes{
        {"subject", [](auto& e) { e.subject = "x\r\nBcc: ceo@acme.example"; }},
        {"subject", [](auto& e) { e.subject = "x\nSubject: y"; }},
        {"subject", [](auto& e) { e.subject = std::string("x\0y", 3); }},
        {"subject", [](auto& e) { e.subject = "\xff"; }},
        {"subject", [](auto& e) { e.subject = std::string(901, 'x'); }},
        {"to", [](auto& e) { e.to.clear(); }},
        {"to", [](auto& e) { e.to.assign(501, {"", "a@contoso.com"}); }},
        {"to[0].email", [](auto& e) { e.to[0].email = "a@contoso.com\r\nBcc: b@contoso.com"; }},
        {"to[0].email", [](auto& e) { e.to[0].email = "a@contoso.com,b@contoso.com"; }},
        {"to[0].email", [](auto& e) { e.to[0].email = "A <a@contoso.com>"; }},
        {"to[0].email", [](auto& e) { e.to[0].email = "nobody"; }},
        {"to[0].email", [](auto& e) { e.to[0].email = ""; }},
        {"to[0].name", [](auto& e) { e.to[0].name = "x\r\nBcc: b@contoso.com"; }},
        {"to[0].name", [](auto& e) { e.to[0].name = std::string(257, 'x'); }},
        {"cc[1].email", [](auto& e) { e.cc = {{"", "a@contoso.com"}, {"", "b"}}; }},
        {"bcc[0].email", [](auto& e) { e.bcc = {{"", "b c@contoso.com"}}; }},
        {"reply_to[0].email", [](auto& e) { e.reply_to = {{"", "x\ny@contoso.com"}}; }},
        {"from.email", [](auto& e) { e.from = core::MailAddress{"", "x"}; }},
        {"from.name", [](auto& e) { e.from = core::MailAddress{"x\ny", "invoice@acme.example"}; }},
        {"text_body", [](auto& e) { e.text_body = std::string("x\0", 2); }},
        {"html_body", [](auto& e) { e.html_body = "\xc3\x28"; }},
        {"importance", [](auto& e) { e.importance = "urgent"; }},
        {"attachments[0].name", attachment({"", "text/plain", "x", "", false})},
        {"attachments[0].name", attachment({"../x", "text/plain", "x", "", false})},
        {"attachments[0].name", attachment({"a\\b", "text/plain", "x", "", false})},
        {"attachments[0].name", attachment({"x\r\nX: y", "text/plain", "x", "", false})},
        {"attachments[0].type", attachment({"x", "text/plain; charset=x", "x", "", false})},
        {"attachments[0].type", attachment({"x", "text/plain\r\nX: y", "x", "", false})},
        {"attachments[0].type", attachment({"x", "text", "x", "", false})},
        {"attachments[0].content_id", attachment({"x", "image/png", "x", "<logo>", true})},
        {"attachments[0].content_id", attachment({"x", "image/png", "x", "a\r\nb", true})},
        {"attachments", [](auto& e) { e.attachments.assign(101, {"x", "text/plain", "", "", false}); }},
    };
    for (const auto& [field, edit] : changes) {
        MailWorld world;
        auto email = a_message();
        edit(email);
        const auto refused = sent(world, email);
        ASSERT_FALSE(refused) << field;
        EXPECT_EQ(refused.error().code, Errc::invalid_field) << field;
        EXPECT_EQ(refused.error().get("field"), field);
        EXPECT_TRUE(world.http.seen.empty());
        EXPECT_TRUE(world.audit().empty());
    }
}

TEST(MailSend, TooLargeAttachmentsNeverReachTheProvider) {
    MailWorld world;
    auto email = a_message();
    email.attachments = {{"big.bin", "", std::string((3u << 20) + 1, 'x'), "", false}};

    EXPECT_EQ(sent(world, email).error().code, Errc::payload_too_large);

    EXPECT_TRUE(world.http.seen.empty());
    EXPECT_EQ(world.audit().back().action, "mail.not_sent");
}

}  // namespace
}  // namespace renkei::testing

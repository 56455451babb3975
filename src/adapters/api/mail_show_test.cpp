#include "adapters/api/mail_show.hpp"

#include <gtest/gtest.h>

namespace renkei::api {
namespace {

TEST(MailShow, AFileNameIsShownInBothForms) {
    const std::pair<std::string, std::string> table[] = {
        {"report.pdf", "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf"},
        {"見積書①.pdf", "attachment; filename=\"____.pdf\"; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8%E2%91%A0.pdf"},
        {"a \"b\";c%.txt", "attachment; filename=\"a _b__c_.txt\"; filename*=UTF-8''a%20%22b%22%3Bc%25.txt"},
        {"../../etc/passwd", "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''.._.._etc_passwd"},
        {"a\\b:c", "attachment; filename=\"a_b_c\"; filename*=UTF-8''a_b_c"},
        {"x\r\nSet-Cookie: a=b", "attachment; filename=\"xSet-Cookie_ a=b\"; filename*=UTF-8''xSet-Cookie_%20a%3Db"},
        {"", "attachment; filename=\"attachment\"; filename*=UTF-8''attachment"},
        {"\xff\xfe", "attachment; filename=\"attachment\"; filename*=UTF-8''attachment"},
        {std::string(300, 'x'), "attachment; filename=\"attachment\"; filename*=UTF-8''attachment"},
    };
    for (const auto& [name, expected] : table) EXPECT_EQ(content_disposition(name), expected);
}

TEST(MailShow, MessagesAreFlatInTheWordsOfJmap) {
    core::Email email;
    email.header.id = "A";
    email.header.subject = "件名";
    email.header.from = {{"佐藤", "hanako@contoso.com"}};
    email.header.keywords = {"$seen"};
    email.header.received_at = from_millis(1'790'000'000'000);
    email.text_body = "text";
    email.attachments = {{"T", "a.pdf", "application/pdf", 9, "", false, "file"}};

    const auto shown = shown_email(email);

    EXPECT_EQ(shown.at("received_at").as_string(), "2026-09-21T14:13:20Z");
    EXPECT_TRUE(shown.at("sent_at").is_null());
    EXPECT_EQ(shown.at("from").at(0).at("email").as_string(), "hanako@contoso.com");
    EXPECT_EQ(shown.at("importance").as_string(), "normal");
    EXPECT_EQ(shown.at("attachments").at(0).at("kind").as_string(), "file");
    EXPECT_FALSE(shown.contains("header"));
    EXPECT_FALSE(shown_email_header(email.header).contains("text_body"));
}

TEST(MailShow, AFolderWithoutParentAndRoleHasNulls) {
    core::Mailbox mailbox;
    mailbox.id = "F";
    const auto shown = shown_mailbox(mailbox);
    EXPECT_TRUE(shown.at("parent_id").is_null());
    EXPECT_TRUE(shown.at("role").is_null());
    EXPECT_EQ(shown.at("unread_emails").to_number<int>(), 0);
}

}  // namespace
}  // namespace renkei::api

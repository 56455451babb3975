#include "base/encoding.hpp"
#include "sandbox/import.hpp"
#include "sandbox/mime/compose.hpp"
#include "sandbox/mime/html.hpp"
#include "sandbox/mime/parse.hpp"
#include "tests/support/graph_schema.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <set>

namespace {

using namespace renkei;
using namespace renkei::sandbox;
using renkei::testing::file_text;
using renkei::testing::project_root;

std::filesystem::path samples() { return project_root() / "tests/data/mail"; }
mime::Message sample(const std::string& name) { return mime::parse_message(file_text(samples() / (name + ".eml"))); }

struct Expected {
    const char* file;
    const char* subject;
    const char* from;
    const char* text;  ///< stands somewhere in the text or HTML
    std::vector<std::pair<const char*, std::size_t>> attachments;
};

const Expected expected[] = {
    {"bad-date", "bad date", "one@sample.example", "x", {}},
    {"bad-transfer-encoding", "bad transfer encoding", "one@sample.example", "Still readable", {}},
    {"bare-cr", "bare CR", "one@sample.example", "one\r\ntwo", {}},
    {"bare-lf", "bare LF", "one@sample.example", "one\r\ntwo", {}},
    {"base64-junk", "base64 with junk", "one@sample.example", "Hello world", {}},
    {"broken-header-line", "Broken line", "one@sample.example", "x", {}},
    {"calendar-request", "Meeting", "one@sample.example", "Meeting", {}},
    {"deep-nesting", "deep nesting", "one@sample.example", "", {}},
    {"delivery-report", "Returned mail", "one@sample.example", "Not delivered", {{"attachment-1.txt", 92}, {"attachment-2.txt", 17}}},
    {"duplicate-headers", "First subject", "one@sample.example", "plain <b>text</b>", {}},
    {"empty-body", "empty body", "one@sample.example", "", {}},
    {"encoded-word-blanks", "Two words inside and €", "one@sample.example", "x", {}},
    {"encoded-word-quoted-name", "quoted word", "yamada@sample.example", "x", {}},
    {"encoded-word-split-character", "請求書の送付", "one@sample.example", "x", {}},
    {"encoded-word-unterminated", "請求書の送付", "one@sample.example", "x", {}},
    {"euc-jp", "日本語", "one@sample.example", "日本語の本文です。", {}},
    {"folded-headers", "a subject  that is folded twice", "one@sample.example", "x", {}},
    {"gb2312", "发票", "one@sample.example", "你好，这是发票。", {}},
    {"groups", "groups", "one@sample.example", "x", {}},
    {"half-width-kana", "ｻﾝﾌﾟﾙ", "one@sample.example", "ﾊﾝｶｸ ｶﾅ ﾃﾞｽ。", {}},
    {"headers-only", "headers only", "one@sample.example", "", {}},
    {"html-inline-image", "html with a picture", "one@sample.example", "cid:pic@x", {{"attachment-1.gif", 14}}},
    {"iso-2022-jp-8bit-kana", "kana in eight bits", "one@sample.example", "ﾊﾝｶｸ", {}},
    {"iso-2022-jp-vendor", "㈱髙島屋①②", "one@sample.example", "㈱髙島屋 様\r\n①見積書 №5 ㍻三十年 ～ Ⅳ", {}},
    {"ks-c-5601", "견적서 똠", "one@sample.example", "안녕하세요 똠방", {}},
    {"long-lines", nullptr, "one@sample.example", "xxxxxxxx", {}},
    {"missing-boundary", "missing boundary", "one@sample.example", "The text that nobody\r\nwrapped in a part.", {}},
    {"nested-boundaries", "similar boundaries", "one@sample.example", "Plain", {{"a.csv", 3}}},
    {"nested-rfc822", "a message in a message in a message", "one@sample.example", "Outer", {{"inner", 226}}},
    {"no-address", "no address", "", "x", {}},
    {"no-boundary-parameter", "no boundary parameter", "one@sample.example", "Only text.", {}},
    {"no-charset-8bit", "no charset", "one@sample.example", "これは文字コード指定なしです", {}},
    {"no-date-no-id", "bare", "one@sample.example", "x", {}},
    {"nul-bytes", "nul  bytes", "one@sample.example", "ab", {}},
    {"path-in-file-name", "path in a file name", "one@sample.example", "x", {{"../../etc/passwd", 7}}},
    {"qp-errors", "quoted-printable errors", "one@sample.example", "100=% sure =ZZ café softbreak", {}},
    {"raw-8bit-headers", "生の見出し", "sato@sample.example", "x", {}},
    {"raw-sjis-subject", "注文の確認", "one@sample.example", "確認", {}},
    {"rfc2047-in-parameter", "RFC 2047 in a parameter", "one@sample.example", "x", {{"契約書.pdf", 5}}},
    {"rfc2231-continuation", "RFC 2231", "one@sample.example", "x", {{"見積書（二〇二六年十一月）.pdf", 5}}},
    {"rfc2231-iso-2022-jp", "RFC 2231 in ISO-2022-JP", "one@sample.example", "x", {{"請求書①.pdf", 5}}},
    {"shift-jis", "表示①ソ能", "one@sample.example", "ソフト表示㈱①～", {}},
    {"two-texts", "text and footer", "one@sample.example", "The letter\r\nThe footer of the list", {}},
    {"unclosed-boundary", "unclosed boundary", "one@sample.example", "Body", {{"cut.bin", 6}}},
    {"unknown-charset", "Plain enough", "one@sample.example", "日本 text", {}},
    {"unquoted-file-name", "unquoted file name", "one@sample.example", "x", {{"My file (1).txt", 7}}},
    {"utf-7", "utf-7", "one@sample.example", "Hi 日本語!", {}},
    {"uuencode", "uuencode", "one@sample.example", "See file", {{"hello.txt", 20}}},
    {"windows-1252-called-latin1", "Café € 20", "one@sample.example", "Price € 20 “quoted”", {}},
};

TEST(MailSamples, EveryFileIsReadAsItsWriterMeant) {
    for (const auto& one : expected) {
        SCOPED_TRACE(one.file);
        const auto message = sample(one.file);
        if (one.subject) EXPECT_EQ(message.subject, one.subject);
        EXPECT_EQ(message.from ? message.from->address : "", one.from);
        EXPECT_NE((message.text.value_or("") + message.html.value_or("")).find(one.text), std::string::npos);
        ASSERT_EQ(message.attachments.size(), one.attachments.size());
        for (std::size_t i = 0; i < one.attachments.size(); ++i) {
            EXPECT_EQ(message.attachments[i].name, one.attachments[i].first);
            EXPECT_EQ(message.attachments[i].bytes.size(), one.attachments[i].second);
        }
        for (const auto& text : {message.subject, message.text.value_or(""), message.html.value_or("")}) EXPECT_TRUE(is_utf8(text));
    }
}

TEST(MailSamples, EveryFileOfTheFolderHasItsExpectation) {
    std::set<std::string> named;
    for (const auto& one : expected) named.insert(one.file);
    for (const auto& entry : std::filesystem::directory_iterator(samples()))
        if (entry.path().extension() == ".eml") EXPECT_TRUE(named.contains(entry.path().stem().string())) << entry.path();
}

TEST(MailSamples, WhatHadToBeGuessedIsNamed) {
    for (const char* name : {"bad-date", "bare-cr", "deep-nesting", "duplicate-headers", "missing-boundary"})
        EXPECT_FALSE(sample(name).repairs.empty()) << name;
    EXPECT_TRUE(sample("euc-jp").repairs.empty());
    EXPECT_FALSE(sample("bad-date").date.has_value());
    EXPECT_EQ(iso_text(*sample("folded-headers").date), "2026-11-17T00:30:00Z");
}

TEST(MailSamples, AddressesKeepNamesGroupsAndOrder) {
    EXPECT_EQ(sample("encoded-word-quoted-name").from->name, "山田, 太郎");
    EXPECT_EQ(sample("raw-8bit-headers").from->name, "佐藤");
    EXPECT_EQ(sample("no-address").from->name, "Somebody without an address");
    const auto people = sample("groups").to;
    ASSERT_EQ(people.size(), 3u);
    EXPECT_EQ(people[1], (mime::Address{"B, Second", "b@sample.example"}));
    EXPECT_EQ(people[2].address, "c@sample.example");
    EXPECT_EQ(sample("folded-headers").to.size(), 3u);
}

TEST(MailSamples, MeetingsReportsAndEmbeddedMessagesAreRecognised) {
    EXPECT_EQ(sample("calendar-request").calendar_method, "request");
    EXPECT_TRUE(sample("delivery-report").is_report);
    const auto outer = sample("nested-rfc822");
    ASSERT_TRUE(outer.attachments.at(0).is_message);
    const auto inner = mime::parse_message(outer.attachments[0].bytes);
    EXPECT_EQ(inner.subject, "inner");
    EXPECT_EQ(mime::parse_message(inner.attachments.at(0).bytes).subject, "innermost");
    EXPECT_TRUE(sample("html-inline-image").attachments.at(0).is_inline);
    EXPECT_EQ(sample("html-inline-image").attachments.at(0).content_id, "pic@x");
}

TEST(MailSamples, ComposingAndReadingAgainLosesNothing) {
    for (const auto& one : expected) {
        SCOPED_TRACE(one.file);
        const auto first = sample(one.file);
        const auto again = mime::parse_message(mime::compose_message(first));
        EXPECT_EQ(again.subject, first.subject);
        EXPECT_EQ(again.text.value_or(""), first.html ? again.text.value_or("") : first.text.value_or(""));
        EXPECT_EQ(again.html, first.html);
        std::multiset<std::pair<std::string, std::string>> before, after;
        for (const auto& a : first.attachments) before.emplace(a.name, a.is_message ? "" : a.bytes);
        for (const auto& a : again.attachments) after.emplace(a.name, a.is_message ? "" : a.bytes);
        EXPECT_EQ(before, after);
    }
}

TEST(Compose, NothingFromACallerBeginsAFieldOfItsOwn) {
    mime::Message message;
    message.subject = "a\r\nBcc: evil@sample.example";
    message.from = mime::Address{"b\r\nX-Evil: 1", "one@sample.example"};
    message.to = {{"c", "two@sample.example\r\nX-Evil: 2"}};
    message.headers = {{"x-ok", "1\r\nX-Evil: 3"}, {"Subject", "second"}};
    message.attachments.push_back({"d\"\r\nX-Evil: 4.txt", "text/plain\r\nX-Evil: 5", "id\r\nX-Evil: 6", "", false, false, "x"});
    const auto raw = mime::compose_message(message);

    EXPECT_EQ(raw.find("\r\nX-Evil"), std::string::npos);
    EXPECT_EQ(raw.find("\r\nBcc"), std::string::npos);
    EXPECT_NE(raw.find("x-ok: 1"), std::string::npos);
}

TEST(Html, SanitisingRemovesWhatRuns) {
    for (const char* bad :
         {"<script>x</script>", "<SCRIPT src=x>", "<p onclick=x>", "<a href=\"javascript:x\">", "<a href=' java\nscript:x'>", "<iframe src=x></iframe>",
          "<img src=x onerror=\"x\">", "<base href=x>", "<object data=x></object>", "<embed src=x>", "<svg/onload=x>"}) {
        const auto clean = lower_ascii(mime::sanitised(std::string("a") + bad + "b"));
        for (const char* word : {"script", "onclick", "onerror", "onload", "iframe", "<base", "<object", "<embed"})
            EXPECT_EQ(clean.find(word), std::string::npos) << bad << " -> " << clean;
    }
    EXPECT_EQ(mime::sanitised("<p class=\"x\">1 < 2</p>"), "<p class=\"x\">1 < 2</p>");
}

TEST(Html, TextKeepsLinesAndResolvesEntities) {
    EXPECT_EQ(mime::text_of_html("<style>p{}</style><p>A&amp;B&#x3042;</p><p>C&nbsp;&yen;5<br>D"), "A&Bあ\r\nC ¥5\r\nD");
    EXPECT_EQ(mime::preview_of("a\r\n\r\n  b\tc"), "a b c");
    std::string kana;
    for (int i = 0; i < 300; ++i) kana += "あ";
    EXPECT_EQ(mime::preview_of(kana).size(), 255u * 3);
}

TEST(Folding, WidthCaseAndMarksBecomeOneForm) {
    EXPECT_EQ(mime::folded("ＡＢＣ ﾃﾞｰﾀ か\u3099 ①"), "abc データ が 1");
    EXPECT_EQ(mime::folded("請求書　Ñandú"), mime::folded("請求書 ñandú"));
    EXPECT_EQ(mime::folded("カタカナと漢字。"), "カタカナと漢字。");
    EXPECT_EQ(mime::folded("n\u0303"), "ñ");
}

TEST(Mbox, SeparatorsLengthsAndQuotesAreTold) {
    const auto messages = messages_of_mbox(file_text(samples() / "separators.mbox"));

    ASSERT_EQ(messages.size(), 4u);
    EXPECT_NE(messages[3].find("From Monday 2026 on we: agree"), std::string::npos);
    EXPECT_NE(messages[0].find("From here it looks like a separator"), std::string::npos);
    EXPECT_NE(messages[1].find("\nFrom quoted\n>From twice quoted\nFrom not after"), std::string::npos);
    EXPECT_NE(messages[2].find("wrong length"), std::string::npos);
    EXPECT_TRUE(messages_of_mbox("").empty());
    EXPECT_TRUE(messages_of_mbox("no separator\n\nat all").empty());
}

struct Box : MailSink {
    std::vector<Delivery> held;
    bool refuse = false;
    Result<std::string> deliver(Delivery delivery) override {
        if (refuse) return fail(Errc::not_found, "there is no such mailbox in the sandbox");
        held.push_back(std::move(delivery));
        return std::string("id");
    }
};

struct ImportFolder : ::testing::Test {
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("renkei-import-" + std::to_string(::getpid()));
    Box box;
    ImportFolder() { std::filesystem::create_directories(folder); }
    ~ImportFolder() override { std::filesystem::remove_all(folder); }
    void put(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((folder / name).parent_path());
        std::ofstream(folder / name, std::ios::binary) << text;
    }
};

TEST_F(ImportFolder, TakesMaildirsWithTheirFlagsAndNamesWhatIsNoMail) {
    put("cur/1.a:2,S", "From: a@sample.example\nSubject: seen\nDate: Tue, 17 Nov 2026 09:30:00 +0900\n\nx");
    put("new/2.a", "From: a@sample.example\nSubject: new\n\nx");
    put("tmp/3.a", "From: a@sample.example\nSubject: not delivered yet\n\nx");
    put("deep/er/one.eml", "Subject: deep\n\nx");
    put("picture.png", "\x89PNG\r\n\x1a\n");
    put("empty.eml", "");
    const auto report = import_mail(box, folder, "sato.hanako@contoso.example");

    EXPECT_EQ(report.messages, 3u);
    ASSERT_EQ(report.problems.size(), 2u);
    EXPECT_NE(report.problems[0].path.find("empty.eml"), std::string::npos);
    EXPECT_NE(report.problems[1].path.find("picture.png"), std::string::npos);
    ASSERT_EQ(box.held.size(), 3u);
    EXPECT_TRUE(box.held[0].read);
    EXPECT_EQ(iso_text(*box.held[0].received), "2026-11-17T00:30:00Z");
    EXPECT_FALSE(box.held[2].read);
}

TEST_F(ImportFolder, AMissingPathAndARefusingMailboxAreReported) {
    EXPECT_EQ(import_mail(box, folder / "nowhere", "x").problems.size(), 1u);
    put("one.eml", "Subject: x\n\nx");
    box.refuse = true;
    const auto report = import_mail(box, folder, "nobody");
    EXPECT_EQ(report.messages, 0u);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].reason, "there is no such mailbox in the sandbox");
}

TEST_F(ImportFolder, AnMboxGivesEachMessageAndItsReadState) {
    const auto report = import_mail(box, samples() / "separators.mbox", "x");
    EXPECT_EQ(report.messages, 4u);
    ASSERT_EQ(box.held.size(), 4u);
    EXPECT_FALSE(box.held[0].read);
    EXPECT_TRUE(box.held[2].read);
}

}  // namespace

#include "adapters/providers/microsoft/graph_query.hpp"

#include "base/clock.hpp"
#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace renkei::microsoft {
namespace {

// The decoded value of one option of a query, or "-".
std::string option(const std::string& query, std::string_view name) {
    for (const auto part : split(query, '&'))
        if (part.starts_with(std::string(name) + "=")) return percent_decode(part.substr(name.size() + 1)).value_or("(broken)");
    return "-";
}

std::string filter_of(core::EmailFilter filter) {
    const auto query = list_query(filter, 10);
    EXPECT_TRUE(query) << (query ? "" : query.error().detail);
    return query ? option(*query, "$filter") : "";
}

TEST(GraphQuery, OrdersByTimeAndSelectsWhatAListShows) {
    const auto query = list_query({}, 25);
    ASSERT_TRUE(query);
    EXPECT_EQ(option(*query, "$orderby"), "receivedDateTime desc");
    EXPECT_EQ(option(*query, "$top"), "25");
    EXPECT_EQ(option(*query, "$filter"), "-");
    EXPECT_EQ(option(*query, "$search"), "-");
    EXPECT_NE(option(*query, "$select").find("internetMessageId"), std::string::npos);
    EXPECT_EQ(option(*query, "$select").find(",body,"), std::string::npos);
}

// Graph: what is ordered by must be filtered by, before anything else; else InefficientFilter.
TEST(GraphQuery, PutsTheTimeFirstIntoEveryFilter) {
    core::EmailFilter unread;
    unread.unread = true;
    EXPECT_EQ(filter_of(unread), "receivedDateTime ge 1900-01-01T00:00:00Z and isRead eq false");
    core::EmailFilter all;
    all.from = "Boss@Contoso.com";
    all.subject = "請求書";
    all.after = from_millis(1'790'000'000'000);
    all.before = from_millis(1'790'003'600'000);
    all.unread = false;
    all.has_attachment = true;
    EXPECT_EQ(filter_of(all),
              "receivedDateTime ge 2026-09-21T14:13:20Z and receivedDateTime lt 2026-09-21T15:13:20Z and from/emailAddress/address eq 'boss@contoso.com' and "
              "contains(subject,'請求書') and isRead eq true and hasAttachments eq true");
}

TEST(GraphQuery, DoublesQuotesSoThatNoTextEndsAnODataString) {
    const std::pair<std::string, std::string> table[] = {
        {"O'Brien", "contains(subject,'O''Brien')"},
        {"') or isRead eq true or contains(subject,'", "contains(subject,''') or isRead eq true or contains(subject,''')"},
        {"''", "contains(subject,'''''')"},
        {"\\'", "contains(subject,'\\''')"},
        {"100% & more + $top=1000", "contains(subject,'100% & more + $top=1000')"},
        {"’", "contains(subject,'’')"},
    };
    for (const auto& [subject, expected] : table) {
        core::EmailFilter filter;
        filter.subject = subject;
        EXPECT_EQ(filter_of(filter), "receivedDateTime ge 1900-01-01T00:00:00Z and " + expected);
    }
}

TEST(GraphQuery, NoTextOfACallerReachesTheQueryUnescaped) {
    core::EmailFilter filter;
    filter.subject = "a&$top=1000#x y+z\"'日本";
    const auto query = list_query(filter, 10);
    ASSERT_TRUE(query);
    EXPECT_EQ(split(*query, '&').size(), 4u);
    EXPECT_EQ(query->find_first_of(" #\"'+"), std::string::npos) << *query;
}

TEST(GraphQuery, RefusesFilterTextsThatAreNone) {
    core::EmailFilter filter;
    for (const auto* from : {"boss", "a@b@c", "x' or '1'='1", "a b@c", "\"a\"@b"}) {
        filter.from = from;
        const auto query = list_query(filter, 10);
        ASSERT_FALSE(query) << from;
        EXPECT_EQ(query.error().get("field"), "from");
    }
    filter.from.clear();
    for (const auto& subject : {std::string("a\r\nb"), std::string("a\0b", 3), std::string("\xff\xfe"), std::string(513, 'a')}) {
        filter.subject = subject;
        EXPECT_FALSE(list_query(filter, 10));
    }
}

TEST(GraphQuery, SearchesJapaneseWords) {
    core::EmailFilter filter;
    filter.text = "株式会社髙橋　請求書①";
    const auto query = list_query(filter, 10);
    ASSERT_TRUE(query);
    EXPECT_EQ(option(*query, "$search"), "\"株式会社髙橋 請求書①\"");
    EXPECT_EQ(option(*query, "$orderby"), "-");
    EXPECT_EQ(option(*query, "$filter"), "-");
}

TEST(GraphQuery, WhatAPersonTypesIsOnlyWordsAndPhrasesForKql) {
    const std::pair<std::string, std::string> table[] = {
        {"invoice", "invoice"},
        {"annual report", "annual report"},
        {"\"annual report\" 2026", "\\\"annual report\\\" 2026"},
        {"\"single\"", "single"},
        {"from:boss", "from boss"},
        {"from：boss", "from boss"},
        {"subject:\"x y\" OR body:z", "subject \\\"x y\\\" or body z"},
        {"a AND b OR c NOT d", "a and b or c not d"},
        {"a NEAR(5) b", "a near 5 b"},
        {"-secret +public", "secret public"},
        {"--x", "x"},
        {"pay*", "pay"},
        {"x\" OR from:ceo", "x or from ceo"},
        {"x\\\" from:ceo", "x from ceo"},
        {"\"x\\\" from:ceo\"", "x from ceo"},
        {"“curly from:x”", "curly from x"},
        {"received>=2020-01-01", "received 2020-01-01"},
        {"size<1000", "size 1000"},
        {"(a)(b)", "a b"},
        {"e-mail", "e-mail"},
        {"order", "order"},
    };
    for (const auto& [typed, expected] : table) {
        const auto words = kql_words(typed);
        ASSERT_TRUE(words) << typed;
        EXPECT_EQ(*words, expected) << typed;
    }
}

TEST(GraphQuery, RefusesASearchWithoutAWordOrWithFilters) {
    for (const auto& typed :
         {std::string("\"\""), std::string("***"), std::string(" 　 "), std::string(":-+"), std::string("a\nb"), std::string("\xc3"), std::string(600, 'x')})
        EXPECT_FALSE(kql_words(typed)) << typed;
    core::EmailFilter filter;
    filter.text = "invoice";
    filter.unread = true;
    const auto query = list_query(filter, 10);
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().code, Errc::invalid_field);
}

TEST(GraphQuery, IdsCannotLeaveTheirPieceOfThePath) {
    EXPECT_EQ(*id_piece("AAMkAGI2=_-x", "id"), "AAMkAGI2%3D_-x");
    EXPECT_EQ(*id_piece("AA/BB+C=", "id"), "AA%2FBB%2BC%3D");
    for (const auto& id :
         {std::string(), std::string("."), std::string(".."), std::string("../../users/ceo@contoso.com/messages"), std::string("a/../b"), std::string("a?b"),
          std::string("a#b"), std::string("a%2e"), std::string("a b"), std::string("日本"), std::string("a\0b", 3), std::string("a')"), std::string(1025, 'a')})
        EXPECT_FALSE(id_piece(id, "id")) << id;
}

TEST(GraphQuery, FoldersAreNamedByRoleOrId) {
    EXPECT_EQ(*folder_piece("inbox"), "inbox");
    EXPECT_EQ(*folder_piece("sent"), "sentitems");
    EXPECT_EQ(*folder_piece("trash"), "deleteditems");
    EXPECT_EQ(*folder_piece("junk"), "junkemail");
    EXPECT_EQ(*folder_piece("AQMkAD"), "AQMkAD");
    EXPECT_FALSE(folder_piece("inbox/../x"));
}

}  // namespace
}  // namespace renkei::microsoft

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/http.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "base/uri.hpp"

#include <gtest/gtest.h>

namespace renkei {
namespace {

TEST(Encoding, EncodesTheVectorsOfRfc4648Section10) {
    EXPECT_EQ(base64(as_bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(base64(as_bytes("fooba")), "Zm9vYmE=");
    EXPECT_EQ(base64(as_bytes("foob")), "Zm9vYg==");
    EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
}

TEST(Encoding, RefusesBase64ThatIsNotCanonical) {
    for (const auto* bad : {"Zm9vY===", "Zm9", "Zm9vYh==", "Zm9v\n", "Zm 9", "Zm9v====", "Zm9vY-=="}) EXPECT_FALSE(decode_base64(bad)) << bad;
    EXPECT_FALSE(decode_base64url("Zm9vYg=="));
    EXPECT_FALSE(decode_base64url("Z"));
}

TEST(Encoding, KeepsEveryByteThroughAForm) {
    const Fields fields{{"client_id", "a:b%c+d&e f=g"}, {"日本", "髙①㈱"}};

    EXPECT_EQ(form_decode(form_encode(fields)), fields);
}

TEST(Encoding, RefusesBrokenEscapes) {
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("%zz"));
    EXPECT_FALSE(form_decode("a=%"));
}

TEST(Encoding, KnowsWellFormedUtf8) {
    EXPECT_TRUE(is_utf8("連携 ok"));
    for (const auto* bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe9\x80", "\xff"}) EXPECT_FALSE(is_utf8(bad));
}

TEST(Crypto, MatchesPublishedVectors) {
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231 test case 2.
    EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), "what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Json, RefusesDuplicatesDepthTailsAndBrokenText) {
    EXPECT_TRUE(json::parse(R"({"a":[1,2.5,null,true,"x\u00e9"]})"));
    for (const auto* bad : {R"({"a":1,"a":2})", R"({"a":1} x)", "{", "", "[1,]", "\"\xff\"", "nul", "{\"a\":1,}"}) EXPECT_FALSE(json::parse(bad)) << bad;
    EXPECT_FALSE(json::parse(std::string(40, '[') + std::string(40, ']')));
}

TEST(Uri, TakesAddressesApartAndRefusesTricks) {
    const auto uri = Uri::parse("HTTPS://Graph.Example:444/v1.0/me?$top=5");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->origin(), "https://graph.example:444");
    EXPECT_EQ(uri->query, "$top=5");
    for (const auto* bad :
         {"/v1.0/me", "ftp://a/", "https://user@a/", "https://a/#f", "https://a b/", "https:///x", "javascript:1", "https://a:0/", "https://a:99999/"})
        EXPECT_FALSE(Uri::parse(bad)) << bad;
}

TEST(Clock, CallsInOrderAndNotAfterCancelling) {
    ManualClock clock;
    std::string order;
    const auto start = clock.now();
    auto late = clock.call_at(start + std::chrono::seconds(2), [&] { order += "b"; });
    auto early = clock.call_at(start + std::chrono::seconds(1), [&] { order += "a"; });
    auto never = clock.call_at(start + std::chrono::seconds(1), [&] { order += "x"; });
    never.reset();

    clock.advance(std::chrono::seconds(3));

    EXPECT_EQ(order, "ab");
}

TEST(Headers, CompareNamesWithoutCase) {
    Headers headers{{"Content-Type", "a"}, {"content-type", "b"}};
    EXPECT_EQ(headers.count("CONTENT-TYPE"), 2U);
    headers.set("content-Type", "c");
    EXPECT_EQ(headers.get("Content-Type"), "c");
    EXPECT_EQ(headers.count("Content-Type"), 1U);
}

TEST(Errors, EveryRowSpeaksBothLanguagesAndSaysWhatToDo) {
    for (int code = 0; code <= static_cast<int>(Errc::internal); ++code) {
        const auto& row = error_row(static_cast<Errc>(code));
        EXPECT_FALSE(row.title_en.empty() || row.title_ja.empty() || row.remedy_en.empty() || row.remedy_ja.empty()) << row.slug;
        EXPECT_EQ(error_row_of_slug(row.slug), &row);
    }
}

}  // namespace
}  // namespace renkei

// Forms as browsers send them with files, and everything that is none (RFC 7578, RFC 2046 section 5.1).
#include "adapters/api/multipart.hpp"

#include <gtest/gtest.h>

namespace renkei::api {
namespace {

constexpr std::string_view type = "multipart/form-data; boundary=----WebKitFormBoundaryAbC123";

std::string part(std::string_view head, std::string_view content) {
    return "------WebKitFormBoundaryAbC123\r\n" + std::string(head) + "\r\n\r\n" + std::string(content) + "\r\n";
}
std::string field(std::string_view name, std::string_view content) {
    return part("Content-Disposition: form-data; name=\"" + std::string(name) + "\"", content);
}
const std::string end = "------WebKitFormBoundaryAbC123--\r\n";

Errc refusal(std::string_view content_type, std::string_view body) {
    const auto parsed = parse_multipart(content_type, body);
    return parsed ? Errc::internal : parsed.error().code;
}
bool refuses(std::string_view body) { return refusal(type, body) == Errc::bad_request; }

TEST(Multipart, TakesFieldsAndFilesAsBrowsersSendThem) {
    const std::string bytes("\x30\x82\x00\r\n--\xff\r\n------WebKitFormBoundary", 33);
    const auto parsed = parse_multipart(
        type, field("name", "請求書") + field("empty", "") +
                  part("Content-Disposition: form-data; name=\"file\"; filename=\"C:\\keys\\app.pfx\"\r\nContent-Type: application/x-pkcs12", bytes) + end);

    ASSERT_TRUE(parsed) << parsed.error().detail;
    ASSERT_EQ(parsed->size(), 3u);
    EXPECT_EQ(parsed->at(0).name, "name");
    EXPECT_EQ(parsed->at(0).content.expose(), "請求書");
    EXPECT_FALSE(parsed->at(0).file_name);
    EXPECT_TRUE(parsed->at(1).content.empty());
    EXPECT_EQ(parsed->at(2).file_name, "C:\\keys\\app.pfx");
    EXPECT_EQ(parsed->at(2).content.expose(), bytes);
}

TEST(Multipart, TakesAFileFieldThatWasLeftEmpty) {
    const auto parsed =
        parse_multipart(type, part("Content-Disposition: form-data; name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream", "") + end);

    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->front().file_name, "");
    EXPECT_TRUE(parsed->front().content.empty());
}

TEST(Multipart, GivesTwoFieldsOfOneNameBoth) {
    const auto parsed = parse_multipart(type, field("can", "mail:read") + field("can", "mail:send") + end);

    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->size(), 2u);
}

TEST(Multipart, TakesAnEmptyFormAndAQuotedBoundary) {
    EXPECT_TRUE(parse_multipart(type, end));
    EXPECT_TRUE(parse_multipart("Multipart/Form-Data; Boundary=\"a b:c\"", "--a b:c\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a b:c--"));
}

TEST(Multipart, RefusesAContentTypeWithoutOneUsableBoundary) {
    for (const std::string content_type :
         {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"open",
          "multipart/form-data; boundary=\"ends with a blank \"", "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary",
          "multipart/form-data; boundary=\"a\r\nb\""})
        EXPECT_EQ(refusal(content_type, "--a--"), Errc::bad_request) << content_type;
    EXPECT_EQ(refusal("multipart/form-data; boundary=" + std::string(71, 'a'), "--" + std::string(71, 'a') + "--"), Errc::bad_request);
    for (const auto* other :
         {"multipart/mixed; boundary=a", "multipart/form-data-x; boundary=a", "multipart/form-data boundary=a", "application/x-www-form-urlencoded", ""})
        EXPECT_EQ(refusal(other, "--a--"), Errc::unsupported_media_type) << other;
}

TEST(Multipart, RefusesABodyThatIsCutOffOrHasMoreThanItself) {
    const auto whole = field("name", "value") + end;
    for (std::size_t length = 0; length + 4 < whole.size(); ++length) EXPECT_TRUE(refuses(whole.substr(0, length))) << length;
    EXPECT_TRUE(refuses("preamble\r\n" + whole));
    EXPECT_TRUE(refuses(whole + "epilogue"));
    EXPECT_TRUE(refuses(whole + whole));
    EXPECT_TRUE(refuses("------WebKitFormBoundaryAbC123x\r\n\r\n")) << "another boundary that begins the same";
}

TEST(Multipart, RefusesNestedAndEncodedParts) {
    EXPECT_TRUE(refuses(part("Content-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary=b", "--b--") + end));
    EXPECT_TRUE(refuses(part("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64", "QQ==") + end));
    EXPECT_FALSE(refuses(part("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: binary", "A") + end));
}

TEST(Multipart, RefusesPartsWithoutOneClearName) {
    for (const auto* head : {"Content-Type: text/plain", "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"\"",
                             "Content-Disposition: attachment; name=\"a\"", "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
                             "Content-Disposition: form-data; name=\"a\"; filename=\"a\"; filename=\"b\"", "Content-Disposition: form-data; name=\"open",
                             "Content-Disposition: form-data; name", "Content-Disposition: form-data; name*=utf-8''a",
                             "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"", ": nothing", "no colon at all",
                             "Content-Disposition : form-data; name=\"a\"", "Content-Disposition: form-data; name=\"\xff\xfe\""})
        EXPECT_TRUE(refuses(part(head, "x") + end)) << head;
    EXPECT_TRUE(refuses(field(std::string(65, 'n'), "x") + end));
    EXPECT_TRUE(refuses(part(std::string("Content-Disposition: form-data; name=\"a\0b\"", 42), "x") + end));
    EXPECT_TRUE(refuses(part("Content-Disposition: form-data; name=\"f\"; filename=\"" + std::string(256, 'n') + "\"", "x") + end));
}

TEST(Multipart, RefusesHugeHeadsAndTooManyParts) {
    EXPECT_TRUE(refuses(part("Content-Disposition: form-data; name=\"a\"\r\nX-Long: " + std::string(longest_part_head, 'x'), "x") + end));
    std::string many;
    for (std::size_t i = 0; i < most_form_parts; ++i) many += field("a", "x");
    EXPECT_FALSE(refuses(many + end));
    EXPECT_TRUE(refuses(many + field("a", "x") + end));
}

TEST(Multipart, SaysNothingOfTheContentInARefusal) {
    const auto parsed = parse_multipart(type, field("client_secret", "very secret") + "garbage");

    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().detail.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace renkei::api

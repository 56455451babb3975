#include "core/value_source.hpp"

#include <gtest/gtest.h>

namespace renkei::core {
namespace {

TEST(ValueSource, A32_EachWordNamesItsSource) {
    const auto of = [](std::string_view text) { return *parse_value_source(text, "f"); };
    EXPECT_EQ(of("credential:app"), (ValueSource{SourceKind::credential, "app"}));
    EXPECT_EQ(of("credential:app@3"), (ValueSource{SourceKind::credential, "app", {}, {}, "3"}));
    EXPECT_EQ(of("variable:box"), (ValueSource{SourceKind::variable, "box"}));
    EXPECT_EQ(of("vault:corp/a/b#c@2"), (ValueSource{SourceKind::vault, "corp", "a/b", "c", "2"}));
    EXPECT_EQ(of("vault:corp/a@b/c"), (ValueSource{SourceKind::vault, "corp", "a", {}, "b/c"}));
    EXPECT_EQ(of("env:ACME_X"), (ValueSource{SourceKind::environment, "ACME_X"}));
    EXPECT_EQ(of("file:a/b.pem"), (ValueSource{SourceKind::file, "a/b.pem"}));
}

TEST(ValueSource, A32_AnythingElseIsTheValueItself) {
    for (const std::string text : {"s3cret~x", "https://x", "", "Credential:app", "a:b", "credentials"})
        EXPECT_EQ(*parse_value_source(text, "f"), (ValueSource{SourceKind::literal, text})) << text;
    EXPECT_EQ(parse_value_source("literal:credential:app", "f")->name, "credential:app");
}

TEST(ValueSource, A32_WrittenAgainItReadsTheSame) {
    for (const std::string text : {"credential:app@3", "vault:corp/a/b#c@2", "vault:corp/a", "env:X_Y", "file:a/b", "variable:v", "literal:file:x", "plain"})
        EXPECT_EQ(text_of(*parse_value_source(text, "f")), text);
}

TEST(ValueSource, A32_PathTricksAndDamagedNamesAreRefusedWithoutRepeatingTheText) {
    for (const std::string text :
         {"file:/etc/passwd", "file:../x", "file:a/../b", "file:a//b", "file:.", "file:", "file:a b", "env:", "env:A-B", "env:A B",
          "credential:", "credential:A b", "credential:a@x", "vault:corp", "vault:corp/", "vault:corp/../a", "vault:/a", "vault:corp/a b"}) {
        const auto parsed = parse_value_source(text, "client_secret");
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().get("field"), "client_secret");
        EXPECT_EQ(parsed.error().detail.find(text), std::string::npos);
    }
}

}  // namespace
}  // namespace renkei::core

#include "adapters/providers/html_text.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>

namespace renkei::providers {
namespace {

TEST(HtmlText, MakesReadableText) {
    const std::pair<std::string, std::string> table[] = {
        {"<p>Hello</p><p>World</p>", "Hello\n\nWorld"},
        {"<div>a</div><div>b</div>", "a\nb"},
        {"a<br>b<br/>c", "a\nb\nc"},
        {"a   b\r\n\t c", "a b c"},
        {"<ul><li>one</li><li>two</li></ul>", "- one\n- two"},
        {"<table><tr><td>金額</td><td>¥1,000</td></tr></table>", "金額 ¥1,000"},
        {"<pre>a  b\n  c</pre>", "a  b\n  c"},
        {"<b>bo</b>ld", "bold"},
        {"&lt;b&gt; &amp; &quot;q&quot; &#12354;&#x3042; &nbsp;x&nbsp;y", "<b> & \"q\" ああ x y"},
        {"<head><title>t</title></head><body>x</body>", "x"},
        {"<style>p{}</style><script>alert('</p>')</script>y", "y"},
        {"<!-- a > b -->z", "z"},
        {"<a href=\"x>y\" title='>'>link</a>", "link"},
        {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
        {"&unknown; & &;", "&unknown; & &;"},
        {"", ""},
        {"   ", ""},
    };
    for (const auto& [html, text] : table) EXPECT_EQ(text_of_html(html), text) << html;
}

TEST(HtmlText, SurvivesWhatIsBroken) {
    for (const auto* html :
         {"<", "<p", "<p title=\"", "<!--", "<script>", "&", "&#", "&#x;", "&#99999999999;", "</", "<//>", "<?xml", "<![CDATA[x]]>", "<style><style>"})
        EXPECT_TRUE(is_utf8(text_of_html(html))) << html;
    EXPECT_EQ(text_of_html("&#0;&#xD800;&#x110000;"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(HtmlText, NestingAndUnclosedElementsCostLinearTime) {
    std::string html;
    for (int i = 0; i < 200'000; ++i) html += "<div><script></";
    EXPECT_LE(text_of_html(html).size(), html.size());
    std::string opened(1'000'000, '<');
    EXPECT_LE(text_of_html(opened).size(), opened.size());
}

}  // namespace
}  // namespace renkei::providers

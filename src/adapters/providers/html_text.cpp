#include "adapters/providers/html_text.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace renkei::providers {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
    return std::ranges::find(words, word) != std::end(words);
}

constexpr std::string_view block_tags[] = {"p",  "div",        "tr",  "table",   "ul",      "ol",     "h1",     "h2", "h3", "h4", "h5",
                                           "h6", "blockquote", "pre", "section", "article", "header", "footer", "hr", "dl", "dt", "dd"};
constexpr std::string_view skipped_tags[] = {"script", "style", "head", "title", "template"};

constexpr std::pair<std::string_view, std::string_view> entities[] = {
    {"amp", "&"},    {"lt", "<"},    {"gt", ">"},    {"quot", "\""},  {"apos", "'"},   {"nbsp", " "},   {"copy", "©"},   {"reg", "®"},   {"trade", "™"},
    {"hellip", "…"}, {"mdash", "—"}, {"ndash", "–"}, {"lsquo", "‘"},  {"rsquo", "’"},  {"ldquo", "“"},  {"rdquo", "”"},  {"bull", "•"},  {"middot", "·"},
    {"yen", "¥"},    {"euro", "€"},  {"pound", "£"}, {"times", "×"},  {"deg", "°"},    {"laquo", "«"},  {"raquo", "»"},  {"sect", "§"},  {"para", "¶"},
    {"zwnj", ""},    {"zwj", ""},    {"shy", ""},    {"ensp", " "},   {"emsp", " "},   {"auml", "ä"},   {"ouml", "ö"},   {"uuml", "ü"},  {"Auml", "Ä"},
    {"Ouml", "Ö"},   {"Uuml", "Ü"},  {"szlig", "ß"}, {"eacute", "é"}, {"egrave", "è"}, {"agrave", "à"}, {"ccedil", "ç"}, {"ntilde", "ñ"}};

void append_utf8(std::string& out, std::uint32_t point) {
    const bool usable = point == '\t' || point == '\n' || (point >= 0x20 && point != 0x7f && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff));
    if (!usable) point = 0xfffd;
    if (point < 0x80)
        out += static_cast<char>(point);
    else if (point < 0x800)
        (out += static_cast<char>(0xc0 | (point >> 6))) += static_cast<char>(0x80 | (point & 0x3f));
    else if (point < 0x10000)
        ((out += static_cast<char>(0xe0 | (point >> 12))) += static_cast<char>(0x80 | ((point >> 6) & 0x3f))) += static_cast<char>(0x80 | (point & 0x3f));
    else
        (((out += static_cast<char>(0xf0 | (point >> 18))) += static_cast<char>(0x80 | ((point >> 12) & 0x3f))) +=
         static_cast<char>(0x80 | ((point >> 6) & 0x3f))) += static_cast<char>(0x80 | (point & 0x3f));
}

class Writer {
public:
    void character(std::string_view piece, bool keep_blanks) {
        if (!keep_blanks && piece.size() == 1 && is_blank(piece.front())) {
            blank_ = true;
            return;
        }
        flush();
        out_ += piece;
    }
    void line() { lines_ = std::max(lines_, 1); }
    void another_line() { ++lines_; }
    void blank() { blank_ = true; }
    std::string finish() && {
        while (!out_.empty() && is_blank(out_.back())) out_.pop_back();
        return std::move(out_);
    }

private:
    void flush() {
        if (!out_.empty()) out_.append(static_cast<std::size_t>(std::min(lines_, 2)), '\n');
        if (lines_ == 0 && blank_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
        lines_ = 0;
        blank_ = false;
    }
    std::string out_;
    int lines_ = 0;
    bool blank_ = false;
};

class Reader {
public:
    explicit Reader(std::string_view html) : html_(html) {}

    std::string run() {
        while (at_ < html_.size()) {
            if (html_[at_] == '<')
                tag();
            else if (html_[at_] == '&')
                entity();
            else
                writer_.character(html_.substr(at_++, 1), pre_ > 0);
        }
        return std::move(writer_).finish();
    }

private:
    void tag() {
        const auto rest = html_.substr(at_);
        if (rest.starts_with("<!--")) return skip_to("-->", 4);
        const bool closing = rest.size() > 1 && rest[1] == '/';
        std::size_t end = closing ? 2 : 1;
        const auto start = end;
        while (end < rest.size() && (std::isalnum(static_cast<unsigned char>(rest[end])) != 0)) ++end;
        if (end == start && !closing && (rest.size() < 2 || (rest[1] != '!' && rest[1] != '?'))) {
            // A lone "<" is text (HTML Standard, tag open state).
            writer_.character(html_.substr(at_++, 1), pre_ > 0);
            return;
        }
        const auto name = lower_ascii(rest.substr(start, end - start));
        at_ = after_tag(at_ + end);
        if (!closing && is_one_of(name, skipped_tags)) return skip_element(name);
        apply(name, closing);
    }

    // The end of the tag; a ">" within quotes does not end it.
    std::size_t after_tag(std::size_t from) const {
        char quote = 0;
        for (; from < html_.size(); ++from) {
            const char c = html_[from];
            if (quote != 0)
                quote = c == quote ? 0 : quote;
            else if (c == '"' || c == '\'')
                quote = c;
            else if (c == '>')
                return from + 1;
        }
        return from;
    }

    void apply(const std::string& name, bool closing) {
        if (name == "br") return writer_.another_line();
        if (name == "pre") pre_ = std::max(0, pre_ + (closing ? -1 : 1));
        if (name == "td" || name == "th") return writer_.blank();
        if (name == "li") {
            writer_.line();
            if (!closing) writer_.character("- ", true);
            return;
        }
        if (is_one_of(name, block_tags)) writer_.line();
        if (closing && name == "p") writer_.another_line();
    }

    void skip_to(std::string_view mark, std::size_t from) {
        const auto found = html_.find(mark, at_ + from);
        at_ = found == html_.npos ? html_.size() : found + mark.size();
    }

    void skip_element(const std::string& name) {
        const auto close = "</" + name;
        while (at_ < html_.size()) {
            const auto found = html_.find("</", at_);
            if (found == html_.npos) break;
            if (equal_ignoring_case(html_.substr(found, close.size()), close)) {
                at_ = after_tag(found + close.size());
                return;
            }
            at_ = found + 2;
        }
        at_ = html_.size();
    }

    void entity() {
        const auto rest = html_.substr(at_ + 1, 12);
        const auto semicolon = rest.find(';');
        if (semicolon != rest.npos && semicolon > 0) {
            const auto name = rest.substr(0, semicolon);
            if (const auto text = decoded(name)) {
                at_ += semicolon + 2;
                if (*text == " ") return writer_.blank();
                if (!text->empty()) writer_.character(*text, true);
                return;
            }
        }
        writer_.character(html_.substr(at_++, 1), true);
    }

    static std::optional<std::string> decoded(std::string_view name) {
        if (name.front() != '#') {
            const auto found = std::ranges::find(entities, name, &std::pair<std::string_view, std::string_view>::first);
            return found == std::end(entities) ? std::nullopt : std::optional<std::string>(found->second);
        }
        const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
        const auto digits = name.substr(hex ? 2 : 1);
        std::uint32_t point = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), point, hex ? 16 : 10);
        if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
        if (point == 0xa0) return " ";
        std::string out;
        append_utf8(out, point);
        return out;
    }

    std::string_view html_;
    std::size_t at_ = 0;
    int pre_ = 0;
    Writer writer_;
};

}  // namespace

std::string text_of_html(std::string_view html) { return Reader(html).run(); }

}  // namespace renkei::providers

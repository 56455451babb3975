#include "sandbox/graph/search.hpp"

#include "base/encoding.hpp"
#include "sandbox/graph/property.hpp"
#include "sandbox/mime/html.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_length = 8 * 1024;
constexpr int max_terms = 200;
constexpr int max_depth = 50;
using Days = std::chrono::days;

std::unexpected<GraphError> syntax(const std::string& what) { return bad_request("Syntax error in $search: " + what + "."); }

bool is_word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

bool found_in(const std::string& text, const std::string& wanted) {
    const bool anywhere = std::ranges::any_of(wanted, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1))
        if (anywhere || at == 0 || !is_word_byte(wanted[0]) || !is_word_byte(text[at - 1]) || static_cast<unsigned char>(text[at - 1]) >= 0x80) return true;
    return false;
}

void append(std::string& text, const std::vector<mime::Address>& people) {
    for (const auto& one : people) text += one.name + ' ' + one.address + '\n';
}

std::string people_of(const StoredMessage& m, std::string_view property) {
    std::string text;
    const bool everyone = property == "participants";
    if ((everyone || property == "from") && m.content.from) append(text, {*m.content.from});
    if (everyone || property == "recipients" || property == "to") append(text, m.content.to);
    if (everyone || property == "recipients" || property == "cc") append(text, m.content.cc);
    if (everyone || property == "recipients" || property == "bcc") append(text, m.content.bcc);
    return mime::folded(text);
}

std::string attachment_names(const StoredMessage& m) {
    std::string text;
    for (const auto& one : m.attachments) text += one.content.name + '\n';
    return mime::folded(text);
}

struct Term {
    std::string property;  ///< lower case; empty: subject, sender and body
    std::string op = ":";
    std::string value;
};

/// From a day's beginning up to (not with) `until`.
struct Range {
    TimePoint from, until;
};

std::optional<Range> range_of(const std::string& text, TimePoint now) {
    const TimePoint today(std::chrono::floor<Days>(now.time_since_epoch()));
    if (text == "today") return Range{today, today + Days(1)};
    if (text == "yesterday") return Range{today - Days(1), today};
    const auto at = parse_iso(text);
    if (!at) return std::nullopt;
    return Range{*at, *at + (text.size() <= 10 ? std::chrono::milliseconds(Days(1)) : std::chrono::milliseconds(1000))};
}

Outcome<SearchTest> date_test(const Term& term, TimePoint now) {
    const auto of = [sent = term.property == "sent"](const StoredMessage& m) { return sent ? m.sent : m.received; };
    if (const auto dots = term.value.find(".."); dots != std::string::npos) {
        const auto first = range_of(term.value.substr(0, dots), now), last = range_of(term.value.substr(dots + 2), now);
        if (!first || !last) return syntax("the date range is not understood");
        return SearchTest([of, from = first->from, until = last->until](const StoredMessage& m) { return of(m) >= from && of(m) < until; });
    }
    const auto range = range_of(term.value, now);
    if (!range) return syntax("the date is not understood");
    return SearchTest([of, range = *range, op = term.op](const StoredMessage& m) {
        const auto at = of(m);
        if (op == ">") return at >= range.until;
        if (op == ">=") return at >= range.from;
        if (op == "<") return at < range.from;
        if (op == "<=") return at < range.until;
        const bool inside = at >= range.from && at < range.until;
        return op == "<>" ? !inside : inside;
    });
}

std::int64_t size_of(const StoredMessage& m) {
    if (m.raw) return static_cast<std::int64_t>(m.raw->size());
    std::size_t total = m.content.text.value_or("").size() + m.content.html.value_or("").size();
    for (const auto& one : m.attachments) total += one.content.bytes.size();
    return static_cast<std::int64_t>(total);
}

Outcome<SearchTest> size_test(const Term& term) {
    std::int64_t first = 0, last = 0;
    const auto number = [](std::string_view text, std::int64_t& out) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        return error == std::errc() && end == text.data() + text.size();
    };
    const auto dots = term.value.find("..");
    const bool readable =
        dots == std::string::npos ? number(term.value, first) : number(term.value.substr(0, dots), first) && number(term.value.substr(dots + 2), last);
    if (!readable) return syntax("the size is not a number");
    if (dots != std::string::npos) return SearchTest([first, last](const StoredMessage& m) { return size_of(m) >= first && size_of(m) <= last; });
    return SearchTest([first, op = term.op](const StoredMessage& m) {
        const auto size = size_of(m);
        return op == ">"    ? size > first
               : op == ">=" ? size >= first
               : op == "<"  ? size < first
               : op == "<=" ? size <= first
               : op == "<>" ? size != first
                            : size == first;
    });
}

Outcome<SearchTest> test_of(const Term& term, TimePoint now) {
    std::string wanted = mime::folded(term.value);
    while (wanted.ends_with('*')) wanted.pop_back();
    if (wanted.empty()) return syntax("a word is missing");
    const auto& property = term.property;
    if (property == "received" || property == "sent") return date_test({property, term.op, wanted}, now);
    if (property == "size") return size_test({property, term.op, wanted});
    if (property == "subject") return SearchTest([wanted](const StoredMessage& m) { return found_in(mime::folded(m.content.subject), wanted); });
    if (property == "body") return SearchTest([wanted](const StoredMessage& m) { return found_in(mime::folded(m.plain_text()), wanted); });
    if (property == "attachment") return SearchTest([wanted](const StoredMessage& m) { return found_in(attachment_names(m), wanted); });
    if (property == "importance") return SearchTest([wanted](const StoredMessage& m) { return m.content.importance == wanted; });
    if (property == "kind") return SearchTest([mail = wanted == "email" || wanted == "message"](const StoredMessage&) { return mail; });
    if (property == "hasattachments" || property == "hasattachment") {
        if (wanted != "true" && wanted != "false" && wanted != "yes" && wanted != "no") return syntax("hasAttachments is true or false");
        return SearchTest([yes = wanted == "true" || wanted == "yes"](const StoredMessage& m) { return m.has_attachments() == yes; });
    }
    if (!property.empty()) return SearchTest([wanted, property](const StoredMessage& m) { return found_in(people_of(m, property), wanted); });
    return SearchTest([wanted](const StoredMessage& m) { return found_in(m.search_text(), wanted); });
}

bool is_property(std::string_view name) {
    static constexpr std::string_view known[] = {"attachment", "bcc",  "body",         "cc",       "from",       "hasattachments", "hasattachment",
                                                 "importance", "kind", "participants", "received", "recipients", "sent",           "size",
                                                 "subject",    "to"};
    return std::ranges::find(known, name) != std::end(known);
}

class Parser {
public:
    Parser(std::string_view text, TimePoint now) : text_(text), now_(now) {}

    Outcome<SearchTest> search() {
        auto test = either(0);
        skip_blanks();
        if (test && at_ < text_.size()) return syntax("a bracket is closed that was not opened");
        return test;
    }

private:
    void skip_blanks() {
        // U+3000 is what a Japanese keyboard types between words.
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_.substr(at_, 3) == "\u3000")) at_ += text_[at_] == '\xE3' ? 3 : 1;
    }
    bool take(std::string_view word) {
        skip_blanks();
        if (!text_.substr(at_).starts_with(word)) return false;
        const auto after = text_.substr(at_ + word.size(), 1);
        if (word.size() > 1 && !after.empty() && after != " " && after != "(" && after != "\"") return false;
        at_ += word.size();
        return true;
    }
    bool at_end() {
        skip_blanks();
        return at_ >= text_.size() || text_[at_] == ')';
    }

    Outcome<SearchTest> either(int depth) {
        auto left = both(depth);
        while (left && take("OR")) {
            auto right = both(depth);
            if (!right) return right;
            left = SearchTest([a = std::move(*left), b = std::move(*right)](const StoredMessage& m) { return a(m) || b(m); });
        }
        return left;
    }

    Outcome<SearchTest> both(int depth) {
        auto left = unary(depth);
        while (left && !at_end()) {
            const auto before = at_;
            if (take("OR")) {
                at_ = before;
                break;
            }
            take("AND");
            auto right = unary(depth);
            if (!right) return right;
            left = SearchTest([a = std::move(*left), b = std::move(*right)](const StoredMessage& m) { return a(m) && b(m); });
        }
        return left;
    }

    Outcome<SearchTest> unary(int depth) {
        if (depth > max_depth || ++terms_ > max_terms) return syntax("too many terms");
        if (take("NOT") || take("-")) {
            auto inner = unary(depth + 1);
            if (!inner) return inner;
            return SearchTest([a = std::move(*inner)](const StoredMessage& m) { return !a(m); });
        }
        if (take("(")) {
            auto inner = either(depth + 1);
            if (inner && !take(")")) return syntax("a bracket is not closed");
            return inner;
        }
        return term();
    }

    std::string take_value() {
        std::string value;
        if (at_ < text_.size() && text_[at_] == '"') {
            for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) value += text_[at_];
            if (at_ < text_.size()) ++at_;
            return value;
        }
        while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != ')' && text_[at_] != '"' && text_.substr(at_, 3) != "\u3000")
            value += text_[at_++];
        return value;
    }

    Outcome<SearchTest> term() {
        skip_blanks();
        if (at_end()) return syntax("a word is missing");
        std::size_t end = at_;
        while (end < text_.size() && ((text_[end] | 0x20) >= 'a' && (text_[end] | 0x20) <= 'z')) ++end;
        std::size_t op_end = end;
        while (op_end < text_.size() && op_end - end < 3 && std::string_view(":<>=").find(text_[op_end]) != std::string_view::npos) ++op_end;
        Term term;
        const std::string name = lower_ascii(text_.substr(at_, end - at_));
        if (op_end > end && is_property(name)) {
            term.property = name;
            term.op = text_.substr(end, op_end - end);
            if (term.op.size() > 1 && term.op[0] == ':') term.op.erase(0, 1);
            at_ = op_end;
            skip_blanks();
        }
        term.value = take_value();
        return test_of(term, now_);
    }

    std::string_view text_;
    TimePoint now_;
    std::size_t at_ = 0;
    int terms_ = 0;
};

}  // namespace

Outcome<SearchTest> parse_search(std::string_view text, TimePoint now) {
    text = trim(text);
    if (text.size() > max_length || !is_utf8(text)) return syntax("the text is too long or not UTF-8");
    if (text.size() < 3 || !text.starts_with('"') || !text.ends_with('"')) return syntax("the value stands in double quotes");
    std::string inner;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '\\' && i + 2 < text.size()) ++i;
        inner += text[i];
    }
    return Parser(inner, now).search();
}

}  // namespace renkei::sandbox::graph

#include "sandbox/graph/filter.hpp"

#include "base/encoding.hpp"
#include "sandbox/graph/property.hpp"
#include "sandbox/mime/html.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_length = 16 * 1024;
constexpr int max_depth = 50;
constexpr int max_terms = 200;

using Test = std::function<bool(const StoredMessage&)>;

enum class TokenKind { word, text, open, close, comma, colon, end };
struct Token {
    TokenKind kind = TokenKind::end;
    std::string text;
    std::size_t at = 0;
};

std::unexpected<GraphError> syntax(const std::string& what, std::size_t at) {
    return refuse(400, "BadRequest", "Invalid filter clause: " + what + " at position " + std::to_string(at) + ".");
}

Outcome<std::vector<Token>> tokens_of(std::string_view text) {
    std::vector<Token> out;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        const std::size_t at = i;
        if (c == ' ' || c == '\t') {
            ++i;
        } else if (c == '(' || c == ')' || c == ',') {
            out.push_back({c == '(' ? TokenKind::open : c == ')' ? TokenKind::close : TokenKind::comma, std::string(1, c), at});
            ++i;
        } else if (c == '\'') {
            std::string value;
            for (++i;; ++i) {
                if (i >= text.size()) return syntax("There is an unterminated string literal", at);
                if (text[i] == '\'') {
                    if (text.substr(i, 2) != "''") break;
                    ++i;
                }
                value += text[i];
            }
            ++i;
            out.push_back({TokenKind::text, std::move(value), at});
        } else if (c == ':' && !out.empty() && out.back().kind == TokenKind::word && out.back().text.find_first_of("0123456789") != 0) {
            out.push_back({TokenKind::colon, ":", at});
            ++i;
        } else {
            const bool literal = (c >= '0' && c <= '9') || c == '-';  // a date has colons in it
            while (i < text.size() && text[i] != ' ' && text[i] != '(' && text[i] != ')' && text[i] != ',' && text[i] != '\'' && (literal || text[i] != ':'))
                ++i;
            if (i == at) return syntax("Syntax error", at);
            out.push_back({TokenKind::word, std::string(text.substr(at, i - at)), at});
        }
    }
    out.push_back({TokenKind::end, "", text.size()});
    return out;
}

bool compares(std::string_view op, int order, bool comparable) {
    if (!comparable) return op == "ne";
    if (op == "eq") return order == 0;
    if (op == "ne") return order != 0;
    if (op == "gt") return order > 0;
    if (op == "ge") return order >= 0;
    if (op == "lt") return order < 0;
    return order <= 0;
}

template <class T>
int order_of(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

/// Exchange compares texts without case.
int compare(const Value& a, const Value& b, bool& comparable) {
    comparable = a.index() == b.index();
    if (!comparable) return 0;
    if (const auto* text = std::get_if<std::string>(&a)) return order_of(mime::folded(*text), mime::folded(std::get<std::string>(b)));
    return order_of(a, b);
}

class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Outcome<Filter> filter() {
        auto test = either(0);
        if (!test) return std::unexpected(test.error());
        if (peek().kind != TokenKind::end) return syntax("Syntax error", peek().at);
        return Filter{std::move(*test), std::move(properties_)};
    }

private:
    using Tested = Outcome<Test>;
    const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
    Token take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
    bool take_word(std::string_view word) {
        if (peek().kind != TokenKind::word || peek().text != word) return false;
        ++at_;
        return true;
    }
    bool take_kind(TokenKind kind) {
        if (peek().kind != kind) return false;
        ++at_;
        return true;
    }

    Tested either(int depth) {
        auto left = both(depth);
        while (left && take_word("or")) {
            auto right = both(depth);
            if (!right) return right;
            left = Test([a = std::move(*left), b = std::move(*right)](const StoredMessage& m) { return a(m) || b(m); });
        }
        return left;
    }

    Tested both(int depth) {
        auto left = unary(depth);
        while (left && take_word("and")) {
            auto right = unary(depth);
            if (!right) return right;
            left = Test([a = std::move(*left), b = std::move(*right)](const StoredMessage& m) { return a(m) && b(m); });
        }
        return left;
    }

    Tested unary(int depth) {
        if (depth > max_depth || ++terms_ > max_terms)
            return refuse(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.");
        if (take_word("not")) {
            auto inner = unary(depth + 1);
            if (!inner) return inner;
            return Test([a = std::move(*inner)](const StoredMessage& m) { return !a(m); });
        }
        if (take_kind(TokenKind::open)) {
            auto inner = either(depth + 1);
            if (inner && !take_kind(TokenKind::close)) return syntax("')' or operator expected", peek().at);
            return inner;
        }
        return condition();
    }

    Tested condition() {
        const Token name = take();
        if (name.kind != TokenKind::word) return syntax("Syntax error", name.at);
        if (name.text == "startswith" || name.text == "contains") return function(name.text);
        if (peek().kind == TokenKind::open && name.text == "categories/any") return any_category();
        if (peek().kind == TokenKind::open && !name.text.starts_with("categories/")) {
            const auto first = name.text.substr(0, name.text.find('/'));
            if (is_message_property(first)) return refuse(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.");
            return bad_query("An unknown function with name '" + name.text + "' was found.");
        }
        const auto property = property_named(name.text);
        if (!property) return std::unexpected(property.error());
        // A boolean stands for itself: $filter=isRead.
        const auto& next = peek();
        const bool alone =
            next.kind == TokenKind::end || next.kind == TokenKind::close || (next.kind == TokenKind::word && (next.text == "and" || next.text == "or"));
        if ((*property)->type == Type::boolean && alone) return Test([of = (*property)->of](const StoredMessage& m) { return std::get<bool>(of(m)); });
        const auto op = take_operator();
        if (!op) return std::unexpected(op.error());
        auto value = literal((*property)->type);
        if (!value) return std::unexpected(value.error());
        return Test([of = (*property)->of, op = *op, value = std::move(*value)](const StoredMessage& m) {
            bool comparable = false;
            const int order = compare(of(m), value, comparable);
            return compares(op, order, comparable);
        });
    }

    Outcome<const Property*> property_named(const std::string& path) {
        const Property* property = find_property(path);
        const auto first = path.substr(0, path.find('/'));
        if (!property && is_message_property(first)) return refuse(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.");
        if (!property) return bad_query("Could not find a property named '" + first + "' on type 'Microsoft.OutlookServices.Message'.");
        remember(path);
        return property;
    }

    void remember(const std::string& path) {
        if (std::ranges::find(properties_, path) == properties_.end()) properties_.push_back(path);
    }

    Outcome<std::string> take_operator() {
        const Token op = take();
        static constexpr std::string_view known[] = {"eq", "ne", "gt", "ge", "lt", "le"};
        if (op.kind != TokenKind::word || std::ranges::find(known, op.text) == std::end(known)) return syntax("A comparison operator is expected", op.at);
        return op.text;
    }

    Outcome<Value> literal(Type type) {
        const Token token = take();
        const auto mismatch = [&] {
            return refuse(400, "BadRequest", "A binary operator with incompatible types was detected at position " + std::to_string(token.at) + ".");
        };
        if (token.kind == TokenKind::text) {
            if (type == Type::text) return Value(token.text);
            return mismatch();
        }
        if (token.kind != TokenKind::word) return syntax("A value is expected", token.at);
        if (token.text == "null") return Value();
        if (type == Type::boolean && (token.text == "true" || token.text == "false")) return Value(token.text == "true");
        if (type == Type::date)
            if (const auto date = parse_iso(token.text)) return Value(*date);
        return mismatch();
    }

    Tested function(const std::string& name) {
        if (!take_kind(TokenKind::open)) return syntax("'(' expected", peek().at);
        const Token path = take();
        if (path.kind != TokenKind::word) return syntax("A property is expected", path.at);
        const auto property = property_named(path.text);
        if (!property) return std::unexpected(property.error());
        if ((*property)->type != Type::text)
            return bad_request("No function signature for the function with name '" + name + "' matches the specified arguments.");
        if (!take_kind(TokenKind::comma)) return syntax("',' expected", peek().at);
        const Token value = take();
        if (value.kind != TokenKind::text) return syntax("A string literal is expected", value.at);
        if (!take_kind(TokenKind::close)) return syntax("')' expected", peek().at);
        return Test([of = (*property)->of, prefix = name == "startswith", wanted = mime::folded(value.text)](const StoredMessage& m) {
            const auto held = of(m);
            const auto* text = std::get_if<std::string>(&held);
            if (!text) return false;
            const auto folded = mime::folded(*text);
            return prefix ? folded.starts_with(wanted) : folded.find(wanted) != std::string::npos;
        });
    }

    /// categories/any(c:c eq 'x'), the variable's name being free; any() without a condition is "has one".
    Tested any_category() {
        remember("categories");
        take();
        if (take_kind(TokenKind::close)) return Test([](const StoredMessage& m) { return !m.categories.empty(); });
        const Token variable = take();
        if (variable.kind != TokenKind::word || !take_kind(TokenKind::colon)) return syntax("A lambda variable is expected", variable.at);
        std::vector<std::pair<std::string, std::string>> wanted;
        do {
            if (!take_word(variable.text)) return syntax("The lambda variable is expected", peek().at);
            const auto op = take_operator();
            if (!op) return std::unexpected(op.error());
            const Token value = take();
            if (value.kind != TokenKind::text) return syntax("A string literal is expected", value.at);
            wanted.emplace_back(*op, mime::folded(value.text));
        } while (wanted.size() < 50 && take_word("or"));
        if (!take_kind(TokenKind::close)) return syntax("')' expected", peek().at);
        return Test([wanted = std::move(wanted)](const StoredMessage& m) {
            return std::ranges::any_of(m.categories, [&](const std::string& category) {
                const auto folded = mime::folded(category);
                return std::ranges::any_of(wanted, [&](const auto& one) { return compares(one.first, order_of(folded, one.second), true); });
            });
        });
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int terms_ = 0;
    std::vector<std::string> properties_;
};

}  // namespace

Outcome<Filter> parse_filter(std::string_view text) {
    if (text.size() > max_length) return refuse(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.");
    if (!is_utf8(text) || trim(text).empty()) return bad_request("The $filter expression is empty or not readable.");
    auto tokens = tokens_of(text);
    if (!tokens) return std::unexpected(tokens.error());
    return Parser(std::move(*tokens)).filter();
}

}  // namespace renkei::sandbox::graph

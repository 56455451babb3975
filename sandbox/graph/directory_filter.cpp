#include "sandbox/graph/directory_filter.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_length = 4096;
constexpr int max_depth = 20;

std::unexpected<GraphError> syntax(std::string what) { return refuse(400, "Request_UnsupportedQuery", "Invalid filter clause: " + std::move(what) + "."); }

// Words, brackets and quoted texts; a text keeps its opening quote.
Outcome<std::vector<std::string>> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == ' ') {
            ++i;
        } else if (c == '(' || c == ')' || c == ',' || c == ':') {
            words.emplace_back(1, c);
            ++i;
        } else if (c == '\'') {
            std::string value = "'";
            for (++i; i < text.size() && (text[i] != '\'' || text.substr(i, 2) == "''"); ++i) {
                value += text[i];
                if (text[i] == '\'') ++i;
            }
            if (i == text.size()) return syntax("an unterminated string literal");
            ++i;
            words.push_back(std::move(value));
        } else {
            const auto end = std::min(text.find_first_of(" (),:'", i), text.size());
            words.emplace_back(text.substr(i, end - i));
            i = end;
        }
    }
    return words;
}

class Parser {
public:
    Parser(std::vector<std::string> words, std::span<const std::string_view> known) : words_(std::move(words)), known_(known) {}

    Outcome<DirectoryTest> whole() {
        auto test = either();
        if (test && at_ != words_.size()) return syntax("something follows its end: '" + words_[at_] + "'");
        return test;
    }

private:
    std::string next() { return at_ < words_.size() ? words_[at_++] : std::string(); }
    bool take(std::string_view word) {
        if (at_ >= words_.size() || words_[at_] != word) return false;
        ++at_;
        return true;
    }

    Outcome<DirectoryTest> either() {
        auto left = both();
        while (left && take("or")) {
            auto right = both();
            if (!right) return right;
            left = [a = std::move(*left), b = std::move(*right)](const DirectoryValues& of) { return a(of) || b(of); };
        }
        return left;
    }
    Outcome<DirectoryTest> both() {
        auto left = one();
        while (left && take("and")) {
            auto right = one();
            if (!right) return right;
            left = [a = std::move(*left), b = std::move(*right)](const DirectoryValues& of) { return a(of) && b(of); };
        }
        return left;
    }
    Outcome<DirectoryTest> one() {
        if (++depth_ > max_depth) return syntax("it is nested too deeply");
        auto test = take("not") ? negated() : take("(") ? bracketed() : comparison();
        --depth_;
        return test;
    }
    Outcome<DirectoryTest> negated() {
        auto inner = one();
        if (!inner) return inner;
        return DirectoryTest([test = std::move(*inner)](const DirectoryValues& of) { return !test(of); });
    }
    Outcome<DirectoryTest> bracketed() {
        auto inner = either();
        if (inner && !take(")")) return syntax("a bracket is not closed");
        return inner;
    }

    Outcome<std::string> property(std::string_view name) {
        const auto found = std::ranges::find(known_, name);
        if (found == known_.end()) return syntax("there is no property '" + std::string(name.substr(0, 60)) + "' to filter by");
        return std::string(name);
    }
    Outcome<std::string> value() {
        auto word = next();
        if (word.starts_with('\'')) return word.substr(1);
        if (word == "true" || word == "false") return word;
        return syntax("a value is expected");
    }

    Outcome<DirectoryTest> comparison() {
        const auto word = next();
        if (word == "startswith") return starts_with();
        if (word.ends_with("/any")) return any(word.substr(0, word.size() - 4));
        auto name = property(word);
        if (!name) return std::unexpected(name.error());
        const auto op = next();
        if (op != "eq" && op != "ne") return syntax("'" + op + "' is not supported");
        auto wanted = value();
        if (!wanted) return std::unexpected(wanted.error());
        return DirectoryTest([name = *name, wanted = *wanted, equal = op == "eq"](const DirectoryValues& of) {
            return std::ranges::any_of(of(name), [&](const std::string& held) { return equal_ignoring_case(held, wanted); }) == equal;
        });
    }
    Outcome<DirectoryTest> starts_with() {
        if (!take("(")) return syntax("startswith takes (property,'text')");
        auto name = property(next());
        if (!name) return std::unexpected(name.error());
        if (!take(",")) return syntax("startswith takes (property,'text')");
        auto wanted = value();
        if (!wanted) return std::unexpected(wanted.error());
        if (!take(")")) return syntax("a bracket is not closed");
        return DirectoryTest([name = *name, wanted = lower_ascii(*wanted)](const DirectoryValues& of) {
            return std::ranges::any_of(of(name), [&](const std::string& held) { return lower_ascii(held).starts_with(wanted); });
        });
    }
    Outcome<DirectoryTest> any(const std::string& collection) {
        if (collection != "proxyAddresses") return syntax("'" + collection + "' is no collection to filter by");
        auto name = property(collection);
        if (!name) return std::unexpected(name.error());
        if (!take("(")) return syntax("any takes (p:p eq 'text')");
        const auto variable = next();
        if (variable.empty() || !take(":") || !take(variable) || !take("eq")) return syntax("any takes (p:p eq 'text')");
        auto wanted = value();
        if (!wanted) return std::unexpected(wanted.error());
        if (!take(")")) return syntax("a bracket is not closed");
        return DirectoryTest([name = *name, wanted = *wanted](const DirectoryValues& of) {
            return std::ranges::any_of(of(name), [&](const std::string& held) { return equal_ignoring_case(held, wanted); });
        });
    }

    std::vector<std::string> words_;
    std::span<const std::string_view> known_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

Outcome<DirectoryTest> parse_directory_filter(std::string_view text, std::span<const std::string_view> known) {
    if (text.size() > max_length) return syntax("it is too long");
    auto words = words_of(text);
    if (!words) return std::unexpected(words.error());
    return Parser(std::move(*words), known).whole();
}

}  // namespace renkei::sandbox::graph

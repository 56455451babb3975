#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::cli {

struct Context;

enum class OptionKind : unsigned char { flag, text, integer, list, positional, rest };

/// One option or argument of a command. Help, man page and completion are made from these rows.
struct OptionRow {
    std::string_view name;  ///< without dashes
    OptionKind kind;
    std::string_view value;  ///< what help calls the value: NAME, FILE …
    std::string_view help_en, help_ja;
    bool required = false;
};

/// What was typed.
class Arguments {
public:
    bool has(std::string_view name) const { return values_.contains(name); }
    /// The (last) value, or `otherwise`.
    std::string text(std::string_view name, std::string_view otherwise = {}) const;
    std::vector<std::string> list(std::string_view name) const;
    long integer(std::string_view name, long otherwise) const;
    void put(std::string_view name, std::vector<std::string> values) { values_[std::string(name)] = std::move(values); }

private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Exit codes, so that scripts can tell what to do.
enum Exit : int { ok = 0, failed = 1, usage = 2, not_found = 3, denied = 4, needs_somebody = 5, try_later = 6 };

struct Command {
    std::string_view path;  ///< "connections list"
    std::string_view help_en, help_ja;
    std::span<const OptionRow> options;
    int (*run)(Context&, const Arguments&);
};

/// Every command, in the order of the help.
std::vector<Command> all_commands();

/// Parses and runs; returns the exit code.
int run(int count, char** words);

}  // namespace renkei::cli

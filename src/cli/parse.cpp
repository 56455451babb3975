// The one file that knows CLI11.
#include "cli/command.hpp"
#include "cli/context.hpp"
#include "cli/documents.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>

namespace renkei::cli {
namespace {

struct Parsed {
    std::map<std::string, std::vector<std::string>, std::less<>> texts;
    std::map<std::string, bool, std::less<>> flags;
};

constexpr OptionRow common[] = {
    {"url", OptionKind::text, "URL", "Renkei's address (or RENKEI_URL)", "Renkei のアドレス（または RENKEI_URL）"},
    {"key-file", OptionKind::text, "FILE", "file with the API key (or RENKEI_KEY)", "API キーのファイル（または RENKEI_KEY）"},
    {"ca-file", OptionKind::text, "FILE", "more certificate authorities to trust (or RENKEI_CA_FILE)", "追加で信頼する CA のファイル（または RENKEI_CA_FILE）"},
    {"json", OptionKind::flag, "", "print JSON for programs", "プログラム向けに JSON で出力する"},
    {"lang", OptionKind::text, "en|ja", "language of messages", "メッセージの言語"},
};

void add_options(CLI::App& app, std::span<const OptionRow> options, Parsed& parsed, bool japanese) {
    for (const auto& row : options) {
        const std::string help(japanese ? row.help_ja : row.help_en);
        const std::string name(row.name);
        CLI::Option* option = nullptr;
        switch (row.kind) {
            case OptionKind::flag: option = app.add_flag("--" + name, parsed.flags[name], help); break;
            case OptionKind::text:
            case OptionKind::integer: option = app.add_option("--" + name, parsed.texts[name], help)->expected(1)->take_last(); break;
            case OptionKind::list: option = app.add_option("--" + name, parsed.texts[name], help)->delimiter(','); break;
            case OptionKind::positional: option = app.add_option(name, parsed.texts[name], help)->expected(1); break;
            case OptionKind::rest: option = app.add_option(name, parsed.texts[name], help); break;
        }
        if (row.kind == OptionKind::integer) option->check(CLI::NonNegativeNumber);
        if (row.required) option->required();
        if (!row.value.empty()) option->type_name(std::string(row.value));
    }
}

// The CLI11 command of a path, made on the way.
CLI::App& descend(CLI::App& root, std::string_view path) {
    CLI::App* at = &root;
    std::string word;
    for (std::size_t i = 0; i <= path.size(); ++i) {
        if (i < path.size() && path[i] != ' ') {
            word += path[i];
            continue;
        }
        const auto same = at->get_subcommands([&](const CLI::App* candidate) { return candidate->get_name() == word; });
        CLI::App* next = same.empty() ? nullptr : same.front();
        if (next == nullptr) {
            next = at->add_subcommand(word);
            at->require_subcommand(1);
        }
        at = next;
        word.clear();
    }
    return *at;
}

Arguments arguments_of(const Parsed& parsed) {
    Arguments arguments;
    for (const auto& [name, values] : parsed.texts)
        if (!values.empty()) arguments.put(name, values);
    for (const auto& [name, given] : parsed.flags)
        if (given) arguments.put(name, {"true"});
    return arguments;
}

bool wants_japanese(int count, char** words) {
    for (int i = 1; i + 1 < count; ++i)
        if (std::string_view(words[i]) == "--lang") return std::string_view(words[i + 1]) == "ja";
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != 0) return std::string_view(value).starts_with("ja");
    }
    return false;
}

}  // namespace

std::string Arguments::text(std::string_view name, std::string_view otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.empty() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Arguments::list(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

long Arguments::integer(std::string_view name, long otherwise) const { return has(name) ? std::strtol(text(name).c_str(), nullptr, 10) : otherwise; }

int run(int count, char** words) {
    const bool japanese = wants_japanese(count, words);
    CLI::App app(
        japanese ? "Renkei: Microsoft 365 と Google Workspace への接続サーバー" : "Renkei: the connection server for Microsoft 365 and Google Workspace",
        "renkei");
    app.set_version_flag("--version", "renkei " RENKEI_VERSION);
    app.require_subcommand(1);
    const auto commands = all_commands();
    std::vector<std::unique_ptr<Parsed>> parsed;
    std::vector<CLI::App*> nodes;
    for (const auto& command : commands) {
        auto& node = descend(app, command.path);
        node.description(std::string(japanese ? command.help_ja : command.help_en));
        parsed.push_back(std::make_unique<Parsed>());
        add_options(node, command.options, *parsed.back(), japanese);
        add_options(node, common, *parsed.back(), japanese);
        nodes.push_back(&node);
    }
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? Exit::ok : Exit::usage;
    }
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (!nodes[i]->parsed()) continue;
        const auto arguments = arguments_of(*parsed[i]);
        Context context(arguments, japanese);
        return commands[i].run(context, arguments);
    }
    return Exit::usage;
}

std::span<const OptionRow> common_options() { return common; }

}  // namespace renkei::cli

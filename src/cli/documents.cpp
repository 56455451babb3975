#include "cli/documents.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace renkei::cli {
namespace {

std::string troff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '-' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string usage_of(const OptionRow& row) {
    if (row.kind == OptionKind::positional || row.kind == OptionKind::rest) return fmt::format("\\fI{}\\fR", troff(row.name));
    if (row.kind == OptionKind::flag) return fmt::format("\\fB\\-\\-{}\\fR", troff(row.name));
    return fmt::format("\\fB\\-\\-{}\\fR \\fI{}\\fR", troff(row.name), troff(row.value));
}

// words typed so far -> what may follow
std::map<std::string, std::set<std::string>> followers() {
    std::map<std::string, std::set<std::string>> next;
    for (const auto& command : all_commands()) {
        std::string before;
        std::string_view path = command.path;
        while (!path.empty()) {
            const auto word = std::string(path.substr(0, path.find(' ')));
            next[before].insert(word);
            before += before.empty() ? word : " " + word;
            path.remove_prefix(std::min(path.size(), word.size() + 1));
        }
        for (const auto options : {command.options, common_options()})
            for (const auto& row : options)
                if (row.kind != OptionKind::positional && row.kind != OptionKind::rest) next[before].insert("--" + std::string(row.name));
    }
    return next;
}

}  // namespace

std::string man_page() {
    std::string out = ".TH RENKEI 1 \"\" \"Renkei " RENKEI_VERSION
                      "\" \"User Commands\"\n.SH NAME\nrenkei \\- connection server for Microsoft 365 and Google Workspace\n.SH SYNOPSIS\n\\fBrenkei\\fR "
                      "\\fIcommand\\fR [\\fIoptions\\fR]\n.SH COMMANDS\n";
    for (const auto& command : all_commands()) {
        out += fmt::format(".SS \"renkei {}\"\n{}\n", troff(command.path), troff(command.help_en));
        for (const auto& row : command.options) out += fmt::format(".TP\n{}\n{}\n", usage_of(row), troff(row.help_en));
    }
    out += ".SH OPTIONS OF EVERY COMMAND\n";
    for (const auto& row : common_options()) out += fmt::format(".TP\n{}\n{}\n", usage_of(row), troff(row.help_en));
    return out +
           ".SH EXIT STATUS\n0 done; 1 failed; 2 wrong usage; 3 not found; 4 not allowed; 5 somebody must act first; 6 try again later.\n.SH "
           "ENVIRONMENT\nRENKEI_URL, RENKEI_KEY, RENKEI_RUN, RENKEI_SESSION, "
           "RENKEI_CA_FILE, NO_COLOR, LANG.\n";
}

std::string bash_completion() {
    std::string cases;
    for (const auto& [before, words] : followers()) {
        std::string list;
        for (const auto& word : words) list += (list.empty() ? "" : " ") + word;
        cases += fmt::format("        \"{}\") words=\"{}\" ;;\n", before, list);
    }
    return fmt::format(R"(# renkei completion for bash: source <(renkei completion bash)
_renkei() {{
    local before="" word words="" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${{COMP_WORDS[i]}}
        [[ $word == -* ]] && break
        before="${{before:+$before }}$word"
    done
    case "$before" in
{}    esac
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
    [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _renkei renkei
)",
                       cases);
}

std::string zsh_completion() { return "#compdef renkei\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion(); }

}  // namespace renkei::cli

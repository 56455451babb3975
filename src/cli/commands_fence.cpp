// renkei connections fence: what a connection may touch, and the proof of it at the provider (B-05).
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow fence_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"check", OptionKind::flag, "", "ask the directory about every entry now", "すべての項目を今すぐディレクトリで確認する"},
    {"confirm", OptionKind::text, "ENTRY", "take the new owner of an address that moved", "所有者が変わったアドレスの新しい所有者を承認する"},
    {"script", OptionKind::flag, "", "print the PowerShell that makes the provider keep the same fence",
     "提供元サービス側でも同じ範囲に制限する PowerShell を出力する"},
    {"outside", OptionKind::text, "ADDRESS", "a mailbox outside, for the test at the script's end", "スクリプト末尾の確認に使う、許可リスト外のメールボックス"},
    {"probe", OptionKind::text, "ADDRESS", "ask the provider for a mailbox outside the fence", "許可リスト外のメールボックスを提供元サービスに問い合わせる"},
};

struct EntryWord {
    std::string_view state, en, ja, colour;
};
constexpr EntryWord entry_words[] = {
    {"resolved", "● resolved", "● 確認済み", "green"},
    {"unresolved", "○ unresolved", "○ 未確認", "yellow"},
    {"changed", "■ changed", "■ 所有者が変更", "red"},
    {"missing", "■ missing", "■ 該当なし", "red"},
};
constexpr EntryWord trouble_words[] = {
    {"no_right", "judged by its spelling: no right to read the directory", "表記で判定（ディレクトリの読み取り権限なし）", ""},
    {"unreachable", "the directory could not be asked", "ディレクトリに問い合わせできません", ""},
    {"too_large", "more than 5000 members", "メンバーが 5000 人を超えています", ""},
};

template <class Words>
const EntryWord* find_word(const Words& words, std::string_view word) {
    const auto* found = std::ranges::find(words, word, &EntryWord::state);
    return found == std::end(words) ? nullptr : found;
}

std::string note_of(const Context& context, const json::value& entry) {
    if (text_of(entry, "state") == "changed") return std::string(context.say("belongs to somebody else", "別の所有者のものです"));
    if (const auto* word = find_word(trouble_words, text_of(entry, "trouble")); word != nullptr) return std::string(context.say(word->en, word->ja));
    if (text_of(entry, "kind") == "group" && text_of(entry, "state") == "resolved")
        return fmt::format("{} {}", json::integer(entry.get_object(), "members").value_or(0), context.say("members", "人"));
    return text_of(entry, "directory_id");
}

// Who it was and who it is, in full: an administrator compares them before confirming.
void print_changed(const Context& context, const json::value& fence, const json::value& entry) {
    const auto written = printable(text_of(entry, "entry"));
    std::cout << '\n'
              << context.terminal.red(written) << '\n'
              << "  " << context.say("was:     ", "以前:  ") << text_of(entry, "directory_id") << '\n'
              << "  " << context.say("is now:  ", "現在:  ") << text_of(entry, "found_id") << '\n'
              << "  " << context.say("if that is meant: ", "これでよければ: ") << "renkei connections fence " << text_of(fence, "connection") << " --confirm "
              << written << '\n';
}

int print_fence(const Context& context, const json::value& fence) {
    if (context.json) return print_json(fence);
    const auto& terminal = context.terminal;
    if (json::boolean(fence.get_object(), "everything").value_or(false)) {
        std::cout << terminal.red(context.say("* every mailbox: this connection has no fence", "* すべてのメールボックス: この接続には制限がありません"))
                  << '\n';
        return Exit::ok;
    }
    Table table({std::string(context.say("state", "状態")), std::string(context.say("entry", "項目")), std::string(context.say("address", "アドレス")),
                 std::string(context.say("checked", "確認")), std::string(context.say("note", "備考"))},
                4);
    for (const auto& entry : json::find(fence.get_object(), "entries")->get_array()) {
        const auto* word = find_word(entry_words, text_of(entry, "state"));
        const auto checked = text_of(entry, "checked_at");
        table.add({word == nullptr ? text_of(entry, "state") : std::string(context.say(word->en, word->ja)), printable(text_of(entry, "entry")),
                   printable(text_of(entry, "address")), checked.empty() ? "–" : relative_time(context, checked), printable(note_of(context, entry))},
                  {word == nullptr ? "" : std::string(word->colour), "bold"});
    }
    if (table.empty())
        std::cout << context.say("The list is empty: every mailbox is refused.\n", "許可リストは空です。すべてのメールボックスが拒否されます。\n");
    else
        std::cout << table.text(terminal);
    for (const auto& entry : json::find(fence.get_object(), "entries")->get_array())
        if (text_of(entry, "state") == "changed") print_changed(context, fence, entry);
    if (text_of(fence, "decided_by") == "spelling")
        std::cout << terminal.dim(context.say("Addresses are judged as they are spelled: this provider has no directory.",
                                              "この提供元サービスにはディレクトリがないため、アドレスの表記で判定します。"))
                  << '\n';
    return Exit::ok;
}

int confirm(Context& context, const std::string& path, const std::string& entry) {
    auto fence = context.api().get(path);
    if (!fence) return context.refuse(fence.error());
    std::string found_id;
    for (const auto& row : json::find(fence->get_object(), "entries")->get_array())
        if (text_of(row, "entry") == entry) found_id = text_of(row, "found_id");
    if (found_id.empty()) return context.refuse(Error{Errc::conflict, "no entry " + entry + " waits for a new owner to be confirmed"});
    auto after = context.api().post(path + "/confirm", json::object{{"entry", entry}, {"found_id", found_id}});
    return after ? print_fence(context, *after) : context.refuse(after.error());
}

int print_script(Context& context, const std::string& path, const std::string& outside) {
    const auto query = outside.empty() ? std::string() : "?outside=" + percent_encode(outside);
    auto done = context.api().download(path + "/script" + query, {}, [](std::string_view piece) { return static_cast<bool>(std::cout << piece); });
    return done ? Exit::ok : context.refuse(done.error());
}

int probe(Context& context, const std::string& path, const std::string& name, const std::string& mailbox) {
    auto report = context.api().post(path + "/probe", json::object{{"mailbox", mailbox}});
    if (!report) return context.refuse(report.error());
    const auto result = text_of(*report, "result");
    const int code = result == "closed" ? Exit::ok : result == "open" ? Exit::needs_somebody : Exit::try_later;
    if (context.json) return print_json(*report), code;
    const auto& terminal = context.terminal;
    const auto word = result == "closed" ? terminal.green(context.say("✓ closed", "✓ 閉じています"))
                      : result == "open" ? terminal.red(context.say("✗ open", "✗ 開いています"))
                                         : terminal.yellow(context.say("? unknown", "? 不明"));
    std::cout << word << "  " << printable(text_of(*report, "detail")) << '\n';
    if (const auto* problem = json::find(report->get_object(), "problem"); result == "unknown" && problem != nullptr && problem->is_object())
        std::cout << "  " << printable(text_of(*problem, "title")) << ' ' << printable(text_of(*problem, "detail")) << '\n';
    if (result == "open")
        std::cout << context.say("  Remedy: give this script to the Exchange administrator:\n    ",
                                 "  対処: 次のスクリプトを Exchange 管理者に渡してください:\n    ")
                  << "renkei connections fence " << name << " --script --outside " << printable(mailbox) << " > fence.ps1\n";
    return code;
}

int fence(Context& context, const Arguments& arguments) {
    const auto path = "/v1/connections/" + percent_encode(arguments.text("connection")) + "/fence";
    if (arguments.has("script")) return print_script(context, path, arguments.text("outside"));
    if (arguments.has("probe")) return probe(context, path, arguments.text("connection"), arguments.text("probe"));
    if (arguments.has("confirm")) return confirm(context, path, arguments.text("confirm"));
    auto shown = arguments.has("check") ? context.api().post(path + "/check", json::object{}) : context.api().get(path);
    return shown ? print_fence(context, *shown) : context.refuse(shown.error());
}

}  // namespace

std::vector<Command> fence_commands() {
    return {
        {"connections fence", "what it may touch, and the proof of it at the provider", "許可リストの状態と、提供元サービスでの確認", fence_options, fence}};
}

}  // namespace renkei::cli

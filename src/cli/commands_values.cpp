// Stored credentials and variables: what fields refer to.
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow add_options[] = {
    {"name", OptionKind::positional, "NAME", "name; fields refer to it as credential:NAME", "名前（項目からは credential:名前 で参照）", true},
    {"value-file", OptionKind::text, "FILE", "file with the value, - for standard input; asked for without it",
     "値のファイル（- は標準入力）。省略時は入力を求めます"},
    {"expires-at", OptionKind::text, "TIME", "when it ends at its source", "取得元での有効期限"},
    {"title", OptionKind::text, "TEXT", "free text for people", "表示名"},
};
constexpr OptionRow rotate_options[] = {
    {"name", OptionKind::positional, "NAME", "the stored credential", "保存済みの資格情報", true},
    {"value-file", OptionKind::text, "FILE", "file with the new value, - for standard input; asked for without it",
     "新しい値のファイル（- は標準入力）。省略時は入力を求めます"},
    {"expires-at", OptionKind::text, "TIME", "when it ends at its source", "取得元での有効期限"},
};
constexpr OptionRow one[] = {{"name", OptionKind::positional, "NAME", "its name", "名前", true}};
constexpr OptionRow list_options[] = {{"limit", OptionKind::integer, "N", "at most this many (default 100)", "最大件数（既定 100）"}};
constexpr OptionRow set_options[] = {
    {"name", OptionKind::positional, "NAME", "name; fields refer to it as variable:NAME", "名前（項目からは variable:名前 で参照）", true},
    {"value", OptionKind::text, "TEXT", "its value (not a secret)", "値（秘密の値には使わないでください）", true},
    {"type", OptionKind::text, "text|number|boolean", "its type (default text)", "型（既定 text）"},
};

int store(Context& context, const Arguments& arguments, std::string path, json::object body) {
    auto value = read_secret(arguments.text("value-file"), context.say("Value", "値"));
    if (!value) return context.refuse(value.error());
    body["value"] = json::view(value->expose());
    if (arguments.has("expires-at")) body["expires_at"] = arguments.text("expires-at");
    auto made = context.api().post(std::move(path), std::move(body));
    if (!made) return context.refuse(made.error());
    if (context.json) return print_json(*made);
    std::cout << context.terminal.green("✓ ") << fmt::format("{} {}", context.say("stored; refer to it as", "保存しました。参照:"), text_of(*made, "reference"))
              << '\n';
    return Exit::ok;
}

int add(Context& context, const Arguments& arguments) {
    json::object body{{"name", arguments.text("name")}};
    if (arguments.has("title")) body["title"] = arguments.text("title");
    return store(context, arguments, "/v1/credentials", std::move(body));
}

void print_dependents(Context& context, const json::array& items) {
    if (items.empty()) return;
    std::cout << context.say("Used by:", "使用箇所:") << '\n';
    for (const auto& item : items)
        std::cout << "  " << text_of(item, "kind") << ' ' << context.terminal.bold(text_of(item, "name")) << " (" << text_of(item, "field") << ")\n";
}

int rotate(Context& context, const Arguments& arguments) {
    const auto path = "/v1/credentials/" + percent_encode(arguments.text("name"));
    auto users = context.api().get(path + "/dependents");
    if (!users) return context.refuse(users.error());
    if (!context.json) print_dependents(context, items_of(*users));
    return store(context, arguments, path + "/versions", {});
}

int show(Context& context, const Arguments& arguments) {
    const auto path = "/v1/credentials/" + percent_encode(arguments.text("name"));
    auto item = context.api().get(path);
    if (!item) return context.refuse(item.error());
    auto users = context.api().get(path + "/dependents");
    if (!users) return context.refuse(users.error());
    if (context.json) return print_json(json::object{{"credential", *std::move(item)}, {"dependents", *std::move(users)}});
    print_fields(context, {{std::string(context.say("reference", "参照")), text_of(*item, "reference")},
                           {std::string(context.say("title", "表示名")), text_of(*item, "title")},
                           {std::string(context.say("made", "作成")), text_of(*item, "created_at")}});
    print_dependents(context, items_of(*users));
    return Exit::ok;
}

int list(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/credentials", {}, static_cast<std::size_t>(arguments.integer("limit", 100)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("reference", "参照")), std::string(context.say("title", "表示名")), std::string(context.say("made", "作成"))}, 2);
    for (const auto& item : *items) table.add({text_of(item, "reference"), text_of(item, "title"), text_of(item, "created_at")}, {"bold"});
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int remove_at(Context& context, const std::string& path) {
    auto removed = context.api().remove(path);
    if (!removed) return context.refuse(removed.error());
    std::cout << context.terminal.green("✓ ") << context.say("removed", "削除しました") << '\n';
    return Exit::ok;
}
int remove(Context& context, const Arguments& arguments) { return remove_at(context, "/v1/credentials/" + percent_encode(arguments.text("name"))); }
int remove_variable(Context& context, const Arguments& arguments) { return remove_at(context, "/v1/variables/" + percent_encode(arguments.text("name"))); }

int set_variable(Context& context, const Arguments& arguments) {
    json::object body{{"value", arguments.text("value")}};
    if (arguments.has("type")) body["type"] = arguments.text("type");
    auto made = context.api().put("/v1/variables/" + percent_encode(arguments.text("name")), std::move(body));
    if (!made) return context.refuse(made.error());
    if (context.json) return print_json(*made);
    std::cout << context.terminal.green("✓ ") << fmt::format("{} = {}", text_of(*made, "reference"), printable(text_of(*made, "value"))) << '\n';
    return Exit::ok;
}

int list_variables(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/variables", {}, static_cast<std::size_t>(arguments.integer("limit", 100)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("reference", "参照")), std::string(context.say("type", "型")), std::string(context.say("value", "値"))}, 2);
    for (const auto& item : *items) table.add({text_of(item, "reference"), text_of(item, "type"), text_of(item, "value")}, {"bold"});
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

}  // namespace

std::vector<Command> value_commands() {
    return {
        {"credentials add", "Store a secret that fields refer to", "項目から参照する資格情報を保存する", add_options, add},
        {"credentials list", "List stored credentials", "保存済みの資格情報の一覧", list_options, list},
        {"credentials show", "A stored credential and what uses it", "保存済みの資格情報と使用箇所", one, show},
        {"credentials rotate", "Store a new version; it is used from now on", "新しい版を保存する（以後はこれを使用）", rotate_options, rotate},
        {"credentials remove", "Remove a stored credential that nothing uses", "使われていない資格情報を削除する", one, remove},
        {"variables set", "Set a variable of the workspace", "ワークスペースの変数を設定する", set_options, set_variable},
        {"variables list", "List variables", "変数の一覧", list_options, list_variables},
        {"variables remove", "Remove a variable that nothing uses", "使われていない変数を削除する", one, remove_variable},
    };
}

}  // namespace renkei::cli

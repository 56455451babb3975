// Who may act as whom: rules, what people have lent, and who has connected an account of their own.
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow one[] = {{"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true}};
constexpr OptionRow allow_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"key", OptionKind::text, "NAME", "the API key that may act with everybody's account", "利用を許可する API キー"},
    {"runs-of", OptionKind::text, "ADDRESS", "instead of a key: the person whose runs it is for", "キーの代わりに: 実行者のメール アドレス"},
    {"allow", OptionKind::list, "A,B", "actions: mail:read, mail:send, tokens:read, native", "許可する操作: mail:read、mail:send、tokens:read、native", true},
    {"until", OptionKind::text, "TIME", "when it ends, e.g. 2027-04-01T00:00:00Z", "期限（例: 2027-04-01T00:00:00Z）"},
};
constexpr OptionRow remove_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"permission", OptionKind::positional, "ID", "the permission, as the list shows it", "許可の ID", true},
};

std::string path_of(const Arguments& arguments) { return "/v1/connections/" + percent_encode(arguments.text("connection")); }

std::string holder_of(const Context& context, const json::value& permission) {
    if (const auto key = text_of(permission, "key"); !key.empty()) return key;
    const auto person = text_of(permission, "runs_of");
    return person.empty() ? std::string(context.say("(gone)", "（削除済み）")) : person;
}

int people(Context& context, const Arguments& arguments) {
    auto found = context.api().get(path_of(arguments) + "/people");
    if (!found) return context.refuse(found.error());
    if (context.json) return print_json(*found);
    Table table({std::string(context.say("state", "状態")), std::string(context.say("person", "ユーザー")),
                 std::string(context.say("signed in as", "サインインしたユーザー")), std::string(context.say("last used", "最終利用"))},
                1);
    for (const auto& item : items_of(*found)) {
        const auto used = text_of(item, "last_used_at");
        table.add({state_word(context, text_of(item, "state")), text_of(item, "email"), text_of(item, "signed_in_as"),
                   used.empty() ? "–" : relative_time(context, used)},
                  {state_colour(text_of(item, "state")), "bold", "", "dim"});
    }
    if (table.empty())
        std::cout << context.say("nobody has connected an account yet\n", "まだ誰も接続していません\n");
    else
        std::cout << table.text(context.terminal);
    return Exit::ok;
}

int list(Context& context, const Arguments& arguments) {
    auto found = context.api().get(path_of(arguments) + "/permissions");
    if (!found) return context.refuse(found.error());
    if (context.json) return print_json(*found);
    Table table({std::string(context.say("who may", "相手")), std::string(context.say("as", "操作に使うユーザー")), std::string(context.say("actions", "操作")),
                 std::string(context.say("ends", "期限")), "id"},
                2);
    for (const auto& item : items_of(*found)) {
        const bool rule = text_of(item, "kind") == "rule";
        const auto until = text_of(item, "until");
        table.add({holder_of(context, item), rule ? std::string(context.say("everybody (rule)", "全員（規則）")) : text_of(item, "person"),
                   joined(item, "actions"), until.empty() ? "–" : until, text_of(item, "id")},
                  {"bold", rule ? "yellow" : "", "", "", "dim"});
    }
    if (table.empty())
        std::cout << context.say("nobody may act with anybody's account\n", "他者のアカウントで操作できる相手はいません\n");
    else
        std::cout << table.text(context.terminal);
    return Exit::ok;
}

int allow(Context& context, const Arguments& arguments) {
    json::object body{{"actions", texts(arguments.list("allow"))}};
    if (arguments.has("key")) body["key"] = arguments.text("key");
    if (arguments.has("runs-of")) body["runs_of"] = arguments.text("runs-of");
    if (arguments.has("until")) body["until"] = arguments.text("until");
    auto made = context.api().post(path_of(arguments) + "/permissions", std::move(body));
    if (!made) return context.refuse(made.error());
    if (context.json) return print_json(*made);
    std::cout << context.terminal.green("✓ ")
              << context.say("allowed for everybody; they see it under My connections",
                             "全員に適用する規則を作成しました。各ユーザーのマイ コネクションに表示されます")
              << '\n';
    return Exit::ok;
}

int remove(Context& context, const Arguments& arguments) {
    auto removed = context.api().remove(path_of(arguments) + "/permissions/" + percent_encode(arguments.text("permission")));
    if (!removed) return context.refuse(removed.error());
    std::cout << context.terminal.green("✓ ") << context.say("taken back; it does not count from now on", "許可を取り消しました") << '\n';
    return Exit::ok;
}

}  // namespace

std::vector<Command> permission_commands() {
    return {
        {"connections people", "who has connected an account of their own", "自分のアカウントを接続したユーザーの一覧", one, people},
        {"permissions list", "who may act with whose account", "誰のアカウントで誰が操作できるかの一覧", one, list},
        {"permissions allow", "let a key act with everybody's account (a rule that people see)", "全員に適用する規則を作る", allow_options, allow},
        {"permissions remove", "take back a rule, or what a person has lent", "許可を取り消す", remove_options, remove},
    };
}

}  // namespace renkei::cli

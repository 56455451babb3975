// People of a workspace, their roles and groups.
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

namespace renkei::cli {
namespace {

constexpr OptionRow list_options[] = {
    {"group", OptionKind::text, "NAME", "only those who stand in this group", "このグループのメンバーのみ"},
    {"limit", OptionKind::integer, "N", "at most this many (default 1000)", "最大件数（既定 1000）"},
};
constexpr OptionRow one[] = {{"person", OptionKind::positional, "ADDRESS", "e-mail address or id", "メール アドレスまたは ID", true}};
constexpr OptionRow invite_options[] = {
    {"person", OptionKind::positional, "ADDRESS", "e-mail address", "メール アドレス", true},
    {"name", OptionKind::text, "TEXT", "the person's name", "名前", true},
    {"role", OptionKind::list, "A,B", "administrator, user_administrator, builder, user, auditor (default user)",
     "administrator、user_administrator、builder、user、auditor（既定 user）"},
    {"group", OptionKind::list, "A,B", "names of groups", "グループの名前"},
    {"locale", OptionKind::text, "en|ja", "language of the pages (default en)", "画面の言語（既定 en）"},
};
constexpr OptionRow update_options[] = {
    {"person", OptionKind::positional, "ADDRESS", "e-mail address or id", "メール アドレスまたは ID", true},
    {"role", OptionKind::list, "A,B", "all roles from now on", "新しい役割（置き換え）"},
    {"group", OptionKind::list, "A,B", "all groups from now on", "新しいグループ（置き換え）"},
    {"account-name", OptionKind::text, "ADDRESS", "user name at the provider, where it is not the e-mail address; \"\": the e-mail address again",
     "提供元サービスでのユーザー名（メール アドレスと異なる場合。\"\" でメール アドレスに戻す）"},
};
constexpr OptionRow export_options[] = {
    {"what", OptionKind::positional, "people|groups", "which list", "一覧の種類", true},
    {"out", OptionKind::text, "FILE", "write a new file instead of standard output", "標準出力の代わりに新しいファイルへ保存する"},
    {"cp932", OptionKind::flag, "", "as Excel in Japan expects it, instead of UTF-8", "UTF-8 の代わりに CP932 で出力する"},
};
constexpr OptionRow import_options[] = {
    {"what", OptionKind::positional, "people|groups", "which list", "一覧の種類", true},
    {"file", OptionKind::positional, "FILE", "CSV in UTF-8 or CP932", "CSV ファイル（UTF-8 または CP932）", true},
    {"apply", OptionKind::flag, "", "change something; without it the file is only looked at", "変更を実行する（省略時は確認のみ）"},
};
constexpr OptionRow group_options[] = {
    {"group", OptionKind::positional, "NAME", "the group's name", "グループの名前", true},
    {"title", OptionKind::text, "TEXT", "free text for people", "表示名"},
    {"parent", OptionKind::text, "NAME", "the group above it; none: at the top", "上位グループ（none: 最上位）"},
};
constexpr OptionRow one_group[] = {{"group", OptionKind::positional, "NAME", "the group's name", "グループの名前", true}};

std::string path_of(const Arguments& arguments) { return "/v1/people/" + percent_encode(arguments.text("person")); }

int say_done(const Context& context, std::string_view en, std::string_view ja) {
    std::cout << context.terminal.green("✓ ") << context.say(en, ja) << '\n';
    return Exit::ok;
}

// Renkei sends no mail: whoever invites hands the link over.
int give_link(const Context& context, const json::value& link) {
    std::cout << context.say("Hand this link over yourself (it works once, and is shown only now):",
                             "次のリンクを本人に渡してください（1 回限り、この画面でのみ表示されます）:")
              << "\n\n  " << context.terminal.bold(text_of(link, "url")) << "\n\n";
    return Exit::ok;
}

int list(Context& context, const Arguments& arguments) {
    Fields query;
    if (arguments.has("group")) query.emplace_back("group", arguments.text("group"));
    auto items = context.api().all("/v1/people", std::move(query), static_cast<std::size_t>(arguments.integer("limit", 1000)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("state", "状態")), std::string(context.say("person", "ユーザー")), std::string(context.say("name", "名前")),
                 std::string(context.say("roles", "役割")), std::string(context.say("groups", "グループ"))},
                2);
    for (const auto& item : *items)
        table.add({text_of(item, "state"), text_of(item, "email"), text_of(item, "display_name"), joined(item, "roles"), joined(item, "groups")},
                  {text_of(item, "state") == "active" ? "green" : "yellow", "bold"});
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int print_person(Context& context, Result<json::value> person) {
    if (!person) return context.refuse(person.error());
    if (context.json) return print_json(*person);
    print_fields(context, {{std::string(context.say("person", "ユーザー")), text_of(*person, "email")},
                           {std::string(context.say("name", "名前")), text_of(*person, "display_name")},
                           {std::string(context.say("state", "状態")), text_of(*person, "state")},
                           {std::string(context.say("roles", "役割")), joined(*person, "roles")},
                           {std::string(context.say("groups", "グループ")), joined(*person, "groups")},
                           {std::string(context.say("account name", "アカウント名")), text_of(*person, "account_name")},
                           {"id", text_of(*person, "id")}});
    return Exit::ok;
}

int show(Context& context, const Arguments& arguments) { return print_person(context, context.api().get(path_of(arguments))); }

int update(Context& context, const Arguments& arguments) {
    json::object body;
    if (arguments.has("role")) body["roles"] = texts(arguments.list("role"));
    if (arguments.has("group")) body["groups"] = texts(arguments.list("group"));
    if (arguments.has("account-name")) body["account_name"] = arguments.text("account-name");
    return print_person(context, context.api().patch(path_of(arguments), std::move(body)));
}

int invite(Context& context, const Arguments& arguments) {
    json::object body{{"email", arguments.text("person")},
                      {"display_name", arguments.text("name")},
                      {"roles", arguments.has("role") ? texts(arguments.list("role")) : json::array{"user"}}};
    if (arguments.has("group")) body["groups"] = texts(arguments.list("group"));
    if (arguments.has("locale")) body["locale"] = arguments.text("locale");
    auto made = context.api().post("/v1/people", std::move(body));
    if (!made) return context.refuse(made.error());
    return context.json ? print_json(*made) : give_link(context, *json::find(made->get_object(), "invitation"));
}

int invite_again(Context& context, const Arguments& arguments) {
    auto made = context.api().post(path_of(arguments) + "/invitation", json::object{});
    if (!made) return context.refuse(made.error());
    return context.json ? print_json(*made) : give_link(context, *json::find(made->get_object(), "invitation"));
}

int reset_password(Context& context, const Arguments& arguments) {
    auto link = context.api().post(path_of(arguments) + "/password-reset", json::object{});
    if (!link) return context.refuse(link.error());
    return context.json ? print_json(*link) : give_link(context, *link);
}

int remove(Context& context, const Arguments& arguments) {
    auto removed = context.api().remove(path_of(arguments));
    if (!removed) return context.refuse(removed.error());
    return say_done(context, "removed; sessions and rights ended at once", "削除しました。セッションと権限はただちに終了します");
}

int sign_out(Context& context, const Arguments& arguments) {
    auto ended = context.api().remove(path_of(arguments) + "/sessions");
    if (!ended) return context.refuse(ended.error());
    return say_done(context, "signed out everywhere", "すべてのセッションからサインアウトしました");
}

Result<std::string> list_path(const Arguments& arguments) {
    const auto what = arguments.text("what");
    if (what != "people" && what != "groups") return bad_field("what", "say which list: people or groups");
    return "/v1/csv/" + what;
}

int export_csv(Context& context, const Arguments& arguments) {
    auto path = list_path(arguments);
    if (!path) return context.refuse(path.error());
    std::string content;
    const auto take = [&](std::string_view piece) { return content.append(piece), true; };
    auto done = context.api().download(*path + (arguments.has("cp932") ? "?encoding=cp932" : ""), {}, take);
    if (!done) return context.refuse(done.error());
    const auto file = arguments.text("out");
    if (file.empty()) return (std::cout << content), Exit::ok;
    if (auto written = write_private_file(file, content); !written) return context.refuse(written.error());
    return say_done(context, "written", "保存しました");
}

int print_report(const Context& context, const json::value& report) {
    const auto* problems = json::find(report.get_object(), "problems");
    const auto rows = json::integer(report.get_object(), "rows").value_or(0);
    if (problems == nullptr || !problems->is_array() || problems->get_array().empty()) {
        std::cout << context.terminal.green("✓ ")
                  << fmt::format(
                         fmt::runtime(context.say("{} rows, nothing wrong; --apply makes the changes", "{} 行、問題はありません。--apply で変更を実行します")),
                         rows)
                  << '\n';
        return Exit::ok;
    }
    Table table({std::string(context.say("line", "行")), std::string(context.say("column", "列")), std::string(context.say("what is wrong", "問題"))}, 2);
    for (const auto& problem : problems->get_array())
        table.add({std::to_string(json::integer(problem.get_object(), "line").value_or(0)), text_of(problem, "field"), text_of(problem, "detail")},
                  {"red", "bold"});
    std::cout << table.text(context.terminal);
    return Exit::failed;
}

int import_csv(Context& context, const Arguments& arguments) {
    auto path = list_path(arguments);
    if (!path) return context.refuse(path.error());
    std::ifstream in(arguments.text("file"), std::ios::binary);
    if (!in) return context.refuse(Error{Errc::invalid_field, fmt::format("the file {} cannot be read", arguments.text("file"))});
    std::ostringstream content;
    content << in.rdbuf();
    const bool apply = arguments.has("apply");
    auto answer = context.api().post_file(*path, {{"dry_run", apply ? "false" : "true"}}, std::move(content).str(), "text/csv");
    if (!answer) return context.refuse(answer.error());
    if (apply) return follow_operation(context, "/v1/operations/" + text_of(*answer, "id"));
    return context.json ? print_json(*answer) : print_report(context, *answer);
}

int list_roles(Context& context, const Arguments&) {
    auto roles = context.api().get("/v1/roles");
    if (!roles) return context.refuse(roles.error());
    if (context.json) return print_json(*roles);
    Table table({std::string(context.say("role", "役割")), std::string(context.say("may", "できること"))}, 1);
    for (const auto& role : items_of(*roles)) table.add({text_of(role, "role"), joined(role, "actions")}, {"bold"});
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

// As a tree: who stands below whom is seen at once.
void add_groups(Table& table, const json::array& groups, const std::string& parent, std::size_t depth) {
    constexpr std::size_t deepest = 32;
    if (depth > deepest) return;
    for (const auto& group : groups) {
        if (text_of(group, "parent") != parent) continue;
        table.add({std::string(2 * depth, ' ') + text_of(group, "name"), text_of(group, "title")}, {"bold"});
        add_groups(table, groups, text_of(group, "name"), depth + 1);
    }
}

int list_groups(Context& context, const Arguments&) {
    auto groups = context.api().get("/v1/groups");
    if (!groups) return context.refuse(groups.error());
    if (context.json) return print_json(*groups);
    Table table({std::string(context.say("group", "グループ")), std::string(context.say("title", "表示名"))}, 1);
    add_groups(table, items_of(*groups), "", 0);
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

json::object group_body(const Arguments& arguments) {
    json::object body;
    if (arguments.has("title")) body["title"] = arguments.text("title");
    if (arguments.has("parent")) body["parent"] = arguments.text("parent") == "none" ? "" : arguments.text("parent");
    return body;
}

int create_group(Context& context, const Arguments& arguments) {
    auto body = group_body(arguments);
    body["name"] = arguments.text("group");
    auto made = context.api().post("/v1/groups", std::move(body));
    if (!made) return context.refuse(made.error());
    return context.json ? print_json(*made) : say_done(context, "made", "作成しました");
}

int update_group(Context& context, const Arguments& arguments) {
    auto changed = context.api().patch("/v1/groups/" + percent_encode(arguments.text("group")), group_body(arguments));
    if (!changed) return context.refuse(changed.error());
    return context.json ? print_json(*changed) : say_done(context, "changed", "変更しました");
}

int remove_group(Context& context, const Arguments& arguments) {
    auto removed = context.api().remove("/v1/groups/" + percent_encode(arguments.text("group")));
    if (!removed) return context.refuse(removed.error());
    return say_done(context, "removed", "削除しました");
}

}  // namespace

std::vector<Command> people_commands() {
    return {
        {"people list", "members of the workspace", "メンバーの一覧", list_options, list},
        {"people show", "one member", "メンバーの詳細", one, show},
        {"people invite", "invite somebody; prints a link to hand over", "招待する（本人に渡すリンクを表示）", invite_options, invite},
        {"people invite-again", "a new invitation link; the old one ends", "招待用リンクを作り直す", one, invite_again},
        {"people update", "change roles or groups", "役割やグループを変更する", update_options, update},
        {"people reset-password", "a link with which the person sets a new password", "パスワード再設定用のリンクを作る", one, reset_password},
        {"people sign-out", "end every session of a person", "すべてのセッションを終了する", one, sign_out},
        {"people remove", "remove from the workspace", "ワークスペースから削除する", one, remove},
        {"people roles", "what each role may", "役割ごとの権限", {}, list_roles},
        {"people export", "people or groups as CSV", "ユーザーまたはグループを CSV で書き出す", export_options, export_csv},
        {"people import", "people or groups from a CSV file", "CSV からユーザーまたはグループを取り込む", import_options, import_csv},
        {"groups list", "the tree of groups", "グループの一覧（階層）", {}, list_groups},
        {"groups create", "make a group", "グループを作る", group_options, create_group},
        {"groups update", "change a group's title or place", "グループの表示名や位置を変更する", group_options, update_group},
        {"groups remove", "remove a group", "グループを削除する", one_group, remove_group},
    };
}

}  // namespace renkei::cli

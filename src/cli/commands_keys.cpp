#include "cli/commands.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow create_options[] = {
    {"name", OptionKind::text, "NAME", "name of the key, e.g. invoice-robot", "キーの名前（例: invoice-robot）", true},
    {"allow", OptionKind::list, "A,B", "actions: mail:read, mail:send, connections:read …", "許可する操作: mail:read、mail:send、connections:read など", true},
    {"connection", OptionKind::list, "A,B", "only these connections", "このコネクションのみ"},
    {"connector", OptionKind::list, "A,B", "only these connectors", "このコネクタのみ"},
    {"mailbox", OptionKind::list, "A,B", "only these mailboxes", "このメールボックスのみ"},
    {"expires-at", OptionKind::text, "TIME", "when it ends, e.g. 2027-11-21T00:00:00Z", "有効期限"},
    {"from", OptionKind::list, "RANGE", "only from these address ranges, e.g. 10.0.0.0/8", "この IP アドレス範囲からのみ"},
    {"key-out", OptionKind::text, "FILE", "write the key into a new file (0600) instead of showing it", "キーを表示せず、新しいファイル（0600）に保存する"},
};
constexpr OptionRow list_options[] = {{"limit", OptionKind::integer, "N", "at most this many (default 100)", "最大件数（既定 100）"}};
constexpr OptionRow one[] = {{"key", OptionKind::positional, "NAME", "the key's name", "キーの名前", true}};
constexpr OptionRow token_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"mailbox", OptionKind::text, "ADDRESS", "mailbox for which it is asked", "対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "with whose account, where everybody has their own", "操作に使うユーザー（ユーザー別のコネクションの場合）"},
};
constexpr OptionRow audit_options[] = {
    {"limit", OptionKind::integer, "N", "at most this many (default 50)", "最大件数（既定 50）"},
    {"action", OptionKind::text, "ACTION", "only this action, e.g. token.release", "この操作のみ"},
    {"target", OptionKind::text, "TARGET", "only this target, e.g. connection:invoice-mail", "この対象のみ"},
    {"principal", OptionKind::text, "NAME", "only by this key or person", "このキーまたはユーザーのみ"},
};

int create(Context& context, const Arguments& arguments) {
    json::object right{{"actions", texts(arguments.list("allow"))}};
    if (arguments.has("connection")) right["connections"] = texts(arguments.list("connection"));
    if (arguments.has("connector")) right["connectors"] = texts(arguments.list("connector"));
    if (arguments.has("mailbox")) right["mailboxes"] = texts(arguments.list("mailbox"));
    json::object body{{"name", arguments.text("name")}, {"rights", json::array{std::move(right)}}};
    if (arguments.has("expires-at")) body["expires_at"] = arguments.text("expires-at");
    if (arguments.has("from")) body["allowed_ranges"] = texts(arguments.list("from"));
    auto made = context.api().post("/v1/keys", std::move(body));
    if (!made) return context.refuse(made.error());
    if (const auto file = arguments.text("key-out"); !file.empty()) {
        if (auto written = write_private_file(file, text_of(*made, "text") + "\n"); !written) return context.refuse(written.error());
        std::cout << context.terminal.green("✓ ") << fmt::format("{} {}", context.say("key written to", "キーを保存しました:"), file) << '\n';
        return Exit::ok;
    }
    if (context.json) return print_json(*made);
    std::cout << context.say("The key, shown only now:", "API キー（この画面でのみ表示されます）:") << "\n\n  " << context.terminal.bold(text_of(*made, "text"))
              << "\n\n";
    return Exit::ok;
}

std::string rights_text(const json::value& key) {
    std::string out;
    for (const auto& right : json::find(key.get_object(), "rights")->get_array())
        for (const auto& action : json::find(right.get_object(), "actions")->get_array())
            out += (out.empty() ? "" : ", ") + std::string(json::view(action.get_string()));
    return out;
}

int list(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/keys", {}, static_cast<std::size_t>(arguments.integer("limit", 100)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("state", "状態")), std::string(context.say("name", "名前")), std::string(context.say("rights", "許可")),
                 std::string(context.say("ends", "期限"))},
                2);
    for (const auto& item : *items) {
        const auto state = text_of(item, "state");
        table.add({state, text_of(item, "name"), rights_text(item), text_of(item, "expires_at").empty() ? "–" : text_of(item, "expires_at")},
                  {state == "active" ? "green" : "red", "bold"});
    }
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int show(Context& context, const Arguments& arguments) {
    auto item = context.api().get("/v1/keys/" + percent_encode(arguments.text("key")));
    if (!item) return context.refuse(item.error());
    if (context.json) return print_json(*item);
    print_fields(context, {{std::string(context.say("name", "名前")), text_of(*item, "name")},
                           {std::string(context.say("state", "状態")), text_of(*item, "state")},
                           {std::string(context.say("rights", "許可")), rights_text(*item)},
                           {std::string(context.say("made", "作成")), text_of(*item, "created_at")},
                           {std::string(context.say("ends", "期限")), text_of(*item, "expires_at")},
                           {"id", text_of(*item, "id")}});
    return Exit::ok;
}

int revoke(Context& context, const Arguments& arguments) {
    auto removed = context.api().remove("/v1/keys/" + percent_encode(arguments.text("key")));
    if (!removed) return context.refuse(removed.error());
    std::cout << context.terminal.green("✓ ") << context.say("revoked; it does not work from now on", "取り消しました。このキーは使用できません") << '\n';
    return Exit::ok;
}

int token(Context& context, const Arguments& arguments) {
    Headers headers;
    if (arguments.has("mailbox")) headers.add("Renkei-Mailbox", arguments.text("mailbox"));
    if (arguments.has("act-as")) headers.add("Renkei-Act-As", arguments.text("act-as"));
    auto answer = context.api().get("/v1/connections/" + percent_encode(arguments.text("connection")) + "/token", {}, std::move(headers));
    if (!answer) return context.refuse(answer.error());
    if (context.json) return print_json(*answer);
    std::cout << text_of(*answer, "access_token") << '\n';
    return Exit::ok;
}

int audit(Context& context, const Arguments& arguments) {
    Fields query;
    for (const auto* name : {"action", "target", "principal"})
        if (arguments.has(name)) query.emplace_back(name, arguments.text(name));
    auto items = context.api().all("/v1/audit", std::move(query), static_cast<std::size_t>(arguments.integer("limit", 50)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({"#", std::string(context.say("time", "日時")), std::string(context.say("who", "実行者")), std::string(context.say("action", "操作")),
                 std::string(context.say("target", "対象")), std::string(context.say("decision", "判定")), std::string(context.say("reason", "理由"))},
                6);
    for (const auto& row : *items) {
        const auto decision = text_of(row, "decision");
        const auto* principal = json::find(row.get_object(), "principal");
        table.add({std::to_string(json::integer(row.get_object(), "sequence").value_or(0)), text_of(row, "at"),
                   principal == nullptr ? "" : text_of(*principal, "name"), text_of(row, "action"), text_of(row, "target"), decision, text_of(row, "reason")},
                  {"dim", "dim", "bold", "", "", decision == "allowed" ? "green" : "red", "dim"});
    }
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

}  // namespace

std::vector<Command> key_commands() {
    return {
        {"keys create", "make an API key for an automation", "自動化用の API キーを作る", create_options, create},
        {"keys list", "API keys", "API キーの一覧", list_options, list},
        {"keys show", "one API key, without its text", "API キーの詳細", one, show},
        {"keys revoke", "end an API key at once", "API キーを取り消す", one, revoke},
        {"token", "print an access token (needs tokens:read; audited)", "アクセス トークンを表示する（tokens:read が必要、監査対象）", token_options, token},
        {"audit list", "the audit log, newest first", "監査ログ（新しい順）", audit_options, audit},
    };
}

}  // namespace renkei::cli

#include "cli/commands.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow list_options[] = {
    {"limit", OptionKind::integer, "N", "at most this many (default 100)", "最大件数（既定 100）"},
    {"state", OptionKind::text, "STATE", "only connections in this state", "この状態のものだけ"},
};
constexpr OptionRow one[] = {{"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true}};
constexpr OptionRow remove_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"yes", OptionKind::flag, "", "do not ask", "確認しない"},
};
constexpr OptionRow update_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"title", OptionKind::text, "TEXT", "free text for people", "表示名"},
    {"mailbox", OptionKind::text, "ADDRESS", "mailbox that is meant when a call names none", "対象メールボックス"},
    {"fence", OptionKind::list, "A,B", "what may be touched: addresses, calendar:…, group:…, or * (replaces the list)",
     "許可リスト。アドレス、calendar:…、group:…、または *（置き換え）"},
    {"scope", OptionKind::list, "A,B", "scopes to ask for from the next sign-in on", "スコープ（次回のサインインから）"},
    {"folder", OptionKind::text, "NAME", "folder in Renkei", "フォルダー"},
    {"registration", OptionKind::text, "NAME", "another client registration", "別のアプリの登録"},
};
constexpr OptionRow one_registration[] = {{"registration", OptionKind::positional, "NAME", "the client registration", "アプリの登録", true}};
constexpr OptionRow add_secret_options[] = {
    {"registration", OptionKind::positional, "NAME", "the client registration", "アプリの登録", true},
    {"client-secret-file", OptionKind::text, "FILE", "file with the new secret, - for standard input; asked for without it",
     "新しいシークレットのファイル（- は標準入力）"},
    {"expires-at", OptionKind::text, "TIME", "when it ends, e.g. 2027-11-21T00:00:00Z", "有効期限（例: 2027-11-21T00:00:00Z）"},
};

std::string path_of(const Arguments& arguments) { return "/v1/connections/" + percent_encode(arguments.text("connection")); }

int list(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/connections", {}, static_cast<std::size_t>(arguments.integer("limit", 100)));
    if (!items) return context.refuse(items.error());
    if (const auto state = arguments.text("state"); !state.empty())
        items->erase(std::remove_if(items->begin(), items->end(), [&](const json::value& item) { return text_of(item, "state") != state; }), items->end());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("state", "状態")), std::string(context.say("name", "名前")), std::string(context.say("connector", "コネクタ")),
                 std::string(context.say("mailbox", "対象メールボックス")), std::string(context.say("changed", "更新"))},
                3);
    for (const auto& item : *items)
        table.add({state_word(context, text_of(item, "state")), text_of(item, "name"), text_of(item, "connector"), text_of(item, "mailbox"),
                   relative_time(context, text_of(item, "updated_at"))},
                  {state_colour(text_of(item, "state")), "bold"});
    if (table.empty())
        std::cout << context.say("No connections yet: renkei connect microsoft --help\n", "コネクションはまだありません: renkei connect microsoft --help\n");
    else
        std::cout << table.text(context.terminal);
    return Exit::ok;
}

void print_connection(const Context& context, const json::value& item) {
    const auto* fence = json::find(item.get_object(), "fence");
    std::string allowed;
    if (fence != nullptr && fence->is_object()) {
        if (json::boolean(fence->get_object(), "everything").value_or(false)) allowed = context.terminal.red("*");
        for (const auto& [member, prefix] : {std::pair("mailboxes", ""), std::pair("calendars", "calendar:"), std::pair("groups", "group:")})
            if (const auto* entries = json::find(fence->get_object(), member); entries != nullptr && entries->is_array())
                for (const auto& entry : entries->get_array())
                    allowed += (allowed.empty() ? "" : ", ") + (prefix + std::string(json::view(entry.get_string())));
    }
    std::cout << context.terminal.bold(text_of(item, "name")) << "  " << state_word(context, text_of(item, "state")) << "  " << text_of(item, "state_detail")
              << "\n";
    print_fields(context, {{std::string(context.say("connector", "コネクタ")), text_of(item, "connector")},
                           {std::string(context.say("mode", "方式")), text_of(item, "mode")},
                           {std::string(context.say("registration", "アプリの登録")), text_of(item, "registration")},
                           {std::string(context.say("mailbox", "対象メールボックス")), text_of(item, "mailbox")},
                           {std::string(context.say("acts as", "操作に使うユーザー")), text_of(item, "act_as")},
                           {std::string(context.say("allowed mailboxes", "メールボックスの許可リスト")), allowed},
                           {std::string(context.say("folder", "フォルダー")), text_of(item, "folder")},
                           {"id", text_of(item, "id")}});
}

int answer(Context& context, Result<json::value> connection) {
    if (!connection) return context.refuse(connection.error());
    if (context.json) return print_json(*connection);
    print_connection(context, *connection);
    return Exit::ok;
}

int show(Context& context, const Arguments& arguments) { return answer(context, context.api().get(path_of(arguments))); }
int pause(Context& context, const Arguments& arguments) { return answer(context, context.api().post(path_of(arguments) + "/pause", json::object{})); }
int resume(Context& context, const Arguments& arguments) { return answer(context, context.api().post(path_of(arguments) + "/resume", json::object{})); }

int update(Context& context, const Arguments& arguments) {
    json::object body;
    for (const auto* member : {"title", "mailbox", "folder", "registration"})
        if (arguments.has(member)) body[member] = arguments.text(member);
    if (arguments.has("fence")) body["fence"] = json::object{{"mailboxes", texts(arguments.list("fence"))}};
    if (arguments.has("scope")) body["scopes"] = texts(arguments.list("scope"));
    return answer(context, context.api().patch(path_of(arguments), std::move(body)));
}

int check(Context& context, const Arguments& arguments) {
    auto found = context.api().post(path_of(arguments) + "/check", json::object{});
    if (!found) return context.refuse(found.error());
    const bool ok = json::boolean(found->get_object(), "ok").value_or(false);
    if (context.json) {
        print_json(*found);
        return ok ? Exit::ok : Exit::needs_somebody;
    }
    int code = Exit::ok;
    for (const auto& stage : json::find(found->get_object(), "stages")->get_array()) {
        const auto result = text_of(stage, "result");
        const auto mark = result == "ok" ? context.terminal.green("✓") : result == "failed" ? context.terminal.red("✗") : context.terminal.dim("·");
        std::cout << mark << ' ' << fmt::format("{:14}", text_of(stage, "stage")) << printable(text_of(stage, "detail")) << std::endl;
        const auto* problem = json::find(stage.get_object(), "problem");
        if (problem == nullptr || !problem->is_object()) continue;
        code = context.refuse(told_by(problem->get_object()));
    }
    return ok ? Exit::ok : code;
}

bool confirmed(const Context& context, const std::string& what) {
    std::cerr << context.say("This ends everything that uses it. Type the name to go on: ",
                             "これを使うものはすべて止まります。続けるには名前を入力してください: ")
              << std::flush;
    std::string typed;
    std::getline(std::cin, typed);
    return typed == what;
}

int remove(Context& context, const Arguments& arguments) {
    if (!arguments.has("yes") && !confirmed(context, arguments.text("connection"))) return Exit::failed;
    auto removed = context.api().remove(path_of(arguments));
    if (!removed) return context.refuse(removed.error());
    std::cout << context.terminal.green("✓ ") << context.say("removed, with its grants and tokens", "コネクションと、その許可とトークンを削除しました") << '\n';
    return Exit::ok;
}

int list_registrations(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/registrations", {}, static_cast<std::size_t>(arguments.integer("limit", 100)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("name", "名前")), std::string(context.say("connector", "コネクタ")),
                 std::string(context.say("client ID", "クライアント ID")), std::string(context.say("tenant", "テナント"))},
                2);
    for (const auto& item : *items)
        table.add({text_of(item, "name"), text_of(item, "connector"), text_of(item, "client_id"), text_of(item, "tenant")}, {"bold"});
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int show_registration(Context& context, const Arguments& arguments) {
    auto item = context.api().get("/v1/registrations/" + percent_encode(arguments.text("registration")));
    if (!item) return context.refuse(item.error());
    if (context.json) return print_json(*item);
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto* member : {"name", "connector", "cloud", "tenant", "client_id", "auth_method", "issuer", "redirect_uri", "id"})
        fields.emplace_back(member, text_of(*item, member));
    print_fields(context, fields);
    for (const auto& credential : json::find(item->get_object(), "credentials")->get_array())
        std::cout << fmt::format("  v{}  {}  {} {}  {} {}\n", json::integer(credential.get_object(), "version").value_or(0), text_of(credential, "kind"),
                                 context.say("made", "作成"), text_of(credential, "created_at"), context.say("ends", "期限"),
                                 text_of(credential, "expires_at").empty() ? "–" : text_of(credential, "expires_at"));
    return Exit::ok;
}

int add_secret(Context& context, const Arguments& arguments) {
    auto secret =
        read_secret(arguments.text("client-secret-file"), context.say("New client secret (not shown)", "新しいクライアント シークレット（表示されません）"));
    if (!secret) return context.refuse(secret.error());
    json::object body{{"client_secret", json::view(secret->expose())}};
    if (arguments.has("expires-at")) body["expires_at"] = arguments.text("expires-at");
    auto added = context.api().post("/v1/registrations/" + percent_encode(arguments.text("registration")) + "/credentials", std::move(body));
    if (!added) return context.refuse(added.error());
    if (context.json) return print_json(*added);
    std::cout << context.terminal.green("✓ ")
              << context.say("stored; the newest version is used from now on", "保存しました。今後は新しいシークレットを使用します") << '\n';
    return Exit::ok;
}

int remove_registration(Context& context, const Arguments& arguments) {
    auto removed = context.api().remove("/v1/registrations/" + percent_encode(arguments.text("registration")));
    if (!removed) return context.refuse(removed.error());
    std::cout << context.terminal.green("✓ ") << context.say("removed", "削除しました") << '\n';
    return Exit::ok;
}

}  // namespace

std::vector<Command> connection_commands() {
    return {
        {"connections list", "connections and their states", "コネクションの一覧", list_options, list},
        {"connections show", "one connection", "コネクションの詳細", one, show},
        {"connections check", "probe it in stages: who must act, and what to do", "接続診断", one, check},
        {"connections update", "change mailbox, fence, scopes, folder, title or registration", "コネクションを変更する", update_options, update},
        {"connections pause", "refuse every use until it is resumed", "一時停止する", one, pause},
        {"connections resume", "let it work again", "再開する", one, resume},
        {"connections remove", "remove it with its grants and tokens", "削除する", remove_options, remove},
        {"registrations list", "client registrations", "アプリの登録の一覧", std::span(list_options).first(1), list_registrations},
        {"registrations show", "one client registration, without its secrets", "アプリの登録の詳細", one_registration, show_registration},
        {"registrations add-secret", "store a new client secret beside the old one", "新しいシークレットを保存する", add_secret_options, add_secret},
        {"registrations remove", "remove one that no connection uses", "アプリの登録を削除する", one_registration, remove_registration},
    };
}

}  // namespace renkei::cli

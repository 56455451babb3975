// Runs and sessions: what an automation holds instead of a token.
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow start_options[] = {
    {"name", OptionKind::text, "TEXT", "what the run is, for people", "実行の名前（表示用）"},
    {"ends-in", OptionKind::integer, "SECONDS", "how long it may take (default a day, at most 7)", "最長時間（秒。既定 1 日、最大 7 日）"},
    {"quiet", OptionKind::flag, "", "print the run's secret and nothing else, for RENKEI_RUN", "実行のシークレットだけを表示する（RENKEI_RUN 用）"},
};
constexpr OptionRow connect_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"session", OptionKind::text, "local|global|variable", "who may use it: this run (local), every run below it too (global), whoever is handed it (variable)",
     "使用できる範囲: この実行のみ（local）、下位の実行も（global）、渡された相手（variable）"},
    {"name", OptionKind::text, "NAME", "name of a global session", "グローバル セッションの名前"},
    {"allow", OptionKind::list, "A,B", "actions it is for; default: mail:read and mail:send, as far as the key goes",
     "使う操作（既定は mail:read と mail:send のうちキーに許可されたもの）"},
    {"mailbox", OptionKind::text, "ADDRESS", "an address or a reference such as variable:NAME", "対象メールボックス、または variable:名前 などの参照"},
    {"act-as", OptionKind::text, "ADDRESS", "the same, with whose account", "操作に使うユーザー（参照も可）"},
    {"set", OptionKind::list, "NAME=VALUE", "values for variables, for this call", "この呼び出しで使う変数の値"},
    {"ends-in", OptionKind::integer, "SECONDS", "until when; default: as long as the run", "有効時間（秒。既定は実行と同じ）"},
    {"quiet", OptionKind::flag, "", "print the handle and nothing else, for RENKEI_SESSION", "セッションのシークレットだけを表示する（RENKEI_SESSION 用）"},
};
constexpr OptionRow list_options[] = {{"limit", OptionKind::integer, "N", "at most this many (default 100)", "最大件数（既定 100）"}};
constexpr OptionRow one[] = {{"id", OptionKind::positional, "ID", "as in the list", "一覧の ID", true}};

int start_run(Context& context, const Arguments& arguments) {
    json::object body;
    if (arguments.has("name")) body["name"] = arguments.text("name");
    if (arguments.has("ends-in")) body["ends_in_seconds"] = arguments.integer("ends-in", 0);
    auto made = context.api().post("/v1/runs", std::move(body));
    if (!made) return context.refuse(made.error());
    if (context.json) return print_json(*made);
    if (arguments.has("quiet")) {
        std::cout << text_of(*made, "secret") << '\n';
        return Exit::ok;
    }
    std::cout << context.say("The run's secret, shown only now:", "実行のシークレット（この画面でのみ表示されます）:") << "\n\n  "
              << context.terminal.bold(text_of(*made, "secret")) << "\n\n"
              << context.say("Put it into RENKEI_RUN; end the run with: renkei runs end ", "RENKEI_RUN に設定してください。終了: renkei runs end ")
              << text_of(*made, "id") << '\n';
    return Exit::ok;
}

int connect(Context& context, const Arguments& arguments) {
    json::object body{{"connection", arguments.text("connection")}, {"kind", arguments.text("session", "local")}};
    for (const auto* option : {"name", "mailbox"})
        if (arguments.has(option)) body[option] = arguments.text(option);
    if (arguments.has("act-as")) body["act_as"] = arguments.text("act-as");
    if (arguments.has("allow")) body["actions"] = texts(arguments.list("allow"));
    if (arguments.has("ends-in")) body["ends_in_seconds"] = arguments.integer("ends-in", 0);
    json::array variables;
    for (const auto& item : arguments.list("set")) {
        const auto equals = item.find('=');
        if (equals == std::string::npos)
            return context.refuse(
                Error{Errc::invalid_field, std::string(context.say("--set needs NAME=VALUE", "--set は 名前=値 で指定してください")), {{"field", "set"}}});
        variables.push_back(json::object{{"name", item.substr(0, equals)}, {"value", item.substr(equals + 1)}});
    }
    if (!variables.empty()) body["variables"] = std::move(variables);
    auto made = context.api().post("/v1/sessions", std::move(body));
    if (!made) return context.refuse(made.error());
    if (context.json) return print_json(*made);
    if (arguments.has("quiet")) {
        std::cout << text_of(*made, "secret") << '\n';
        return Exit::ok;
    }
    std::cout << context.terminal.green("✓ ")
              << context.say("connected; the handle, shown only now:", "接続しました。セッションのシークレット（この画面でのみ表示されます）:")
              << "\n\n  RENKEI_SESSION=" << context.terminal.bold(text_of(*made, "secret")) << '\n';
    if (const auto* run = json::find(made->get_object(), "started_run"); run != nullptr && run->is_object())
        std::cout << "  RENKEI_RUN=" << context.terminal.bold(text_of(*run, "secret")) << '\n';
    std::cout << '\n';
    return Exit::ok;
}

int list_sessions(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/sessions", {}, static_cast<std::size_t>(arguments.integer("limit", 100)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("state", "状態")), std::string(context.say("kind", "種類")), std::string(context.say("connection", "コネクション")),
                 std::string(context.say("name", "名前")), std::string(context.say("ends", "期限")), "id"},
                2);
    for (const auto& item : *items) {
        const auto state = text_of(item, "state");
        table.add({state, text_of(item, "kind"), text_of(item, "connection"), text_of(item, "name"), relative_time(context, text_of(item, "ends_at")),
                   text_of(item, "id")},
                  {state == "live" ? "green" : "dim", "", "bold"});
    }
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int list_runs(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/runs", {}, static_cast<std::size_t>(arguments.integer("limit", 100)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("state", "状態")), std::string(context.say("name", "名前")), std::string(context.say("depth", "階層")),
                 std::string(context.say("ends", "期限")), "id"},
                2);
    for (const auto& item : *items) {
        const auto state = text_of(item, "state");
        const auto* depth = json::find(item.get_object(), "depth");
        table.add({state, text_of(item, "name"), depth == nullptr ? "" : json::serialize(*depth), relative_time(context, text_of(item, "ends_at")),
                   text_of(item, "id")},
                  {state == "live" ? "green" : "dim", "bold"});
    }
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int end_at(Context& context, std::string path, std::string_view said) {
    auto ended = context.api().post(std::move(path), json::object{});
    if (!ended) return context.refuse(ended.error());
    std::cout << context.terminal.green("✓ ") << said << '\n';
    return Exit::ok;
}

int end_run(Context& context, const Arguments& arguments) {
    return end_at(context, "/v1/runs/" + percent_encode(arguments.text("id")) + "/end",
                  context.say("ended, with every run below it and their sessions", "終了しました（下位の実行とセッションも終了）"));
}

int end_session(Context& context, const Arguments& arguments) {
    return end_at(context, "/v1/sessions/" + percent_encode(arguments.text("id")) + "/end", context.say("ended", "終了しました"));
}

}  // namespace

std::vector<Command> automation_commands() {
    return {
        {"sessions connect", "Connect: a handle that an automation uses instead of a token", "接続: 自動化がトークンの代わりに使うセッションを作る",
         connect_options, connect},
        {"sessions list", "List sessions", "セッションの一覧", list_options, list_sessions},
        {"sessions end", "End a session at once", "セッションを直ちに終了する", one, end_session},
        {"runs start", "Start a run; below the one in RENKEI_RUN if it is set", "実行を開始する（RENKEI_RUN があればその下に）", start_options, start_run},
        {"runs list", "List runs", "実行の一覧", list_options, list_runs},
        {"runs end", "End a run with everything below it", "実行と下位のすべてを終了する", one, end_run},
    };
}

}  // namespace renkei::cli

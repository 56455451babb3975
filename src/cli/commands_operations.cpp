#include "cli/commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <thread>

namespace renkei::cli {
namespace {

constexpr OptionRow list_options[] = {{"limit", OptionKind::integer, "N", "at most this many (default 20)", "最大件数（既定 20）"}};
constexpr OptionRow one[] = {{"operation", OptionKind::positional, "ID", "the operation", "処理の ID", true}};
constexpr OptionRow check_all_options[] = {
    {"connection", OptionKind::list, "A,B", "only these; without it all", "このコネクションのみ（省略時はすべて）"},
    {"no-wait", OptionKind::flag, "", "print the operation and end", "待たずに終わる"},
};

std::string path_of(const Arguments& arguments) { return "/v1/operations/" + percent_encode(arguments.text("operation")); }

std::string progress_of(const json::value& operation) {
    return fmt::format("{}/{}", json::integer(operation.get_object(), "done").value_or(0), json::integer(operation.get_object(), "total").value_or(0));
}

bool has_ended(std::string_view state) { return state == "done" || state == "failed" || state == "cancelled"; }

int list(Context& context, const Arguments& arguments) {
    auto items = context.api().all("/v1/operations", {}, static_cast<std::size_t>(arguments.integer("limit", 20)));
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table({std::string(context.say("state", "状態")), std::string(context.say("kind", "種類")), std::string(context.say("done", "進み")),
                 std::string(context.say("started by", "開始した人")), "id"},
                3);
    for (const auto& item : *items)
        table.add({text_of(item, "state"), text_of(item, "kind"), progress_of(item), text_of(item, "started_by"), text_of(item, "id")}, {"bold"});
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int print_items(Context& context, const std::string& path) {
    auto items = context.api().all(path + "/items", {}, 10'000);
    if (!items) return context.refuse(items.error());
    Table table({"", std::string(context.say("target", "対象")), std::string(context.say("result", "結果"))}, 2);
    int code = Exit::ok;
    for (const auto& item : *items) {
        const bool fine = json::boolean(item.get_object(), "ok").value_or(false);
        if (!fine) code = Exit::needs_somebody;
        table.add({fine ? "✓" : "✗", text_of(item, "target"), fine ? text_of(item, "detail") : text_of(item, "code") + ": " + text_of(item, "detail")},
                  {fine ? "green" : "red", "bold"});
    }
    if (!table.empty()) std::cout << table.text(context.terminal);
    return code;
}

int show(Context& context, const Arguments& arguments) {
    auto operation = context.api().get(path_of(arguments));
    if (!operation) return context.refuse(operation.error());
    if (context.json) return print_json(*operation);
    print_fields(context, {{std::string(context.say("kind", "種類")), text_of(*operation, "kind")},
                           {std::string(context.say("state", "状態")), text_of(*operation, "state")},
                           {std::string(context.say("done", "進み")), progress_of(*operation)}});
    return print_items(context, path_of(arguments));
}

int cancel(Context& context, const Arguments& arguments) {
    auto operation = context.api().post(path_of(arguments) + "/cancel", json::object{});
    if (!operation) return context.refuse(operation.error());
    if (context.json) return print_json(*operation);
    std::cout << context.terminal.green("✓ ") << context.say("it ends after the item in work", "処理中の項目が終わると停止します") << '\n';
    return Exit::ok;
}

int check_all(Context& context, const Arguments& arguments) {
    json::object body{{"kind", "connections.check"}};
    if (arguments.has("connection")) body["connections"] = texts(arguments.list("connection"));
    auto operation = context.api().post("/v1/operations", std::move(body));
    if (!operation) return context.refuse(operation.error());
    if (arguments.has("no-wait") || context.json) return print_json(*operation);
    return follow_operation(context, "/v1/operations/" + text_of(*operation, "id"));
}

int watch(Context& context, const Arguments& arguments) { return follow_operation(context, path_of(arguments)); }

}  // namespace

int follow_operation(Context& context, const std::string& path) {
    const bool terminal = isatty(STDERR_FILENO) != 0;
    std::string state;
    for (;;) {
        auto operation = context.api().get(path);
        if (!operation) return context.refuse(operation.error());
        state = text_of(*operation, "state");
        if (terminal) std::cerr << "\r\x1b[K" << state << ' ' << progress_of(*operation) << std::flush;
        if (has_ended(state)) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
    if (terminal) std::cerr << "\r\x1b[K";
    const int code = print_items(context, path);
    return code == Exit::ok && state != "done" ? Exit::failed : code;
}

std::vector<Command> operation_commands() {
    return {
        {"operations list", "long work, newest first", "処理の一覧", list_options, list},
        {"operations show", "state and result of each item", "処理の状態と結果", one, show},
        {"operations watch", "follow it to its end", "終わるまで表示する", one, watch},
        {"operations cancel", "ask it to end", "処理を取り消す", one, cancel},
        {"operations check-connections", "check many connections at once", "コネクションをまとめて診断する", check_all_options, check_all},
    };
}

}  // namespace renkei::cli

#include "base/encoding.hpp"
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow id_option{"id", OptionKind::positional, "ID", "the consent request", "承認の依頼", true};
constexpr OptionRow ask_options[] = {{"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true}};
constexpr OptionRow one_options[] = {id_option};

std::string word_of(const Context& context, std::string_view state) {
    if (state == "open") return std::string(context.say("waiting for approval", "承認待ち"));
    if (state == "granted") return std::string(context.say("approved", "承認済み"));
    if (state == "refused") return std::string(context.say("refused", "拒否"));
    if (state == "expired") return std::string(context.say("expired", "期限切れ"));
    return std::string(context.say("withdrawn", "取り消し"));
}

int print_consent(Context& context, const json::value& row) {
    if (context.json) return print_json(row);
    std::string scopes;
    if (const auto* list = json::find(row.get_object(), "scopes"); list != nullptr && list->is_array())
        for (const auto& scope : list->get_array()) scopes += (scopes.empty() ? "" : " ") + std::string(json::view(scope.get_string()));
    std::cout << context.terminal.bold(text_of(row, "id")) << "  " << word_of(context, text_of(row, "state")) << '\n';
    print_fields(context, {{std::string(context.say("connection", "コネクション")), text_of(row, "connection")},
                           {std::string(context.say("asked for by", "依頼元")), text_of(row, "asked_by")},
                           {std::string(context.say("scopes", "スコープ")), scopes},
                           {std::string(context.say("valid until", "有効期限")), text_of(row, "expires_at")}});
    if (const auto link = text_of(row, "link"); !link.empty())
        std::cout << '\n'
                  << context.say("Send this link to the administrator:", "次のリンクを管理者に送ってください:") << "\n\n  " << context.terminal.bold(link)
                  << "\n\n";
    return Exit::ok;
}

int ask(Context& context, const Arguments& arguments) {
    auto made = context.api().post("/v1/consent-requests", json::object{{"connection", arguments.text("connection")}});
    return made ? print_consent(context, *made) : context.refuse(made.error());
}

int list(Context& context, const Arguments&) {
    constexpr std::size_t most = 1000;
    auto rows = context.api().all("/v1/consent-requests", {}, most);
    if (!rows) return context.refuse(rows.error());
    if (context.json) return print_json(*rows);
    for (const auto& row : *rows)
        std::cout << text_of(row, "id") << "  " << word_of(context, text_of(row, "state")) << "  " << text_of(row, "connection") << '\n';
    return Exit::ok;
}

int show(Context& context, const Arguments& arguments) {
    auto row = context.api().get("/v1/consent-requests/" + percent_encode(arguments.text("id")));
    return row ? print_consent(context, *row) : context.refuse(row.error());
}

int cancel(Context& context, const Arguments& arguments) {
    auto row = context.api().post("/v1/consent-requests/" + percent_encode(arguments.text("id")) + "/cancel", json::object{});
    return row ? print_consent(context, *row) : context.refuse(row.error());
}

}  // namespace

std::vector<Command> consent_commands() {
    return {
        {"consent ask", "ask the tenant's administrator to approve a connection's app", "テナントの管理者にアプリの承認を依頼する", ask_options, ask},
        {"consent list", "requests to administrators", "承認の依頼の一覧", {}, list},
        {"consent show", "one request, with the link to forward", "承認の依頼と、管理者に送るリンクを表示する", one_options, show},
        {"consent cancel", "withdraw a request", "承認の依頼を取り消す", one_options, cancel},
    };
}

}  // namespace renkei::cli

#include "base/encoding.hpp"
#include "cli/commands.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow name_option{"vault", OptionKind::positional, "NAME", "the external vault", "外部の保管庫", true};

constexpr OptionRow add_options[] = {
    {"name", OptionKind::text, "NAME", "name by which values refer to it, e.g. main", "参照に使う名前（例: main）", true},
    {"kind", OptionKind::text, "KIND", "hashicorp (also OpenBao), azure_key_vault or https", "hashicorp（OpenBao を含む）、azure_key_vault、https", true},
    {"auth", OptionKind::text, "HOW", "token, app_role, client_credentials or basic", "token、app_role、client_credentials、basic", true},
    {"address", OptionKind::text, "URL", "https://HOST[:PORT]; for https with {path} where the path goes",
     "https://ホスト[:ポート]。https ではパスの位置に {path}", true},
    {"mount", OptionKind::text, "PATH", "hashicorp: path of the KV engine; secret without it", "hashicorp: KV エンジンのパス（既定 secret）"},
    {"namespace", OptionKind::text, "PATH", "hashicorp: namespace", "hashicorp: 名前空間"},
    {"tenant", OptionKind::text, "ID", "azure_key_vault: tenant ID or domain", "azure_key_vault: テナント ID またはドメイン"},
    {"cloud", OptionKind::text, "NAME", "azure_key_vault: commercial (default), us_gov_l4, us_gov_l5, china",
     "azure_key_vault: commercial（既定）、us_gov_l4、us_gov_l5、china"},
    {"auth-id", OptionKind::text, "ID", "role ID, client ID or user name", "ロール ID、クライアント ID、ユーザー名"},
    {"auth-secret-file", OptionKind::text, "FILE", "file with the token, secret ID, client secret or password, - for standard input; asked for without it",
     "トークン、シークレット ID、クライアント シークレットまたはパスワードのファイル（- は標準入力）。省略時は入力を求めます"},
    {"cache", OptionKind::integer, "SECONDS", "for how long a value serves after it was read, 0 to 86400; 300 without it",
     "読み取った値を使う秒数（0～86400、既定 300）"},
};
constexpr OptionRow check_options[] = {
    name_option,
    {"path", OptionKind::text, "PATH", "path of a value there", "値のパス", true},
    {"field", OptionKind::text, "NAME", "a field of it, where it has several", "フィールド（複数ある場合）"},
    {"version", OptionKind::text, "VERSION", "this version instead of the newest", "バージョン（省略時は最新）"},
};
constexpr OptionRow one_option[] = {name_option};

std::string path_of(const Arguments& arguments) { return "/v1/external-vaults/" + percent_encode(arguments.text("vault")); }

int print_vault(Context& context, const json::value& row) {
    if (context.json) return print_json(row);
    std::cout << context.terminal.bold(text_of(row, "name")) << "  " << text_of(row, "kind") << "  " << text_of(row, "address") << '\n';
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto* member : {"auth", "auth_id", "mount", "namespace", "tenant", "cloud"})
        if (auto value = text_of(row, member); !value.empty()) fields.emplace_back(member, std::move(value));
    fields.emplace_back(context.say("state", "状態"), text_of(row, "state"));
    if (auto checked = text_of(row, "checked_at"); !checked.empty()) fields.emplace_back(context.say("asked", "確認日時"), std::move(checked));
    print_fields(context, fields);
    return Exit::ok;
}

int list(Context& context, const Arguments&) {
    auto all = context.api().all("/v1/external-vaults", {}, 10'000);
    if (!all) return context.refuse(all.error());
    if (context.json) return print_json(json::value(std::move(*all)));
    for (const auto& row : *all)
        std::cout << context.terminal.bold(text_of(row, "name")) << "  " << text_of(row, "kind") << "  " << text_of(row, "address") << "  "
                  << text_of(row, "state") << '\n';
    return Exit::ok;
}

int add(Context& context, const Arguments& arguments) {
    auto secret = read_secret(arguments.text("auth-secret-file"),
                              context.say("Token, secret ID or password (not shown)", "トークン、シークレット ID またはパスワード（表示されません）"));
    if (!secret) return context.refuse(secret.error());
    json::object body{{"auth_secret", json::view(secret->expose())}};
    for (const auto* member : {"name", "kind", "auth", "address", "mount", "namespace", "tenant", "cloud"})
        if (arguments.has(member)) body[member] = arguments.text(member);
    if (arguments.has("auth-id")) body["auth_id"] = arguments.text("auth-id");
    if (arguments.has("cache")) body["cache_seconds"] = arguments.integer("cache", 300);
    auto made = context.api().post("/v1/external-vaults", std::move(body));
    return made ? print_vault(context, *made) : context.refuse(made.error());
}

int show(Context& context, const Arguments& arguments) {
    auto row = context.api().get(path_of(arguments));
    return row ? print_vault(context, *row) : context.refuse(row.error());
}

int check(Context& context, const Arguments& arguments) {
    json::object body{{"path", arguments.text("path")}};
    for (const auto* member : {"field", "version"})
        if (arguments.has(member)) body[member] = arguments.text(member);
    auto row = context.api().post(path_of(arguments) + "/check", std::move(body));
    if (!row) return context.refuse(row.error());
    if (context.json) return print_json(*row);
    std::cout << context.terminal.green("✓ ") << context.say("the value can be read", "値を読み取れます") << '\n';
    return Exit::ok;
}

int remove(Context& context, const Arguments& arguments) {
    auto removed = context.api().remove(path_of(arguments));
    if (!removed) return context.refuse(removed.error());
    if (!context.json) std::cout << context.terminal.green("✓ ") << context.say("removed", "削除しました") << '\n';
    return Exit::ok;
}

}  // namespace

std::vector<Command> external_vault_commands() {
    return {
        {"external-vaults list", "vaults of other people's from which values come", "値の参照先となる外部の保管庫の一覧", {}, list},
        {"external-vaults add", "name a vault and how Renkei proves itself there", "外部の保管庫を登録する", add_options, add},
        {"external-vaults show", "one of them and what it answered last", "外部の保管庫と最後の応答を表示する", one_option, show},
        {"external-vaults check", "read a value there and say only whether that works", "値を読み取れるかどうかだけを確かめる", check_options, check},
        {"external-vaults remove", "remove one and what was read from it", "外部の保管庫を削除する", one_option, remove},
    };
}

}  // namespace renkei::cli

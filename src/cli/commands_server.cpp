#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "offline/commands.hpp"
#include "server/main.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace renkei::cli {
namespace {

constexpr OptionRow serve_options[] = {
    {"config", OptionKind::text, "FILE", "renkei.toml (or RENKEI_CONFIG)", "設定ファイル renkei.toml（または RENKEI_CONFIG）"},
    {"set", OptionKind::list, "KEY=VALUE", "a setting, e.g. server.workers=4", "設定値（例: server.workers=4）"},
#ifdef RENKEI_TEST_HOOKS
    {"test-clock", OptionKind::text, "SOCKET", "test builds: the driver's socket", "テスト用"},
#endif
};
constexpr OptionRow config_options[] = {
    {"config", OptionKind::text, "FILE", "renkei.toml (or RENKEI_CONFIG)", "設定ファイル renkei.toml（または RENKEI_CONFIG）"},
    {"set", OptionKind::list, "KEY=VALUE", "a setting, e.g. server.workers=4", "設定値（例: server.workers=4）"},
};
constexpr OptionRow rotate_options[] = {
    {"config", OptionKind::text, "FILE", "renkei.toml (or RENKEI_CONFIG)", "設定ファイル renkei.toml（または RENKEI_CONFIG）"},
    {"set", OptionKind::list, "KEY=VALUE", "a setting", "設定値"},
    {"master", OptionKind::flag, "", "a new master key", "マスター キーを新しくする"},
    {"data-keys", OptionKind::flag, "", "new data keys, and every secret sealed anew", "データ キーを新しくし、すべて封印し直す"},
    {"new-key-file", OptionKind::text, "FILE", "with --master: the new key (mode 0600), where Renkei cannot write it itself",
     "--master と併用: 新しいキーのファイル（0600）。Renkei が書き込めない場所のキーを替えるとき"},
    {"online", OptionKind::flag, "", "ask the running server", "稼働中のサーバーに依頼する"},
    {"no-wait", OptionKind::flag, "", "with --online: print the operation and end", "--online と併用: 待たずに終わる"},
};
constexpr OptionRow vault_status_options[] = {
    {"config", OptionKind::text, "FILE", "renkei.toml (or RENKEI_CONFIG)", "設定ファイル renkei.toml（または RENKEI_CONFIG）"},
    {"set", OptionKind::list, "KEY=VALUE", "a setting, e.g. server.workers=4", "設定値（例: server.workers=4）"},
    {"online", OptionKind::flag, "", "ask the running server", "稼働中のサーバーに依頼する"},
};
constexpr OptionRow backup_options[] = {
    {"file", OptionKind::positional, "FILE", "where the copy goes; must not exist", "保存先（既存のファイルは不可）", true},
    {"config", OptionKind::text, "FILE", "renkei.toml (or RENKEI_CONFIG)", "設定ファイル renkei.toml（または RENKEI_CONFIG）"},
    {"set", OptionKind::list, "KEY=VALUE", "a setting", "設定値"},
};
constexpr OptionRow setup_options[] = {
    {"link", OptionKind::text, "URL", "the one-time set-up link", "一度だけ使える初期設定リンク"},
    {"link-file", OptionKind::text, "FILE", "file with the link (setup-link in data_dir)", "リンクのファイル（data_dir の setup-link）"},
    {"email", OptionKind::text, "ADDRESS", "the first administrator's address", "最初の管理者のメール アドレス", true},
    {"display-name", OptionKind::text, "NAME", "their name", "表示名"},
    {"password-file", OptionKind::text, "FILE", "file with a password of 12 characters or more; asked for without it",
     "パスワード（12 文字以上）のファイル。省略時は入力を求めます"},
    {"also", OptionKind::list, "A,B", "rights that are off unless named: tokens:read, native", "明示しないと付かない権限: tokens:read、native"},
    {"key-out", OptionKind::text, "FILE", "write the administrator's key into a new file (0600)", "管理者のキーを新しいファイル（0600）に保存する"},
};
constexpr OptionRow shell_options[] = {{"shell", OptionKind::positional, "SHELL", "bash or zsh", "bash または zsh", true}};

Result<server::Config> config_of(const Arguments& arguments) {
    std::vector<std::pair<std::string, std::string>> flags;
    for (const auto& item : arguments.list("set")) {
        const auto equals = item.find('=');
        if (equals == item.npos) return fail(Errc::invalid_field, "--set needs key=value; got " + item);
        flags.emplace_back(item.substr(0, equals), item.substr(equals + 1));
    }
    return server::read_config(arguments.text("config"), flags);
}

int serve(Context& context, const Arguments& arguments) {
    auto config = config_of(arguments);
    if (!config) return context.refuse(config.error());
#ifdef RENKEI_TEST_HOOKS
    return server::serve(*config, arguments.text("test-clock"));
#else
    return server::serve(*config, {});
#endif
}

// An offline command with the settings it needs.
template <class Work>
int with_settings(Context& context, const Arguments& arguments, Work work) {
    auto config = config_of(arguments);
    if (!config) return context.refuse(config.error());
    auto settings = server::Settings::from(*config);
    if (!settings) return context.refuse(settings.error());
    auto done = work(*settings);
    return done ? Exit::ok : context.refuse(done.error());
}

int config_check(Context& context, const Arguments& arguments) {
    auto config = config_of(arguments);
    if (!config) return context.refuse(config.error());
    if (auto settings = server::Settings::from(*config); !settings) return context.refuse(settings.error());
    Table table({std::string(context.say("setting", "設定")), std::string(context.say("value", "値")), std::string(context.say("from", "設定元"))}, 1);
    json::object out;
    for (const auto& row : server::all_settings()) {
        const auto& value = config->value(row.key);
        std::string text;
        for (const auto& item : value.items) text += (text.empty() ? "" : ", ") + item;
        if (row.key == "vault.master_key" && !text.empty()) text = std::string(context.say("(set)", "（設定済み）"));
        if (const auto at = text.rfind('@'); row.key == "http.proxy" && at != text.npos) text.replace(0, at, "…");  // its user and password
        out[json::view(row.key)] = text;
        table.add({std::string(row.key), text, value.source}, {value.source == "default" ? "dim" : "bold", "", "dim"});
    }
    if (context.json) return print_json(out);
    std::cout << table.text(context.terminal) << context.terminal.green("✓ ") << context.say("the configuration is good", "設定に問題はありません") << '\n';
    return Exit::ok;
}

int config_reference(Context&, const Arguments&) {
    std::cout << server::config_reference();
    return Exit::ok;
}

std::string number_in(const json::value& answer, std::string_view name) { return std::to_string(json::integer(answer.get_object(), name).value_or(0)); }

int vault_status_online(Context& context) {
    auto vault = context.api().get("/v1/vault");
    if (!vault) return context.refuse(vault.error());
    if (context.json) return print_json(*vault);
    print_fields(context, {{std::string(context.say("master key from", "マスター キーの場所")), text_of(*vault, "master_key_source")},
                           {std::string(context.say("master key id", "マスター キーの ID")), text_of(*vault, "master_key_id")},
                           {std::string(context.say("workspaces", "ワークスペース")), number_in(*vault, "workspaces")},
                           {std::string(context.say("data keys", "データ キー")), number_in(*vault, "data_keys")},
                           {std::string(context.say("sealed with older keys", "以前のキーで封印された値")), number_in(*vault, "sealed_with_older_keys")},
                           {std::string(context.say("rotation in work", "実行中の更新")), text_of(*vault, "running_operation")}});
    return Exit::ok;
}

int vault_status(Context& context, const Arguments& arguments) {
    if (arguments.has("online")) return vault_status_online(context);
    return with_settings(context, arguments, [&](const server::Settings& settings) { return offline::vault_status(settings, std::cout, context.json); });
}

int vault_rotate_online(Context& context, const Arguments& arguments, const offline::VaultRotate& what) {
    if (what.new_key_file)
        return context.refuse(
            Error{Errc::invalid_field, "--new-key-file is for a stopped server: a key does not go over the network", {{"field", "new-key-file"}}});
    auto operation = context.api().post("/v1/vault/rotate", json::object{{"master_key", what.master}, {"data_keys", what.data_keys}});
    if (!operation) return context.refuse(operation.error());
    if (arguments.has("no-wait") || context.json) return print_json(*operation);
    return follow_operation(context, "/v1/operations/" + text_of(*operation, "id"));
}

int vault_rotate(Context& context, const Arguments& arguments) {
    const bool both = !arguments.has("master") && !arguments.has("data-keys");
    offline::VaultRotate what{both || arguments.has("master"), both || arguments.has("data-keys"), std::nullopt};
    if (const auto file = arguments.text("new-key-file"); !file.empty()) what.new_key_file = file;
    if (what.new_key_file && !what.master)
        return context.refuse(Error{Errc::invalid_field, "--new-key-file is a new master key: it needs --master", {{"field", "new-key-file"}}});
    if (arguments.has("online")) return vault_rotate_online(context, arguments, what);
    return with_settings(context, arguments, [&](const server::Settings& settings) { return offline::vault_rotate(settings, what, std::cout, context.json); });
}

int backup(Context& context, const Arguments& arguments) {
    return with_settings(context, arguments,
                         [&](const server::Settings& settings) { return offline::backup(settings, arguments.text("file"), std::cout, context.json); });
}

int check_store(Context& context, const Arguments& arguments) {
    return with_settings(context, arguments, [&](const server::Settings& settings) { return offline::check(settings, std::cout, context.json); });
}

Result<std::string> setup_code(const Arguments& arguments) {
    std::string link = arguments.text("link");
    if (const auto file = arguments.text("link-file"); !file.empty()) {
        std::ifstream in(file);
        if (!in || !std::getline(in, link)) return bad_field("link-file", fmt::format("the file {} cannot be read; the link may have been used already", file));
    }
    const auto slash = link.rfind('/');
    if (slash == link.npos || slash + 1 == link.size()) return bad_field("link", "--link or --link-file is needed: the server shows it at its first start");
    return link.substr(slash + 1);
}

int setup(Context& context, const Arguments& arguments) {
    auto code = setup_code(arguments);
    if (!code) return context.refuse(code.error());
    auto password =
        read_secret(arguments.text("password-file"), context.say("Password (12 characters or more, not shown)", "パスワード（12 文字以上、表示されません）"));
    if (!password) return context.refuse(password.error());
    json::object body{{"code", *code},
                      {"email", arguments.text("email")},
                      {"display_name", arguments.text("display-name", arguments.text("email"))},
                      {"password", json::view(password->expose())},
                      {"locale", context.japanese ? "ja" : "en"}};
    if (arguments.has("also")) body["also"] = texts(arguments.list("also"));
    auto made = context.api().post("/v1/setup", std::move(body));
    if (!made) return context.refuse(made.error());
    const auto* key = json::find(made->get_object(), "key");
    const auto text = key == nullptr ? std::string() : text_of(*key, "text");
    if (const auto file = arguments.text("key-out"); !file.empty()) {
        if (auto written = write_private_file(file, text + "\n"); !written) return context.refuse(written.error());
        std::cout << context.terminal.green("✓ ")
                  << fmt::format("{} {}", context.say("the first administrator is there; their key is in", "最初の管理者を作成しました。キーの保存先:"), file)
                  << '\n';
        return Exit::ok;
    }
    if (context.json) return print_json(*made);
    std::cout << context.say("The administrator's key, shown only now:", "管理者の API キー（この画面でのみ表示されます）:") << "\n\n  "
              << context.terminal.bold(text) << "\n\n";
    return Exit::ok;
}

int completion(Context& context, const Arguments& arguments) {
    const auto shell = arguments.text("shell");
    if (shell != "bash" && shell != "zsh") return context.refuse(Error{Errc::invalid_field, "the shell must be bash or zsh"});
    std::cout << (shell == "bash" ? bash_completion() : zsh_completion());
    return Exit::ok;
}

int man(Context&, const Arguments&) {
    std::cout << man_page();
    return Exit::ok;
}

}  // namespace

std::vector<Command> server_commands() {
    return {
        {"serve", "run the server", "サーバーを実行する", serve_options, serve},
        {"setup", "make the first administrator with the one-time link", "一度だけ使えるリンクで最初の管理者を作る", setup_options, setup},
        {"config check", "show every setting and where it comes from", "設定を確認する", config_options, config_check},
        {"config reference", "the reference of all settings (Markdown)", "設定の一覧（Markdown）", {}, config_reference},
        {"vault status", "which keys are in use", "保管庫の状態", vault_status_options, vault_status},
        {"vault rotate", "new keys, and everything sealed anew", "保管庫のキーを新しくする", rotate_options, vault_rotate},
        {"backup", "copy the store consistently, also while the server runs", "バックアップする（稼働中も可）", backup_options, backup},
        {"store check", "look for damage and verify the audit's chain", "破損の有無と監査ログの連鎖を確認する", config_options, check_store},
        {"completion", "a completion script for the shell", "シェルの補完スクリプト", shell_options, completion},
        {"man", "the manual page (troff)", "マニュアル（troff）", {}, man},
    };
}

}  // namespace renkei::cli

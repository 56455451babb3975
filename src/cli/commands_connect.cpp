#include "cli/commands.hpp"
#include "cli/registration_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

namespace renkei::cli {
namespace {

constexpr OptionRow connect_options[] = {
    {"name", OptionKind::text, "NAME", "stable name of the connection, e.g. invoice-mail", "コネクションの名前（例: invoice-mail）"},
    {"mode", OptionKind::text, "app|person|device|everybody",
     "act as the application, as the person who signs in, as one who signs in on another machine with a code, or as each person for themself",
     "アプリとして（app）、サインインするユーザーとして（person）、別の端末でコードを入力するユーザーとして（device）、各ユーザー本人として（everybody）"},
    {"registration", OptionKind::text, "NAME", "use this client registration; without it one is made from the options below",
     "登録済みのアプリを使う（省略時は以下の値から登録する）"},
    {"client-id", OptionKind::text, "ID", "client ID of the app registration", "クライアント ID"},
    {"client-secret-file", OptionKind::text, "FILE", "file with the client secret, - for standard input; asked for without it",
     "クライアント シークレットのファイル（- は標準入力）。省略時は入力を求めます"},
    {"certificate", OptionKind::text, "FILE", "instead of a secret: client certificate as PFX, its Base64 text, or PEM",
     "シークレットの代わりに: クライアント証明書（PFX、その Base64、PEM）"},
    {"password-file", OptionKind::text, "FILE", "file with the password of the certificate, - for standard input",
     "証明書のパスワードのファイル（- は標準入力）"},
    {"tenant", OptionKind::text, "ID", "Microsoft: tenant ID or domain", "Microsoft: テナント ID またはドメイン"},
    {"cloud", OptionKind::text, "NAME", "environment: commercial (default), us_gov_l4, us_gov_l5, china",
     "環境: commercial（既定）、us_gov_l4、us_gov_l5、china"},
    {"issuer", OptionKind::text, "URL", "generic OAuth 2.0: issuer whose metadata is read", "汎用 OAuth 2.0: 発行者"},
    {"authorization-endpoint", OptionKind::text, "URL", "generic OAuth 2.0: instead of an issuer", "汎用 OAuth 2.0: 認可エンドポイント"},
    {"token-endpoint", OptionKind::text, "URL", "generic OAuth 2.0: instead of an issuer", "汎用 OAuth 2.0: トークン エンドポイント"},
    {"client-auth", OptionKind::text, "METHOD",
     "client_secret_basic, client_secret_post, private_key_jwt, none; federated_credential and managed_identity where the operator maps a source",
     "client_secret_basic、client_secret_post、private_key_jwt、none（federated_credential と managed_identity は運用担当者の対応付けが必要）"},
    {"private-key-file", OptionKind::text, "FILE", "PEM private key for private_key_jwt", "private_key_jwt の秘密鍵（PEM）"},
    {"key-id", OptionKind::text, "ID", "kid for private_key_jwt", "private_key_jwt の kid"},
    {"mailbox", OptionKind::text, "ADDRESS", "mailbox that is meant when a call names none", "対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "the person who must sign in", "操作に使うユーザー"},
    {"fence", OptionKind::list, "A,B", "what may be touched: addresses, calendar:…, group:…, or *; default: the mailbox alone",
     "メールボックスの許可リスト（既定は対象メールボックスのみ）"},
    {"scope", OptionKind::list, "A,B", "scopes to ask for; default: the connector's usual ones", "スコープ（省略時は既定）"},
    {"for", OptionKind::list, "A,B", "actions and triggers that are wanted, e.g. mail:read,mail:send: asks for the least scopes that allow them",
     "使う操作とトリガー（例: mail:read,mail:send）。必要最小限のスコープだけを要求する"},
    {"resolve-tenant", OptionKind::flag, "", "app: find the tenant by the mailbox's domain instead of entering it",
     "app: テナントを入力する代わりに、対象メールボックスのドメインから求める"},
    {"folder", OptionKind::text, "NAME", "folder in Renkei", "Renkei のフォルダー"},
    {"title", OptionKind::text, "TEXT", "free text for people", "表示名"},
    {"show-redirect", OptionKind::flag, "", "print the redirect URI to copy into the provider's form, and end", "リダイレクト URI を表示して終わる"},
    {"wait", OptionKind::integer, "SECONDS", "person, device: wait until the sign-in is done, at most this long", "person、device: サインインの完了を待つ秒数"},
};

Result<std::string> read_file(const std::string& path, std::string_view field) {
    std::ifstream in(path);
    if (!in) return bad_field(field, fmt::format("the file {} cannot be read", path));
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

void put(json::object& body, std::string_view member, const std::string& value) {
    if (!value.empty()) body[json::view(member)] = value;
}

Result<json::object> registration_body(Context& context, const Arguments& arguments, std::string_view connector, const std::string& name) {
    json::object body{{"name", name}, {"connector", json::view(connector)}, {"client_id", arguments.text("client-id")}};
    put(body, "tenant", arguments.text("tenant"));
    put(body, "cloud", arguments.text("cloud"));
    put(body, "issuer", arguments.text("issuer"));
    put(body, "authorization_endpoint", arguments.text("authorization-endpoint"));
    put(body, "token_endpoint", arguments.text("token-endpoint"));
    put(body, "auth_method", arguments.text("client-auth"));
    put(body, "key_id", arguments.text("key-id"));
    // The last two are refused by the server with the reason; there is no secret to ask for.
    for (const auto* without : {"none", "federated_credential", "managed_identity"})
        if (arguments.text("client-auth") == without) return body;
    if (arguments.has("certificate")) {
        if (auto put = put_credential(context, arguments, body); !put) return propagate(put);
        return body;
    }
    if (arguments.has("private-key-file")) {
        auto pem = read_file(arguments.text("private-key-file"), "private-key-file");
        if (!pem) return propagate(pem);
        body["private_key"] = *pem;
        return body;
    }
    auto secret = read_secret(arguments.text("client-secret-file"), context.say("Client secret (not shown)", "クライアント シークレット（表示されません）"));
    if (!secret) return propagate(secret);
    body["client_secret"] = json::view(secret->expose());
    return body;
}

// What is a trigger and what an action, the connector knows.
Result<json::array> least_scopes(Context& context, std::string_view connector, const std::vector<std::string>& wanted, bool application,
                                 const std::string& cloud) {
    const auto path = "/v1/connectors/" + percent_encode(connector) + "/scopes";
    auto known = context.api().post(path, json::object{{"actions", json::array{}}, {"triggers", json::array{}}});
    if (!known) return propagate(known);
    const auto* list = json::find(known->get_object(), "known_triggers");
    json::array actions, triggers;
    for (const auto& word : wanted) {
        const bool is_trigger = list != nullptr && list->is_array() &&
                                std::ranges::any_of(list->get_array(), [&](const auto& one) { return one.is_string() && one.get_string() == word; });
        (is_trigger ? triggers : actions).emplace_back(word);
    }
    json::object body{{"actions", std::move(actions)}, {"triggers", std::move(triggers)}, {"permissions", application ? "application" : "delegated"}};
    put(body, "cloud", cloud);
    auto least = context.api().post(path, std::move(body));
    if (!least) return propagate(least);
    const auto* scopes = json::find(least->get_object(), "scopes");
    return scopes != nullptr && scopes->is_array() ? scopes->get_array() : json::array{};
}

json::object connection_body(const Arguments& arguments, const std::string& registration) {
    const auto mode = arguments.text("mode", "app");
    json::object body{{"name", arguments.text("name")},
                      {"registration", registration},
                      {"mode", mode == "app"      ? "client_credentials"
                               : mode == "device" ? "device_code"
                                                  : "authorization_code"}};
    if (mode == "everybody") body["token_type"] = "user_specific";
    for (const auto* member : {"mailbox", "folder", "title"}) put(body, member, arguments.text(member));
    put(body, "act_as", arguments.text("act-as"));
    if (arguments.has("scope")) body["scopes"] = texts(arguments.list("scope"));
    if (arguments.has("fence")) body["fence"] = json::object{{"mailboxes", texts(arguments.list("fence"))}};
    return body;
}

int show_redirect(Context& context, std::string_view connector) {
    auto facts = context.api().get("/v1/connectors/" + std::string(connector));
    if (!facts) return context.refuse(facts.error());
    std::cout << text_of(*facts, "redirect_uri") << '\n';
    return Exit::ok;
}

int wait_until_connected(Context& context, const std::string& name, long seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < end) {
        auto connection = context.api().get("/v1/connections/" + name);
        if (!connection) return context.refuse(connection.error());
        // What ended without success says so at the connection; a draft that still waits has no reason yet.
        if (const auto* why = error_row_of_slug(text_of(*connection, "state_code")); why != nullptr && text_of(*connection, "state") == "draft")
            return context.refuse(Error{why->code, text_of(*connection, "state_detail")});
        if (text_of(*connection, "state") == "active") {
            std::cout << context.terminal.green("✓ ") << context.say("connected", "接続しました") << '\n';
            return Exit::ok;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    std::cerr << context.say("nobody has signed in yet; the link stays valid for an hour\n", "まだサインインされていません。リンクは 1 時間有効です\n");
    return Exit::try_later;
}

int give_link(Context& context, const std::string& name, const Arguments& arguments) {
    json::object body;
    if (arguments.has("other-account")) body["other_account"] = true;
    auto link = context.api().post("/v1/connections/" + name + "/link", std::move(body));
    if (!link) return context.refuse(link.error());
    if (context.json) return print_json(*link);
    std::cout << context.say("Open this link and sign in (one hour, once):", "次のリンクを開いてサインインしてください（1 時間、1 回限り）:") << "\n\n  "
              << context.terminal.bold(text_of(*link, "url")) << "\n"
              << std::endl;  // whoever waits for it through a pipe sees it at once
    return arguments.has("wait") ? wait_until_connected(context, name, arguments.integer("wait", 0)) : Exit::ok;
}

int give_code(Context& context, const std::string& name, const Arguments& arguments) {
    auto device = context.api().post("/v1/connections/" + name + "/device", json::object{});
    if (!device) return context.refuse(device.error());
    if (context.json) return print_json(*device);
    std::cout << context.say("Open this address on any device and type the code:", "任意の端末で次のアドレスを開き、コードを入力してください:") << "\n\n  "
              << context.terminal.bold(text_of(*device, "verification_uri")) << "\n  " << context.terminal.bold(text_of(*device, "user_code")) << "\n"
              << std::endl;
    return arguments.has("wait") ? wait_until_connected(context, name, arguments.integer("wait", 0)) : Exit::ok;
}

int report_connection(Context& context, const json::value& connection) {
    if (context.json) return print_json(connection);
    const auto state = text_of(connection, "state");
    std::cout << (state == "active" ? context.terminal.green("✓ ") : context.terminal.yellow("! ")) << context.terminal.bold(text_of(connection, "name"))
              << "  " << state_word(context, state) << "\n";
    print_fields(context, {{std::string(context.say("mailbox", "対象メールボックス")), text_of(connection, "mailbox")},
                           {std::string(context.say("connector", "コネクタ")), text_of(connection, "connector")}});
    const auto* problem = json::find(connection.get_object(), "problem");
    if (problem == nullptr || !problem->is_object()) return Exit::ok;
    return context.refuse(told_by(problem->get_object()));
}

int tell_everybody(Context& context, const std::string& name) {
    std::cout << context.terminal.green("✓ ")
              << context.say("Everybody connects their own account. Send them this page; they sign in to Renkei first:",
                             "各ユーザーが自分のアカウントを接続します。次のページを案内してください（先に Renkei へのサインインが必要です）:")
              << "\n\n  " << context.terminal.bold(context.url + "/my/connections/" + name) << "\n\n";
    return Exit::ok;
}

// Makes a registration unless one is named. An existing one of that name is used as it is.
Result<std::string> registration_for(Context& context, const Arguments& arguments, std::string_view connector) {
    if (arguments.has("registration")) return arguments.text("registration");
    if (!arguments.has("client-id")) return bad_field("client-id", "--client-id is needed, or --registration with the name of a stored one");
    auto name = arguments.text("name") + "-app";
    auto body = registration_body(context, arguments, connector, name);
    if (!body) return propagate(body);
    auto made = context.api().post("/v1/registrations", *std::move(body));
    if (!made) return propagate(made);
    return name;
}

int connect_with(Context& context, const Arguments& arguments, std::string_view connector) {
    if (arguments.has("show-redirect")) return show_redirect(context, connector);
    if (!arguments.has("name")) return context.refuse(Error{Errc::invalid_field, "--name is needed"});
    const auto mode = arguments.text("mode", "app");
    if (mode != "app" && mode != "person" && mode != "device" && mode != "everybody")
        return context.refuse(Error{Errc::invalid_field, "--mode must be app, person, device or everybody"});
    auto registration = registration_for(context, arguments, connector);
    if (!registration) return context.refuse(registration.error());
    auto body = connection_body(arguments, *registration);
    if (arguments.has("for")) {
        auto least = least_scopes(context, connector, arguments.list("for"), mode == "app", arguments.text("cloud"));
        if (!least) return context.refuse(least.error());
        body["scopes"] = *std::move(least);
    }
    if (arguments.has("resolve-tenant")) {
        auto resolved =
            context.api().post("/v1/registrations/" + percent_encode(*registration) + "/resolve-tenant", json::object{{"address", arguments.text("mailbox")}});
        if (!resolved) {
            if (!arguments.has("registration")) static_cast<void>(context.api().remove("/v1/registrations/" + *registration));
            return context.refuse(resolved.error());
        }
    }
    auto connection = context.api().post("/v1/connections", std::move(body));
    if (!connection) {
        // A registration that was made for this connection alone is not left behind.
        if (!arguments.has("registration")) static_cast<void>(context.api().remove("/v1/registrations/" + *registration));
        return context.refuse(connection.error());
    }
    if (mode == "person") return give_link(context, arguments.text("name"), arguments);
    if (mode == "device") return give_code(context, arguments.text("name"), arguments);
    if (mode == "everybody" && !context.json) return tell_everybody(context, arguments.text("name"));
    return report_connection(context, *connection);
}

int connect_microsoft(Context& context, const Arguments& arguments) { return connect_with(context, arguments, "microsoft"); }
int connect_oauth(Context& context, const Arguments& arguments) { return connect_with(context, arguments, "oauth"); }

int reconnect(Context& context, const Arguments& arguments) {
    const auto name = arguments.text("connection");
    auto connection = context.api().get("/v1/connections/" + percent_encode(name));
    if (!connection) return context.refuse(connection.error());
    if (text_of(*connection, "mode") == "authorization_code") return give_link(context, name, arguments);
    if (text_of(*connection, "mode") == "device_code") return give_code(context, name, arguments);
    auto connected = context.api().post("/v1/connections/" + name + "/connect", json::object{});
    return connected ? report_connection(context, *connected) : context.refuse(connected.error());
}

constexpr OptionRow reconnect_options[] = {
    {"connection", OptionKind::positional, "NAME", "the connection", "コネクション", true},
    {"wait", OptionKind::integer, "SECONDS", "wait until the sign-in is done, at most this long", "サインインの完了を待つ秒数"},
    {"other-account", OptionKind::flag, "", "another account than before may sign in, and takes its place",
     "以前とは別のアカウントでのサインインを許可する（置き換わります）"},
};

constexpr OptionRow scopes_options[] = {
    {"connector", OptionKind::positional, "NAME", "microsoft, microsoft_teams …", "コネクタ（microsoft、microsoft_teams など）", true},
    {"for", OptionKind::list, "A,B", "actions and triggers that are wanted, e.g. mail:read,mail:send", "使う操作とトリガー（例: mail:read,mail:send）"},
    {"application", OptionKind::flag, "", "permissions of the application instead of a person's", "アプリケーションのアクセス許可"},
    {"cloud", OptionKind::text, "NAME", "environment", "環境"},
};

int connector_scopes(Context& context, const Arguments& arguments) {
    auto least = least_scopes(context, arguments.text("connector"), arguments.list("for"), arguments.has("application"), arguments.text("cloud"));
    if (!least) return context.refuse(least.error());
    if (context.json) return print_json(json::object{{"scopes", *least}});
    for (const auto& scope : *least) std::cout << json::view(scope.get_string()) << '\n';
    return Exit::ok;
}

}  // namespace

std::vector<Command> connect_commands() {
    return {
        {"connect microsoft", "connect to Microsoft 365", "Microsoft 365 に接続する", connect_options, connect_microsoft},
        {"connect oauth", "connect to any OAuth 2.0 service", "OAuth 2.0 のサービスに接続する", connect_options, connect_oauth},
        {"connectors scopes", "the least scopes for what is wanted", "必要最小限のスコープを表示する", scopes_options, connector_scopes},
        {"connections reconnect", "connect again: a new link, or the app's own credentials", "再接続する", reconnect_options, reconnect},
    };
}

}  // namespace renkei::cli

#include "base/encoding.hpp"
#include "cli/commands.hpp"
#include "cli/registration_files.hpp"

#include <fmt/format.h>

#include <iostream>

namespace renkei::cli {
namespace {

constexpr OptionRow name_option{"name", OptionKind::text, "NAME", "name of the client registration, e.g. microsoft-app",
                                "アプリの登録の名前（例: microsoft-app）"};
constexpr OptionRow client_id_option{"client-id", OptionKind::text, "ID", "client ID of the app registration", "クライアント ID"};
constexpr OptionRow tenant_option{"tenant", OptionKind::text, "ID", "Microsoft: tenant ID or domain", "Microsoft: テナント ID またはドメイン"};
constexpr OptionRow cloud_option{"cloud", OptionKind::text, "NAME", "environment: commercial (default), us_gov_l4, us_gov_l5, china",
                                 "環境: commercial（既定）、us_gov_l4、us_gov_l5、china"};
constexpr OptionRow connector_option{"connector", OptionKind::text, "NAME", "microsoft (default) or oauth", "コネクタ: microsoft（既定）、oauth"};
constexpr OptionRow key_file_option{"private-key-file", OptionKind::text, "FILE", "PEM private key, if the certificate's file has none",
                                    "証明書のファイルに秘密鍵がない場合の秘密鍵（PEM）"};
constexpr OptionRow password_option{"password-file", OptionKind::text, "FILE", "file with the password of the PFX or key, - for standard input",
                                    "PFX または秘密鍵のパスワードのファイル（- は標準入力）"};
constexpr OptionRow certificate_option{"certificate", OptionKind::text, "FILE", "client certificate: PFX, its Base64 text, or PEM",
                                       "クライアント証明書: PFX、その Base64、または PEM"};
constexpr OptionRow registration_option{"registration", OptionKind::positional, "NAME", "the client registration", "アプリの登録", true};

constexpr OptionRow add_options[] = {
    {"name", OptionKind::text, "NAME", "name of the client registration, e.g. microsoft-app", "アプリの登録の名前（例: microsoft-app）", true},
    {"client-id", OptionKind::text, "ID", "client ID of the app registration", "クライアント ID", true},
    tenant_option,
    cloud_option,
    connector_option,
    certificate_option,
    key_file_option,
    password_option,
    {"assertion-algorithm", OptionKind::text, "PS256|RS256", "how assertions are signed; PS256 without it", "アサーションの署名方式（既定 PS256）"},
    {"client-secret-file", OptionKind::text, "FILE", "instead of a certificate: file with the client secret, - for standard input; asked for without it",
     "証明書の代わりに: クライアント シークレットのファイル（- は標準入力）。省略時は入力を求めます"},
};
constexpr OptionRow add_certificate_options[] = {registration_option, certificate_option, key_file_option, password_option};
constexpr OptionRow import_options[] = {
    {"file", OptionKind::positional, "FILE", "authOfficeCalendar.json, JSON of az ad sp create-for-rbac, PFX or PEM",
     "authOfficeCalendar.json、az ad sp create-for-rbac の JSON、PFX、PEM", true},
    name_option,
    {"registration", OptionKind::text, "NAME", "add it to this client registration instead of making a new one", "既存のアプリの登録に追加する"},
    client_id_option,
    tenant_option,
    cloud_option,
    connector_option,
    password_option,
    {"dry-run", OptionKind::flag, "", "say what the file is and end", "ファイルの種類を表示して終わる"},
};

int print_registration(Context& context, const json::value& row) {
    if (context.json) return print_json(row);
    std::cout << context.terminal.green("✓ ") << context.terminal.bold(text_of(row, "name")) << "  " << text_of(row, "client_id") << '\n';
    const auto* credentials = json::find(row.get_object(), "credentials");
    if (credentials == nullptr || !credentials->is_array() || credentials->get_array().empty()) return Exit::ok;
    const auto& newest = credentials->get_array().front();
    const auto* certificate = json::find(newest.get_object(), "certificate");
    if (certificate == nullptr) return Exit::ok;
    print_fields(context, {{std::string(context.say("subject", "サブジェクト")), text_of(*certificate, "subject")},
                           {std::string(context.say("thumbprint", "拇印")), text_of(*certificate, "thumbprint_sha1")},
                           {std::string(context.say("thumbprint (SHA-256)", "拇印（SHA-256）")), text_of(*certificate, "thumbprint_sha256")},
                           {std::string(context.say("expires", "有効期限")), text_of(newest, "expires_at")}});
    return Exit::ok;
}

int add(Context& context, const Arguments& arguments) {
    json::object body{{"name", arguments.text("name")}, {"connector", arguments.text("connector", "microsoft")}, {"client_id", arguments.text("client-id")}};
    for (const auto* member : {"tenant", "cloud"})
        if (arguments.has(member)) body[member] = arguments.text(member);
    if (arguments.has("assertion-algorithm")) body["assertion_algorithm"] = arguments.text("assertion-algorithm");
    if (auto put = put_credential(context, arguments, body); !put) return context.refuse(put.error());
    auto made = context.api().post("/v1/registrations", std::move(body));
    return made ? print_registration(context, *made) : context.refuse(made.error());
}

int add_certificate(Context& context, const Arguments& arguments) {
    json::object body;
    if (!arguments.has("certificate")) return context.refuse(Error{Errc::invalid_field, "--certificate is needed"});
    if (auto put = put_credential(context, arguments, body); !put) return context.refuse(put.error());
    auto added = context.api().post("/v1/registrations/" + percent_encode(arguments.text("registration")) + "/credentials", std::move(body));
    return added ? print_registration(context, *added) : context.refuse(added.error());
}

void print_import(Context& context, const json::value& import) {
    std::vector<std::pair<std::string, std::string>> fields{{std::string(context.say("recognised as", "種類")), text_of(import, "kind")}};
    for (const auto* member : {"connector", "cloud", "tenant", "client_id"})
        if (auto value = text_of(import, member); !value.empty()) fields.emplace_back(member, std::move(value));
    if (const auto* certificate = json::find(import.get_object(), "certificate")) {
        fields.emplace_back(context.say("subject", "サブジェクト"), text_of(*certificate, "subject"));
        fields.emplace_back(context.say("thumbprint", "拇印"), text_of(*certificate, "thumbprint_sha1"));
        fields.emplace_back(context.say("expires", "有効期限"), text_of(import, "certificate_expires_at"));
    }
    print_fields(context, fields);
}

int import_file(Context& context, const Arguments& arguments) {
    auto content = read_binary(arguments.text("file"), "file");
    if (!content) return context.refuse(content.error());
    json::object body{{"content", base64(as_bytes(content->expose()))}};
    if (auto put = put_password(context, arguments, body); !put) return context.refuse(put.error());
    auto import = context.api().post("/v1/imports", std::move(body));
    if (!import) return context.refuse(import.error());
    if (arguments.has("dry-run") && context.json) return print_json(*import);
    if (!context.json) print_import(context, *import);
    if (arguments.has("dry-run")) return Exit::ok;
    json::object wanted;
    if (arguments.has("registration"))
        wanted["registration"] = arguments.text("registration");
    else
        wanted["name"] = arguments.text("name", text_of(*import, "suggested_name"));
    for (const auto& [option, member] : {std::pair{"client-id", "client_id"}, {"tenant", "tenant"}, {"cloud", "cloud"}, {"connector", "connector"}})
        if (arguments.has(option)) wanted[member] = arguments.text(option);
    auto made = context.api().post("/v1/imports/" + percent_encode(text_of(*import, "import")) + "/register", std::move(wanted));
    return made ? print_registration(context, *made) : context.refuse(made.error());
}

constexpr OptionRow resolve_options[] = {
    registration_option,
    {"address", OptionKind::text, "ADDRESS", "a mailbox of the tenant, or its domain", "テナントのメールボックスまたはドメイン", true},
};

int resolve_tenant(Context& context, const Arguments& arguments) {
    auto resolved = context.api().post("/v1/registrations/" + percent_encode(arguments.text("registration")) + "/resolve-tenant",
                                       json::object{{"address", arguments.text("address")}});
    if (!resolved) return context.refuse(resolved.error());
    if (context.json) return print_json(*resolved);
    std::cout << context.terminal.green("✓ ") << text_of(*resolved, "tenant") << " → " << context.terminal.bold(text_of(*resolved, "resolved_tenant")) << '\n';
    return Exit::ok;
}

}  // namespace

std::vector<Command> registration_commands() {
    return {
        {"registrations add", "store a client id with its certificate or secret", "アプリの登録を証明書またはシークレットとともに保存する", add_options, add},
        {"registrations add-certificate", "store a new certificate beside the old credential", "新しい証明書を保存する", add_certificate_options,
         add_certificate},
        {"registrations resolve-tenant", "find the tenant ID by a mailbox's domain and keep it", "メールボックスのドメインからテナント ID を求めて保存する",
         resolve_options, resolve_tenant},
        {"import", "import a file with an app's credentials; it is recognised by its content", "資格情報のファイルをインポートする（種類は内容から判別）",
         import_options, import_file},
    };
}

}  // namespace renkei::cli

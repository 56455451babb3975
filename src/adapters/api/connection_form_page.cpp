#include "adapters/api/connection_form.hpp"
#include "adapters/api/connection_words.hpp"
#include "adapters/api/form_parts.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace renkei::api {
namespace {

// Writes the fields of one form.
class Page {
public:
    Page(const Call& call, const ConnectionForm& form) : language_(call.language), form_(form), refusals_(refusals_of(form.refused, call.language)) {}

    Html result(const Call& call) {
        write_summary(html_, refusals_, language_);
        write_intro();
        const auto address = fmt::format("/connections/new/{}?connector={}", form_.kind->path, form_.connector->key);
        html_.open("form", {{"method", "post"}, {"action", address}, {"enctype", "multipart/form-data"}, {"accept-charset", "utf-8"}, {"novalidate", ""}});
        write_form_token(html_, call);
        write_app();
        write_account();
        write_work();
        write_place();
        close_form(html_, button());
        return html_;
    }

private:
    std::string_view say(std::string_view en, std::string_view ja) const { return pick(language_, en, ja); }
    std::string refused(std::string_view field) const {
        const auto found = std::ranges::find(refusals_, field, &FormRefusal::field);
        return found == refusals_.end() ? std::string() : found->text;
    }
    std::string_view button() const {
        if (is_app_only(*form_.kind)) return say("Connect", "接続");
        return form_.kind->kind == SignInKind::device ? say("Get a code", "コードを取得") : say("Save, then sign in", "保存してサインインに進む");
    }
    FormField field(std::string_view name, std::string_view label, std::string_view help = {}, bool optional = false, std::string_view type = "text") const {
        return {name, label, form_.value(name), help, refused(name), type, optional};
    }
    void open_group(std::string_view title, std::string_view css = {}) { html_.open("fieldset", {{css.empty() ? "" : "class", css}}).element("legend", title); }

    void write_intro();
    void write_app();
    void write_new_app();
    void write_cloud();
    void write_endpoints();
    void write_secret();
    void write_certificate();
    void write_file(std::string_view label, std::string_view help);
    void write_kept_file();
    void write_account();
    void write_work();
    void write_place();

    Language language_;
    const ConnectionForm& form_;
    std::vector<FormRefusal> refusals_;
    Html html_;
};

void Page::write_intro() {
    html_.element("p", say(form_.kind->when_en, form_.kind->when_ja));
    if (form_.kind->kind == SignInKind::managed)
        html_.element("p",
                      form_.connector->clouds.empty()
                          ? say("Provider type: custom, with addresses of your own", "プロバイダーの種類: カスタム（アドレスを指定）")
                          : say("Provider type: built-in; for another one choose OAuth 2.0 as the service",
                                "プロバイダーの種類: 組み込み（ほかのプロバイダーは、サービスで OAuth 2.0 を選択）"),
                      {{"class", "hint"}});
    html_.open("p").element("a", say("Choose another way", "ほかの方法を選択"), {{"href", "/connections/new?connector=" + form_.connector->key}}).close("p");
    if (form_.kind->mode != core::ConnectionMode::authorization_code) return;
    // U-41: readable, and to be copied, before anything is sent.
    html_.element("h2", say("Redirect URI (callback) for the app", "アプリに登録するリダイレクト URI（コールバック URL）"));
    html_.element("pre", form_.redirect_uri, {{"class", "copy"}});
    html_.element("p",
                  has_credential(*form_.kind)
                      ? say("Add exactly this address to the app first: Authentication, platform Web.",
                            "先にこのアドレスをそのままアプリに追加してください（「認証」、プラットフォームは「Web」）。")
                      : say("Add exactly this address to the app first: Authentication, platform Mobile and desktop applications.",
                            "先にこのアドレスをそのままアプリに追加してください（「認証」、プラットフォームは「モバイル アプリケーションとデスクトップ "
                            "アプリケーション」）。"),
                  {{"class", "hint"}});
}

void Page::write_app() {
    open_group(say("The app at the provider", "提供元サービスのアプリ"));
    if (!form_.apps.empty()) {
        std::vector<FormChoice> choices{{"", std::string(say("a new one, described here", "新しく登録する"))}};
        for (const auto& app : form_.apps) choices.push_back({app.name.text(), fmt::format("{} ({})", app.name.text(), app.client_id.substr(0, 60))});
        write_choice(html_,
                     field("registration", say("Client registration", "アプリの登録"),
                           say("One app can serve many connections.", "1 つのアプリを複数のコネクションで使用できます。")),
                     choices, language_);
    }
    html_.open("div", {{"class", "new-app"}});
    write_new_app();
    html_.close("div").close("fieldset");
}

void Page::write_new_app() {
    if (form_.connector->clouds.empty())
        write_endpoints();
    else
        write_cloud();
    write_field(html_,
                field("client_id", say("Client ID", "クライアント ID"),
                      form_.connector->clouds.empty()
                          ? say("As the provider shows it for the app.", "提供元サービスがアプリに対して表示する値です。")
                          : say("Application (client) ID in the app's overview.", "アプリの「概要」にあるアプリケーション（クライアント）ID です。")),
                language_);
    if (form_.kind->kind == SignInKind::certificate)
        write_certificate();
    else if (has_credential(*form_.kind))
        write_secret();
}

void Page::write_cloud() {
    std::vector<FormChoice> choices;
    for (const auto& cloud : form_.connector->clouds) choices.push_back({cloud.key, std::string(say(cloud.title_en, cloud.title_ja))});
    if (choices.size() > 1)
        write_choice(html_,
                     field("cloud", say("Environment", "環境"),
                           say("The first is right everywhere but for US government and China.", "米国政府と中国以外では、最初の選択肢のままにしてください。")),
                     choices, language_);
    auto tenant = field("tenant", say("Tenant ID", "テナント ID"),
                        is_app_only(*form_.kind) ? say("Directory (tenant) ID in the app's overview, or a domain of the organisation.",
                                                       "アプリの「概要」にあるディレクトリ（テナント）ID、または組織のドメインです。")
                                                 : say("Directory (tenant) ID of a single-tenant app; common for an app that serves many organisations.",
                                                       "シングル テナントのアプリではディレクトリ（テナント）ID、マルチテナントのアプリでは common です。"));
    if (!form_.sent && tenant.value.empty()) tenant.value = "common";  // U-31: what the form begins with
    write_field(html_, tenant, language_);
    for (const auto& error : form_.refused) {
        if (error.get("field") != "tenant" || error.get("shared_tenant").empty()) continue;
        const auto text = fmt::format(fmt::runtime(say("Find the tenant of the mailbox's domain, {}", "メールボックスのドメイン {} からテナントを特定する")),
                                      error.get("shared_tenant"));
        write_tick(html_, "tenant_from_mailbox", "yes", form_.ticked("tenant_from_mailbox", "yes"), text);
    }
}

void Page::write_endpoints() {
    write_field(html_,
                field("issuer", say("Issuer", "発行者（issuer）"),
                      say("Address of the authorization server; its endpoints are read from there.",
                          "認可サーバーのアドレスです。エンドポイントはここから取得されます。"),
                      true),
                language_);
    write_field(html_,
                field("authorization_endpoint", say("Authorization endpoint", "認可エンドポイント"),
                      say("Only where there is no issuer.", "発行者がない場合のみ。"), true),
                language_);
    write_field(
        html_, field("token_endpoint", say("Token endpoint", "トークン エンドポイント"), say("Only where there is no issuer.", "発行者がない場合のみ。"), true),
        language_);
}

void Page::write_kept_file() {
    if (!form_.import) return;
    html_.empty("input", {{"type", "hidden"}, {"name", "import"}, {"value", form_.import->handle}});
    const auto& import = *form_.import;
    std::string text(say("Your file was recognised and is kept, sealed, for an hour; send another one only to replace it.",
                         "ファイルを認識し、封をして 1 時間保管しています。差し替える場合だけ、もう一度選択してください。"));
    if (import.certificate)
        text += fmt::format(fmt::runtime(say(" Certificate {}, until {}.", " 証明書 {}、有効期限 {}。")), import.certificate->subject,
                            iso_text(import.certificate->not_after).substr(0, 10));
    html_.element("p", text, {{"class", "done"}});
}

void Page::write_file(std::string_view label, std::string_view help) {
    write_kept_file();
    const bool secret = form_.kind->kind != SignInKind::certificate;
    FormField file{"file", label, {}, help, refused("content"), "file", secret || form_.import.has_value()};
    html_.element("a", "", {{"id", "content"}});
    write_field(html_, file, language_);
}

void Page::write_secret() {
    write_field(html_,
                field("client_secret", say("Client secret", "クライアント シークレット"),
                      say("The value, not the ID, from Certificates & secrets. It goes into the vault and is never shown again.",
                          "「証明書とシークレット」の値です（ID ではありません）。資格情報の保管庫に保存され、再び表示されることはありません。"),
                      form_.import.has_value() || form_.kind->kind == SignInKind::managed, "password"),
                language_);
    write_field(html_,
                field("expires", say("The secret ends on", "シークレットの有効期限"),
                      say("As the provider shows it; Renkei shows how many days are left.", "提供元サービスに表示される日付です。残りの日数を表示します。"),
                      true, "date"),
                language_);
    if (form_.connector->clouds.empty()) return;
    write_file(say("Or a file that holds all of it", "または、すべてを含むファイル"),
               say("authOfficeCalendar.json, the JSON of az ad sp create-for-rbac, a PFX or a PEM. It is recognised by its content.",
                   "authOfficeCalendar.json、az ad sp create-for-rbac の JSON、PFX、PEM。内容から自動的に認識されます。"));
    write_field(html_, field("password", say("Password of the file", "ファイルのパスワード"), {}, true, "password"), language_);
}

void Page::write_certificate() {
    write_file(say("Client certificate: file", "クライアント証明書: ファイル"),
               say(".pfx or .pem with certificate and private key, at most 100 KiB.", "証明書と秘密鍵を含む .pfx または .pem（100 KiB まで）。"));
    write_field(html_, {"key_file", say("Private key, if it is a file of its own", "秘密鍵（別のファイルの場合）"), {}, {}, {}, "file", true}, language_);
    FormField text{"text", say("Or as text: Base64 of the .pfx, or PEM", "または、テキスト: .pfx の Base64 か PEM"), {}, {}, {}, "text", true};
    write_text_area(html_, text, language_, "4");
    write_field(
        html_,
        field("password", say("Certificate password", "証明書のパスワード"),
              say("Set when the certificate was made. Leave it empty if there is none.", "証明書の作成時に設定したもの。ない場合は空のままにしてください。"),
              true, "password"),
        language_);
    write_choice(html_,
                 field("algorithm", say("Signature", "署名方式"),
                       say("PS256 unless the provider's administrator asks for the older one.", "通常は PS256 のままにしてください。")),
                 {{"", "PS256 (x5t#S256)"}, {"RS256", "RS256 (x5t)"}}, language_);
}

void Page::write_account() {
    const bool app_only = is_app_only(*form_.kind);
    open_group(say("The account", "アカウント"));
    if (form_.kind->kind == SignInKind::managed)
        write_choice(html_,
                     field("token_type", say("Token type", "トークンの種類"),
                           say("Shared: one account, signed in to once. User-specific: each person signs in under My connections; leave the mailbox empty.",
                               "共有: 1 つのアカウントで一度サインインします。ユーザー別: 各自が「マイ "
                               "コネクション」でサインインします（メールボックスは空のままにしてください）。")),
                     {{"shared", std::string(say("shared", "共有"))}, {"user_specific", std::string(say("user-specific", "ユーザー別"))}}, language_);
    if (!app_only)
        write_field(html_,
                    field("act_as", say("Acts as: who signs in", "操作に使うユーザー（サインインする人）"),
                          say("The person with access, for example hanako@contoso.com. Leave it empty if the mailbox is the person's own.",
                              "アクセス権を持つ本人のアドレスです（例: hanako@contoso.com）。本人のメールボックスを使う場合は空のままにしてください。"),
                          true, "email"),
                    language_);
    const bool needed = form_.connector->account_required && !form_.connector->adapter.empty() && form_.kind->kind != SignInKind::managed;
    write_field(html_,
                field("mailbox",
                      app_only ? say("Account: the mailbox to use", "アカウント（対象メールボックス）")
                               : say("Mailbox to use, own or shared", "対象メールボックス（本人または共有）"),
                      say("For example invoices@contoso.com. A shared mailbox is entered by its own address.",
                          "例: invoices@contoso.com。共有メールボックスの場合は、そのアドレスを入力してください。"),
                      !needed, "email"),
                language_);
    write_text_area(html_,
                    field("fence", say("Mailboxes that it may touch, one a line", "メールボックスの許可リスト（1 行に 1 件）"),
                          say("Left empty: the mailbox above and no other. A calendar alone is written calendar:hanako@contoso.com, a group "
                              "group:sales@contoso.com. Whatever is not listed is refused before anything is sent.",
                              "空の場合は、上のメールボックスだけを許可します。予定表だけの場合は calendar:hanako@contoso.com、グループの場合は "
                              "group:sales@contoso.com のように入力します。一覧にないものへの要求は、送信前に拒否されます。"),
                          true),
                    language_);
    if (form_.may_open_everything)
        write_tick(html_, "fence_all", "yes", form_.ticked("fence_all", "yes"),
                   say("■ * Every mailbox that the provider lets it reach. This is recorded with your name.",
                       "■ * 提供元サービスで到達できるすべてのメールボックスを許可する（操作者の名前が記録されます）"),
                   {}, "check danger");
    html_.close("fieldset");
}

void Page::write_work() {
    const bool app_only = is_app_only(*form_.kind);
    const auto& actions = form_.connector->action_scopes;
    open_group(say("What it will do", "利用する機能"));
    const auto minimum = app::least_scopes(*form_.connector, {}, {}, permissions_of(*form_.kind));
    if (minimum && !minimum->scopes.empty()) {
        const bool any = form_.kind->kind == SignInKind::certificate && !minimum->any_of.empty();
        const auto& least = any ? minimum->any_of : minimum->scopes;
        html_.element(
            "p",
            fmt::format(fmt::runtime(any        ? say("A connection needs one of these permissions at least: {}", "接続には、次のいずれかの許可が必要です: {}")
                                     : app_only ? say("A connection needs these application permissions at least: {}",
                                                      "接続には、次のアプリケーションの許可が必要です: {}")
                                                : say("If nothing is chosen, these are asked for: {}", "何も選択しない場合に要求するスコープ: {}")),
                        fmt::join(least, ", ")),
            {{"class", "hint"}});
    }
    for (const auto& row : actions) {
        if (row.action == "connect") continue;
        const bool ticked = form_.sent ? form_.ticked("can", row.action) : row.action == "mail:read";
        write_tick(html_, "can", row.action, ticked, word_of_action(row.action, language_),
                   fmt::format("{}", fmt::join(app_only ? row.application : row.delegated, ", ")));
    }
    if (!app_only && !form_.connector->default_scopes.empty())
        write_tick(html_, "all_scopes", "yes", form_.ticked("all_scopes", "yes"),
                   fmt::format(fmt::runtime(say("All {} default scopes, for every feature", "既定の {} 個のスコープすべて（全機能）")),
                               form_.connector->default_scopes.size()));
    write_field(
        html_,
        field("scopes", say("More scopes", "追加のスコープ"),
              app_only && !form_.connector->clouds.empty()
                  ? say("For your own record: the administrator grants them at the provider.", "記録用です。実際の付与は、管理者が提供元サービスで行います。")
                  : say("With blanks between them, for example Tasks.Read Contacts.Read.", "空白で区切って入力してください（例: Tasks.Read Contacts.Read）。"),
              true),
        language_);
    html_.close("fieldset");
}

void Page::write_place() {
    open_group(say("In Renkei", "Renkei での設定"));
    write_field(html_,
                field("name", say("Name, as automations call it", "名前（自動処理から指定する名前）"),
                      say("Small letters, digits, hyphens: invoice-mail. It cannot be changed later.",
                          "英小文字、数字、ハイフン（例: invoice-mail）。後から変更できません。")),
                language_);
    write_field(html_, field("title", say("Title", "表示名"), say("For people, in any language.", "一覧に表示する名前です。日本語も使用できます。"), true),
                language_);
    if (form_.folders.size() > 1) {
        std::vector<FormChoice> choices;
        for (const auto& folder : form_.folders)
            choices.insert(folder.is_default ? choices.begin() : choices.end(), {folder.name.text(), folder.title.empty() ? folder.name.text() : folder.title});
        write_choice(html_,
                     field("folder", say("Folder", "フォルダー"),
                           say("Who sees and uses the connection depends on it.", "コネクションを閲覧・利用できる人は、フォルダーで決まります。")),
                     choices, language_);
    }
    html_.close("fieldset");
}

}  // namespace

app::ServerResponse connection_form_page(const Call& call, const ConnectionForm& form) {
    const auto language = call.language;
    const auto title =
        fmt::format("{}: {}", pick(language, form.connector->name_en, form.connector->name_ja), pick(language, form.kind->title_en, form.kind->title_ja));
    const auto html = Page(call, form).result(call);
    return page_answer(language, title, form.refused.empty() ? Tone::plain : Tone::bad, html, form.refused.empty() ? 200 : 400,
                       navigation(call, Place::all_connections));
}

}  // namespace renkei::api

#include "adapters/api/connection_words.hpp"

#include "adapters/api/pages.hpp"
#include "adapters/api/person_pages.hpp"
#include "base/reason.hpp"
#include "base/sign_in_reason.hpp"

#include <algorithm>
#include <iterator>

namespace renkei::api {
namespace {

using core::ConnectionState;

struct Look {
    std::string_view css, sign;
};

Look look_of(ConnectionState state) {
    switch (state) {
        case ConnectionState::active: return {"state good", "●"};
        case ConnectionState::expiring:
        case ConnectionState::degraded: return {"state warn", "▲"};
        case ConnectionState::needs_user:
        case ConnectionState::needs_admin:
        case ConnectionState::needs_secret: return {"state bad", "■"};
        case ConnectionState::draft: return {"state", "○"};
        case ConnectionState::paused: return {"state", "‖"};
        case ConnectionState::revoked: return {"state", "×"};
    }
    return {"state", "○"};
}

bool is_owner(const core::Connection& connection, const core::Principal& reader) {
    return connection.owner && reader.kind == core::Principal::Kind::person && connection.owner->bytes() == reader.id;
}

struct Words {
    std::string_view key, en, ja;
};

constexpr Words actions[] = {
    {"native", "call the provider's own API", "提供元サービスの API の呼び出し"},
    {"mail:read", "read mail", "メールの閲覧"},
    {"mail:read_shared", "read mail in shared mailboxes", "共有メールボックスのメールの閲覧"},
    {"mail:write", "change, move and delete mail", "メールの変更・移動・削除"},
    {"mail:write_shared", "change, move and delete mail in shared mailboxes", "共有メールボックスのメールの変更・移動・削除"},
    {"mail:send", "send mail", "メールの送信"},
    {"mail:send_shared", "send mail from shared mailboxes", "共有メールボックスからのメールの送信"},
    {"settings:write", "change mailbox settings", "メールボックスの設定の変更"},
    {"calendar:read", "read the calendar", "予定表の閲覧"},
    {"calendar:read_shared", "read shared calendars", "共有された予定表の閲覧"},
    {"calendar:write", "change the calendar", "予定表の変更"},
    {"calendar:write_shared", "change shared calendars", "共有された予定表の変更"},
    {"people:read", "read the list of people", "ユーザー一覧の閲覧"},
    {"groups:read", "read groups and their members", "グループとメンバーの閲覧"},
};

// What to write into a field, with an example. The name of the form's field, as the page has it.
constexpr Words fields[] = {
    {"name", "The name takes 1 to 63 characters of a-z, 0-9, dot, underscore and hyphen and begins with a letter or digit, for example invoice-mail.",
     "名前は a-z、0-9、ピリオド、アンダースコア、ハイフンの 1 文字以上 63 文字以内で、先頭は英字か数字にしてください（例: invoice-mail）。"},
    {"title", "The title takes at most 200 bytes, for example Invoices of the Tokyo office.",
     "表示名は 200 バイト以内で入力してください（例: 東京支店の請求書）。"},
    {"client_id", "Enter the application (client) ID from the app's overview, for example 8b1a2c3d-0000-4000-8000-123456789abc.",
     "アプリの「概要」にあるアプリケーション（クライアント）ID を入力してください（例: 8b1a2c3d-0000-4000-8000-123456789abc）。"},
    {"tenant", "Enter the directory (tenant) ID or a domain of the organisation, for example contoso.onmicrosoft.com.",
     "ディレクトリ（テナント）ID または組織のドメインを入力してください（例: contoso.onmicrosoft.com）。"},
    {"cloud", "Choose one of the environments of the list, for example Office 365.", "一覧にある環境から選択してください（例: Office 365）。"},
    {"issuer", "Enter the https address of the authorization server, for example https://login.example.com.",
     "認可サーバーの https アドレスを入力してください（例: https://login.example.com）。"},
    {"authorization_endpoint", "Enter an https address without a fragment, for example https://login.example.com/authorize.",
     "# を含まない https アドレスを入力してください（例: https://login.example.com/authorize）。"},
    {"token_endpoint", "Enter an https address without a fragment, for example https://login.example.com/token.",
     "# を含まない https アドレスを入力してください（例: https://login.example.com/token）。"},
    {"mailbox", "Enter one mailbox address, for example invoices@contoso.com.",
     "メールボックスのアドレスを 1 件入力してください（例: invoices@contoso.com）。"},
    {"act_as", "Enter the address of the one person who signs in, for example hanako@contoso.com.",
     "サインインするユーザーのアドレスを 1 件入力してください（例: hanako@contoso.com）。"},
    {"fence", "Write one mailbox address a line, for example invoices@contoso.com. Commas, names and blanks within an address are not taken.",
     "メールボックスのアドレスを 1 行に 1 件ずつ入力してください（例: invoices@contoso.com）。カンマや名前は含めないでください。"},
    {"scopes", "Write scopes with blanks or line breaks between them, for example Mail.Read Calendars.Read. Quotes and backslashes are not taken.",
     "スコープを空白または改行で区切って入力してください（例: Mail.Read Calendars.Read）。引用符と円記号は使用できません。"},
    {"folder", "Choose a folder of the list in which you may edit, for example default.", "編集できるフォルダーを一覧から選択してください（例: default）。"},
    {"registration", "Choose a client registration of the list that goes with this kind of sign-in, or make a new one.",
     "このサインイン方法で使用できるアプリの登録を一覧から選択するか、新しく作成してください。"},
    {"client_secret", "Paste the secret's value (not its ID) from Certificates & secrets, for example Xy8Q~…, or choose the file that holds it.",
     "「証明書とシークレット」の値（ID ではありません）を貼り付けるか、値を含むファイルを選択してください（例: Xy8Q~…）。"},
    {"expires", "Enter the day on which the secret ends, in the future, for example 2027-03-31.",
     "シークレットの有効期限を、今日より後の日付で入力してください（例: 2027-03-31）。"},
    {"content", "Choose a .pfx or .pem file that holds certificate and private key, or paste its text.",
     "証明書と秘密鍵を含む .pfx または .pem ファイルを選択するか、そのテキストを貼り付けてください。"},
    {"password", "Enter the password that was set when the file was made.", "ファイルの作成時に設定したパスワードを入力してください。"},
};

template <std::size_t N>
const Words* find_words(const Words (&table)[N], std::string_view key) {
    const auto* found = std::ranges::find(table, key, &Words::key);
    return found == std::end(table) ? nullptr : found;
}

std::string reason_text(const ReasonRow& row, std::string_view value, Language language) {
    auto text = filled(pick(language, row.text_en, row.text_ja), value);
    if (language == Language::en) {
        text.front() = text.front() >= 'a' && text.front() <= 'z' ? static_cast<char>(text.front() - 'a' + 'A') : text.front();
        text += ". ";
    }
    return text + std::string(pick(language, row.remedy_en, row.remedy_ja));
}

Advice advice_of_row(Errc code, Language language) {
    const auto& row = error_row(code);
    return {word_of(row.actor, language), pick(language, row.remedy_en, row.remedy_ja)};
}

Advice advice_of_draft(const core::Connection& connection, Language language) {
    if (connection.mode == core::ConnectionMode::client_credentials)
        return {word_of(Actor::caller, language), pick(language, "Nothing is wrong yet: connect it.", "設定は保存されています。接続を実行してください。")};
    return {word_of(Actor::user, language), pick(language, "Sign in at the provider once, here or with a link sent to the person.",
                                                 "ここから、または本人に送るリンクから、提供元サービスに一度サインインしてください。")};
}

}  // namespace

bool needs_somebody(ConnectionState state) {
    return state == ConnectionState::needs_user || state == ConnectionState::needs_admin || state == ConnectionState::needs_secret ||
           state == ConnectionState::degraded || state == ConnectionState::expiring;
}

void write_state(Html& html, const core::Connection& connection, const core::Principal& reader, Language language) {
    const auto look = look_of(connection.state);
    const bool other = connection.state == ConnectionState::needs_user && !is_owner(connection, reader);
    const auto word = other ? pick(language, "needs a sign-in by its owner", "本人の再サインインが必要") : word_of(connection.state, language);
    html.open("span", {{"class", look.css}}).element("span", look.sign, {{"aria-hidden", "true"}}).text(" ").text(word).close("span");
}

Advice advice_of(const core::Connection& connection, Language language) {
    // What brought it there says it best; the command line's words are not for this page.
    const auto* row = error_row_of_slug(connection.state_slug);
    const bool by_state = row == nullptr || row->code == Errc::reconnect_required || row->code == Errc::connection_draft;
    if (!by_state && connection.state != ConnectionState::active && connection.state != ConnectionState::paused)
        return {word_of(row->actor, language), pick(language, row->remedy_en, row->remedy_ja)};
    switch (connection.state) {
        case ConnectionState::active: return {};
        case ConnectionState::draft: return advice_of_draft(connection, language);
        case ConnectionState::needs_user:
            return {word_of(Actor::user, language), pick(language, "Sign in again with the same account, here or with a link sent to the person.",
                                                         "ここから、または本人に送るリンクから、同じアカウントでもう一度サインインしてください。")};
        case ConnectionState::needs_admin: return advice_of_row(Errc::needs_admin, language);
        case ConnectionState::needs_secret: return advice_of_row(Errc::needs_app_owner, language);
        case ConnectionState::expiring:
            return {word_of(Actor::app_owner, language), pick(language, "Make a new secret or certificate before the day shown below.",
                                                              "下に表示された日までに、新しいシークレットまたは証明書を用意してください。")};
        case ConnectionState::degraded:
            return {word_of(Actor::nobody, language), pick(language, "Renkei goes on trying by itself.", "Renkei が自動的に再試行します。")};
        case ConnectionState::paused:
            return {word_of(Actor::administrator, language),
                    pick(language, "Resume it when it may work again.", "使用を再開するときに「再開」を実行してください。")};
        case ConnectionState::revoked:
            return {word_of(Actor::user, language),
                    pick(language, "It was disconnected for good; make a new connection.", "連携は解除されました。新しいコネクションを作成してください。")};
    }
    return {};
}

std::string_view word_of_action(std::string_view action, Language language) {
    const auto* words = find_words(actions, action);
    return words == nullptr ? action : pick(language, words->en, words->ja);
}

std::string field_refusal(const Error& error, Language language) {
    if (const auto* row = reason_row_of_slug(error.get("reason"))) return reason_text(*row, error.get("reason_value"), language);
    if (sign_in_reason(error.get("reason")) != nullptr) {
        const auto say = told(error, language == Language::ja);
        return say.detail + (language == Language::ja ? "" : ". ") + say.remedy;
    }
    const auto field = error.get("field");
    if (error.code == Errc::conflict && field == "name")
        return std::string(pick(language, "This name is taken; choose another one, for example with the office's name in it.",
                                "この名前は使用済みです。部署名を付けるなど、別の名前にしてください。"));
    if (error.code == Errc::denied && field == "fence")
        return std::string(pick(language, "Your rights do not reach these mailboxes. Every mailbox (*) is for administrators to choose.",
                                "これらのメールボックスを許可する権限がありません。すべて（*）を許可できるのは管理者だけです。"));
    if (const auto* words = find_words(fields, field)) return std::string(pick(language, words->en, words->ja));
    const auto& row = error_row(error.code);
    return std::string(pick(language, row.title_en, row.title_ja));
}

}  // namespace renkei::api

// What was wrong with a form, beside its fields and on top.
#include "adapters/api/connection_form.hpp"
#include "adapters/api/connection_words.hpp"
#include "adapters/api/form_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace renkei::api {
namespace {

struct Label {
    std::string_view field, en, ja;
};

// In the order of the page: the summary on top follows it.
constexpr Label order[] = {
    {"registration", "Client registration", "アプリの登録"},
    {"cloud", "Environment", "環境"},
    {"tenant", "Tenant ID", "テナント ID"},
    {"issuer", "Issuer", "発行者（issuer）"},
    {"authorization_endpoint", "Authorization endpoint", "認可エンドポイント"},
    {"token_endpoint", "Token endpoint", "トークン エンドポイント"},
    {"client_id", "Client ID", "クライアント ID"},
    {"client_secret", "Client secret", "クライアント シークレット"},
    {"expires", "End of the secret", "シークレットの有効期限"},
    {"content", "File or text of the credential", "資格情報のファイルまたはテキスト"},
    {"password", "Password of the file", "ファイルのパスワード"},
    {"token_type", "Token type", "トークンの種類"},
    {"act_as", "Acts as", "操作に使うユーザー"},
    {"mailbox", "Mailbox", "対象メールボックス"},
    {"fence", "Mailboxes that it may touch", "メールボックスの許可リスト"},
    {"scopes", "More scopes", "追加のスコープ"},
    {"name", "Name", "名前"},
    {"title", "Title", "表示名"},
    {"folder", "Folder", "フォルダー"},
};

// The form's field to which a refusal of the model belongs: fence.mailboxes[2] is the text area `fence`.
std::string field_of(const Error& error) {
    const auto field = error.get("field");
    for (const auto& row : order) {
        const auto known = row.field;
        if (field == known || (field.starts_with(known) && (field[known.size()] == '.' || field[known.size()] == '['))) return std::string(known);
    }
    return field.starts_with("client_certificate") ? "content" : field == "expires_at" ? "expires" : std::string(field);
}

std::string refusal_of(const Error& error, Language language) {
    const bool for_everybody = std::ranges::any_of(error.context, [](const auto& entry) { return entry.first == "shared_tenant"; });
    if (for_everybody && error.code == Errc::invalid_field && error.get("reason").empty())
        return std::string(
            pick(language,
                 "\"common\" stands for every organisation, and the provider gives an app no access of its own there. Enter the directory (tenant) ID, "
                 "or a domain of the organisation, for example contoso.com.",
                 "「common」はすべての組織を意味するため、アプリ自身のアクセスには使用できません。ディレクトリ（テナント）ID または組織のドメイン"
                 "（例: contoso.com）を入力してください。"));
    const bool for_each = !error.get("token_type").empty();
    if (for_each && (field_of(error) == "tenant" || field_of(error) == "registration"))
        return std::string(
            pick(language, "User-specific connections need an app of one organisation: its tenant must be the tenant ID or a domain, for example contoso.com.",
                 "ユーザー別の接続には、1 つの組織のアプリが必要です。テナントには ID またはドメイン（例: contoso.com）を指定してください。"));
    if (for_each && (field_of(error) == "mailbox" || field_of(error) == "act_as"))
        return std::string(pick(language, "Leave it empty: with a user-specific token everybody uses their own account.",
                                "空のままにしてください。ユーザー別の場合は、各自のアカウントを使用します。"));
    if (error.code == Errc::conflict && field_of(error) == "content")
        return std::string(pick(language, "This file belongs to another app: its client ID differs from the client registration's. Choose the right file.",
                                "別のアプリのファイルです。クライアント ID がアプリの登録と異なります。正しいファイルを選択してください。"));
    if (error.code == Errc::gone && field_of(error) == "content")
        return std::string(pick(language, "The file that you sent earlier is not kept any more; choose it once more.",
                                "先ほど送信されたファイルの保管期限が切れました。もう一度選択してください。"));
    if (error.get("field") == "fence" && error.code != Errc::denied)
        return std::string(pick(language, "Either tick every mailbox, or write a list of at most 1000 addresses; not both.",
                                "すべてのメールボックスを選択するか、1000 件以内の一覧を入力してください。両方は指定できません。"));
    auto named = error;
    for (auto& [key, value] : named.context)
        if (key == "field") value = field_of(error);
    auto text = field_refusal(named, language);
    // Which line of a list it is.
    const auto field = error.get("field");
    if (const auto bracket = field.find('['); field.starts_with("fence.mailboxes[") && bracket != field.npos)
        text = fmt::format(fmt::runtime(pick(language, "Line {}: {}", "{} 行目: {}")), std::stoul(std::string(field.substr(bracket + 1))) + 1, text);
    return text;
}

}  // namespace

std::vector<FormRefusal> refusals_of(const std::vector<Error>& refused, Language language) {
    std::vector<FormRefusal> all;
    for (const auto& error : refused) {
        auto field = field_of(error);
        if (std::ranges::find(all, field, &FormRefusal::field) == all.end()) all.push_back({std::move(field), refusal_of(error, language), {}});
    }
    const auto row_of = [](const FormRefusal& refusal) { return std::ranges::find(order, std::string_view(refusal.field), &Label::field); };
    std::ranges::sort(all, {}, row_of);
    for (auto& refusal : all) {
        const auto* row = row_of(refusal);
        refusal.label = row == std::end(order) ? refusal.text : std::string(pick(language, row->en, row->ja));
    }
    return all;
}

}  // namespace renkei::api

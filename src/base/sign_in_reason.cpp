#include "base/sign_in_reason.hpp"

#include "base/reason.hpp"

#include <algorithm>
#include <iterator>

namespace renkei {
namespace {

// One Japanese word for one English word: docs/glossary-ja.md. Sorted by slug.
constexpr SignInReason table[] = {
    {"account-disabled", Actor::administrator, "the account is disabled at the provider", "提供元サービスでアカウントが無効になっています。",
     "The Microsoft 365 administrator must enable the account; nobody has to sign in again if its permission still holds.",
     "Microsoft 365 の管理者がアカウントを有効にしてください。許可が残っていれば、再サインインは不要です。"},
    {"account-elsewhere", Actor::user, "the account belongs to another organization than the one of this connection",
     "このコネクションの組織とは別の組織のアカウントです。",
     "Sign in with an account of this organization, or ask its Microsoft 365 administrator to invite yours as a guest.",
     "この組織のアカウントでサインインするか、Microsoft 365 の管理者にゲストとしての招待を依頼してください。"},
    {"account-locked", Actor::nobody, "the account is locked for a while, or the address that calls is blocked",
     "アカウントが一時的にロックされているか、接続元のアドレスがブロックされています。",
     "Wait some minutes; if it stays, the Microsoft 365 administrator can unblock the account.",
     "数分待ってください。続く場合は Microsoft 365 の管理者がブロックを解除できます。"},
    {"account-unknown", Actor::user, "there is no such account in this tenant", "このテナントに該当するアカウントがありません。",
     "Check the address; if the account was deleted or renamed, connect again with the one that is used now.",
     "アドレスを確認してください。アカウントが削除または変更された場合は、現在のアカウントで接続し直してください。"},
    {"admin-consent-needed", Actor::administrator, "an administrator of the tenant must approve the app first", "テナントの管理者による承認が必要です。",
     "Send the approval link to the Microsoft 365 administrator; after the approval the sign-in can be continued.",
     "承認用リンクを Microsoft 365 の管理者に送ってください。承認後、サインインを続けられます。"},
    {"app-disabled", Actor::administrator, "the app is disabled in the tenant", "テナントでアプリが無効になっています。",
     "The Microsoft 365 administrator must enable the enterprise application.",
     "Microsoft 365 の管理者がエンタープライズ アプリケーションを有効にしてください。"},
    {"app-not-in-tenant", Actor::app_owner, "the client ID is not known in this tenant", "このテナントにクライアント ID のアプリがありません。",
     "Compare client ID and tenant with the app registration; in a tenant other than the app's own, an administrator must consent first.",
     "クライアント ID とテナントをアプリの登録と照合してください。アプリとは別のテナントで使う場合は、先に管理者の同意が必要です。"},
    {"assertion-out-of-time", Actor::operator_, "the client assertion is outside its time range: the clock of Renkei's machine is wrong",
     "クライアント アサーションの時刻が範囲外です。Renkei を実行している機器の時計がずれています。",
     "Renkei's operator should set the clock, for example with NTP.", "Renkei の運用担当者が時計を合わせてください（NTP など）。"},
    {"certificate-unknown", Actor::app_owner, "the certificate is not registered with the app, or its key is another one",
     "証明書がアプリに登録されていないか、鍵が一致しません。",
     "Upload the certificate whose thumbprint Renkei shows to the app registration (Certificates & secrets), or store the right one here.",
     "Renkei に表示される拇印の証明書をアプリの登録（証明書とシークレット）にアップロードするか、正しい証明書を保存してください。"},
    {"conditional-access", Actor::administrator, "a Conditional Access policy of the tenant refused",
     "テナントの条件付きアクセス ポリシーにより拒否されました。",
     "The Microsoft 365 administrator finds the policy in the sign-in log and can exclude the app or add the server's address as a named location.",
     "Microsoft 365 の管理者がサインイン ログでポリシーを確認し、アプリを除外するか、サーバーのアドレスをネームド ロケーションに追加してください。"},
    {"consent-missing", Actor::user, "the app has no consent for what it asks, or it was withdrawn",
     "要求したアクセス許可への同意がないか、取り消されています。",
     "Sign in again with a new connect link and accept; where people may not consent, an administrator must.",
     "新しい接続用リンクからサインインし直して承諾してください。利用者が同意できない設定の場合は、管理者の同意が必要です。"},
    {"consent-refused", Actor::user, "the person declined what the app asked for", "本人がアクセス許可の要求を拒否しました。",
     "Start again with a new connect link and accept, or leave out the scopes that are not wanted.",
     "新しい接続用リンクから最初からやり直して承諾するか、不要なスコープを外してください。"},
    {"device-code-expired", Actor::user, "the code was not used in time", "コードの有効期限が切れました。", "Start again and type the new code.",
     "最初からやり直し、新しいコードを入力してください。"},
    {"federated-credential-unmatched", Actor::app_owner, "no federated credential of the app matches the assertion",
     "アプリのフェデレーション資格情報と一致しません。", "Compare issuer, subject and audience; a new entry takes some minutes to spread.",
     "発行者、サブジェクト、対象ユーザーを照合してください。追加後、反映に数分かかります。"},
    {"mfa-needed", Actor::user, "multi-factor authentication is demanded", "多要素認証が必要です。",
     "Sign in again with a new connect link and finish the additional step.", "新しい接続用リンクからサインインし直し、追加の確認を完了してください。"},
    {"other-browser", Actor::user, "this link belongs to the browser in which the approval was asked for",
     "このリンクは、承認を依頼したブラウザーでのみ使用できます。", "Open it in that browser, or ask whoever manages the connection for a new connect link.",
     "そのブラウザーで開くか、コネクションの管理者に新しい接続用リンクを依頼してください。"},
    {"other-cloud", Actor::app_owner, "the tenant or the app belongs to another Microsoft cloud: {}", "テナントまたはアプリは別の環境（{}）に属しています。",
     "Store the registration again with this environment; app registrations and tenants do not cross clouds.",
     "この環境を選んでアプリを登録し直してください。アプリの登録とテナントは環境をまたげません。"},
    {"other-cloud-unnamed", Actor::app_owner, "the tenant or the app belongs to another Microsoft cloud", "テナントまたはアプリは別の環境に属しています。",
     "Choose the environment in which the tenant is: commercial, us_gov_l4, us_gov_l5 or china, and register the app there.",
     "テナントのある環境（commercial、us_gov_l4、us_gov_l5、china）を選び、そこでアプリを登録してください。"},
    {"password-changed", Actor::user, "the password has expired or was changed", "パスワードの有効期限切れ、または変更により無効になりました。",
     "Sign in again with a new connect link, with the new password.", "新しい接続用リンクから、新しいパスワードでサインインし直してください。"},
    {"permission-not-listed", Actor::app_owner, "the app registration does not list the permission that is asked for",
     "要求したアクセス許可がアプリの登録にありません。", "Add it under API permissions of the app registration and have it consented to.",
     "アプリの登録の「API のアクセス許可」に追加し、同意を得てください。"},
    {"provider-busy", Actor::nobody, "the provider has a passing fault", "提供元サービスに一時的な障害があります。",
     "Wait; Renkei tries again by itself and the connection is not affected.",
     "しばらく待ってください。Renkei が自動で再試行します。コネクションに影響はありません。"},
    {"public-client-not-allowed", Actor::app_owner, "the app may not sign in as a public client, or must prove itself with a credential",
     "パブリック クライアントとしての利用が許可されていないか、資格情報が必要です。",
     "Switch on \"Allow public client flows\" in the app registration, or store a client secret or certificate.",
     "アプリの登録で「パブリック クライアント フローを許可する」を有効にするか、クライアント シークレットまたは証明書を保存してください。"},
    {"public-client-sent-secret", Actor::app_owner, "the app is registered as public and must not send a credential",
     "アプリはパブリックとして登録されており、資格情報を送信できません。",
     "Register the redirect URI under the platform Web, or make a registration without a secret (auth_method none).",
     "リダイレクト URI をプラットフォーム「Web」に登録するか、シークレットなし（auth_method none）で登録してください。"},
    {"redirect-not-registered", Actor::app_owner, "the redirect URI is not registered with the app", "リダイレクト URI がアプリに登録されていません。",
     "Register exactly the redirect URI that Renkei shows: renkei connect microsoft --show-redirect",
     "Renkei に表示されるリダイレクト URI をそのまま登録してください: renkei connect microsoft --show-redirect"},
    {"refresh-token-expired", Actor::user, "the stored permission was not used for 90 days and has expired",
     "90 日間使用されず、保存された許可の有効期限が切れました。", "Sign in again with a new connect link.",
     "新しい接続用リンクからサインインし直してください。"},
    {"refresh-token-revoked", Actor::user, "the stored permission was revoked: by the person, an administrator or a change of the password",
     "保存された許可が取り消されました（本人、管理者、またはパスワードの変更による）。", "Sign in again with a new connect link.",
     "新しい接続用リンクからサインインし直してください。"},
    {"scope-not-known", Actor::app_owner, "a scope is malformed or unknown", "スコープが正しくないか、不明です。",
     "Correct the connection's scopes; renkei connectors scopes shows the usual ones.",
     "コネクションのスコープを修正してください。一般的なスコープは renkei connectors scopes で確認できます。"},
    {"secret-expired", Actor::app_owner, "the client secret has expired", "クライアント シークレットの有効期限が切れています。",
     "Make a new client secret in the app registration and store its value. No person has to sign in again.",
     "アプリの登録で新しいクライアント シークレットを作成し、その値を保存してください。利用者の再サインインは不要です。"},
    {"secret-wrong", Actor::app_owner, "the client secret is wrong; often its ID was stored instead of its value",
     "クライアント シークレットが正しくありません。値ではなく ID を保存していることがよくあります。",
     "Copy the column Value, not Secret ID; if it is not shown any more, make a new secret.",
     "「シークレット ID」ではなく「値」の列をコピーしてください。表示されない場合は新しいシークレットを作成してください。"},
    {"shared-tenant", Actor::app_owner, "the provider gives no app-only token for {}: it needs one tenant",
     "{} ではアプリ専用のトークンを取得できません。テナントの指定が必要です。",
     "Resolve the tenant from the mailbox's domain: renkei registrations resolve-tenant NAME --address ADDRESS, or put in the tenant ID.",
     "メールボックスのドメインからテナントを解決するか（renkei registrations resolve-tenant 名前 --address アドレス）、テナント ID を入力してください。"},
    {"sign-in-frequency", Actor::user, "the tenant's sign-in frequency demands a new sign-in", "テナントのサインイン頻度の設定により、再サインインが必要です。",
     "Sign in again with a new connect link; the Microsoft 365 administrator can exempt the app from the policy.",
     "新しい接続用リンクからサインインし直してください。Microsoft 365 の管理者はアプリをポリシーから除外できます。"},
    {"single-tenant-app", Actor::app_owner, "the app is for one tenant only", "アプリは 1 つのテナント専用です。",
     "Put the tenant ID into the client registration instead of common.", "アプリの登録の common をテナント ID に置き換えてください。"},
    {"tenant-not-found", Actor::app_owner, "the tenant is not found: a typing error, or the wrong cloud",
     "テナントが見つかりません。入力の誤りか、環境の選択が異なります。", "Copy the tenant ID from the app registration's overview and check the environment.",
     "アプリの登録の概要からテナント ID をコピーし、環境を確認してください。"},
    {"throttled", Actor::nobody, "the provider asks to slow down", "提供元サービスの利用制限に達しました。", "Wait; Renkei tries again by itself.",
     "しばらく待ってください。Renkei が自動で再試行します。"},
    {"user-not-assigned", Actor::administrator, "the account is not assigned to the enterprise application",
     "アカウントがエンタープライズ アプリケーションに割り当てられていません。",
     "The Microsoft 365 administrator must assign the person or switch off \"Assignment required\".",
     "Microsoft 365 の管理者がユーザーを割り当てるか、「割り当てが必要ですか?」を無効にしてください。"},
    {"wrong-audience", Actor::app_owner, "the assertion or the scope is for another service", "アサーションまたはスコープの対象サービスが異なります。",
     "Check cloud, tenant and scopes of the client registration.", "アプリの登録の環境、テナント、スコープを確認してください。"},
};
static_assert(std::ranges::is_sorted(table, {}, &SignInReason::slug));

}  // namespace

std::span<const SignInReason> sign_in_reasons() { return table; }

const SignInReason* sign_in_reason(std::string_view slug) {
    const auto* found = std::ranges::lower_bound(table, slug, {}, &SignInReason::slug);
    return found != std::end(table) && found->slug == slug ? found : nullptr;
}

Told told(const Error& error, bool japanese) {
    const auto& row = error_row(error.code);
    Told out{error.detail, std::string(japanese ? row.remedy_ja : row.remedy_en), row.actor};
    const auto slug = error.get("reason");
    const auto value = error.get("reason_value");
    if (const auto* named = reason_row_of_slug(slug)) {
        out.detail = filled(japanese ? named->text_ja : named->text_en, value);
        out.remedy = filled(japanese ? named->remedy_ja : named->remedy_en, value);
    } else if (const auto* reason = sign_in_reason(slug)) {
        out.detail = filled(japanese ? reason->text_ja : reason->text_en, value);
        out.remedy = filled(japanese ? reason->remedy_ja : reason->remedy_en, value);
        out.actor = reason->actor;
        if (const auto code = error.get("provider_code"); !code.empty()) out.detail += " (" + std::string(code) + ")";
    }
    return out;
}

Error because(Error error, std::string_view slug, std::string value) {
    std::erase_if(error.context, [](const auto& entry) { return entry.first == "reason" || entry.first == "reason_value"; });
    error.context.emplace_back("reason", std::string(slug));
    if (!value.empty()) error.context.emplace_back("reason_value", std::move(value));
    return error;
}

}  // namespace renkei

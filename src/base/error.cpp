#include "base/error.hpp"

#include <algorithm>
#include <iterator>

namespace renkei {
namespace {

// One Japanese word for one English word: docs/glossary-ja.md.
constexpr ErrorRow error_table[] = {
    {Errc::bad_request, 400, "bad-request", Actor::caller, "The request was not understood.", "リクエストを解釈できませんでした。",
     "Correct the request as the detail says and send it again.", "詳細に従ってリクエストを修正し、もう一度送信してください。"},
    {Errc::invalid_field, 400, "invalid-field", Actor::caller, "A field has a value that is not accepted.", "使用できない値の項目があります。",
     "Correct the named field and send the request again.", "示された項目を修正し、もう一度送信してください。"},
    {Errc::unknown_field, 400, "unknown-field", Actor::caller, "The request has a field that is not known here.", "リクエストに不明な項目があります。",
     "Remove the named field or correct its spelling.", "示された項目を削除するか、綴りを修正してください。"},
    {Errc::payload_too_large, 413, "payload-too-large", Actor::caller, "The request is larger than allowed.", "リクエストが大きすぎます。",
     "Send less at once; the limit is in the detail.", "一度に送る量を減らしてください。上限は詳細に記載されています。"},
    {Errc::header_too_large, 431, "header-too-large", Actor::caller, "The request's headers are larger than allowed.", "リクエストのヘッダーが大きすぎます。",
     "Send fewer or shorter headers.", "ヘッダーの数か長さを減らしてください。"},
    {Errc::unsupported_media_type, 415, "unsupported-media-type", Actor::caller, "The content type is not accepted here.",
     "この Content-Type は使用できません。", "Send the body as application/json.", "本文を application/json で送信してください。"},
    {Errc::method_not_allowed, 405, "method-not-allowed", Actor::caller, "This address does not take this method.",
     "このアドレスではこのメソッドを使用できません。", "Use one of the methods in the Allow header.", "Allow ヘッダーにあるメソッドを使用してください。"},
    {Errc::not_found, 404, "not-found", Actor::caller, "There is no such resource, or not for this caller.", "該当するものがないか、利用する権限がありません。",
     "Check the name, or ask an administrator for access.", "名前を確認するか、管理者にアクセスを依頼してください。"},
    {Errc::conflict, 409, "conflict", Actor::caller, "It was changed meanwhile, or the name is taken.", "ほかの変更と重なったか、名前がすでに使われています。",
     "Read the current state and try again.", "現在の状態を読み直して、もう一度実行してください。"},
    {Errc::precondition_failed, 412, "precondition-failed", Actor::caller, "The resource is not the version you named.", "指定された版と現在の版が異なります。",
     "Read it again and repeat the change with the new ETag.", "読み直し、新しい ETag で変更をやり直してください。"},
    {Errc::idempotency_mismatch, 422, "idempotency-key-reused", Actor::caller, "This Idempotency-Key was used for another request.",
     "この Idempotency-Key は別のリクエストで使用済みです。", "Use a new key for a new request.", "新しいリクエストには新しいキーを使用してください。"},
    {Errc::idempotency_in_progress, 409, "idempotency-in-progress", Actor::nobody, "The first request with this Idempotency-Key is still being worked on.",
     "同じ Idempotency-Key の最初のリクエストを処理中です。", "Wait a moment and repeat the same request.", "少し待ってから同じリクエストを送信してください。"},
    {Errc::gone, 410, "gone", Actor::caller, "It was here once and has expired or been used.", "有効期限が切れたか、すでに使用されています。",
     "Start again to get a new one.", "最初からやり直して、新しいものを取得してください。"},
    {Errc::too_many_requests, 429, "too-many-requests", Actor::nobody, "Too many requests at once.", "リクエストが多すぎます。",
     "Wait as long as Retry-After says.", "Retry-After の時間だけ待ってください。"},
    {Errc::request_timeout, 408, "request-timeout", Actor::caller, "The request took too long to arrive.", "リクエストの受信に時間がかかりすぎました。",
     "Send it again over a faster connection.", "通信状況を確認して、もう一度送信してください。"},
    {Errc::unauthenticated, 401, "unauthenticated", Actor::caller, "The API key is missing, unknown, expired or revoked.",
     "API キーがないか、無効か、期限切れか、取り消されています。", "Send a valid key in the Authorization header; an administrator can make one.",
     "Authorization ヘッダーに有効な API キーを指定してください。キーは管理者が作成できます。"},
    {Errc::sign_in_required, 401, "sign-in-required", Actor::caller, "This page is for people who are signed in.",
     "このページを表示するにはサインインが必要です。", "Sign in and open the page again.", "サインインしてから、もう一度開いてください。"},
    {Errc::sign_in_failed, 401, "sign-in-failed", Actor::caller, "The e-mail address or the password is not right.",
     "メール アドレスまたはパスワードが正しくありません。", "Try again, or ask an administrator of the workspace for a new link.",
     "もう一度入力するか、ワークスペースの管理者に新しいリンクを依頼してください。"},
    {Errc::form_expired, 403, "form-expired", Actor::caller, "This form does not belong to your browser's current session.",
     "この画面は、現在のセッションのものではありません。", "Open the page again and send the form once more; nothing was changed.",
     "ページを開き直して、もう一度送信してください。何も変更されていません。"},
    {Errc::denied, 403, "denied", Actor::administrator, "The rules do not allow this.", "規則により許可されていません。",
     "Ask an administrator of the workspace for the right named in the detail.", "詳細に示された権限をワークスペースの管理者に依頼してください。"},
    {Errc::outside_fence, 403, "outside-fence", Actor::administrator, "This mailbox is not on the connection's list of allowed mailboxes.",
     "このメールボックスは、コネクションの許可リストにありません。", "Ask an administrator to add the mailbox to the list, or use another connection.",
     "管理者に許可リストへの追加を依頼するか、別のコネクションを使用してください。"},
    {Errc::fence_moved, 403, "address-moved", Actor::administrator, "This address belongs to somebody else than when it was put on the list.",
     "このアドレスは、許可リストに追加したときとは別の所有者のものになっています。",
     "An administrator must look at the new owner and confirm the entry, or remove it: `renkei connections fence NAME`.",
     "管理者が新しい所有者を確認し、項目を承認するか削除してください。`renkei connections fence 名前` で確認できます。"},
    {Errc::fence_unknown, 503, "address-not-resolved", Actor::nobody, "The directory has not said yet whose mailbox this is.",
     "このアドレスの所有者を、ディレクトリでまだ確認できていません。", "Try again in a minute; the entry's state is shown by `renkei connections fence NAME`.",
     "1 分ほど待って再度実行してください。項目の状態は `renkei connections fence 名前` で確認できます。"},
    {Errc::session_refused, 401, "session-refused", Actor::caller, "The run or session is not known, has ended, or is not this caller's.",
     "実行またはセッションが見つからないか、終了したか、この呼び出し元のものではありません。",
     "Connect again in this run, and send the run's and the session's secrets as they were answered.",
     "この実行で接続し直し、応答された実行とセッションのシークレットをそのまま送信してください。"},
    {Errc::source_refused, 403, "value-source-not-allowed", Actor::operator_, "This source of values is not allowed here.",
     "この値の取得元は許可されていません。", "Use another source, or ask Renkei's operator to map this one to the workspace in renkei.toml.",
     "別の取得元を使用するか、renkei.toml でワークスペースへの割り当てを Renkei の運用担当者に依頼してください。"},
    {Errc::value_missing, 409, "value-missing", Actor::administrator, "A value that this refers to is not there.", "参照先の値が見つかりません。",
     "Make the value named in the detail, or correct the reference.", "詳細に示された値を作成するか、参照を修正してください。"},
    {Errc::value_unusable, 409, "value-unusable", Actor::administrator, "The referenced value is there and cannot be used for this field.",
     "参照先の値は、この項目には使用できません。", "Correct the value at its source as the detail says.", "詳細に従って、取得元の値を修正してください。"},
    {Errc::external_vault_sealed, 503, "external-vault-sealed", Actor::administrator, "The external vault is sealed or in maintenance.",
     "外部の保管庫が封印されているか、メンテナンス中です。", "The external vault's administrator must unseal it; Renkei asks again by itself.",
     "外部の保管庫の管理者が封印を解除してください。Renkei は自動的に再試行します。"},
    {Errc::external_vault_refused, 409, "external-vault-refused", Actor::administrator, "The external vault does not let Renkei read this.",
     "外部の保管庫が Renkei に読み取りを許可していません。",
     "The external vault's administrator must allow Renkei's credential to read the path in the detail, or give it a new one.",
     "外部の保管庫の管理者が、詳細に示されたパスの読み取りを許可するか、新しい資格情報を発行してください。"},
    {Errc::external_vault_unreachable, 503, "external-vault-unreachable", Actor::nobody, "The external vault did not answer.",
     "外部の保管庫から応答がありません。", "Try again later; values that were read before are used until their time is over.",
     "しばらく待ってから再度実行してください。以前に読み取った値は有効期間中だけ使用されます。"},
    {Errc::reconnect_required, 409, "reconnect-required", Actor::user, "The person must sign in again at the provider.", "本人の再サインインが必要です。",
     "Run `renkei connections reconnect` or open the connect link, and sign in.", "「再接続」を実行するか接続用リンクを開き、サインインしてください。"},
    {Errc::needs_admin, 409, "needs-admin", Actor::administrator, "The provider's administrator must act first.", "提供元サービスの管理者の対応が必要です。",
     "Send the detail to the Microsoft 365 administrator.", "詳細を Microsoft 365 の管理者に伝えてください。"},
    {Errc::needs_app_owner, 409, "needs-app-owner", Actor::app_owner, "The app registration or its credential is not accepted.",
     "アプリの登録またはその資格情報が受け付けられません。",
     "The app's owner must make a new client secret and store it in the client registration. No person has to sign in again.",
     "アプリの所有者が新しいクライアント シークレットを作成し、アプリの登録に保存してください。利用者の再サインインは不要です。"},
    {Errc::rotation_unknown, 503, "rotation-unknown", Actor::nobody, "A token refresh was cut off and is being resolved.",
     "トークンの更新が中断され、確認中です。", "Try again in a few seconds.", "数秒待ってから再度実行してください。"},
    {Errc::grant_lost, 409, "grant-lost", Actor::user,
     "The provider's answer to a token refresh was lost, and the provider no longer takes the previous token.",
     "トークン更新の応答が失われ、以前のトークンも使用できなくなりました。", "The person must sign in again. Nothing else is affected.",
     "本人の再サインインが必要です。ほかへの影響はありません。"},
    {Errc::connection_paused, 409, "connection-paused", Actor::administrator, "The connection is paused.", "コネクションは一時停止中です。",
     "An administrator can resume it.", "管理者が再開できます。"},
    {Errc::connection_draft, 409, "connection-draft", Actor::user, "The connection is not finished yet.", "コネクションの設定が完了していません。",
     "Open the connect link and sign in at the provider.", "接続用リンクを開き、提供元サービスにサインインしてください。"},
    {Errc::permission_needed, 403, "permission-needed", Actor::user, "The owner of the account has not allowed this.", "アカウントの所有者の許可がありません。",
     "Ask the person to open the page in `permission_url`, and to allow it there. An administrator can make a rule for everybody.",
     "`permission_url` のページを開いて許可するよう、本人に依頼してください。管理者は全員に適用する規則を作成できます。"},
    {Errc::consent_refused, 409, "consent-refused", Actor::user, "The provider reports that access was refused.", "提供元サービスでアクセスが拒否されました。",
     "Start again and accept, or ask the provider's administrator to allow the app.",
     "もう一度開始して承諾するか、提供元サービスの管理者にアプリの許可を依頼してください。"},
    {Errc::callback_invalid, 400, "callback-invalid", Actor::user, "This answer does not belong to a sign-in that was started here.",
     "このサインインの応答は、この画面で開始されたものではありません。", "Start again from the connect link, in one browser, and do not use the back button.",
     "接続用リンクから、同じブラウザーで最初からやり直してください。"},
    {Errc::provider_unavailable, 502, "provider-unavailable", Actor::nobody, "The provider did not answer.", "提供元サービスから応答がありません。",
     "Try again later; the connection is not affected.", "しばらく待ってから再度実行してください。コネクションに影響はありません。"},
    {Errc::provider_timeout, 504, "provider-timeout", Actor::nobody, "The provider did not answer in time.",
     "提供元サービスの応答が時間内に得られませんでした。", "Try again later; the connection is not affected.",
     "しばらく待ってから再度実行してください。コネクションに影響はありません。"},
    {Errc::provider_throttled, 429, "provider-throttled", Actor::nobody, "The provider asks to slow down.", "提供元サービスの利用制限に達しました。",
     "Wait as long as Retry-After says.", "Retry-After の時間だけ待ってください。"},
    {Errc::provider_refused, 403, "provider-refused", Actor::administrator, "The provider refused this: a permission is missing there.",
     "提供元サービスに拒否されました。必要なアクセス許可がありません。", "Ask the Microsoft 365 administrator to grant the permission named in the detail.",
     "詳細に示されたアクセス許可の付与を Microsoft 365 の管理者に依頼してください。"},
    {Errc::provider_bad_answer, 502, "provider-bad-answer", Actor::operator_, "The provider's answer makes no sense.",
     "提供元サービスの応答が正しくありません。", "Try again; if it stays, Renkei's operator should look at the log and at proxies in between.",
     "再度実行してください。続く場合は Renkei の運用担当者がログと途中のプロキシを確認してください。"},
    {Errc::provider_rejected, 422, "provider-rejected", Actor::caller, "The provider does not accept this request.",
     "提供元サービスがこのリクエストを受け付けませんでした。", "Correct the request as the detail says.", "詳細に従ってリクエストを修正してください。"},
    {Errc::egress_refused, 403, "egress-refused", Actor::operator_, "Renkei may not call this address.",
     "Renkei からこのアドレスへの通信は許可されていません。", "Renkei's operator can allow the address in renkei.toml.",
     "Renkei の運用担当者が renkei.toml で許可できます。"},
    {Errc::tls_failed, 502, "tls-failed", Actor::operator_, "The other side's certificate was not accepted.", "接続先の証明書を確認できませんでした。",
     "Renkei's operator should check the extra CA file and proxies that open TLS.",
     "Renkei の運用担当者が追加の CA ファイルと TLS を中継するプロキシを確認してください。"},
    {Errc::vault_locked, 503, "vault-locked", Actor::operator_, "The vault cannot be opened.", "資格情報の保管庫を開けません。",
     "Renkei's operator must provide the right master key.", "Renkei の運用担当者が正しいマスター キーを設定してください。"},
    {Errc::needs_operator, 409, "needs-operator", Actor::operator_, "Only Renkei's operator can do this.", "Renkei の運用担当者だけが実行できます。",
     "Renkei's operator must do what the detail says, on the machine itself.", "Renkei の運用担当者がサーバー上で詳細のとおりに操作してください。"},
    {Errc::storage_full, 507, "storage-full", Actor::operator_, "The disk is full or read-only: nothing can be stored.",
     "ディスクの空きがないか、書き込みできません。", "Renkei's operator must free space; reading goes on meanwhile.",
     "Renkei の運用担当者が空き容量を確保してください。読み取りは続けられます。"},
    {Errc::storage_failed, 500, "storage-failed", Actor::operator_, "The store failed.", "データの保存に失敗しました。",
     "Renkei's operator should look at the log.", "Renkei の運用担当者がログを確認してください。"},
    {Errc::shutting_down, 503, "shutting-down", Actor::nobody, "Renkei is stopping.", "Renkei は停止処理中です。", "Repeat the request in a few seconds.",
     "数秒待ってから再度実行してください。"},
    {Errc::internal, 500, "internal", Actor::operator_, "Something went wrong inside Renkei.", "Renkei の内部でエラーが発生しました。",
     "Renkei's operator should look at the log with the request id.", "Renkei の運用担当者がリクエスト ID を使ってログを確認してください。"},
};

// The table is in the order of the enum, so a lookup is an index.
constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(error_table); ++i)
        if (static_cast<std::size_t>(error_table[i].code) != i) return false;
    return std::size(error_table) == static_cast<std::size_t>(Errc::internal) + 1;
}
static_assert(in_order());

}  // namespace

const ErrorRow& error_row(Errc code) { return error_table[static_cast<std::size_t>(code)]; }

const ErrorRow* error_row_of_slug(std::string_view slug) {
    const auto* row = std::ranges::find(error_table, slug, &ErrorRow::slug);
    return row == std::end(error_table) ? nullptr : row;
}

std::string_view slug_of(Actor actor) {
    switch (actor) {
        case Actor::caller: return "caller";
        case Actor::user: return "user";
        case Actor::administrator: return "administrator";
        case Actor::app_owner: return "app-owner";
        case Actor::operator_: return "operator";
        case Actor::nobody: return "nobody";
    }
    return "nobody";
}

std::string_view Error::get(std::string_view key) const {
    for (const auto& [name, value] : context)
        if (name == key) return value;
    return {};
}

Error&& Error::with(std::string_view key, std::string value) && {
    context.emplace_back(key, std::move(value));
    return std::move(*this);
}

}  // namespace renkei

#include "adapters/api/sign_in_kinds.hpp"

#include <algorithm>

namespace renkei::api {
namespace {

using core::ClientAuthMethod;
using core::ConnectionMode;

constexpr KindRow kinds[] = {
    {SignInKind::certificate, "certificate", ConnectionMode::client_credentials, "Client certificate", "クライアント証明書",
     "For unattended work with many mailboxes, where a secret is not strong enough: the app itself acts, proved by a certificate.",
     "無人の自動処理で、シークレットより強い方式が必要な場合。証明書を使い、アプリ自身として操作します。"},
    {SignInKind::secret, "secret", ConnectionMode::client_credentials, "Client credentials", "クライアント資格情報",
     "For unattended work: the app itself acts, proved by a client secret. An administrator grants its permissions once.",
     "無人の自動処理の場合。クライアント シークレットを使い、アプリ自身として操作します。許可は管理者が一度だけ付与します。"},
    {SignInKind::own_app, "own-app", ConnectionMode::authorization_code, "Bring your own app", "独自の OAuth 2.0 アプリ（BYOA）",
     "For work in one person's name with an app of your own that has a secret: the person signs in once in the browser.",
     "シークレットを持つ独自のアプリを使い、1 人のユーザーとして操作する場合。本人がブラウザーで一度サインインします。"},
    {SignInKind::public_client, "public", ConnectionMode::authorization_code, "Authorization code with PKCE", "認可コード（PKCE）",
     "For work in one person's name with an app that has no secret: the person signs in once in the browser.",
     "シークレットのないアプリを使い、1 人のユーザーとして操作する場合。本人がブラウザーで一度サインインします。"},
    {SignInKind::device, "device", ConnectionMode::device_code, "Device code", "デバイス コード",
     "For a person whose browser is on another machine: Renkei shows a code, the person types it there and signs in.",
     "本人のブラウザーが別の端末にある場合。Renkei が表示するコードを、その端末で入力してサインインします。"},
    {SignInKind::managed, "managed", ConnectionMode::authorization_code, "Managed", "管理された接続",
     "For one app that many automations use: one account for all of them (shared), or each person's own account (user-specific).",
     "1 つのアプリを多くの自動処理で使用する場合。全員で 1 つのアカウントを使う（共有）か、各自のアカウントを使う（ユーザー別）かを選択します。"},
    {SignInKind::federated, "", ConnectionMode::client_credentials, "Federated credential", "フェデレーション資格情報",
     "For an app whose proof another system issues, without any secret. Needs an entry in Renkei's configuration by the operator first.",
     "別のシステムが発行する証明を使い、シークレットを持たない場合。先に Renkei の運用担当者による設定が必要です。"},
    {SignInKind::managed_identity, "", ConnectionMode::client_credentials, "Managed identity", "マネージド ID",
     "For Renkei running on Azure with an identity of the machine. Needs an entry in Renkei's configuration by the operator first.",
     "Renkei が Azure 上で動作し、そのマシンの ID を使う場合。先に Renkei の運用担当者による設定が必要です。"},
};

bool takes(const app::Manifest& manifest, ClientAuthMethod method) {
    return manifest.client_auth.empty() || std::ranges::find(manifest.client_auth, core::text_of(method)) != manifest.client_auth.end();
}

bool takes_secret(const app::Manifest& manifest) {
    return takes(manifest, ClientAuthMethod::client_secret_post) || takes(manifest, ClientAuthMethod::client_secret_basic);
}

}  // namespace

std::span<const KindRow> sign_in_kinds() { return kinds; }

const KindRow* find_kind(std::string_view path) {
    const auto* found = std::ranges::find_if(kinds, [&](const KindRow& row) { return !row.path.empty() && row.path == path; });
    return found == std::end(kinds) ? nullptr : found;
}

bool offers(const app::Manifest& manifest, const KindRow& kind) {
    if (std::ranges::find(manifest.modes, core::text_of(kind.mode)) == manifest.modes.end()) return false;
    switch (kind.kind) {
        // The file says whose tenant it is for; a connector without tenants has no such files.
        case SignInKind::certificate: return !manifest.clouds.empty() && takes(manifest, ClientAuthMethod::client_certificate);
        case SignInKind::secret:
        case SignInKind::own_app: return takes_secret(manifest);
        case SignInKind::public_client:
        case SignInKind::device: return takes(manifest, ClientAuthMethod::none);
        case SignInKind::managed: return true;
        case SignInKind::federated:
        case SignInKind::managed_identity: return !manifest.clouds.empty();
    }
    return false;
}

bool fits(const KindRow& kind, const core::ClientRegistration& registration) {
    const auto method = registration.auth_method;
    switch (kind.kind) {
        case SignInKind::certificate: return method == ClientAuthMethod::client_certificate;
        case SignInKind::secret: return method != ClientAuthMethod::client_certificate && method != ClientAuthMethod::none;
        case SignInKind::own_app: return method != ClientAuthMethod::none;
        case SignInKind::public_client: return method == ClientAuthMethod::none;
        case SignInKind::managed:
        case SignInKind::device: return true;
        case SignInKind::federated:
        case SignInKind::managed_identity: return false;
    }
    return false;
}

}  // namespace renkei::api

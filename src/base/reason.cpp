#include "base/reason.hpp"

#include <algorithm>
#include <iterator>

namespace renkei {
namespace {

// One Japanese word for one English word: docs/glossary-ja.md.
constexpr ReasonRow table[] = {
    {Reason::certificate_too_large, "certificate-too-large", "the certificate file is larger than {} KiB", "証明書ファイルが {} KiB を超えています。",
     "Export only the certificate and its private key, without other certificates.",
     "証明書とその秘密鍵だけをエクスポートしてください。ほかの証明書は含めないでください。"},
    {Reason::certificate_not_base64, "certificate-not-base64", "the text is not Base64", "Base64 の文字列ではありません。",
     "Convert the whole .pfx file, for example: base64 -w0 app.pfx > app.pfx.txt. Line breaks may stay.",
     ".pfx ファイル全体を変換してください。例: base64 -w0 app.pfx > app.pfx.txt（改行は残っていてもかまいません）"},
    {Reason::certificate_not_pkcs12, "certificate-not-pkcs12", "this is no PFX (PKCS#12) file", "PFX（PKCS#12）ファイルではありません。",
     "Export one with the private key, for example: openssl pkcs12 -export -in app.crt -inkey app.key -out app.pfx. A .cer or .crt file is no PFX.",
     "秘密鍵を含めてエクスポートしてください。例: openssl pkcs12 -export -in app.crt -inkey app.key -out app.pfx（.cer や .crt は PFX ではありません）"},
    {Reason::certificate_not_pem, "certificate-not-pem", "the text holds no readable PEM block", "PEM として読み取れる部分がありません。",
     "Paste the whole text from -----BEGIN CERTIFICATE----- to -----END PRIVATE KEY-----.",
     "-----BEGIN CERTIFICATE----- から -----END PRIVATE KEY----- までをすべて貼り付けてください。"},
    {Reason::certificate_wrong_password, "certificate-wrong-password", "the password does not open the file", "パスワードでファイルを開けません。",
     "Enter the password that was set when the file was made; check it with: openssl pkcs12 -in app.pfx -noout",
     "ファイルの作成時に設定したパスワードを入力してください。確認方法の例: openssl pkcs12 -in app.pfx -noout"},
    {Reason::certificate_unsupported_encryption, "certificate-unsupported-encryption", "the file is damaged, or protected in a way that is not supported",
     "ファイルが壊れているか、対応していない方式で保護されています。",
     "Export it again with AES, for example: openssl pkcs12 -in app.pfx -out all.pem, then openssl pkcs12 -export -in all.pem -out new.pfx",
     "AES で作り直してください。例: openssl pkcs12 -in app.pfx -out all.pem の後に openssl pkcs12 -export -in all.pem -out new.pfx"},
    {Reason::certificate_too_many_rounds, "certificate-too-many-rounds", "the file asks for more than {} rounds of key derivation",
     "鍵導出の繰り返し回数が {} 回を超えています。", "Export it again with fewer rounds, for example: openssl pkcs12 -export -iter 600000 …",
     "回数を減らして作り直してください。例: openssl pkcs12 -export -iter 600000 …"},
    {Reason::certificate_missing, "certificate-missing", "there is no certificate", "証明書が含まれていません。",
     "Add the certificate that was uploaded to the app registration, for example: cat app.crt app.key > app.pem",
     "アプリの登録にアップロードした証明書を追加してください。例: cat app.crt app.key > app.pem"},
    {Reason::certificate_no_private_key, "certificate-no-private-key", "there is no private key", "秘密鍵が含まれていません。",
     "Export again and choose to export the private key; a .cer or .crt file has none. With PEM: cat app.crt app.key > app.pem",
     "「秘密キーをエクスポートする」を選んで作り直してください。.cer や .crt には秘密鍵がありません。PEM の例: cat app.crt app.key > app.pem"},
    {Reason::certificate_several_keys, "certificate-several-keys", "there are several private keys", "秘密鍵が複数含まれています。",
     "Export one certificate with its own key only, for example: openssl pkcs12 -export -in app.crt -inkey app.key -out app.pfx",
     "証明書 1 つとその秘密鍵だけをエクスポートしてください。例: openssl pkcs12 -export -in app.crt -inkey app.key -out app.pfx"},
    {Reason::certificate_key_mismatch, "certificate-key-mismatch", "the private key does not belong to the certificate",
     "秘密鍵と証明書の組み合わせが正しくありません。",
     "Use the key with which the certificate was made; openssl x509 -in app.crt -pubkey -noout and openssl pkey -in app.key -pubout must print the same.",
     "証明書の作成に使った秘密鍵を指定してください。openssl x509 -in app.crt -pubkey -noout と openssl pkey -in app.key -pubout "
     "の出力が一致する必要があります。"},
    {Reason::certificate_key_not_taken, "certificate-key-not-taken", "the provider takes RSA keys of at least 2048 bits, and this one is {}",
     "使用できるのは 2048 ビット以上の RSA 鍵だけです。この鍵は {} です。",
     "Make a new one, for example: openssl req -x509 -newkey rsa:2048 -noenc -keyout app.key -out app.crt -days 365 -subj /CN=renkei",
     "作り直してください。例: openssl req -x509 -newkey rsa:2048 -noenc -keyout app.key -out app.crt -days 365 -subj /CN=renkei"},
    {Reason::certificate_not_yet_valid, "certificate-not-yet-valid", "the certificate is valid from {} only", "証明書の有効期間は {} からです。",
     "Wait until then, or use another certificate; if that time has passed, the clock of Renkei's machine is wrong.",
     "その日時まで待つか、別の証明書を使用してください。すでに過ぎている場合は、Renkei を実行している機器の時計を確認してください。"},
    {Reason::certificate_expired, "certificate-expired", "the certificate expired at {}", "証明書の有効期限が {} に切れています。",
     "Make a new one, upload its public part to the app registration, and import it here.",
     "新しい証明書を作成し、公開部分をアプリの登録にアップロードしてから、ここにインポートしてください。"},
    {Reason::import_not_recognised, "import-not-recognised", "this is none of the files that can be imported", "インポートできる種類のファイルではありません。",
     "Files that can be imported: authOfficeCalendar.json, the JSON of az ad sp create-for-rbac, a PFX, a PEM with certificate and private key.",
     "インポートできるのは、authOfficeCalendar.json、az ad sp create-for-rbac の JSON、PFX、証明書と秘密鍵を含む PEM です。"},
    {Reason::import_json_too_large, "import-json-too-large", "the JSON file is larger than {} KiB", "JSON ファイルが {} KiB を超えています。",
     "Import the file with the credentials of one app only.", "アプリ 1 つ分の資格情報だけを含むファイルをインポートしてください。"},
    {Reason::import_key_missing, "import-key-missing", "the file has no {}", "ファイルに {} がありません。",
     "Add the missing key; a complete file looks like {\"client_id\": \"…\", \"tenant_id\": \"…\", \"client_secret\": \"…\"}.",
     "不足しているキーを追加してください。例: {\"client_id\": \"…\", \"tenant_id\": \"…\", \"client_secret\": \"…\"}"},
    {Reason::import_key_twice, "import-key-twice", "the file gives {} twice, with different values", "ファイルに {} が 2 回あり、値が異なります。",
     "Keep the one that is right.", "正しいほうだけを残してください。"},
    {Reason::import_value_refused, "import-value-refused", "the value of {} in the file is not a text that can be used", "ファイルの {} の値を使用できません。",
     "Copy the value again from the app registration.", "アプリの登録から値をコピーし直してください。"},
    {Reason::source_not_mapped, "source-not-mapped", "{} needs a source in the operator's configuration, and none is mapped",
     "{} には運用担当者の構成で対応付けられた取得元が必要ですが、対応付けがありません。",
     "Use a client secret or a client certificate, or ask Renkei's operator.",
     "クライアント シークレットまたはクライアント証明書を使うか、Renkei の運用担当者に相談してください。"},
    {Reason::domain_not_found, "domain-not-found", "no tenant has the domain {}", "ドメイン {} のテナントが見つかりません。",
     "Check the address, e.g. sales@contoso.example, and the environment; or put in the tenant ID.",
     "アドレス（例: sales@contoso.example）と環境を確認するか、テナント ID を入力してください。"},
    {Reason::domain_consumer, "domain-consumer", "{} is a domain of personal accounts, which have no tenant",
     "{} は個人用アカウントのドメインで、テナントがありません。", "Use a mailbox of a work or school account, or connect by a person's sign-in.",
     "職場または学校のアカウントのメールボックスを使うか、ユーザーのサインインで接続してください。"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(table); ++i)
        if (static_cast<std::size_t>(table[i].reason) != i) return false;
    return std::size(table) == static_cast<std::size_t>(Reason::domain_consumer) + 1;
}
static_assert(in_order());

}  // namespace

const ReasonRow& reason_row(Reason reason) { return table[static_cast<std::size_t>(reason)]; }

const ReasonRow* reason_row_of_slug(std::string_view slug) {
    const auto* row = std::ranges::find(table, slug, &ReasonRow::slug);
    return row == std::end(table) ? nullptr : row;
}

std::string filled(std::string_view text, std::string_view value) {
    std::string out(text);
    if (const auto at = out.find("{}"); at != out.npos) out.replace(at, 2, value);
    return out;
}

std::unexpected<Error> refuse_field(std::string_view field, Reason reason, std::string value, Errc code) {
    const auto& row = reason_row(reason);
    Error error{code, filled(row.text_en, value), {{"field", std::string(field)}, {"reason", std::string(row.slug)}}};
    if (!value.empty()) error.context.emplace_back("reason_value", std::move(value));
    return std::unexpected(std::move(error));
}

}  // namespace renkei

#include "adapters/api/show.hpp"

#include "adapters/api/read_sources.hpp"
#include "base/encoding.hpp"
#include "base/sign_in_reason.hpp"

namespace renkei::api {
namespace {

template <class Ids>
json::array shown_ids(const Ids& ids) {
    json::array list;
    for (const auto& id : ids) list.emplace_back(id.text());
    return list;
}

json::value shown_text(std::string_view text) { return json::value(json::view(text)); }

std::string_view word_of(core::Principal::Kind kind) {
    switch (kind) {
        case core::Principal::Kind::person: return "person";
        case core::Principal::Kind::key: return "key";
        case core::Principal::Kind::system: return "system";
    }
    return "system";
}

std::string_view word_of(core::FolderRight right) {
    constexpr std::string_view words[] = {"see", "use", "edit"};
    return words[static_cast<std::size_t>(right)];
}

std::string_view word_of(core::FolderGrant::Holder holder) {
    constexpr std::string_view words[] = {"person", "group", "key"};
    return words[static_cast<std::size_t>(holder)];
}

json::object shown_credential(const core::CredentialVersion& credential) {
    json::object shown{{"version", credential.version},
                       {"kind", shown_text(core::text_of(credential.kind))},
                       {"key_id", credential.key_id},
                       {"created_at", shown_time(credential.created_at)},
                       {"expires_at", shown_time(credential.expires_at)},
                       {"source", credential.source.empty() ? json::value("typed") : json::value(credential.source)},
                       {"insecure", credential.source.empty()}};
    if (credential.kind != core::CredentialKind::certificate) return shown;
    shown["certificate"] = shown_certificate(credential.certificate);
    return shown;
}

}  // namespace

json::object shown_certificate(const core::CertificateFacts& facts) {
    return {{"thumbprint_sha1", facts.thumbprint_sha1},
            {"thumbprint_sha256", facts.thumbprint_sha256},
            {"subject", facts.subject},
            {"serial", facts.serial},
            {"not_before", shown_time(facts.not_before)}};
}

json::array shown_list(const std::vector<std::string>& items) {
    json::array list;
    for (const auto& item : items) list.emplace_back(item);
    return list;
}

json::value shown_time(const std::optional<TimePoint>& at) { return at ? json::value(json::view(iso_text(*at))) : json::value(nullptr); }

json::object shown_right(const core::Right& right) {
    json::array actions;
    for (const auto action : right.actions) actions.push_back(shown_text(core::text_of(action)));
    return {{"actions", std::move(actions)},     {"connectors", shown_list(right.connectors)},   {"folders", shown_ids(right.folders)},
            {"groups", shown_ids(right.groups)}, {"connections", shown_list(right.connections)}, {"mailboxes", shown_list(right.mailboxes)}};
}

json::array shown_rights(const std::vector<core::Right>& rights) {
    json::array list;
    for (const auto& right : rights) list.push_back(shown_right(right));
    return list;
}

json::object shown_principal(const core::Principal& caller, const core::Workspace& workspace) {
    return {{"kind", shown_text(word_of(caller.kind))},
            {"name", caller.name},
            {"workspace", workspace.name.text()},
            {"rights", shown_rights(caller.rights)},
            {"expires_at", shown_time(caller.expires_at)}};
}

json::object shown_key(const core::ApiKey& key, TimePoint now) {
    json::array ranges;
    for (const auto& range : key.allowed_ranges) ranges.emplace_back(range.text());
    const bool expired = key.expires_at && *key.expires_at <= now;
    return {{"name", key.name.text()},
            {"id", key.id.text()},
            {"state", key.revoked_at ? "revoked"
                      : expired      ? "expired"
                                     : "active"},
            {"rights", shown_rights(key.rights)},
            {"allowed_ranges", std::move(ranges)},
            {"created_at", shown_time(key.created_at)},
            {"expires_at", shown_time(key.expires_at)},
            {"revoked_at", shown_time(key.revoked_at)},
            {"version", key.version}};
}

json::object shown_registration(const core::ClientRegistration& registration, const std::string& redirect_uri) {
    json::array credentials;
    for (const auto& credential : registration.credentials) credentials.push_back(shown_credential(credential));
    return {{"name", registration.name.text()},
            {"id", registration.id.text()},
            {"connector", registration.connector},
            {"cloud", registration.cloud},
            {"tenant", registration.tenant},
            {"resolved_tenant", registration.resolved_tenant},
            {"client_id", registration.client_id},
            {"auth_method", shown_text(core::text_of(registration.auth_method))},
            {"assertion_algorithm", registration.auth_method == core::ClientAuthMethod::client_certificate
                                        ? shown_text(core::text_of(registration.assertion_algorithm))
                                        : json::value(nullptr)},
            {"issuer", registration.issuer},
            {"authorization_endpoint", registration.authorization_endpoint},
            {"token_endpoint", registration.token_endpoint},
            {"credentials", std::move(credentials)},
            {"sources", shown_sources(registration.sources)},
            {"redirect_uri", redirect_uri},
            {"created_at", shown_time(registration.created_at)},
            {"version", registration.version}};
}

json::object shown_connection(const app::ShownConnection& shown) {
    const auto& connection = shown.connection;
    json::object out{{"name", connection.name.text()},
                     {"id", connection.id.text()},
                     {"title", connection.title},
                     {"connector", connection.connector},
                     {"registration", shown.registration},
                     {"mode", shown_text(core::text_of(connection.mode))},
                     {"act_as", connection.act_as},
                     {"mailbox", connection.mailbox},
                     {"sources", shown_sources(connection.sources)},
                     {"scopes", shown_list(connection.scopes)},
                     {"fence",
                      {{"everything", connection.fence.everything},
                       {"mailboxes", shown_list(connection.fence.mailboxes)},
                       {"calendars", shown_list(connection.fence.calendars)},
                       {"groups", shown_list(connection.fence.groups)}}},
                     {"owner", connection.owner ? json::value(json::view(connection.owner->text())) : json::value(nullptr)},
                     {"folder", shown.folder},
                     {"token_type", shown_text(core::text_of(connection.token_type))},
                     {"state", shown_text(core::text_of(connection.state))},
                     {"state_code", connection.state_slug},
                     {"state_detail", connection.state_detail},
                     {"created_at", shown_time(connection.created_at)},
                     {"updated_at", shown_time(connection.updated_at)},
                     {"version", connection.version}};
    if (shown.scopes)
        out["scope_standing"] = json::object{{"granted", shown_list(shown.scopes->granted)},
                                             {"not_granted", shown_list(shown.scopes->not_granted)},
                                             {"not_asked", shown_list(shown.scopes->not_asked)}};
    return out;
}

json::value shown_finding(const std::optional<Error>& problem, Language language) {
    if (!problem) return nullptr;
    const auto& row = error_row(problem->code);
    auto say = told(*problem, language == Language::ja);
    json::object shown{{"code", shown_text(row.slug)},
                       {"title", shown_text(pick(language, row.title_en, row.title_ja))},
                       {"detail", std::move(say.detail)},
                       {"actor", shown_text(slug_of(say.actor))},
                       {"remedy", std::move(say.remedy)}};
    for (const auto name : {"reason", "provider_code"})
        if (const auto value = problem->get(name); !value.empty()) shown[name] = shown_text(value);
    return shown;
}

json::object shown_folder(const core::Folder& folder) {
    return {{"name", folder.name.text()},
            {"id", folder.id.text()},
            {"title", folder.title},
            {"is_default", folder.is_default},
            {"private_to", folder.private_to ? json::value(json::view(folder.private_to->text())) : json::value(nullptr)}};
}

json::object shown_folder_grant(const core::FolderGrant& grant) {
    return {{"holder", shown_text(word_of(grant.holder))}, {"holder_id", id_text(grant.holder_id)}, {"right", shown_text(word_of(grant.right))}};
}

json::object shown_operation(const core::Operation& operation) {
    return {{"id", operation.id.text()},
            {"kind", operation.kind},
            {"state", shown_text(core::text_of(operation.state))},
            {"done", operation.done},
            {"total", operation.total},
            {"cancel_requested", operation.cancel_requested},
            {"failure_code", operation.failure_slug},
            {"started_by", operation.principal_name},
            {"created_at", shown_time(operation.created_at)},
            {"updated_at", shown_time(operation.updated_at)},
            {"expires_at", shown_time(operation.expires_at)},
            {"version", operation.version}};
}

json::object shown_item(const core::OperationItem& item) {
    return {{"index", item.index}, {"target", item.target}, {"ok", item.ok}, {"code", item.slug}, {"detail", item.detail}};
}

json::object shown_audit(const core::AuditRow& row) {
    return {{"sequence", row.sequence},
            {"at", shown_time(row.at)},
            {"principal", {{"kind", shown_text(word_of(row.principal_kind))}, {"id", id_text(row.principal_id)}, {"name", row.principal_name}}},
            {"run", row.run},
            {"action", row.action},
            {"target", row.target},
            {"decision", row.allowed ? "allowed" : "refused"},
            {"reason", row.reason},
            {"credential_version", row.credential_version},
            {"request_id", row.request_id},
            {"previous_hash", to_hex(row.previous_hash)},
            {"hash", to_hex(row.hash)}};
}

}  // namespace renkei::api

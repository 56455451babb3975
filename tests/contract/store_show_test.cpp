#include "tests/contract/store_world.hpp"

#include "base/encoding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace renkei::testing {
namespace {

std::string at(TimePoint time) { return std::to_string(to_millis(time)); }
std::string at(const std::optional<TimePoint>& time) { return time ? at(*time) : "never"; }
template <class IdType>
std::string id(const std::optional<IdType>& value) {
    return value ? value->text() : "none";
}
template <class T>
std::string ids(const std::vector<T>& all) {
    std::string text;
    for (const auto& one : all) text += one.text() + ",";
    return text;
}

std::string show_right(const core::Right& right) {
    std::string actions;
    for (const auto action : right.actions) actions += std::string(core::text_of(action)) + ",";
    return fmt::format("[{} {} {} {} {} {}]", actions, right.connectors, ids(right.folders), ids(right.groups), right.connections, right.mailboxes);
}

}  // namespace

std::string show(const core::Workspace& row) { return fmt::format("{} {} {} {}", row.id.text(), row.name.text(), row.title, at(row.created_at)); }
std::string show(const core::Person& row) {
    return fmt::format("{} {} {} {} {} {} {}", row.id.text(), row.email, row.display_name, row.password_hash, row.locale, at(row.created_at), row.version);
}
std::string show(const core::Membership& row) {
    std::string roles;
    for (const auto role : row.roles) roles += std::string(core::text_of(role)) + ",";
    return fmt::format("{} {} {} {} {} {} {} {}", row.workspace.text(), row.person.text(), roles, ids(row.groups), row.active, row.invited_name, at(row.since),
                       row.version);
}
std::string show(const core::Group& row) {
    return fmt::format("{} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.name.text(), row.title, id(row.parent), row.version);
}
std::string show(const core::Session& row) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.person.text(), to_hex(row.hash), row.address, row.agent,
                       at(row.created_at), at(row.last_seen_at), at(row.idle_until), at(row.ends_at));
}
std::string show(const core::Folder& row) {
    return fmt::format("{} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.name.text(), row.title, id(row.private_to), row.is_default);
}
std::string show(const core::FolderGrant& row) {
    return fmt::format("{} {} {} {} {}", row.workspace.text(), row.folder.text(), static_cast<int>(row.holder), id_text(row.holder_id),
                       static_cast<int>(row.right));
}
std::string show(const core::ApiKey& row) {
    std::string rights, ranges;
    for (const auto& right : row.rights) rights += show_right(right);
    for (const auto& range : row.allowed_ranges) ranges += range.text() + ",";
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.name.text(), to_hex(row.hash), rights, ranges,
                       id(row.created_by), at(row.created_at), at(row.expires_at), at(row.revoked_at), row.version);
}
std::string show(const core::ClientRegistration& row) {
    std::string credentials;
    for (const auto& one : row.credentials)
        credentials += fmt::format("[{} {} {} {} {} {} {} {} {} {} {}]", one.version, one.material.bytes, one.key_id, at(one.created_at), at(one.expires_at),
                                   core::text_of(one.kind), one.certificate.thumbprint_sha1, one.certificate.thumbprint_sha256, one.certificate.subject,
                                   one.certificate.serial, at(one.certificate.not_before));
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.name.text(), row.connector, row.cloud,
                       row.tenant, row.client_id, core::text_of(row.auth_method), credentials, row.issuer, row.authorization_endpoint, row.token_endpoint,
                       row.version, at(row.created_at), core::text_of(row.assertion_algorithm));
}
std::string show(const core::Connection& row) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.name.text(), row.title,
                       row.connector, row.registration.text(), core::text_of(row.mode), row.act_as, row.mailbox, row.scopes, row.fence.everything,
                       row.fence.mailboxes, id(row.owner), row.folder.text(), core::text_of(row.state), row.state_slug, row.state_detail, row.version,
                       at(row.created_at), at(row.updated_at), core::text_of(row.token_type), id(row.managed_by));
}
std::string show(const core::Grant& row) {
    const auto& who = row.identity;
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.connection.text(),
                       static_cast<int>(row.subject_kind), row.subject, row.generation, row.refresh_token.bytes, row.previous_refresh_token.bytes, row.proven,
                       row.credential_version, row.scopes, who.issuer, who.tenant, who.subject, who.display, core::text_of(row.state), row.failure_slug,
                       at(row.created_at), at(row.updated_at), at(row.last_used_at));
}
std::string show(const core::StoredToken& row) {
    return fmt::format("{} {} {} '{}' {} {} {} {} {}", row.key.workspace.text(), row.key.grant.text(), row.key.audience, row.key.scope_set, row.token.bytes,
                       row.generation, at(row.obtained_at), at(row.expires_at), row.scopes);
}
std::string show(const core::Operation& row) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.id.text(), row.kind, row.request, core::text_of(row.state),
                       row.done, row.total, row.cancel_requested, row.principal_name, row.failure_slug, at(row.created_at), at(row.updated_at),
                       at(row.expires_at), row.version);
}
std::string show(const core::OperationItem& row) { return fmt::format("{} {} {} {} {}", row.index, row.target, row.ok, row.slug, row.detail); }
std::string show(const core::AuditRow& row) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.sequence, at(row.at), static_cast<int>(row.principal_kind),
                       id_text(row.principal_id), row.principal_name, row.run, row.action, row.target, row.allowed, row.reason, row.credential_version,
                       row.request_id, to_hex(row.previous_hash), to_hex(row.hash));
}

}  // namespace renkei::testing

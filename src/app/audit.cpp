#include "app/audit.hpp"

namespace renkei::app {

core::AuditRow audit_row(const By& by, TimePoint now, std::string action, std::string target, std::string reason, std::uint32_t credential_version) {
    core::AuditRow row;
    row.workspace = by.principal.workspace;
    row.at = now;
    row.principal_kind = by.principal.kind;
    row.principal_id = by.principal.id;
    row.principal_name = by.principal.name;
    row.run = by.principal.run;
    row.action = std::move(action);
    row.target = std::move(target);
    row.reason = std::move(reason);
    row.credential_version = credential_version;
    row.request_id = by.request_id;
    return row;
}

core::AuditRow refusal_row(const By& by, TimePoint now, std::string action, std::string target, std::string reason) {
    auto row = audit_row(by, now, std::move(action), std::move(target), std::move(reason));
    row.allowed = false;
    return row;
}

std::string target_of(std::string_view kind, std::string_view name) { return std::string(kind) + ":" + std::string(name); }

}  // namespace renkei::app

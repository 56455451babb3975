#pragma once

#include "adapters/api/language.hpp"
#include "app/connections.hpp"
#include "base/json.hpp"
#include "core/audit.hpp"
#include "core/connection.hpp"
#include "core/folder.hpp"
#include "core/identity.hpp"
#include "core/operation.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::api {

// The model as callers see it: docs/api/openapi.yaml, section schemas. No function here can reach a secret.

json::array shown_list(const std::vector<std::string>& items);
json::value shown_time(const std::optional<TimePoint>& at);
json::object shown_right(const core::Right& right);
json::array shown_rights(const std::vector<core::Right>& rights);
json::object shown_principal(const core::Principal& caller, const core::Workspace& workspace);
json::object shown_key(const core::ApiKey& key, TimePoint now);
json::object shown_certificate(const core::CertificateFacts& facts);
json::object shown_registration(const core::ClientRegistration& registration, const std::string& redirect_uri);
json::object shown_connection(const app::ShownConnection& shown);
json::object shown_folder(const core::Folder& folder);
json::object shown_folder_grant(const core::FolderGrant& grant);
json::object shown_operation(const core::Operation& operation);
json::object shown_item(const core::OperationItem& item);
/// Code, title, detail, actor and remedy of something that went wrong inside an answer that went well.
json::value shown_finding(const std::optional<Error>& problem, Language language);
json::object shown_audit(const core::AuditRow& row);

}  // namespace renkei::api

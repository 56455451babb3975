#pragma once

#include "adapters/api/call.hpp"
#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::api {

app::ServerResponse json_answer(json::object body, int status = 200);
app::ServerResponse created_answer(json::object body, std::string location);
/// 202 with the place to look at (RFC 9110 section 15.3.3).
app::ServerResponse accepted_answer(json::object body, std::string location);
app::ServerResponse no_content();
/// An answer whose body holds a secret that is shown once: wiped after writing, never replayed.
app::ServerResponse secret_answer(app::ServerResponse answer);
app::ServerResponse with_etag(app::ServerResponse answer, std::uint64_t version);

/// If-Match (RFC 9110 section 13.1.1), honoured when sent: the version that must still be current. Nothing: any is fine.
Result<std::optional<std::uint64_t>> read_if_match(const Call& call);
/// The name in the path. What cannot be a name is not found.
Result<core::Name> path_name(const Call& call, std::string_view parameter = "name");
/// Renkei-Act-As: with whose account. Empty without the header.
Result<std::string> read_act_as(const Call& call);
/// For routes whose body may be left out: it must have no members.
Result<void> expect_empty(Call& call);
/// The caller and the request, for a use case.
app::By asked_by(Call& call);

/// Reads `limit` and `cursor`. A cursor belongs to one list of one workspace and one filter; any other text is refused.
/// `list` names the list and its filter.
Result<app::PageRequest> read_page(QueryReader& query, const app::Vault& vault, core::WorkspaceId workspace, std::string_view list, std::uint32_t usual = 50);
/// {items, next_cursor}; next_cursor is null at the end.
json::object page_body(json::array items, const std::string& next, const app::Vault& vault, core::WorkspaceId workspace, std::string_view list);
std::string make_cursor(const app::Vault& vault, core::WorkspaceId workspace, std::string_view list, std::string_view after);
Result<std::string> open_cursor(const app::Vault& vault, core::WorkspaceId workspace, std::string_view list, std::string_view cursor);

/// A script for an administrator, as a file.
app::ServerResponse script_answer(const core::Name& connection, std::string script);

}  // namespace renkei::api

#pragma once

#include "app/ports/store.hpp"
#include "core/automation.hpp"
#include "core/external_vault.hpp"
#include "core/stored_value.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace renkei::testing {

// Ready-made values for tests. All belong to `home` unless told otherwise; change a member for what the test is about.

/// An id that is easy to recognise: the number in its last bytes.
template <class IdType>
IdType id_of(std::uint64_t number) {
    IdBytes bytes{0xee};
    for (unsigned i = 0; i < 8; ++i) bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xff);
    return IdType(bytes);
}
inline const core::WorkspaceId home = id_of<core::WorkspaceId>(1);
inline const core::WorkspaceId elsewhere = id_of<core::WorkspaceId>(2);
/// 2026-09-21T13:33:20Z, where ManualClock starts.
inline constexpr std::int64_t start_millis = 1'790'000'000'000;
inline TimePoint at_start() { return from_millis(start_millis); }

/// Throws on a text that is no name.
core::Name a_name(std::string_view text);
core::Workspace a_workspace(core::WorkspaceId id = home, std::string_view name = "acme");
core::Person a_person(std::uint64_t number = 1, std::string email = "hanako@acme.example");
core::Folder a_folder(std::string_view name = "shared");
core::ApiKey a_key(std::string_view name = "robot");
/// Microsoft, client secret, one credential version. Its id follows from its name.
core::ClientRegistration a_registration(std::string_view name = "microsoft-app");
/// Active, of a_registration(), fence `invoice@acme.example`. Its id follows from its name.
core::Connection a_connection(std::string_view name = "invoice-mail");
/// The own connection of a_person() below a user-specific one: by sign-in, fence its own mailbox.
core::Connection a_connection_below(const core::Connection& above = a_connection(), const core::Person& person = a_person());
/// a_person() lets a_key() read mail through a_connection().
core::Permission a_permission(const core::Connection& connection = a_connection(), std::optional<core::PersonId> person = a_person().id);
/// Active, of the app itself, generation 1, without refresh token.
core::Grant a_grant(const core::Connection& connection = a_connection());
core::StoredToken a_token(const core::Grant& grant = a_grant());
core::Operation an_operation(std::uint64_t number = 1);
core::AuditRow an_audit_row(std::string_view action = "connection.create", std::string_view target = "connection:invoice-mail");
/// What has to be there before a grant can be: workspace, registration, connection.
app::UnitOfWork a_home_with_a_connection();

/// Of a_key(), the root of its tree.
core::Run a_run(std::uint64_t number = 1);
core::Run a_run_below(const core::Run& parent, std::uint64_t number);
/// Of a_run() and a_connection().
core::AutomationSession an_automation_session(std::uint64_t number = 1);
core::StoredCredential a_stored_credential(std::string_view name = "app-secret");
core::Variable a_variable(std::string_view name = "box");
core::ExternalVault an_external_vault(std::string_view name = "corp");

}  // namespace renkei::testing

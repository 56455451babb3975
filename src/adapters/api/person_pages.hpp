#pragma once

#include "adapters/api/call.hpp"
#include "app/invitations.hpp"
#include "app/my_connections.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::api {

// Pages of people. Every text of a person or provider is escaped by Html; none is put into an address.

/// `done`: what was finished just before: password, invitation, signed-out.
app::ServerResponse sign_in_page(const Call& call, std::string_view email, std::string_view next, std::string_view done, const std::optional<Error>& refused);
app::ServerResponse choose_workspace_page(const Call& call, const std::vector<app::Choice>& choices, std::string_view next);
app::ServerResponse invitation_page(const Call& call, const app::InvitationLook& look, std::string_view display_name, const std::optional<Error>& refused);
app::ServerResponse reset_page(const Call& call, std::string_view email, const std::optional<Error>& refused);

struct AccountView {
    core::Workspace workspace;
    bool several_workspaces = false;
    std::vector<core::Session> sessions;
    bool password_changed = false;
    std::optional<Error> refused{};
};
app::ServerResponse account_page(const Call& call, const AccountView& view);
app::ServerResponse my_connections_page(const Call& call, const std::vector<app::MyConnection>& connections, const app::Catalog& catalog);
/// What the page of one connection shows besides it: what was typed and not accepted.
struct LendForm {
    std::string key{};  ///< also from the link that an automation was given
    std::vector<core::Action> actions{core::Action::mail_read};
    std::string until{};
    std::optional<Error> refused{};
};
app::ServerResponse my_connection_page(const Call& call, const app::MyConnection& mine, const app::Catalog& catalog, const LendForm& form);

/// The administrator's word for a role in the reader's language (docs/glossary-ja.md).
std::string_view word_of(core::Role role, Language language);
std::string_view word_of(core::ConnectionState state, Language language);
std::string_view word_of(core::Action action, Language language);
std::string_view tag_of(core::ConnectionState state);

}  // namespace renkei::api

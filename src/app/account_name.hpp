#pragma once

#include "app/ports/store.hpp"

#include <string>

namespace renkei::app {

/// The user name under which a member of a workspace signs in at providers, where it is not their e-mail address. The first sign-in
/// to an account of their own must be that one (docs/adr/0019).
/// Gives an empty text where none was set.
Task<Result<std::string>> find_account_name(WorkspaceStore& store, core::WorkspaceId workspace, core::PersonId person);
/// An empty name takes it away.
PutSetting put_account_name(core::WorkspaceId workspace, core::PersonId person, std::string name);

}  // namespace renkei::app

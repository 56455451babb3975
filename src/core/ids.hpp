#pragma once

#include "base/id.hpp"

namespace renkei::core {

using WorkspaceId = Id<struct WorkspaceTag>;
using PersonId = Id<struct PersonTag>;
using GroupId = Id<struct GroupTag>;
using FolderId = Id<struct FolderTag>;
using KeyId = Id<struct KeyTag>;
using RegistrationId = Id<struct RegistrationTag>;
using ConnectionId = Id<struct ConnectionTag>;
using GrantId = Id<struct GrantTag>;
using SessionId = Id<struct SessionTag>;
using OperationId = Id<struct OperationTag>;
using PermissionId = Id<struct PermissionTag>;
using ConsentId = Id<struct ConsentTag>;
using RunId = Id<struct RunTag>;
using AutomationSessionId = Id<struct AutomationSessionTag>;
using StoredCredentialId = Id<struct StoredCredentialTag>;
using ExternalVaultId = Id<struct ExternalVaultTag>;

}  // namespace renkei::core

#pragma once

#include "app/task.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/connection.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace renkei::app {

/// Reading a provider's directory with a connection's own token.
struct DirectoryAccess {
    core::Connection connection;
    std::string cloud;  ///< key of a cloud in the connector's manifest
    Secret access_token;
    std::string request_id;
};

/// A person or a mailbox. Addresses in one spelling (parse_mailbox), the id as parse_directory_id.
struct DirectoryObject {
    std::string id;
    std::string address;                 ///< the main one, may be empty
    std::vector<std::string> addresses;  ///< all by which it is known, with the main one
};

struct DirectoryGroup {
    std::string id;
    std::string address;
    std::vector<DirectoryObject> members;  ///< of it and of the groups in it; each once
};

/// What a provider's directory says of addresses. Errors: not_found (nobody has the address), denied (the token gives no right to
/// read this), unauthenticated (the caller refreshes once and repeats), provider_*, egress_refused.
class Directory {
public:
    virtual ~Directory() = default;
    /// By address, alias or directory id.
    virtual Task<Result<DirectoryObject>> find_mailbox(DirectoryAccess access, std::string who) = 0;
    /// By address or directory id; payload_too_large when it has more than `most` members.
    virtual Task<Result<DirectoryGroup>> find_group(DirectoryAccess access, std::string who, std::uint32_t most) = 0;
};

/// What an administrator of the provider runs so that the provider itself keeps an application inside a fence.
struct FenceScriptWanted {
    std::string connection;  ///< its name
    std::string cloud;       ///< key of a cloud in the connector's manifest
    std::string client_id;
    std::vector<core::FenceRow> rows;  ///< of the whole fence
    std::vector<std::string> scopes;   ///< of the connection, for the roles that are needed
    std::string outside;               ///< a mailbox for the test, may be empty
};
class FenceScripts {
public:
    virtual ~FenceScripts() = default;
    /// Text of a script. invalid_field where a value cannot be written into one.
    virtual Result<std::string> fence_script(FenceScriptWanted wanted) const = 0;
};

}  // namespace renkei::app

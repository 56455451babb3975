#pragma once

#include "base/crypto.hpp"
#include "core/identity.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <string>

namespace renkei::core {

/// One line of the append-only audit, written in the transaction of the change that it records.
/// `sequence`, `previous_hash` and `hash` are filled by the store.
struct AuditRow {
    WorkspaceId workspace;
    std::uint64_t sequence = 0;
    TimePoint at;
    Principal::Kind principal_kind = Principal::Kind::system;
    IdBytes principal_id{};
    std::string principal_name;
    std::string run;
    std::string action;  ///< connection.create, token.release, mail.send …
    std::string target;  ///< kind:name, e.g. connection:invoice-mail
    bool allowed = true;
    std::string reason;  ///< slug and short words
    std::uint32_t credential_version = 0;
    std::string request_id;
    Digest previous_hash{};
    Digest hash{};
};

/// SHA-256 over a length-prefixed encoding of every member but `hash`.
Digest hash_of(const AuditRow& row);

}  // namespace renkei::core

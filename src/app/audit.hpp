#pragma once

#include "app/ports/unit_of_work.hpp"
#include "base/clock.hpp"
#include "core/audit.hpp"
#include "core/identity.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace renkei::app {

/// Who asks, and under which request: what every use case is told first.
struct By {
    core::Principal principal;
    std::string request_id;
};

/// The usual reason of an allowed change.
inline constexpr std::string_view by_right = "granted by a right of the caller";

/// The audit row of something that `by` did, to be put into the unit of the change.
core::AuditRow audit_row(const By& by, TimePoint now, std::string action, std::string target, std::string reason, std::uint32_t credential_version = 0);
/// The same for something that was refused: the reason is the decision's.
core::AuditRow refusal_row(const By& by, TimePoint now, std::string action, std::string target, std::string reason);
/// connection:invoice-mail
std::string target_of(std::string_view kind, std::string_view name);

}  // namespace renkei::app

#pragma once

#include "base/result.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace renkei::app {

inline constexpr std::string_view invitation_purpose = "invitation";
inline constexpr std::string_view reset_purpose = "password_reset";

/// What a one-time link for a person points at. `version`: of the membership (invitation) or the person (reset) when the
/// link was made; after a change of either the link is worthless.
struct OneTimePerson {
    core::PersonId person;
    std::uint64_t version = 0;
};
std::string write_one_time(const OneTimePerson& data);
Result<OneTimePerson> read_one_time(std::string_view text);

}  // namespace renkei::app

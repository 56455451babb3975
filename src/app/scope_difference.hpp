#pragma once

#include <string>
#include <vector>

namespace renkei::app {

struct ScopeDifference {
    std::vector<std::string> not_granted;  ///< asked for
    std::vector<std::string> not_asked;    ///< granted
};
/// Servers write a scope short or with its resource in front, in any case; offline_access, openid and what goes with it
/// show in the tokens and are left out of the answer, so they are not compared.
ScopeDifference difference_of_scopes(const std::vector<std::string>& asked, const std::vector<std::string>& granted);

}  // namespace renkei::app

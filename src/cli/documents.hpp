#pragma once

#include "cli/command.hpp"

#include <span>
#include <string>

namespace renkei::cli {

std::span<const OptionRow> common_options();
/// troff of renkei(1), from the command table.
std::string man_page();
/// A completion script for bash or zsh, from the command table.
std::string bash_completion();
std::string zsh_completion();

}  // namespace renkei::cli

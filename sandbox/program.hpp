#pragma once

#include "base/result.hpp"
#include "sandbox/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace renkei::sandbox {

struct ProgramOptions {
    enum class Command { serve, describe } command = Command::serve;
    std::string state;
    std::optional<std::uint16_t> login_port{}, graph_port{}, control_port{}, vaults_port{};
    std::string exchange_log{}, ready_file{}, test_clock{};
    std::vector<std::string> redirects{}, imports{};
    std::string import_to = "sato.hanako@contoso.example";
    std::vector<std::string> clouds{"all"};  ///< keys besides the commercial one, or all
    bool strict_rotation = false;
    bool json = false;
};

/// The command line. An int: the program ends with it (help, mistakes).
std::variant<ProgramOptions, int> parse_command_line(int argc, char** argv);
/// Runs until SIGINT or SIGTERM; the exit status.
int run_program(const ProgramOptions& options);

}  // namespace renkei::sandbox

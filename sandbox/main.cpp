#include "sandbox/program.hpp"

int main(int argc, char** argv) {
    auto options = renkei::sandbox::parse_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&options)) return *status;
    return renkei::sandbox::run_program(std::get<renkei::sandbox::ProgramOptions>(options));
}

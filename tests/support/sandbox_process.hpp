#pragma once

#include "base/json.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace renkei::testing {

/// One request to a plain HTTP server on 127.0.0.1; blocks. Gives the body as JSON; throws on anything but 200 with an object.
json::object ask_control(std::uint16_t port, const std::string& method, const std::string& path, const std::string& body = {});

/// The program renkei-sandbox, built beside the tests, on free loopback ports with keys of its own. It ends with this object.
class SandboxProcess {
public:
    /// `state`: a folder for its keys. Throws when it does not come up.
    explicit SandboxProcess(const std::filesystem::path& state);
    ~SandboxProcess();
    SandboxProcess(const SandboxProcess&) = delete;
    SandboxProcess& operator=(const SandboxProcess&) = delete;

    std::uint16_t control_port() const { return control_port_; }
    json::object control(const std::string& method, const std::string& path, const std::string& body = {}) const {
        return ask_control(control_port_, method, path, body);
    }

private:
    void end();

    pid_t process_ = -1;
    int output_ = -1;
    std::uint16_t control_port_ = 0;
};

}  // namespace renkei::testing

#pragma once

#include "base/json.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/mounted.hpp"
#include "sandbox/service.hpp"
#include "sandbox/world.hpp"

#include <functional>
#include <string>
#include <vector>

namespace renkei::sandbox {

/// The control endpoint (plain HTTP on loopback): faults, counters, time, reset, messages, grants, switches. See sandbox/README.md.
class ControlService final : public Service {
public:
    struct Parts {
        World& world;
        Faults& faults;
        Counters& counters;
        std::vector<Service*> services;  ///< those that a reset clears
        MailSink* mail = nullptr;
        std::function<std::string()> describe;  ///< the JSON of `describe`
    };

    explicit ControlService(Parts parts) : parts_(std::move(parts)) {}
    std::string_view name() const override { return "control"; }
    std::uint64_t body_limit(Method, std::string_view) override { return 256u << 20; }
    ServerResponse handle(ServerRequest request) override;
    ServerResponse vendor_error(int status, const ServerRequest& request) override;

private:
    struct Route {
        Method method;
        std::string_view path;
        Result<std::string> (ControlService::*endpoint)(const ServerRequest&);
    };
    static const Route routes[];

    Result<std::string> health(const ServerRequest&);
    Result<std::string> describe(const ServerRequest&);
    Result<std::string> add_fault(const ServerRequest&);
    Result<std::string> list_faults(const ServerRequest&);
    Result<std::string> clear_faults(const ServerRequest&);
    Result<std::string> counters(const ServerRequest&);
    Result<std::string> clear_counters(const ServerRequest&);
    Result<std::string> time(const ServerRequest&);
    Result<std::string> advance(const ServerRequest&);
    Result<std::string> reset_all(const ServerRequest&);
    Result<std::string> deliver(const ServerRequest&);
    Result<std::string> revoke(const ServerRequest&);
    Result<std::string> look_up(const ServerRequest&);
    Result<std::string> switches(const ServerRequest&);
    Result<std::string> change_password(const ServerRequest&);
    Result<std::string> move_address(const ServerRequest&);
    Result<std::string> rename_user(const ServerRequest&);
    Result<std::string> change_members(const ServerRequest&);
    Result<std::string> grant_consent(const ServerRequest&);
    Result<std::string> withdraw_consent(const ServerRequest&);

    Parts parts_;
};

/// A body that must be a JSON object.
Result<json::object> read_control_object(std::string_view text);

/// Applies the JSON of PUT /switches. Nothing is changed if a part of it is wrong.
Result<void> apply_switches(World& world, std::string_view json_text);

}  // namespace renkei::sandbox

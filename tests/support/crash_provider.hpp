#pragma once

#include "app/ports/http_client.hpp"
#include "tests/support/fake_provider_world.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace renkei::testing {

/// One event loop for all that a process does: a connection that a call opened is there for the next one.
class ProcessLoop {
public:
    template <class T>
    T run(Task<T> task) {
        std::optional<T> value;
        std::exception_ptr thrown;
        asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error, T result) {
            thrown = error;
            value.emplace(std::move(result));
        });
        loop_.restart();
        loop_.run();
        if (thrown) std::rethrow_exception(thrown);
        if (!value) throw std::logic_error("the coroutine waits for something that never comes");
        return *std::move(value);
    }

private:
    asio::io_context loop_{1};
};

/// The authorization server of the crash test, as a process sees it that will be killed. It lives in another process.
class CrashProvider {
public:
    struct Facts {
        std::string authority;  ///< before /{tenant}/oauth2/v2.0/...
        std::string tenant, client_id, client_secret;
        std::vector<std::string> scopes;
    };
    virtual ~CrashProvider() = default;
    virtual const Facts& facts() const = 0;
    virtual app::HttpClient& http() = 0;
    /// A person signs in and allows everything: a refresh token of a new grant. Throws when that fails.
    virtual std::string new_refresh_token(ProcessLoop& loop) = 0;
};

/// FakeProviderServer at this port.
std::unique_ptr<CrashProvider> make_fake_crash_provider(std::uint16_t port);
/// The sandbox with this control port, asked with Renkei's own HTTP client over TLS.
std::unique_ptr<CrashProvider> make_sandbox_crash_provider(std::uint16_t control_port);

}  // namespace renkei::testing

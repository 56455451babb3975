#pragma once

#include "app/keys.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

struct SetupLink {
    Secret url;  ///< {public_url}/setup/<code>, once, one hour
    TimePoint expires_at;
};

struct SetupWish {
    Secret code;
    std::string email;
    std::string display_name;
    Secret password;
    std::string locale = "en";
    /// Rights of the administrator's key that are off unless named: tokens:read, native.
    std::vector<core::Action> also{};
};

struct SetupDone {
    core::Workspace workspace;
    core::Person person;
    NewKey key;
};

/// Makes an installation's workspace, with its default folder and data key, and its first administrator with an API key.
class SetupService {
public:
    struct Needs {
        Store& store;
        Vault& vault;
        Clock& clock;
        Random& random;
        asio::thread_pool& pool;
        std::string public_url;
    };
    explicit SetupService(Needs needs) : n_(std::move(needs)) {}

    /// A new link while there is no workspace, nothing afterwards. Writes nothing to a terminal or file itself.
    Task<Result<std::optional<SetupLink>>> ensure_setup_link();
    /// Whether the code would work: gone if not. Does not use it up.
    Task<Result<void>> look_at(Secret code);
    Task<Result<SetupDone>> complete(SetupWish wish, std::string request_id);

private:
    UnitOfWork unit_of(const SetupDone& done, const core::Membership& membership, std::string wrapped_key, const Digest& code, std::string request_id);

    Needs n_;
};

}  // namespace renkei::app

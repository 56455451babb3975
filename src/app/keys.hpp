#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace renkei::app {

/// A key and its text, which exists here and in the hands of whoever asked.
struct NewKey {
    core::ApiKey key;
    Secret text;
};

struct CreateKey {
    core::Name name;
    std::vector<core::Right> rights;
    std::optional<TimePoint> expires_at;
    std::vector<core::AddressRange> allowed_ranges;
};

/// API keys: made, shown without their text, revoked.
class Keys {
public:
    Keys(Store& store, const Vault& vault, Access& access, Clock& clock, Random& random)
        : store_(store), vault_(vault), access_(access), clock_(clock), random_(random) {}

    /// Nobody gives more than they have: denied, naming the right that is missing.
    Task<Result<NewKey>> create(By by, CreateKey wanted);
    Task<Result<core::ApiKey>> show(By by, core::Name name);
    Task<Result<Page<core::ApiKey>>> list(By by, PageRequest page);
    /// Works at once. Revoking a revoked key changes nothing. `expected`: the version the caller saw.
    Task<Result<void>> revoke(By by, core::Name name, std::optional<std::uint64_t> expected);

private:
    Task<Result<void>> check_ranges(core::Principal caller, std::vector<core::AddressRange> wanted);
    Task<Result<std::vector<core::FolderGrant>>> folder_grants(core::Principal caller, core::KeyId key, std::vector<core::Right> rights);

    Store& store_;
    const Vault& vault_;
    Access& access_;
    Clock& clock_;
    Random& random_;
};

/// rk_ and 43 base64url characters: 256 random bits.
Secret make_key_text(Random& random);
/// The first thing in `wanted` that is in none of `held`, in words; empty when all is covered.
std::string excess(const std::vector<core::Right>& held, const std::vector<core::Right>& wanted);

}  // namespace renkei::app

#pragma once

#include "app/ports/external_vaults.hpp"

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace renkei::testing {

/// An external vault of any kind that holds what a test puts into it.
class FakeExternalVault final : public app::ExternalVaultClient {
public:
    Task<Result<app::ExternalSecret>> read(core::ExternalVault vault, Secret auth_secret, core::ExternalSecretAddress address, std::string) override {
        const std::lock_guard lock(mutex_);
        ++asked_;
        auth_secret_ = std::string(auth_secret.expose());
        const auto place = "external vault " + vault.name.text() + ", path " + address.path;
        if (refusal_) co_return fail(*refusal_, place + ": scripted");
        const auto found = values_.find(address);
        if (found == values_.end()) co_return fail(Errc::value_missing, place + ": there is nothing at this path");
        co_return app::ExternalSecret{Secret(found->second), address.version, std::nullopt};
    }

    void put(core::ExternalSecretAddress address, std::string value) {
        const std::lock_guard lock(mutex_);
        values_[std::move(address)] = std::move(value);
    }
    /// Every read fails so, until told otherwise.
    void refuse(std::optional<Errc> code) {
        const std::lock_guard lock(mutex_);
        refusal_ = code;
    }
    int asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }
    /// In clear: this is a test.
    std::string auth_secret() const {
        const std::lock_guard lock(mutex_);
        return auth_secret_;
    }

private:
    mutable std::mutex mutex_;
    std::map<core::ExternalSecretAddress, std::string> values_;
    std::optional<Errc> refusal_;
    int asked_ = 0;
    std::string auth_secret_;
};

/// The same one for every kind.
inline app::ExternalVaultClients every_kind(FakeExternalVault& vault) {
    return {{core::ExternalVaultKind::hashicorp, &vault}, {core::ExternalVaultKind::azure_key_vault, &vault}, {core::ExternalVaultKind::https, &vault}};
}

}  // namespace renkei::testing

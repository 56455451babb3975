#pragma once

#include "app/values.hpp"

#include <map>
#include <string>

namespace renkei::testing {

/// Files and variables by name, mapped to every workspace.
class FakeValueFiles final : public app::ValueFiles {
public:
    std::map<std::string, std::string> files, variables;

    Task<Result<Secret>> file(core::WorkspaceId, std::string path) override { co_return found(files, path, "file:"); }
    Task<Result<Secret>> environment(core::WorkspaceId, std::string name) override { co_return found(variables, name, "env:"); }

private:
    static Result<Secret> found(const std::map<std::string, std::string>& from, const std::string& name, const char* word) {
        const auto one = from.find(name);
        if (one == from.end()) return fail(Errc::value_missing, word + name + " is not there");
        return Secret(one->second);
    }
};

/// External vaults by "name/path#field"; `refusal` stands for a vault that is sealed, or worse.
class FakeExternalValues final : public app::ExternalValues {
public:
    std::map<std::string, std::string> values;
    std::optional<Error> refusal;

    Task<Result<app::ExternalSecret>> read(core::WorkspaceId, core::Name vault, core::ExternalSecretAddress address, std::string) override {
        if (refusal) co_return fail(*refusal);
        const auto one = values.find(vault.text() + "/" + address.path + (address.field.empty() ? "" : "#" + address.field));
        if (one == values.end()) co_return fail(Errc::value_missing, "vault:" + vault.text() + "/" + address.path + " is not there");
        co_return app::ExternalSecret{Secret(one->second), "1", std::nullopt};
    }
};

}  // namespace renkei::testing

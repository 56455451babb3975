#include "tests/support/fake_vault_keys.hpp"

#include <fmt/format.h>

namespace renkei::testing {

app::VaultState FakeVaultKeys::state() const {
    return {from_outside_ ? "the environment" : "the file master.key", !from_outside_, fmt::format("{:016x}", master_.load()), 1, vault_.newest_key(home)};
}

Result<std::uint32_t> FakeVaultKeys::newest_data_key(core::WorkspaceId workspace) const { return vault_.newest_key(workspace); }

Task<Result<void>> FakeVaultKeys::rotate_master(std::optional<Secret> new_key, app::UnitOfWork with) {
    if (from_outside_ && !new_key) co_return fail(Errc::needs_operator, "The master key comes from the environment.");
    auto stored = co_await ledger_.commit({}, std::move(with));
    if (stored) ++master_;
    co_return stored;
}

Task<Result<std::uint32_t>> FakeVaultKeys::rotate_data_key(core::WorkspaceId workspace, app::UnitOfWork with) {
    auto stored = co_await ledger_.commit(workspace, std::move(with));
    if (!stored) co_return propagate(stored);
    co_return vault_.next_key(workspace);
}

}  // namespace renkei::testing

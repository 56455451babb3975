#include "adapters/vault/sealing_vault.hpp"
#include "adapters/vault/wrapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <mutex>

namespace renkei::vault {
app::UnitOfWork SealingVault::rewrapped(const LockedKey& master, const std::vector<app::DataKeyRow>& rows) const {
    const std::shared_lock lock(mutex_);
    app::UnitOfWork unit;
    for (const auto& row : rows)
        if (const auto* key = find_key(row.workspace, row.version))
            unit.emplace_back(app::PutDataKey{row.workspace, row.version, wrap_data_key(master, row.workspace, row.version, *key, random_), false});
    unit.emplace_back(app::PutSetting{{}, std::string(check_setting), wrap_for_setting(master, check_setting, LockedKey::random(random_), random_)});
    unit.emplace_back(app::PutSetting{{}, std::string(lookup_setting), wrap_for_setting(master, lookup_setting, lookup_secret_, random_)});
    // A data key that is being made right now is wrapped by the old master key and stored after this unit: the next
    // start opens it with this and wraps it anew.
    unit.emplace_back(app::PutSetting{{}, std::string(previous_setting), wrap_for_setting(master, previous_setting, master_, random_)});
    return unit;
}

Task<Result<void>> SealingVault::rotate_master(std::optional<Secret> new_key, app::UnitOfWork with) {
    if (rotating_.test_and_set()) co_return fail(Errc::conflict, "The master key is being rotated already.");
    auto rotated = co_await rotate_master_alone(std::move(new_key), std::move(with));
    rotating_.clear();
    co_return rotated;
}

Task<Result<void>> SealingVault::rotate_master_alone(std::optional<Secret> new_key, app::UnitOfWork with) {
    const bool from_file = source_is_file(settings_);
    if (!from_file && !new_key)
        co_return fail(Errc::needs_operator, fmt::format("The master key comes from {}, which Renkei cannot change. Stop the server, run"
                                                         " `renkei vault rotate --master --new-key-file FILE`, put the new key there, and start again.",
                                                         source_name(settings_)));
    auto next = new_key ? parse_master_key(new_key->expose(), "the rotation's input") : Result<LockedKey>(LockedKey::random(random_));
    if (!next) co_return propagate(next);
    if (std::ranges::equal(next->bytes(), master_.bytes())) co_return fail(Errc::invalid_field, "The new master key is the one that is in use already.");
    asio::thread_pool files(1);
    if (from_file) {
        // On disk before the store needs it: whichever of the two the store was last sealed with, its key is there.
        const auto file = next_key_file(settings_.key_file);
        auto written = co_await run_blocking(files, [file, key = std::make_shared<LockedKey>(next->clone())] { return write_key_file(file, *key); });
        std::error_code ignored;
        if (!written && std::filesystem::exists(file, ignored))
            co_return fail(Errc::conflict,
                           fmt::format("An earlier rotation did not end: {} is there. Start Renkei again, which settles it, then rotate.", file.string()));
        if (!written) co_return propagate(written);
    }
    auto rows = co_await store_.all_data_keys();
    if (!rows) co_return propagate(rows);
    // If the outcome is unknown both files stay: the next start finds out which one fits.
    auto unit = rewrapped(*next, *rows);
    std::ranges::move(with, std::back_inserter(unit));
    auto committed = co_await store_.commit({}, std::move(unit));
    if (!committed) co_return propagate(committed);
    {
        const std::unique_lock lock(mutex_);
        master_ = *std::move(next);
    }
    if (!from_file) co_return Result<void>{};
    co_return co_await run_blocking(files, [file = settings_.key_file] { return adopt_next_key_file(file); });
}

Task<Result<std::uint32_t>> SealingVault::rotate_data_key(core::WorkspaceId workspace, app::UnitOfWork with) {
    auto key = LockedKey::random(random_);
    std::uint32_t version = 0;
    std::string wrapped;
    {
        const std::shared_lock lock(mutex_);
        const auto versions = keys_.find(workspace);
        if (versions == keys_.end()) co_return fail(Errc::not_found, "There is no such workspace.");
        version = versions->second.rbegin()->first + 1;
        wrapped = wrap_data_key(master_, workspace, version, key, random_);
    }
    // Insert, so that of two rotations at once one is a conflict; used only when it is stored.
    with.insert(with.begin(), app::PutDataKey{workspace, version, std::move(wrapped), true});
    auto committed = co_await store_.commit(workspace, std::move(with));
    if (!committed) co_return propagate(committed);
    const std::unique_lock lock(mutex_);
    keys_[workspace].emplace(version, std::move(key));
    co_return version;
}

}  // namespace renkei::vault

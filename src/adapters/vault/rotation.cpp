#include "adapters/vault/sealing_vault.hpp"
#include "adapters/vault/wrapping.hpp"

#include <fmt/format.h>

#include <mutex>

namespace renkei::vault {
namespace {

constexpr std::uint32_t reseal_batch = 64;

}  // namespace

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

Task<Result<void>> SealingVault::rotate_master(std::optional<Secret> new_key) {
    if (rotating_.test_and_set()) co_return fail(Errc::conflict, "The master key is being rotated already.");
    auto rotated = co_await rotate_master_alone(std::move(new_key));
    rotating_.clear();
    co_return rotated;
}

Task<Result<void>> SealingVault::rotate_master_alone(std::optional<Secret> new_key) {
    const bool from_file = source_is_file(settings_);
    if (!from_file && !new_key)
        co_return fail(Errc::bad_request,
                       fmt::format("The master key comes from {}: give the new one, and put it there when the rotation is done.", source_name(settings_)));
    auto next = new_key ? parse_master_key(new_key->expose(), "the rotation's input") : Result<LockedKey>(LockedKey::random(random_));
    if (!next) co_return propagate(next);
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
    auto committed = co_await store_.commit({}, rewrapped(*next, *rows));
    if (!committed) co_return propagate(committed);
    {
        const std::unique_lock lock(mutex_);
        master_ = *std::move(next);
    }
    if (!from_file) co_return Result<void>{};
    co_return co_await run_blocking(files, [file = settings_.key_file] { return adopt_next_key_file(file); });
}

Task<Result<std::uint32_t>> SealingVault::rotate_data_key(core::WorkspaceId workspace) {
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
    auto committed = co_await store_.commit(workspace, {app::PutDataKey{workspace, version, std::move(wrapped), true}});
    if (!committed) co_return propagate(committed);
    const std::unique_lock lock(mutex_);
    keys_[workspace].emplace(version, std::move(key));
    co_return version;
}

Task<Result<ResealReport>> SealingVault::reseal(core::WorkspaceId workspace, app::ResealStore& store) {
    std::uint32_t newest = 0;
    {
        const std::shared_lock lock(mutex_);
        const auto versions = keys_.find(workspace);
        if (versions == keys_.end()) co_return fail(Errc::not_found, "There is no such workspace.");
        newest = versions->second.rbegin()->first;
    }
    ResealReport report;
    for (;;) {
        // What does not open comes again with every batch: ask for that many more.
        auto values = co_await store.values_sealed_before(workspace, newest, reseal_batch + static_cast<std::uint32_t>(report.unreadable));
        if (!values) co_return propagate(values);
        std::vector<app::ResealedValue> batch;
        for (auto& value : *values) {
            auto secret = open(value.place, value.value);
            if (!secret) continue;
            auto sealed = seal(value.place, *secret);
            if (!sealed) co_return propagate(sealed);
            batch.push_back({std::move(value), *std::move(sealed)});
        }
        report.unreadable = values->size() - batch.size();
        if (batch.empty()) co_return report;
        auto replaced = co_await store.replace_sealed(workspace, std::move(batch));
        if (!replaced) co_return propagate(replaced);
        report.resealed += *replaced;
    }
}

}  // namespace renkei::vault

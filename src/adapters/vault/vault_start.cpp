#include "adapters/vault/stored.hpp"
#include "adapters/vault/wrapping.hpp"

#include <fmt/format.h>

namespace renkei::vault {
namespace {

Task<Result<std::string>> setting_or_empty(app::Store& store, std::string_view name) {
    auto value = co_await store.find_setting({}, std::string(name));
    if (!value && value.error().code == Errc::not_found) co_return std::string{};
    co_return value;
}

bool fits(const LockedKey& master, const SealingVault::Stored& stored) {
    if (!stored.check.empty()) return unwrap_setting(master, check_setting, stored.check).has_value();
    // Without the check value (a damaged store) a data key tells as well.
    if (stored.rows.empty()) return true;
    const auto& row = stored.rows.front();
    return unwrap_data_key(master, row.workspace, row.version, row.wrapped).has_value();
}

std::unexpected<Error> wrong_key(const Settings& settings) {
    return fail(Errc::vault_locked,
                fmt::format("The master key in {} is not the one this store was sealed with. Put the right key there; with another one nothing can be opened.",
                            source_name(settings)));
}

std::unexpected<Error> lost_key(const Settings& settings, std::size_t keys) {
    return fail(Errc::vault_locked,
                fmt::format("The master key file {} is missing, and the store holds {} data keys sealed with it. Put the file back from where you keep its"
                            " copy. No new key is made: it could open nothing. Without the old key the store is lost; begin with an empty folder.",
                            settings.key_file.string(), keys));
}

Result<LockedKey> make_key_file(const Settings& settings, Random& random) {
    auto key = LockedKey::random(random);
    if (auto written = write_key_file(settings.key_file, key); !written) return propagate(written);
    return key;
}

// A rotation may have been cut off: before its unit was committed the old key fits, afterwards the next one.
Result<LockedKey> key_from_files(const Settings& settings, const SealingVault::Stored& stored) {
    auto current = read_key_file(settings.key_file);
    if (!current && current.error().code != Errc::not_found) return current;
    if (current && fits(*current, stored)) {
        drop_next_key_file(settings.key_file);
        return current;
    }
    auto next = read_key_file(next_key_file(settings.key_file));
    if (next && fits(*next, stored)) {
        if (auto adopted = adopt_next_key_file(settings.key_file); !adopted) return propagate(adopted);
        return next;
    }
    if (current) return wrong_key(settings);
    return lost_key(settings, stored.rows.size());
}

}  // namespace

Task<Result<SealingVault::Stored>> SealingVault::Stored::read(app::Store& store) {
    Stored stored;
    auto rows = co_await store.all_data_keys();
    if (!rows) co_return propagate(rows);
    stored.rows = *std::move(rows);
    for (auto [name, value] :
         {std::pair(check_setting, &stored.check), std::pair(lookup_setting, &stored.lookup), std::pair(previous_setting, &stored.previous)}) {
        auto found = co_await setting_or_empty(store, name);
        if (!found) co_return propagate(found);
        *value = *std::move(found);
    }
    co_return stored;
}

Result<LockedKey> SealingVault::find_master(const Settings& settings, const Stored& stored, Random& random) {
    if (!source_is_file(settings)) {
        auto given = read_given_key(settings);
        if (given && !fits(*given, stored)) return wrong_key(settings);
        return given;
    }
    if (!stored.is_new()) return key_from_files(settings, stored);
    auto key = read_key_file(settings.key_file);
    if (!key && key.error().code == Errc::not_found) return make_key_file(settings, random);
    return key;
}

Result<app::UnitOfWork> SealingVault::unwrap_all(const Stored& stored) {
    app::UnitOfWork repairs;
    const auto previous = stored.previous.empty() ? std::nullopt : unwrap_setting(master_, previous_setting, stored.previous);
    for (const auto& row : stored.rows) {
        auto key = unwrap_data_key(master_, row.workspace, row.version, row.wrapped);
        if (!key && previous) {
            // Made while the master key was rotated.
            key = unwrap_data_key(*previous, row.workspace, row.version, row.wrapped);
            if (key)
                repairs.emplace_back(app::PutDataKey{row.workspace, row.version, wrap_data_key(master_, row.workspace, row.version, *key, random_), false});
        }
        if (!key)
            return fail(Errc::vault_locked,
                        fmt::format("Data key {} of workspace {} is damaged: the master key does not open it. Restore the store from a backup.", row.version,
                                    row.workspace.text()));
        keys_[row.workspace].emplace(row.version, *std::move(key));
    }
    // Whatever was being made during that rotation is stored by now: the old master key is needed no more.
    if (previous) repairs.emplace_back(app::PutSetting{{}, std::string(previous_setting), ""});
    if (stored.check.empty())
        repairs.emplace_back(app::PutSetting{{}, std::string(check_setting), wrap_for_setting(master_, check_setting, LockedKey::random(random_), random_)});
    if (stored.lookup.empty())
        repairs.emplace_back(app::PutSetting{{}, std::string(lookup_setting), wrap_for_setting(master_, lookup_setting, lookup_secret_, random_)});
    return repairs;
}

Task<Result<std::unique_ptr<SealingVault>>> SealingVault::open_store(Settings settings, app::Store& store, Random& random) {
    auto stored = co_await Stored::read(store);
    if (!stored) co_return propagate(stored);
    auto master = find_master(settings, *stored, random);
    if (!master) co_return propagate(master);
    auto lookup = stored->lookup.empty() ? std::optional(LockedKey::random(random)) : unwrap_setting(*master, lookup_setting, stored->lookup);
    if (!lookup)
        co_return fail(Errc::vault_locked,
                       "The setting vault.lookup of the store is damaged: no API key could be found by it. Restore the store from a backup.");
    if (stored->lookup.empty() && !stored->is_new())
        co_return fail(Errc::vault_locked,
                       "The setting vault.lookup of the store is missing: no API key could be found without it. Restore the store from a backup.");
    std::unique_ptr<SealingVault> vault(new SealingVault(std::move(settings), store, random, *std::move(master), *std::move(lookup)));
    auto repairs = vault->unwrap_all(*stored);
    if (!repairs) co_return propagate(repairs);
    if (!repairs->empty()) {
        auto committed = co_await store.commit({}, *std::move(repairs));
        if (!committed) co_return propagate(committed);
    }
    co_return vault;
}

}  // namespace renkei::vault

#include "app/reseal.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::uint64_t batch_size = 64;

}  // namespace

Task<Result<ResealReport>> reseal(Vault& vault, ResealStore& store, core::WorkspaceId workspace, std::uint32_t version, std::uint64_t most) {
    ResealReport report;
    while (report.resealed < most) {
        // What does not open comes again with every batch: ask for that many more.
        const auto wanted = std::min(batch_size, most - report.resealed) + report.unreadable;
        auto values = co_await store.values_sealed_before(workspace, version, static_cast<std::uint32_t>(wanted));
        if (!values) co_return propagate(values);
        const auto found = values->size();
        std::vector<ResealedValue> batch;
        for (auto& value : *values) {
            auto secret = vault.open(value.place, value.value);
            if (!secret) continue;
            auto sealed = vault.seal(value.place, *secret);
            if (!sealed) co_return propagate(sealed);
            batch.push_back({std::move(value), *std::move(sealed)});
        }
        report.unreadable = found - batch.size();
        if (!batch.empty()) {
            auto replaced = co_await store.replace_sealed(workspace, std::move(batch));
            if (!replaced) co_return propagate(replaced);
            report.resealed += *replaced;
        }
        if (found < wanted) co_return report;
    }
    co_return report;
}

}  // namespace renkei::app

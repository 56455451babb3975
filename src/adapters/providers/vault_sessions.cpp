#include "adapters/providers/detail/vault_sessions.hpp"

#include "base/secret.hpp"

#include <algorithm>

namespace renkei::providers {
namespace {

constexpr std::size_t most_sessions = 1000;

}  // namespace

TimePoint session_end(TimePoint from, std::chrono::seconds lifetime) {
    return from + lifetime - std::min<std::chrono::seconds>(std::chrono::seconds(30), lifetime / 10);
}

VaultSessionPtr SessionVaultClient::kept(const Key& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(key);
    return found != sessions_.end() && found->second->until > clock_.now() ? found->second : nullptr;
}

void SessionVaultClient::keep(const Key& key, VaultSessionPtr session) {
    if (session->until <= clock_.now()) return;
    const std::lock_guard lock(mutex_);
    if (sessions_.size() >= most_sessions) {
        const auto now = clock_.now();
        std::erase_if(sessions_, [&](const auto& entry) { return entry.second->until <= now; });
        if (sessions_.size() >= most_sessions) sessions_.erase(sessions_.begin());
    }
    // Older versions of the same vault end here.
    std::erase_if(sessions_, [&](const auto& entry) { return entry.first.workspace == key.workspace && entry.first.vault == key.vault && entry.first != key; });
    sessions_.insert_or_assign(key, std::move(session));
}

void SessionVaultClient::drop(const Key& key, const VaultSessionPtr& session) {
    const std::lock_guard lock(mutex_);
    if (const auto found = sessions_.find(key); found != sessions_.end() && found->second == session) sessions_.erase(found);
}

Task<Result<SessionVaultClient::Kept>> SessionVaultClient::session_for(VaultReadPtr read) {
    const auto key = key_of(*read);
    if (auto session = kept(key)) co_return Kept{std::move(session)};
    auto seat = flights_.join(key);
    if (!seat.flight) co_return read->call.fails(Errc::external_vault_unreachable, "too many calls wait for a log-in there");
    if (!seat.must_work) {
        const auto outcome = co_await flights_.wait(seat.flight);
        if (!outcome) co_return read->call.fails(Errc::external_vault_unreachable, "the log-in broke off");
        if (!*outcome) co_return fail((*outcome).error());
        co_return Kept{**outcome, true};
    }
    decltype(flights_)::Landing landing(flights_, key, seat.flight);
    auto session = co_await log_in(read);
    if (!session) {
        landing.with(std::make_shared<const Result<VaultSessionPtr>>(fail(session.error())));
        co_return propagate(session);
    }
    auto shared = std::make_shared<const VaultSession>(std::move(*session));
    keep(key, shared);
    landing.with(std::make_shared<const Result<VaultSessionPtr>>(shared));
    co_return Kept{std::move(shared), true};
}

Task<Result<app::ExternalSecret>> SessionVaultClient::read(core::ExternalVault vault, Secret auth_secret, core::ExternalSecretAddress address,
                                                           std::string request_id) {
    VaultCall call(http_, settings_, vault, address, std::move(request_id));
    const VaultReadPtr read(new VaultRead{std::move(call), std::move(vault), std::move(auth_secret), std::move(address)});
    if (auto checked = check(*read); !checked) co_return propagate(checked);
    auto session = co_await session_for(read);
    if (!session) co_return propagate(session);
    auto response = co_await ask(read, session->session);
    if (response && session_ended(*response) && !session->fresh) {
        drop(key_of(*read), session->session);
        session = co_await session_for(read);
        if (!session) co_return propagate(session);
        response = co_await ask(read, session->session);
    }
    if (!response) co_return propagate(response);
    auto secret = take(*read, *response);
    wipe(response->body);
    co_return secret;
}

}  // namespace renkei::providers

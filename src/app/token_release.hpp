#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/kept_refusals.hpp"
#include "app/ports/commit_observer.hpp"
#include "app/ports/store.hpp"
#include "app/tokens.hpp"
#include "base/crypto.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace renkei::app {

/// What a kept decision needs of the key: one for all tickets of a key.
struct ReleaseKey {
    core::KeyId id;
    std::string name;
    std::vector<core::AddressRange> allowed_ranges;
};

/// One key's right to read one connection's token, decided and audited for the token's present generation. It is
/// forgotten as soon as the key, the connection or anything else that the decision came from changes. What every read
/// looks at stands first, side by side.
struct ReleaseTicket {
    std::atomic<bool> live{true};
    std::atomic<std::uint32_t> uncounted{0};  ///< releases since the last audit row
    CachedTokenPtr token;                     ///< whose release is in the audit; its successor's is not
    TimePoint fresh_until;                    ///< of the token: then the ordinary way renews it
    TimePoint key_expires_at;                 ///< far away for a key without end
    std::array<char, 20> token_expires{};     ///< the end of that token's life, as RFC 3339 text
    bool has_ranges = false;
    bool unnamed = false;                                ///< the caller named no mailbox: only then is it the answer for others who name none
    std::array<char, core::Name::longest> name_bytes{};  ///< of the connection
    std::uint8_t name_size = 0;
    Digest key_hash{};
    std::string mailbox;  ///< for which the fence was asked
    std::shared_ptr<const ReleaseKey> key;
    core::WorkspaceId workspace;
    core::ConnectionId connection;
    std::uint32_t credential_version = 0;

    std::string_view connection_name() const { return {name_bytes.data(), name_size}; }
};
using ReleaseTicketPtr = std::shared_ptr<ReleaseTicket>;

/// The one place where an access token leaves Renkei (ADR 8). The first release of a token to a key is audited before
/// the answer; further ones of the same token are counted, and the counts become audit rows by write_counts().
class TokenReleases final : public CommitObserver {
public:
    struct Needs {
        Access& access;
        TokenService& tokens;
        Ledger& ledger;
        KeyStore& keys;
        const Clock& clock;
    };
    explicit TokenReleases(Needs needs, std::size_t most_tickets = 1U << 20) : n_(needs), most_in_shard_(most_tickets / shard_count + 1) {}

    /// The ordinary way. `key_hash`: of the caller's key, so that its next reads may take the fast way. Errors: those of
    /// Access::authorize and TokenSource::token_for.
    Task<Result<LiveToken>> release(By by, Digest key_hash, core::Name connection, std::string mailbox, std::string act_as, std::chrono::seconds min_validity);

    /// The fast way: nothing suspends, nothing is read from the store. `seconds_left` is the life of the ticket's token.
    struct Fast {
        ReleaseTicketPtr ticket;
        std::int64_t seconds_left = 0;
    };
    /// Empty ticket: take the ordinary way.
    Fast try_release(const Digest& key_hash, std::string_view connection, std::string_view mailbox, const std::array<std::uint8_t, 16>& address);

    /// Audit rows for what was counted since the last time. Called every hour and at shutdown. What the store refuses is
    /// kept for the next time; the error is the first refusal's.
    Task<Result<void>> write_counts();

    void committed(const UnitOfWork& unit) noexcept override;
    std::size_t tickets() const;

private:
    static constexpr std::size_t shard_count = 64;
    static constexpr std::chrono::seconds least_validity{60};
    using Counts = std::unordered_map<core::WorkspaceId, std::vector<core::AuditRow>>;

    // With the addresses of what a read will look at, so that it is fetched all at once instead of one after the other.
    struct Place {
        ReleaseTicketPtr ticket;
        const CachedToken* token = nullptr;
        const char* text = nullptr;
        std::size_t text_size = 0;
    };
    struct Shard {
        mutable std::mutex mutex;
        boost::unordered_flat_map<std::uint64_t, Place> tickets;
        std::vector<ReleaseTicketPtr> replaced;  ///< with a reader that may still count
    };

    static void fetch(const Place& place);
    static std::uint64_t place_of(const Digest& key_hash, std::string_view connection);
    Shard& shard_of(std::uint64_t place) { return shards_[place % shard_count]; }
    void keep(ReleaseTicketPtr ticket, std::uint64_t decided_at);
    Task<Result<ReleaseTicketPtr>> make_ticket(By by, Digest key_hash, Granted granted, const LiveToken& token);
    std::shared_ptr<const ReleaseKey> share_key(core::ApiKey key);
    Task<void> note_refusal(KeptRefusals::Asked asked, Error error, bool may_keep, std::uint64_t decided_at);
    Counts take_counts();
    Task<Result<void>> write_all(Counts counts);
    Task<Result<void>> write_rows(core::WorkspaceId workspace, std::vector<core::AuditRow> rows);
    template <class Matches>
    void forget_where(Matches matches);
    void drop(const core::ConnectionId& connection);

    Needs n_;
    KeptRefusals refusals_;
    std::size_t most_in_shard_;
    std::array<Shard, shard_count> shards_;
    std::mutex index_mutex_;
    std::unordered_multimap<core::ConnectionId, std::weak_ptr<ReleaseTicket>> by_connection_;
    /// Raised by every change that decisions come from: a ticket decided before a change is not kept after it.
    std::atomic<std::uint64_t> changes_{0};
    std::mutex keys_mutex_;
    std::unordered_map<core::KeyId, std::weak_ptr<const ReleaseKey>> keys_;
    std::mutex unwritten_mutex_;
    Counts unwritten_;  ///< taken from the tickets, refused by the store
};

}  // namespace renkei::app

#pragma once

#include "app/audit.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/directory.hpp"
#include "app/ports/store.hpp"
#include "app/ports/token_source.hpp"
#include "base/random.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace renkei::app {

/// Adapters by the name that manifests give them (`adapter`).
using Directories = std::map<std::string, Directory*, std::less<>>;

struct FenceTimes {
    std::chrono::hours every{24};             ///< less up to `jitter`
    std::chrono::minutes jitter{120};         ///< so that not all are asked for at once
    std::chrono::minutes again{10};           ///< after a directory that could not be asked
    std::chrono::minutes whole{8};            ///< for all entries of one fence; the rest waits for the next time
    std::chrono::minutes lease{10};           ///< longer than `whole`
    std::uint32_t most_members = 5000;        ///< of a group
    std::uint32_t connections_a_round = 100;  ///< longest due first
    std::size_t connections_at_once = 2;      ///< with `entries_at_once` requests each
    std::size_t entries_at_once = 4;
};

/// Asks providers' directories whose the addresses on a connection's fence are, and writes down what they said (B-05).
/// Each connection is looked at once a day by whichever process claims it; a crash costs the rest of one look.
class FenceResolver {
public:
    struct Needs {
        Store& store;
        const Catalog& catalog;
        TokenSource& tokens;
        Directories directories;
        Clock& clock;
        Random& random;
    };
    explicit FenceResolver(Needs needs, FenceTimes times = {});

    /// Whether the connection's provider has a directory that can be asked.
    bool has_directory(const core::Connection& connection) const;

    enum class For { caller, background };  ///< who waits for it: a caller waits for ten seconds at most
    /// Asks about all entries and notes when they are due again. conflict: somebody else did so meanwhile, or the connection changed.
    Task<Result<void>> look_at_all(core::Connection connection, std::string request_id, For who);
    /// The same for these entries only, for a caller.
    Task<Result<void>> look_at(core::Connection connection, std::vector<core::FenceEntry> entries, std::string request_id);

    /// One round over all connections that are due. For a background loop; returns how many were looked at.
    Task<std::uint64_t> look_at_due();
    /// Ends a round early, between two requests.
    void stop() { stopped_ = true; }

private:
    struct Look;
    using LookPtr = std::shared_ptr<Look>;

    Task<Result<LookPtr>> begin(core::Connection connection, std::vector<core::FenceEntry> entries, std::string request_id);
    Task<void> ask_all(LookPtr look);
    Task<void> ask_one(LookPtr look, std::size_t index);
    Task<core::FenceRow> ask_about_mailbox(LookPtr look, core::FenceRow row);
    Task<core::FenceRow> ask_about_group(LookPtr look, core::FenceRow row);
    template <class T, class Ask>
    Task<Result<T>> with_token(LookPtr look, Ask ask);
    UnitOfWork unit_of(const Look& look) const;
    TimePoint next_look(const Look& look) const;
    Task<void> look_at_one_due(DueConnection due, std::shared_ptr<std::atomic<std::uint64_t>> looked);

    Needs n_;
    FenceTimes times_;
    std::string owner_;  ///< of leases: this process
    std::atomic<bool> stopped_{false};
};

/// What the directory knows of somebody in a connection's fence; entries that it was never asked about are asked about now.
class FenceFacts {
public:
    FenceFacts(FenceStore& store, FenceResolver& resolver, Clock& clock) : store_(store), resolver_(resolver), clock_(clock) {}

    struct Known {
        bool has_directory = false;  ///< false: addresses are judged by their spelling
        std::vector<core::FenceHit> hits;
    };
    /// Waits for the provider only while an entry that may cover them has not been looked at yet, and then at most `wait`.
    Task<Result<Known>> known(core::Connection connection, std::string who, core::TouchedAs as);

    /// The rule with what is known.
    struct Verdict {
        bool inside = false;
        Errc code = Errc::outside_fence;
        std::string reason;
        std::string directory_id;
    };
    Task<Result<Verdict>> judge(core::Connection connection, std::string who, core::TouchedAs as);

    static constexpr std::size_t most_asked_now = 20;

private:
    std::vector<core::FenceEntry> to_ask(const core::Connection& connection, const std::string& who, core::TouchedAs as, const FenceLookup& found) const;
    Task<void> ask(core::Connection connection, std::vector<core::FenceEntry> entries);

    void wake(const core::ConnectionId& connection);
    FenceStore& store_;
    FenceResolver& resolver_;
    Clock& clock_;
    std::mutex mutex_;
    std::map<core::ConnectionId, std::vector<std::function<void(bool)>>> asking_;
};

}  // namespace renkei::app

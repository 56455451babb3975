#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/fence_resolver.hpp"
#include "app/ports/mail_provider.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

/// A connection's fence as people look at it.
struct ShownFence {
    core::Connection connection;
    bool has_directory = false;        ///< false: addresses are judged by their spelling
    bool has_script = false;           ///< there is something that the provider's administrator could run
    std::vector<core::FenceRow> rows;  ///< one for each entry; never looked at: checked_at is zero
    std::optional<FenceCheck> check;
};

enum class ProbeResult : std::uint8_t {
    closed,   ///< the provider refuses the mailbox, and lets the connection into its own
    open,     ///< the provider would let the connection in: the fence is only Renkei's
    unknown,  ///< it could not be found out
};
std::string_view text_of(ProbeResult result);

struct ProbeReport {
    std::string mailbox;
    ProbeResult result = ProbeResult::unknown;
    std::string detail;
    std::optional<Error> problem{};  ///< what the provider said, where that explains it
};

/// Looking at a fence, confirming what has changed, and proving it at the provider (B-05).
class Fences {
public:
    struct Needs {
        Store& store;
        Access& access;
        const Catalog& catalog;
        FenceResolver& resolver;
        FenceFacts& facts;
        TokenSource& tokens;
        std::map<std::string, FenceScripts*, std::less<>> scripts;  ///< by the manifest's `adapter`
        std::function<MailProvider*(std::string_view adapter)> mail_provider;
        Clock& clock;
    };
    explicit Fences(Needs needs) : n_(std::move(needs)) {}

    Task<Result<ShownFence>> show(By by, core::Name name);
    /// Asks the directory about every entry now.
    Task<Result<ShownFence>> look_again(By by, core::Name name);
    /// Takes the new owner of an address that moved for the one who is meant. Administrators only. `found_id`: the owner that the
    /// administrator looked at. Errors: not_found (no such entry), conflict (it has not moved, or has moved again), denied.
    Task<Result<ShownFence>> confirm(By by, core::Name name, core::FenceEntry entry, std::string found_id);
    /// For the provider's administrator. `outside`: a mailbox for the test at its end, may be empty. Errors: conflict (no app-only
    /// connection, or its list allows everything), invalid_field.
    Task<Result<std::string>> script(By by, core::Name name, std::string outside);
    /// Asks the provider for a mailbox outside the fence, and for the connection's own to compare.
    Task<Result<ProbeReport>> probe(By by, core::Name name, std::string mailbox);

private:
    Task<Result<core::Connection>> allowed(By by, core::Name name, core::Action right, std::string action);
    Task<Result<ShownFence>> shown(core::Connection connection);
    /// nullptr: none for a connection like this.
    const FenceScripts* scripts_of(const core::Connection& connection) const;
    Task<Result<void>> ask_provider(core::Connection connection, std::string mailbox, std::string directory_id, std::string request_id);
    Task<ProbeReport> compare(core::Connection connection, std::string outside, std::string request_id);
    Task<Result<void>> write_refusal(By by, std::string action, core::Name name, std::string why);

    Needs n_;
};

/// Whether the caller decides which mailboxes exist for a connection: a person with the role administrator, a key whose right to
/// change connections is limited to no mailboxes.
bool decides_fences(const Standing& standing);

}  // namespace renkei::app

#pragma once

#include "app/ports/seal_places.hpp"
#include "app/refresh_journal.hpp"

#include <string>

namespace renkei::app {

/// Everything that one refresh knows. Internal to the journal.
struct RefreshJournal::Try {
    Try(RefreshJob the_job, core::Grant the_grant, ProviderClient the_provider, CachedTokenPtr the_stored)
        : job(std::move(the_job)), grant(std::move(the_grant)), provider(std::move(the_provider)), stored(std::move(the_stored)) {}

    RefreshJob job;
    core::Grant grant;  ///< as read, but for its state
    ProviderClient provider;
    CachedTokenPtr stored;  ///< the token before, or nothing
    Secret current, previous;
    std::uint64_t fence_before = 0;  ///< of the lease, as read
    Lease lease;                     ///< ours, once it is claimed
    bool resumed = false;            ///< an intent stood already
    bool used_previous = false;

    bool of_app() const { return grant.subject_kind == core::SubjectKind::app; }
    bool needs_sign_in() const { return !of_app() && current.empty(); }
    bool may_try_previous() const { return !provider.manifest->strict_rotation && !previous.empty() && (resumed || !grant.proven); }

    std::string asked_scope() const {
        if (of_app() && !provider.app_scope.empty()) return provider.app_scope;
        std::string all;
        // RFC 6749 section 6: a refresh that names no scope means what was granted, not what the connection asks for by now.
        const auto& meant = of_app() || grant.scopes.empty() ? job.connection.scopes : grant.scopes;
        for (const auto& scope : meant) all.append(all.empty() ? "" : provider.manifest->scope_separator).append(scope);
        return all;
    }

    Result<void> open_refresh_tokens(Vault& vault) {
        if (!grant.refresh_token.empty()) {
            auto opened = vault.open(refresh_token_place(grant.workspace, grant.id, grant.generation), grant.refresh_token);
            if (!opened) return propagate(opened);
            current = std::move(*opened);
        }
        if (!grant.previous_refresh_token.empty()) {
            auto opened = vault.open(previous_refresh_token_place(grant.workspace, grant.id, grant.generation), grant.previous_refresh_token);
            if (!opened) return propagate(opened);
            previous = std::move(*opened);
        }
        return {};
    }

    /// The old access token, where the rules allow it to be used while it lives.
    CachedTokenPtr old_token(TimePoint now) const {
        constexpr std::chrono::seconds margin{5};
        return stored && stored->generation > job.rejected_generation && stored->expires_at > now + margin ? stored : nullptr;
    }
};

/// An exchange that succeeded and whose commit the store did not take: kept in memory until it does.
struct RefreshJournal::Unsaved {
    core::Connection connection;
    core::GrantId grant;
    UnitOfWork unit;
};

}  // namespace renkei::app

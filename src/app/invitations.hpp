#pragma once

#include "app/one_time_data.hpp"
#include "app/sign_in.hpp"

#include <string>

namespace renkei::app {

/// What the page behind an invitation shows before anything is typed.
struct InvitationLook {
    core::Workspace workspace;
    core::Person person;
    core::Membership membership;
    bool has_password = false;  ///< of an account in another workspace: it is asked for, and no new one is set
};

struct AcceptInvitation {
    std::string display_name;  ///< ignored for who has a password
    Secret password;           ///< new, or the one they have
};

/// The other end of one-time links: invitations and new passwords. Everything that is no good link is gone.
class Invitations {
public:
    struct Needs {
        Store& store;
        const Vault& vault;
        Clock& clock;
        asio::thread_pool& pool;
        SignIn& sign_in;
    };
    explicit Invitations(Needs needs) : n_(needs) {}

    Task<Result<InvitationLook>> look_at(Secret code);
    /// Errors: gone, invalid_field, sign_in_failed (the password of the account is another one), too_many_requests.
    Task<Result<void>> accept(Secret code, AcceptInvitation wanted, Visitor visitor);

    /// The person whose password may be set.
    Task<Result<core::Person>> look_at_reset(Secret code);
    /// Ends every session of the person and every other link for a new password.
    Task<Result<void>> reset(Secret code, Secret password, Visitor visitor);

private:
    struct Found {
        OneTimePerson data;
        core::WorkspaceId workspace;
    };
    Task<Result<Found>> open(std::string purpose, Secret code);
    Task<Result<std::string>> hash(Secret password);
    AppendAudit row(const core::Person& person, core::WorkspaceId workspace, std::string request_id, std::string action, std::string reason) const;

    Needs n_;
};

}  // namespace renkei::app

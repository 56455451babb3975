#pragma once

#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

struct InvitePerson {
    std::string email;
    std::string display_name;
    std::string locale = "en";
    std::vector<core::Role> roles;
    std::vector<core::Name> groups;
};

struct ChangeMember {
    std::optional<std::vector<core::Role>> roles{};
    std::optional<std::vector<core::Name>> groups{};
    std::optional<std::string> account_name{};  ///< at providers; empty: their e-mail address again
};

/// A link that works once; its text is shown once.
struct OneTimeLink {
    Secret url;
    TimePoint expires_at;
};

struct Invited {
    Member member;
    OneTimeLink link;
};

/// Members of a workspace: listed, invited, changed, removed (H-01, H-30). Who asks may write people; that they decide
/// about administrators only if they are one is decided here. `who` is a person's id or e-mail address everywhere, and
/// whoever is no member here is not_found, known elsewhere or not.
class People {
public:
    struct Needs {
        Store& store;
        const Vault& vault;
        Clock& clock;
        Random& random;
        std::string public_url;
    };
    explicit People(Needs needs) : n_(std::move(needs)) {}

    static constexpr std::chrono::hours invitation_life{7 * 24};
    static constexpr std::chrono::hours reset_life{24};

    /// With a group: those who stand in it directly.
    Task<Result<Page<Member>>> list(By by, std::optional<core::Name> group, PageRequest page);
    Task<Result<Member>> show(By by, std::string who);
    /// Under which they sign in at providers; empty where it is their e-mail address. The caller was shown the member.
    Task<Result<std::string>> account_name(core::Membership membership);
    /// The answer is the same whether the address has an account in another workspace or not.
    Task<Result<Invited>> invite(By by, InvitePerson wanted);
    /// A new link; earlier ones end. conflict for who has accepted.
    Task<Result<Invited>> invite_again(By by, std::string who, std::optional<std::uint64_t> expected);
    /// A change of roles ends the person's sessions here. conflict for the last administrator.
    Task<Result<Member>> change(By by, std::string who, ChangeMember wanted, std::optional<std::uint64_t> expected);
    Task<Result<void>> remove(By by, std::string who, std::optional<std::uint64_t> expected);
    /// denied for members of other workspaces too: the password is theirs there as well.
    Task<Result<OneTimeLink>> reset_link(By by, std::string who);
    Task<Result<std::vector<core::Session>>> sessions(By by, std::string who);
    Task<Result<void>> end_sessions(By by, std::string who);

    /// Ids of groups by their names, without doubles; invalid_field for one that is not there.
    Task<Result<std::vector<core::GroupId>>> groups_of(core::WorkspaceId workspace, std::vector<core::Name> names);

private:
    Task<Result<Member>> find(core::WorkspaceId workspace, std::string who);
    Task<Result<void>> refuse(By by, std::string action, std::string email, std::string reason);
    /// Whether the caller may act on somebody who has these roles; a refusal is audited.
    Task<Result<void>> check_handling(By by, std::string action, std::string email, std::vector<core::Role> roles);
    Task<Result<void>> commit_keeping_administrator(By by, core::Membership before, UnitOfWork unit);
    OneTimeLink add_link(UnitOfWork& unit, std::string_view purpose, std::string_view path, core::WorkspaceId workspace, core::PersonId person,
                         std::uint64_t version, std::chrono::hours life);

    Needs n_;
};

}  // namespace renkei::app

#pragma once

#include "app/audit.hpp"
#include "app/people.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

/// A group with the name of the one above it.
struct ShownGroup {
    core::Group group;
    std::string parent;  ///< empty: at the top
};

struct CreateGroup {
    core::Name name;
    std::string title{};
    std::optional<core::Name> parent{};
};

struct ChangeGroup {
    std::optional<core::Name> name{};
    std::optional<std::string> title{};
    bool move = false;  ///< `parent` counts; nothing in it means to the top
    std::optional<core::Name> parent{};
};

/// The tree of groups, an organisation's departments. A person may stand in several places of it.
class Groups {
public:
    Groups(Store& store, People& people, Clock& clock, Random& random) : store_(store), people_(people), clock_(clock), random_(random) {}

    /// All of the workspace, by name.
    Task<Result<std::vector<ShownGroup>>> list(By by);
    Task<Result<ShownGroup>> show(By by, core::Name name);
    Task<Result<ShownGroup>> create(By by, CreateGroup wanted);
    /// conflict where the group would come to stand below itself.
    Task<Result<ShownGroup>> change(By by, core::Name name, ChangeGroup wanted, std::optional<std::uint64_t> expected);
    /// conflict while groups stand below it. Members and rights in folders go with it.
    Task<Result<void>> remove(By by, core::Name name, std::optional<std::uint64_t> expected);
    /// Harmless when repeated. invalid_field (`person`) for who is no member of the workspace.
    Task<Result<Member>> add_member(By by, core::Name name, std::string who);
    Task<Result<void>> remove_member(By by, core::Name name, std::string who);

private:
    Task<Result<core::GroupId>> parent_of(core::WorkspaceId workspace, std::optional<core::Name> parent);
    Task<Result<Member>> set_member(By by, core::Name name, std::string who, bool inside);

    Store& store_;
    People& people_;
    Clock& clock_;
    Random& random_;
};

}  // namespace renkei::app

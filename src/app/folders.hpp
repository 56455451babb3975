#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "base/random.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace renkei::app {

struct FolderWithGrants {
    core::Folder folder;
    std::vector<core::FolderGrant> grants;
};

/// Where connections live, and who may do what there (U-82).
class Folders {
public:
    Folders(Store& store, Access& access, Clock& clock, Random& random) : store_(store), access_(access), clock_(clock), random_(random) {}

    /// Those that the caller may see.
    Task<Result<std::vector<core::Folder>>> list(By by);
    Task<Result<FolderWithGrants>> show(By by, core::Name name);
    /// Its maker may edit in it.
    Task<Result<core::Folder>> create(By by, core::Name name, std::string title);

    struct Holder {
        core::FolderGrant::Holder kind = core::FolderGrant::Holder::key;
        std::string name;  ///< of the key or group, e-mail address of the person
    };
    /// The caller must be able to edit in the folder: nobody gives more than they have.
    Task<Result<FolderWithGrants>> grant(By by, core::Name name, Holder holder, core::FolderRight right);
    /// Takes back what was given there, with immediate effect. The caller must be able to edit in the folder. not_found if the
    /// holder has no right of their own in it; conflict for the last one who may edit in a folder that nobody could repair.
    Task<Result<void>> revoke(By by, core::Name name, Holder holder);

private:
    enum class Members : std::uint8_t { only, former_too };
    Task<Result<IdBytes>> find_holder(core::WorkspaceId workspace, Holder holder, Members members);
    Task<Result<Standing>> standing_of_editor(By by, core::Name name, std::string action);

    Store& store_;
    Access& access_;
    Clock& clock_;
    Random& random_;
};

/// The folder of that name which the caller may see, or nullptr.
const core::Folder* visible_folder(const Standing& standing, const core::Name& name);

}  // namespace renkei::app

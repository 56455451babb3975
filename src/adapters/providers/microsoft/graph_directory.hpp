#pragma once

#include "app/ports/catalog.hpp"
#include "app/ports/directory.hpp"
#include "app/ports/http_client.hpp"

#include <memory>

namespace renkei::microsoft {

/// People and groups of Microsoft Entra through Microsoft Graph (https://learn.microsoft.com/graph/api/user-get,
/// …/graph/api/group-list-transitivemembers). Needs User.Read.All, and GroupMember.Read.All for groups; with less the answer is denied.
class GraphDirectory final : public app::Directory, public app::FenceScripts {
public:
    GraphDirectory(app::HttpClient& http, const app::Catalog& catalog) : http_(http), catalog_(catalog) {}

    Task<Result<app::DirectoryObject>> find_mailbox(app::DirectoryAccess access, std::string who) override;
    Task<Result<app::DirectoryGroup>> find_group(app::DirectoryAccess access, std::string who, std::uint32_t most) override;
    Result<std::string> fence_script(app::FenceScriptWanted wanted) const override;

private:
    struct Call;
    using CallPtr = std::shared_ptr<const Call>;
    Result<CallPtr> begin(app::DirectoryAccess access) const;
    Task<Result<HttpResponse>> read(CallPtr call, std::string url);
    Task<Result<std::string>> group_id(CallPtr call, std::string who, std::shared_ptr<std::string> address);
    Task<Result<std::vector<app::DirectoryObject>>> members(CallPtr call, std::string group, std::uint32_t most);

    app::HttpClient& http_;
    const app::Catalog& catalog_;
};

}  // namespace renkei::microsoft

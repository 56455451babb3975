#include "app/check_connections.hpp"

namespace renkei::app {

Task<core::OperationItem> CheckConnections::work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) {
    core::OperationItem item{index, target, false, {}, {}};
    Error problem{Errc::not_found, "the connection is not there any more"};
    if (auto name = core::Name::parse(target)) {
        auto report = co_await check_.check_as_system(workspace, std::move(*name), std::move(request_id));
        if (report && report->ok()) {
            item.ok = true;
            item.detail = "connected";
            co_return item;
        }
        problem = report ? *report->problem() : std::move(report.error());
    }
    item.slug = error_row(problem.code).slug;
    item.detail = std::move(problem.detail);
    co_return item;
}

}  // namespace renkei::app

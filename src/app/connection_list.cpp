// Lists of connections: read once, decided row by row.
#include "app/connections.hpp"
#include "core/policy.hpp"

#include <algorithm>
#include <map>

namespace renkei::app {

Task<Result<Page<ShownConnection>>> Connections::list(By by, PageRequest page) {
    auto place = co_await n_.access.standing(by.principal);
    if (!place) co_return propagate(place);
    auto found = co_await n_.store.list_connections(by.principal.workspace, std::move(page));
    if (!found) co_return propagate(found);
    Page<ShownConnection> shown{{}, found->next};
    std::map<core::RegistrationId, std::string> registrations;
    for (auto& connection : found->items) {
        if (connection.managed_by) continue;  // a person's own: shown with the one above it
        auto groups = co_await n_.access.owner_groups(connection, place->tree);
        if (!groups) co_return propagate(groups);
        const auto decision =
            core::decide(by.principal, core::Action::connections_read, connection, right_in_folder(*place, connection.folder), *groups, {}, n_.clock.now());
        if (!decision.allowed) continue;
        auto& name = registrations[connection.registration];
        if (name.empty()) {
            auto registration = co_await n_.store.find_registration(connection.workspace, connection.registration);
            if (!registration) co_return propagate(registration);
            name = registration->name.text();
        }
        const auto folder = std::ranges::find(place->folders, connection.folder, &core::Folder::id);
        shown.items.push_back({std::move(connection), name, folder == place->folders.end() ? std::string() : folder->name.text(), {}});
    }
    co_return shown;
}

Task<Result<std::vector<std::string>>> Connections::visible_names(By by) {
    std::vector<std::string> names;
    PageRequest page{{}, 500};
    do {
        auto found = co_await list(by, page);
        if (!found) co_return propagate(found);
        for (const auto& one : found->items) names.push_back(one.connection.name.text());
        page.after = found->next;
    } while (!page.after.empty());
    co_return names;
}

}  // namespace renkei::app

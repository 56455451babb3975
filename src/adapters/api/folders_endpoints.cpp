#include "adapters/api/folders_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/folders.hpp"

namespace renkei::api {
namespace {

using core::Action;

std::optional<core::FolderRight> parse_folder_right(std::string_view word) {
    if (word == "see") return core::FolderRight::see;
    if (word == "use") return core::FolderRight::use;
    if (word == "edit") return core::FolderRight::edit;
    return std::nullopt;
}

json::object with_grants(const app::FolderWithGrants& shown) {
    auto body = shown_folder(shown.folder);
    json::array grants;
    for (const auto& grant : shown.grants) grants.push_back(shown_folder_grant(grant));
    body["grants"] = std::move(grants);
    return body;
}

Task<Result<app::ServerResponse>> list_connection_folders(Services& services, Call call) {
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto folders = co_await services.folders.list(asked_by(call));
    if (!folders) co_return propagate(folders);
    json::array items;
    for (const auto& folder : *folders) items.push_back(shown_folder(folder));
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

Task<Result<app::ServerResponse>> create_folder(Services& services, Call call) {
    auto body = call.read_body();
    auto name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})));
    auto title = body.optional_text("title").value_or("");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto made = co_await services.folders.create(asked_by(call), std::move(*name), std::move(title));
    if (!made) co_return propagate(made);
    co_return created_answer(shown_folder(*made), "/v1/folders/" + made->name.text());
}

Task<Result<app::ServerResponse>> show_folder(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto shown = co_await services.folders.show(asked_by(call), std::move(*name));
    if (!shown) co_return propagate(shown);
    co_return json_answer(with_grants(*shown));
}

// Both readers know optional_text and refuse; exactly one member names the holder.
app::Folders::Holder read_holder(auto& reader) {
    using Kind = core::FolderGrant::Holder;
    app::Folders::Holder holder;
    int named = 0;
    for (const auto& [member, kind] : {std::pair<std::string_view, Kind>{"key", Kind::key}, {"person", Kind::person}, {"group", Kind::group}})
        if (auto text = reader.optional_text(member, {254})) {
            holder = {kind, std::move(*text)};
            ++named;
        }
    if (named != 1) reader.refuse("key", "or `person` or `group`: exactly one of them is required");
    return holder;
}

Task<Result<app::ServerResponse>> revoke_folder(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto query = call.read_query();
    auto holder = read_holder(query);
    if (auto done = query.done(); !done) co_return propagate(done);
    auto revoked = co_await services.folders.revoke(asked_by(call), std::move(*name), std::move(holder));
    if (!revoked) co_return propagate(revoked);
    co_return no_content();
}

Task<Result<app::ServerResponse>> grant_folder(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto body = call.read_body();
    auto holder = read_holder(body);
    const auto right = body.optional_choice("right", parse_folder_right, "see, use, edit");
    if (!body.has("right")) body.refuse("right", "is required");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto shown = co_await services.folders.grant(asked_by(call), std::move(*name), std::move(holder), *right);
    if (!shown) co_return propagate(shown);
    co_return json_answer(with_grants(*shown));
}

constexpr Route folders_table[] = {
    {Method::get, "/v1/folders", Requires::right(Action::connections_read), list_connection_folders},
    {Method::post, "/v1/folders", Requires::right(Action::connections_write), create_folder, Takes::json},
    {Method::get, "/v1/folders/{name}", Requires::right(Action::connections_read), show_folder},
    {Method::put, "/v1/folders/{name}/grants", Requires::right(Action::connections_write), grant_folder, Takes::json},
    {Method::delete_, "/v1/folders/{name}/grants", Requires::right(Action::connections_write), revoke_folder},
};

}  // namespace

Routes folders_routes() { return folders_table; }

}  // namespace renkei::api

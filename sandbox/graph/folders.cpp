#include "sandbox/graph/handlers.hpp"
#include "sandbox/graph/render.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

Answer answer_folder(Call& call, int status, const MailFolder& folder) {
    const auto query = parse_query(call.request.query, call.now(), QueryFor::other);
    if (!query) return std::unexpected(query.error());
    json::object out{{"@odata.context", context_of(call, "mailFolders", &*query, true)}};
    auto rendered = render_folder(call, folder);
    keep_selected(rendered, *query);
    for (auto& [key, value] : rendered) out[key] = value;
    return answer_json(call, status, std::move(out));
}

Answer list_below(Call& call, const MailFolder& parent) {
    const auto query = parse_query(call.request.query, call.now(), QueryFor::other);
    if (!query) return std::unexpected(query.error());
    const auto* hidden = find_field(call.request.query, "includeHiddenFolders");
    const bool all = hidden && equal_ignoring_case(*hidden, "true");
    std::vector<const MailFolder*> found;
    for (const auto& folder : call.mailbox().folders())
        if (folder.parent == parent.id && (all || !folder.hidden)) found.push_back(&folder);
    json::array value;
    for (std::size_t i = query->skip; i < found.size() && value.size() < query->top; ++i) {
        auto rendered = render_folder(call, *found[i]);
        keep_selected(rendered, *query);
        value.push_back(std::move(rendered));
    }
    json::object out{{"@odata.context", context_of(call, "mailFolders", &*query)}};
    if (query->count) out["@odata.count"] = found.size();
    if (query->skip + query->top < found.size()) out["@odata.nextLink"] = next_link(call.request, *query);
    out["value"] = std::move(value);
    return answer_json(call, 200, std::move(out));
}

Outcome<std::string> folder_name(const json::object& body) {
    const auto name = json::text(body, "displayName");
    if (!name || trim(*name).empty()) return refuse(400, "ErrorInvalidRequest", "A folder needs a displayName.");
    if (name->size() > 255 || name->find('/') != std::string_view::npos)
        return refuse(400, "ErrorInvalidRequest", "The folder's displayName is too long or has a slash.");
    return std::string(trim(*name));
}

std::unexpected<GraphError> folder_exists() { return refuse(409, "ErrorFolderExists", "A folder with the specified name already exists."); }

Answer create_below(Call& call, const MailFolder& parent) {
    auto body = json_body(call);
    if (!body) return std::unexpected(body.error());
    for (const auto& [key, value] : *body)
        if (key != "displayName" && key != "isHidden" && !key.starts_with("@odata."))
            return refuse(400, "RequestBodyRead", "The property '" + std::string(key.substr(0, 60)) + "' cannot be set on a new folder.");
    const auto name = folder_name(*body);
    if (!name) return std::unexpected(name.error());
    if (call.mailbox().find_folder_named(parent.id, *name)) return folder_exists();
    if (call.mailbox().folders().size() > 1000) return refuse(507, "ErrorQuotaExceeded", "The mailbox has too many folders.");
    const std::string parent_id = parent.id;
    return answer_folder(call, 201, call.mailbox().add_folder(*name, parent_id, json::boolean(*body, "isHidden").value_or(false)));
}

}  // namespace

Answer list_folders(Call& call) { return list_below(call, *call.mailbox().find_folder("msgfolderroot")); }

Answer list_child_folders(Call& call) {
    const auto folder = folder_of(call, call.args[0]);
    if (!folder) return std::unexpected(folder.error());
    return list_below(call, **folder);
}

Answer get_folder(Call& call) {
    const auto folder = folder_of(call, call.args[0]);
    if (!folder) return std::unexpected(folder.error());
    return answer_folder(call, 200, **folder);
}

Answer create_folder(Call& call) { return create_below(call, *call.mailbox().find_folder("msgfolderroot")); }

Answer create_child_folder(Call& call) {
    const auto folder = folder_of(call, call.args[0]);
    if (!folder) return std::unexpected(folder.error());
    return create_below(call, **folder);
}

Answer update_folder(Call& call) {
    const auto folder = folder_of(call, call.args[0]);
    if (!folder) return std::unexpected(folder.error());
    auto body = json_body(call);
    if (!body) return std::unexpected(body.error());
    const auto name = folder_name(*body);
    if (!name) return std::unexpected(name.error());
    if (!(*folder)->well_known.empty()) return refuse(400, "ErrorDistinguishedFolderRename", "Distinguished folders cannot be renamed.");
    const auto* other = call.mailbox().find_folder_named((*folder)->parent, *name);
    if (other && other != *folder) return folder_exists();
    (*folder)->name = *name;
    return answer_folder(call, 200, **folder);
}

Answer delete_folder(Call& call) {
    const auto folder = folder_of(call, call.args[0]);
    if (!folder) return std::unexpected(folder.error());
    if (!(*folder)->well_known.empty()) return refuse(400, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.");
    call.mailbox().remove_folder(**folder);
    return answer_empty(204);
}

}  // namespace renkei::sandbox::graph

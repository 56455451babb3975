#include "app/operation_request.hpp"

#include "base/json.hpp"

namespace renkei::app {

std::string write_request(const OperationRequest& request) {
    json::array targets;
    for (const auto& target : request.targets) targets.emplace_back(target);
    return json::serialize(json::object{{"targets", std::move(targets)}, {"request_id", request.request_id}});
}

Result<OperationRequest> read_request(std::string_view text) {
    auto parsed = json::parse(text);
    if (!parsed || !parsed->is_object()) return fail(Errc::storage_failed, "a stored operation cannot be read");
    const auto* targets = json::find(parsed->get_object(), "targets");
    if (targets == nullptr || !targets->is_array()) return fail(Errc::storage_failed, "a stored operation cannot be read");
    OperationRequest request;
    for (const auto& target : targets->get_array())
        if (const auto* name = target.if_string()) request.targets.emplace_back(json::view(*name));
    request.request_id = std::string(json::text(parsed->get_object(), "request_id").value_or(""));
    return request;
}

}  // namespace renkei::app

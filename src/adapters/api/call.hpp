#pragma once

#include "adapters/api/body_reader.hpp"
#include "adapters/api/language.hpp"
#include "adapters/api/query_reader.hpp"
#include "adapters/api/route.hpp"
#include "app/sign_in.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "core/automation.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei::api {

/// A file of a form. One that was left empty is not there.
struct UploadedFile {
    std::string field;
    Secret content;
};

/// A request on its way to an endpoint: routed, authenticated, its right decided, its body parsed.
struct Call {
    app::ServerRequest request;
    const Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> parameters;  ///< of the path, decoded
    core::Principal caller;                                       ///< empty where the route needs none
    std::shared_ptr<const core::Run> run{};                       ///< whose secret was shown, if one was
    Digest key_hash{};                                            ///< of the caller's key, where the route releases tokens
    json::value body;                                             ///< an object where the route takes JSON
    Fields form;
    std::vector<UploadedFile> files;  ///< each of another field
    Language language = Language::en;
    std::optional<app::SignedIn> person;  ///< where the route is for signed-in persons
    std::string form_token;               ///< for the forms of the page that answers

    /// A parameter of the pattern, decoded. The name must stand in the pattern.
    const std::string& parameter(std::string_view name) const;
    BodyReader read_body() { return BodyReader(body.is_object() ? body.get_object() : body.emplace_object()); }
    QueryReader read_query() const { return QueryReader(request.query); }
    app::Visitor visitor() const { return {request.address, std::string(request.headers.get("User-Agent")), request.request_id}; }
    const std::string& request_id() const { return request.request_id; }
};

}  // namespace renkei::api

#include "base/uri.hpp"
#include "sandbox/login/sign_in.hpp"

#include <fmt/format.h>

namespace renkei::sandbox {
namespace {

// A registered address without a path gets a slash in query and fragment mode
// (https://learn.microsoft.com/entra/identity-platform/reply-url).
std::string with_path(std::string_view redirect_uri) {
    const auto authority = redirect_uri.find("://");
    const bool has_path = redirect_uri.find_first_of("/?", authority + 3) != std::string_view::npos;
    return std::string(redirect_uri) + (has_path ? "" : "/");
}

}  // namespace

ServerResponse redirect_with(const ServerRequest& request, const AuthorizeRequest& asked, Fields fields) {
    // Byte for byte, and only if it was sent.
    if (asked.state) fields.emplace_back("state", *asked.state);
    if (asked.response_mode == "form_post") return form_post_page(request, asked.redirect_uri, fields);
    ServerResponse response;
    response.status = 302;
    const auto target = with_path(asked.redirect_uri);
    response.headers.set("Location", asked.response_mode == "fragment" ? target + "#" + form_encode(fields) : with_query(target, fields));
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "no-referrer");
    return response;
}

ServerResponse redirect_failure(World& world, const ServerRequest& request, const AuthorizeRequest& asked, const Aadsts& failure) {
    const auto trace = world.new_guid();
    Fields fields{{"error", std::string(error_of(failure))}, {"error_description", description_of(world, request, failure, trace)}};
    // A person's own refusal says so: the field service adds this member.
    if (failure.code == 65004) fields.emplace_back("error_subcode", "cancel");
    fields.emplace_back("error_uri", fmt::format("{}/error?code={}", base_address(request), failure.code));
    return redirect_with(request, asked, std::move(fields));
}

}  // namespace renkei::sandbox

#include "sandbox/login/device.hpp"

#include "base/json.hpp"
#include "sandbox/login/metadata.hpp"
#include "sandbox/login/sign_in.hpp"
#include "sandbox/login/token_endpoint.hpp"

#include <fmt/format.h>

namespace renkei::sandbox {
namespace {

// RFC 8628 section 6.1: without vowels, so that no words appear, and without characters that look alike.
std::string new_user_code(World& world) {
    constexpr std::string_view alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    std::string code;
    for (int i = 0; i < 9; ++i) code += alphabet[world.random().below(alphabet.size())];
    return code;
}

std::expected<json::object, Aadsts> start(World& world, const ServerRequest& request, const TokenEndpoint& endpoint) {
    const auto form = read_form(request);
    if (!form) return std::unexpected(form.error());
    const auto client_id = required(*form, "client_id");
    if (!client_id) return std::unexpected(client_id.error());
    const auto app = find_usable_app(world, *client_id, endpoint);
    if (!app) return std::unexpected(app.error());
    const auto scope = required(*form, "scope");
    if (!scope) return std::unexpected(scope.error());
    const auto scopes = parse_scopes(world.cloud(), *scope);
    if (!scopes) return std::unexpected(scopes.error());

    DeviceCode device;
    device.user_code = new_user_code(world);
    device.segment = canonical_segment(endpoint);
    device.app = (*app)->id;
    for (const auto& one : *scopes) device.scopes.push_back(one.asked);
    device.interval = world.switches().device_interval;
    device.expires = world.now() + world.switches().device_code_lifetime;
    auto text = "sbdc." + world.random().text(90);
    const auto verification = base_address(request) + "/device";
    const bool ja = wants_japanese(request);
    json::object body{{"user_code", device.user_code},
                      {"device_code", text},
                      {"verification_uri", verification},
                      {"expires_in", world.switches().device_code_lifetime.count()},
                      {"interval", world.switches().device_interval.count()}};
    body["message"] = fmt::format(fmt::runtime(ja ? "サインインするには、Web ブラウザーで {} を開き、コード {} を入力してください。"
                                                  : "To sign in, use a web browser to open the page {} and enter the code {} to authenticate."),
                                  verification, device.user_code);
    world.tokens().devices.emplace(std::move(text), std::move(device));
    return body;
}

}  // namespace

ServerResponse answer_device_request(World& world, const ServerRequest& request, const TokenEndpoint& endpoint) {
    const auto body = start(world, request, endpoint);
    if (!body) return aadsts_answer(world, request, body.error());
    auto response = json_response(200, json::serialize(*body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

ServerResponse SignIn::device(const ServerRequest& request) {
    Fields fields = request.query;
    if (request.method == Method::post) {
        const auto form = read_form(request);
        if (!form) return error_page(world_, request, form.error());
        fields.insert(fields.end(), form->begin(), form->end());
    }
    for (const auto* name : {"user_code", "otc", "code"})
        if (const auto* value = find_field(fields, name); value && !value->empty()) return decide_device(request, trim(*value));
    return device_page(request, {}, {});
}

ServerResponse SignIn::decide_device(const ServerRequest& request, std::string_view user_code) {
    for (auto& [text, device] : world_.tokens().devices) {
        if (!equal_ignoring_case(device.user_code, user_code)) continue;
        if (device.state != DeviceState::pending || device.expires <= world_.now()) break;
        Flow flow;
        flow.request.endpoint = {device.segment, world_.find_tenant(device.segment)};
        flow.request.app = device.app;
        std::string all;
        for (const auto& scope : device.scopes) all += scope + " ";
        if (auto scopes = parse_scopes(world_.cloud(), all)) flow.request.scopes = std::move(*scopes);
        flow.device_code = text;

        const auto* hint = find_field(request.query, "login_hint");
        const auto* consent = find_field(request.query, "sandbox_consent");
        if (hint) flow.request.login_hint = *hint;
        if (auto* user = hint && consent ? world_.find_user(*hint) : nullptr) {
            flow.user = user->id;
            flow.request.auto_consent = *consent == "deny" ? AutoConsent::deny : AutoConsent::accept;
            return decide_automatically(request, std::move(flow));
        }
        if (auto* user = session_user(request)) return continue_flow(request, std::move(flow), *user, true);
        return show_sign_in(request, std::move(flow), {});
    }
    return device_page(request, user_code, description_of(world_, request, {70018}, world_.new_guid()));
}

}  // namespace renkei::sandbox

#include "sandbox/login/sign_in.hpp"

#include "base/crypto.hpp"
#include "sandbox/login/conditions.hpp"
#include "sandbox/login/metadata.hpp"
#include "sandbox/login/token_endpoint.hpp"

namespace renkei::sandbox {
namespace {

constexpr auto flow_lifetime = std::chrono::minutes(15);
constexpr std::size_t keep_flows = 10'000;
constexpr std::string_view session_cookie = "sandbox_session";

std::string cookie_value(const ServerRequest& request, std::string_view name) {
    if (!request.cookie) return {};
    for (const auto part : split(request.cookie->expose(), ';')) {
        const auto one = trim(part);
        if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') return std::string(one.substr(name.size() + 1));
    }
    return {};
}

std::string form_action(const TokenEndpoint& endpoint) { return "/" + canonical_segment(endpoint) + "/login"; }

}  // namespace

void SignIn::reset() {
    flows_.clear();
    sessions_.clear();
}

std::string SignIn::keep(Flow flow) {
    if (flows_.size() >= keep_flows) std::erase_if(flows_, [&](const auto& entry) { return entry.second.expires <= world_.now(); });
    auto id = world_.random().text(24);
    flow.expires = world_.now() + flow_lifetime;
    flows_.emplace(id, std::move(flow));
    return id;
}

SandboxUser* SignIn::session_user(const ServerRequest& request) {
    const auto found = sessions_.find(cookie_value(request, session_cookie));
    return found == sessions_.end() ? nullptr : world_.find_user(found->second);
}

void SignIn::start_session(ServerResponse& response, const SandboxUser& user) {
    auto id = world_.random().text(24);
    sessions_[id] = user.id;
    response.headers.add("Set-Cookie", std::string(session_cookie) + "=" + id + "; Path=/; Secure; HttpOnly; SameSite=Lax");
}

// Who cannot sign in here although the password may be right.
std::optional<Aadsts> SignIn::problem_with(const SandboxUser& user, const AuthorizeRequest& asked, bool silent) {
    const auto& endpoint = asked.endpoint;
    if (!user.enabled || user.shared()) return Aadsts{50057};
    const bool personal_only = !endpoint.tenant && canonical_segment(endpoint) == "consumers";
    const auto& app = *world_.find_app(asked.app);
    const bool other_tenant = (endpoint.tenant && endpoint.tenant->id != user.tenant) || (!app.multi_tenant && app.tenant != user.tenant);
    if (personal_only || other_tenant)
        return Aadsts{50020, "User account '" + user.upn + "' from identity provider does not exist in tenant '" +
                                 (endpoint.tenant ? endpoint.tenant->name : endpoint.segment) + "' and cannot access the application in that tenant."};
    return sign_in_refusal(app, user, silent);
}

// Shown, because Microsoft never redirects them; only Conditional Access goes to the redirect address.
ServerResponse SignIn::cannot_sign_in(const ServerRequest& request, const Flow& flow, const Aadsts& failure) {
    if (!is_policy_block(failure.code) || !flow.device_code.empty() || flow.admin_consent != 0) return error_page(world_, request, failure);
    auto redirected = failure;
    redirected.error = "access_denied";
    return redirect_failure(world_, request, flow.request, redirected);
}

std::optional<Aadsts> SignIn::lacks_approval(const Flow& flow, const SandboxUser& user) {
    const auto& app = *world_.find_app(flow.request.app);
    if (flow.admin_consent == 0) return needs_approval(world_, app, user, flow.request.scopes);
    if (user.admin) return std::nullopt;
    return Aadsts{90094, "Only an administrator can grant permissions to " + app.name + " for everybody in the organization."};
}

ServerResponse SignIn::need_approval(const ServerRequest& request, Flow flow, const SandboxUser& user, const Aadsts& failure) {
    const auto action = form_action(flow.request.endpoint);
    const auto& app = *world_.find_app(flow.request.app);
    flow.user.clear();  // somebody else may sign in from here
    return approval_page(request, action, keep(std::move(flow)), app, user, description_of(world_, request, failure, world_.new_guid()));
}

ServerResponse SignIn::authorize(const ServerRequest& request, const TokenEndpoint& endpoint) {
    Fields fields = request.query;
    if (request.method == Method::post) {
        const auto form = form_decode(request.body);
        if (!form) return error_page(world_, request, {9002313});
        fields.insert(fields.end(), form->begin(), form->end());
    }
    auto read = read_authorize_request(world_, fields, endpoint);
    if (auto* page = std::get_if<PageFailure>(&read)) return error_page(world_, request, page->failure);
    if (auto* failed = std::get_if<RedirectFailure>(&read)) return redirect_failure(world_, request, failed->request, failed->failure);
    return decide(request, std::get<AuthorizeRequest>(std::move(read)));
}

ServerResponse SignIn::decide(const ServerRequest& request, AuthorizeRequest asked) {
    auto* user = session_user(request);
    if (user && !asked.login_hint.empty() && world_.find_user(asked.login_hint) != user) user = nullptr;
    const auto prompt = asked.prompt;
    const bool automatic = asked.auto_consent != AutoConsent::no;
    if (automatic && !asked.login_hint.empty()) user = world_.find_user(asked.login_hint);
    if (prompt == "none" && !(automatic && user)) return decide_silently(request, asked, user);

    Flow flow{std::move(asked)};
    if (automatic && user) {
        flow.user = user->id;
        return decide_automatically(request, std::move(flow));
    }
    const bool unknown_hint = automatic && !flow.request.login_hint.empty();
    if (user && prompt != "login" && prompt != "select_account") return continue_flow(request, std::move(flow), *user, prompt == "consent");
    return show_sign_in(request, std::move(flow), unknown_hint ? description_of(world_, request, {50034}, world_.new_guid()) : std::string());
}

ServerResponse SignIn::decide_silently(const ServerRequest& request, const AuthorizeRequest& asked, SandboxUser* user) {
    if (!user) return redirect_failure(world_, request, asked, {50058});
    if (auto problem = problem_with(*user, asked, true)) {
        problem->error = "interaction_required";
        return redirect_failure(world_, request, asked, *problem);
    }
    if (auto consent = check_consent(world_, *world_.find_app(asked.app), *user, asked.scopes); !consent) {
        consent.error().error = "consent_required";
        return redirect_failure(world_, request, asked, consent.error());
    }
    return finish(request, Flow{asked}, *user);
}

ServerResponse SignIn::decide_automatically(const ServerRequest& request, Flow flow) {
    auto* user = world_.find_user(flow.user);
    if (!user) return error_page(world_, request, {50034});
    if (const auto problem = problem_with(*user, flow.request)) return cannot_sign_in(request, flow, *problem);
    if (flow.request.auto_consent == AutoConsent::deny) return refuse(request, flow, {65004});
    if (const auto missing = lacks_approval(flow, *user)) return need_approval(request, std::move(flow), *user, *missing);
    return consent(request, flow, *user);
}

// Signed in; asks for consent if it lacks, else goes back to the app.
ServerResponse SignIn::continue_flow(const ServerRequest& request, Flow flow, SandboxUser& user, bool ask_again) {
    if (const auto problem = problem_with(user, flow.request)) return cannot_sign_in(request, flow, *problem);
    if (const auto missing = lacks_approval(flow, user)) return need_approval(request, std::move(flow), user, *missing);
    auto& app = *world_.find_app(flow.request.app);
    if (!ask_again && flow.admin_consent == 0 && check_consent(world_, app, user, flow.request.scopes)) return finish(request, flow, user);
    flow.user = user.id;
    const auto endpoint = flow.request.endpoint;
    const auto scopes = flow.request.scopes;
    return consent_page(request, form_action(endpoint), keep(std::move(flow)), app, user, scopes);
}

ServerResponse SignIn::show_sign_in(const ServerRequest& request, Flow flow, std::string_view problem) {
    const auto action = form_action(flow.request.endpoint);
    const auto login = flow.request.login_hint;
    const auto& name = world_.find_app(flow.request.app)->name;
    return sign_in_page(request, action, keep(std::move(flow)), name, login, problem);
}

ServerResponse SignIn::answer_form(const ServerRequest& request, const TokenEndpoint&) {
    const auto form = read_form(request);
    if (!form) return error_page(world_, request, form.error());
    const auto* id = find_field(*form, "flow");
    const auto found = id ? flows_.find(*id) : flows_.end();
    // Each page is answered once: going back shows that it is over.
    if (found == flows_.end() || found->second.expires <= world_.now()) return error_page(world_, request, {50089});
    auto flow = std::move(found->second);
    flows_.erase(found);

    if (find_field(*form, "cancel")) return refuse(request, flow, {65004});
    if (find_field(*form, "other")) return show_sign_in(request, std::move(flow), {});
    if (flow.user.empty()) return check_password(request, std::move(flow), *form);
    auto* user = world_.find_user(flow.user);
    if (!user) return error_page(world_, request, {50034});
    if (!find_field(*form, "accept")) return continue_flow(request, std::move(flow), *user, true);
    return consent(request, flow, *user);
}

// The person has accepted.
ServerResponse SignIn::consent(const ServerRequest& request, const Flow& flow, SandboxUser& user) {
    if (flow.admin_consent != 0) return finish_admin_consent(request, flow, user);
    record_consent(world_, *world_.find_app(flow.request.app), user, flow.request.scopes);
    return finish(request, flow, user);
}

ServerResponse SignIn::check_password(const ServerRequest& request, Flow flow, const Fields& form) {
    const auto* login = find_field(form, "login");
    const auto* password = find_field(form, "passwd");
    auto* user = login ? world_.find_user(trim(*login)) : nullptr;
    if (login) flow.request.login_hint = *login;
    const auto again = [&](int code) { return show_sign_in(request, std::move(flow), description_of(world_, request, {code}, world_.new_guid())); };
    if (!user) return again(50034);
    if (user->password.empty() || !password || !constant_time_equal(user->password, *password)) return again(50126);
    auto response = continue_flow(request, std::move(flow), *user, false);
    if (user->enabled) start_session(response, *user);
    return response;
}

ServerResponse SignIn::refuse(const ServerRequest& request, const Flow& flow, const Aadsts& failure) {
    if (flow.admin_consent != 0) return refuse_admin_consent(request, flow, failure);
    if (flow.device_code.empty()) return redirect_failure(world_, request, flow.request, failure);
    world_.tokens().devices[flow.device_code].state = DeviceState::declined;
    const bool ja = wants_japanese(request);
    return message_page(request, 200, ja ? "拒否しました" : "Declined", ja ? "この画面を閉じてください。" : "You may close this window.");
}

ServerResponse SignIn::finish(const ServerRequest& request, const Flow& flow, SandboxUser& user) {
    const auto& asked = flow.request;
    if (!flow.device_code.empty()) {
        auto& device = world_.tokens().devices[flow.device_code];
        device.state = DeviceState::approved;
        device.user = user.id;
        device.tenant = user.tenant;
        const bool ja = wants_japanese(request);
        return message_page(request, 200, ja ? "サインインしました" : "You have signed in",
                            ja ? "この画面を閉じて、アプリに戻ってください。" : "You may close this window and return to the app.");
    }
    AuthorizationCode code;
    code.tenant = user.tenant;
    code.segment = canonical_segment(asked.endpoint);
    code.app = asked.app;
    code.user = user.id;
    code.redirect_uri = asked.redirect_uri;
    for (const auto& scope : asked.scopes) code.scopes.push_back(scope.asked);
    code.nonce = asked.nonce;
    code.spa = asked.spa;
    code.challenge = asked.challenge;
    code.challenge_method = asked.challenge_method;
    code.expires = world_.now() + world_.switches().code_lifetime;
    auto text = "1.sbac." + world_.random().text(200);
    world_.tokens().codes.emplace(text, std::move(code));

    Fields fields{{"code", std::move(text)}};
    if (asked.client_info) fields.emplace_back("client_info", client_info_of(user));
    fields.emplace_back("session_state", world_.new_guid());
    return redirect_with(request, asked, std::move(fields));
}

ServerResponse SignIn::sign_out(const ServerRequest& request) {
    sessions_.erase(cookie_value(request, session_cookie));
    const bool ja = wants_japanese(request);
    auto response = message_page(request, 200, ja ? "サインアウトしました" : "You signed out of your account",
                                 ja ? "この画面を閉じてください。" : "You may close this window.");
    response.headers.add("Set-Cookie", std::string(session_cookie) + "=; Path=/; Secure; HttpOnly; Max-Age=0");
    const auto* back = find_field(request.query, "post_logout_redirect_uri");
    if (!back) return response;
    // Only to an address that some app has registered.
    for (const auto& app : world_.apps())
        if (redirect_registered(app, *back)) {
            response.status = 302;
            response.headers.set("Location", *back);
            response.body.clear();
            break;
        }
    return response;
}

}  // namespace renkei::sandbox

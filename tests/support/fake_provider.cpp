#include "tests/support/fake_provider.hpp"

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/uri.hpp"

#include <stdexcept>

namespace renkei::testing {
namespace {

std::string value_of(const Fields& fields, std::string_view name) {
    const auto* value = find_field(fields, name);
    return value != nullptr ? *value : std::string{};
}

HttpResponse json_answer(int status, const json::object& body) {
    return {status, {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(body)};
}

constexpr std::string_view page = "<!DOCTYPE html><html><body>Sign in to your account</body></html>";

bool does_its_work(Fault fault) {
    return fault != Fault::not_reached && fault != Fault::unavailable && fault != Fault::throttled && fault != Fault::server_error;
}

HttpResponse spoilt(Fault fault, HttpResponse good) {
    switch (fault) {
        case Fault::cut_answer: good.body.resize(good.body.size() / 2); break;
        case Fault::html: return {200, {{"Content-Type", "text/html"}}, std::string(page)};
        case Fault::wrong_type: return {200, {{"Content-Type", "application/json"}}, R"({"token_type":"Bearer","access_token":42,"expires_in":3600})"};
        case Fault::huge: good.body.append(2u << 20, ' '); break;
        case Fault::unavailable: return {503, {{"Content-Type", "text/html"}}, std::string(page)};
        case Fault::throttled: return {429, {{"Retry-After", "7"}}, "slow down"};
        case Fault::server_error: return {503, {{"Content-Type", "application/json"}}, R"({"error":"temporarily_unavailable","error_codes":[90033]})"};
        case Fault::without_expiry: {
            auto parsed = json::parse(good.body);
            if (parsed && parsed->is_object()) parsed->get_object().erase("expires_in");
            if (parsed) good.body = json::serialize(*parsed);
            break;
        }
        default: break;
    }
    return good;
}

}  // namespace

Fields FakeProvider::consent(const std::string& authorization_url, Person person) {
    const auto url = Uri::parse(authorization_url);
    if (!url) throw std::invalid_argument("not an address: " + authorization_url);
    const auto query = form_decode(url->query).value();
    if (value_of(query, "code_challenge_method") != "S256") throw std::invalid_argument("no proof key");
    const std::lock_guard lock(mutex_);
    const auto code = "code-" + std::to_string(++serial_);
    codes_[code] = {
        value_of(query, "code_challenge"), value_of(query, "redirect_uri"), value_of(query, "nonce"), value_of(query, "client_id"), std::move(person), false};
    return {{"code", code}, {"state", value_of(query, "state")}};
}

std::string FakeProvider::start_family() {
    const auto family = ++serial_;
    const auto token = "rt-" + std::to_string(family) + "-0";
    families_[family] = {token, false};
    family_of_[token] = family;
    return token;
}

std::string FakeProvider::new_refresh_token() {
    const std::lock_guard lock(mutex_);
    return start_family();
}

void FakeProvider::next_faults(std::vector<Fault> faults) {
    const std::lock_guard lock(mutex_);
    faults_.insert(faults_.end(), faults.begin(), faults.end());
}
void FakeProvider::refuse_with(std::string error, std::vector<std::int64_t> codes, int times, int status) {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < times; ++i) refusals_.push_back({error, codes, status});
}
void FakeProvider::hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
}
void FakeProvider::release() {
    std::vector<std::function<void()>> held;
    {
        const std::lock_guard lock(mutex_);
        holding_ = false;
        held.swap(held_);
    }
    for (auto& go : held) go();
}
bool FakeProvider::waits_for_release(std::size_t requests) const {
    const std::lock_guard lock(mutex_);
    return held_.size() >= requests;
}
void FakeProvider::set_strict(bool strict) {
    const std::lock_guard lock(mutex_);
    settings_.strict = strict;
}
void FakeProvider::set_secret(std::string secret) {
    const std::lock_guard lock(mutex_);
    settings_.client_secret = std::move(secret);
}
void FakeProvider::set_lifetime(std::chrono::seconds lifetime) {
    const std::lock_guard lock(mutex_);
    settings_.lifetime = lifetime;
}
void FakeProvider::answer_with_scope(std::string scope) {
    const std::lock_guard lock(mutex_);
    scope_ = std::move(scope);
}
void FakeProvider::revoke_everything() {
    const std::lock_guard lock(mutex_);
    for (auto& [id, family] : families_) family.revoked = true;
}
void FakeProvider::change_id_token(std::map<std::string, std::string> claims) {
    const std::lock_guard lock(mutex_);
    changed_claims_ = std::move(claims);
}
void FakeProvider::publish(std::string url, std::string document, int status) {
    const std::lock_guard lock(mutex_);
    published_[std::move(url)] = {status, {{"Content-Type", "application/json"}}, std::move(document)};
}

bool FakeProvider::alive(const std::string& refresh_token) const {
    const std::lock_guard lock(mutex_);
    const auto found = family_of_.find(refresh_token);
    if (found == family_of_.end()) return false;
    const auto& family = families_.at(found->second);
    return !family.revoked && family.newest == refresh_token;
}
std::uint64_t FakeProvider::exchanges() const {
    const std::lock_guard lock(mutex_);
    return exchanges_;
}
std::uint64_t FakeProvider::rotations() const {
    const std::lock_guard lock(mutex_);
    return rotations_;
}
std::uint64_t FakeProvider::revoked_families() const {
    const std::lock_guard lock(mutex_);
    return revoked_;
}
std::vector<FakeProvider::Request> FakeProvider::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

HttpResponse FakeProvider::oauth_error(int status, std::string_view error, const std::vector<std::int64_t>& codes) {
    json::object body{{"error", json::view(error)}, {"error_description", "the provider's own words, never shown"}};
    if (!codes.empty()) body["error_codes"] = json::array(codes.begin(), codes.end());
    return json_answer(status, body);
}

bool FakeProvider::knows_client(const Request& request) const {
    if (!request.authorization.empty()) {
        const auto pair = decode_base64(std::string_view(request.authorization).substr(6)).value_or("");
        const auto colon = pair.find(':');
        if (colon == pair.npos) return false;
        return percent_decode(pair.substr(0, colon)) == settings_.client_id && percent_decode(pair.substr(colon + 1)) == settings_.client_secret;
    }
    if (value_of(request.form, "client_id") != settings_.client_id) return false;
    return find_field(request.form, "client_assertion") != nullptr || value_of(request.form, "client_secret") == settings_.client_secret;
}

HttpResponse FakeProvider::answer(const Request& request) {
    if (!refusals_.empty()) {
        const auto refusal = refusals_.front();
        refusals_.pop_front();
        return oauth_error(refusal.status, refusal.error, refusal.codes);
    }
    if (!knows_client(request)) return oauth_error(401, "invalid_client", {7000215});
    if (request.url.ends_with("/devicecode")) return give_device_code();
    const auto type = value_of(request.form, "grant_type");
    if (type == "urn:ietf:params:oauth:grant-type:device_code") return redeem_device(request.form);
    if (type == "client_credentials") return tokens({}, {}, request.form);
    if (type == "authorization_code") return redeem_code(request.form);
    if (type == "refresh_token") return refresh(request.form);
    return oauth_error(400, "unsupported_grant_type");
}

HttpResponse FakeProvider::redeem_code(const Fields& form) {
    const auto found = codes_.find(value_of(form, "code"));
    if (found == codes_.end() || found->second.used) return oauth_error(400, "invalid_grant", {54005});
    auto& code = found->second;
    if (code.challenge != base64url(sha256(value_of(form, "code_verifier")))) return oauth_error(400, "invalid_grant", {501481});
    if (code.redirect_uri != value_of(form, "redirect_uri")) return oauth_error(400, "invalid_client", {500112});
    code.used = true;
    return tokens(start_family(), id_token(code), form);
}

void FakeProvider::decide_device(DeviceDecision decision, Person person) {
    const std::lock_guard lock(mutex_);
    device_.decision = decision;
    device_.person = std::move(person);
}

HttpResponse FakeProvider::give_device_code() {
    device_ = {"dc-" + std::to_string(++serial_), DeviceDecision::none, {}, false};
    return json_answer(200, json::object{{"device_code", device_.code},
                                         {"user_code", "WDJB-MJHT"},
                                         {"verification_uri", "https://login.example/device"},
                                         {"expires_in", 900},
                                         {"interval", 5}});
}

HttpResponse FakeProvider::redeem_device(const Fields& form) {
    if (value_of(form, "device_code") != device_.code || device_.used) return oauth_error(400, "bad_verification_code");
    if (device_.decision == DeviceDecision::none) return oauth_error(400, "authorization_pending", {70016});
    device_.used = true;
    if (device_.decision == DeviceDecision::decline) return oauth_error(400, "authorization_declined");
    Code code;
    code.client_id = settings_.client_id;
    code.nonce = "-";
    code.person = device_.person;
    return tokens(start_family(), id_token(code), form);
}

HttpResponse FakeProvider::refresh(const Fields& form) {
    const auto shown = value_of(form, "refresh_token");
    const auto found = family_of_.find(shown);
    if (found == family_of_.end()) return oauth_error(400, "invalid_grant", {70000});
    auto& family = families_.at(found->second);
    if (family.revoked) return oauth_error(400, "invalid_grant", {50173});
    if (family.newest != shown && settings_.strict) {
        family.revoked = true;
        ++revoked_;
        return oauth_error(400, "invalid_grant");
    }
    if (!settings_.rotates) return tokens({}, {}, form);
    const auto next = "rt-" + std::to_string(found->second) + "-" + std::to_string(++serial_);
    family_of_[next] = found->second;
    family.newest = next;
    ++rotations_;
    return tokens(next, {}, form);
}

HttpResponse FakeProvider::tokens(const std::string& refresh_token, const std::string& id_token, const Fields& form) {
    json::object body{{"token_type", "Bearer"}, {"expires_in", settings_.lifetime.count()}, {"access_token", "at-" + std::to_string(++serial_)}};
    if (!refresh_token.empty()) body["refresh_token"] = refresh_token;
    if (!id_token.empty()) body["id_token"] = id_token;
    if (scope_)
        body["scope"] = *scope_;
    else if (settings_.sends_scope && find_field(form, "scope") != nullptr)
        body["scope"] = value_of(form, "scope");
    return json_answer(200, body);
}

std::string FakeProvider::id_token(const Code& code) const {
    if (code.nonce.empty()) return {};
    const auto now = settings_.clock != nullptr ? to_millis(settings_.clock->now()) / 1000 : 1'790'000'000;
    json::object claims{{"iss", settings_.issuer},
                        {"aud", code.client_id},
                        {"sub", "pairwise-" + code.person.subject},
                        {"oid", code.person.subject},
                        {"tid", code.person.tenant},
                        {"preferred_username", code.person.name},
                        {"nonce", code.nonce},
                        {"iat", now},
                        {"exp", now + 3600}};
    for (const auto& [name, text] : changed_claims_) {
        if (text.empty())
            claims.erase(name);
        else if (name == "exp" || name == "iat" || name == "nbf")
            claims[name] = std::stoll(text);
        else
            claims[name] = text;
    }
    return base64url(as_bytes(R"({"alg":"RS256","typ":"JWT","kid":"k1"})")) + "." + base64url(as_bytes(json::serialize(claims))) + "." +
           base64url(as_bytes("signature"));
}

Task<Result<HttpResponse>> FakeProvider::send(HttpRequest request, app::CallOptions options) {
    bool held = false;
    {
        const std::lock_guard lock(mutex_);
        held = holding_;
    }
    if (held)
        co_await wait_for_callback<bool>([this](auto done) {
            const std::lock_guard lock(mutex_);
            if (holding_)
                held_.emplace_back([done]() mutable { done(true); });
            else
                done(true);
        });
    else
        co_await asio::post(use_task);
    const std::lock_guard lock(mutex_);
    if (const auto document = published_.find(request.url); document != published_.end()) co_return document->second;
    if (request.method == Method::get) co_return HttpResponse{404, {}, "not here"};
    Request seen{form_decode(request.secret_body ? request.secret_body->expose() : std::string_view{}).value_or(Fields{}), {}, request.url, options};
    if (request.authorization) seen.authorization = request.authorization->expose();
    requests_.push_back(seen);
    Fault fault = Fault::none;
    if (!faults_.empty()) {
        fault = faults_.front();
        faults_.pop_front();
    }
    if (fault == Fault::not_reached) {
        Error error{Errc::provider_unavailable, "no connection"};
        error.context.emplace_back("sent", "no");
        co_return fail(std::move(error));
    }
    ++exchanges_;
    auto good = does_its_work(fault) ? answer(seen) : HttpResponse{};
    if (fault == Fault::answer_lost) co_return fail(Errc::provider_unavailable, "the connection broke");
    if (fault == Fault::timeout) co_return fail(Errc::provider_timeout, "no answer in time");
    co_return spoilt(fault, std::move(good));
}

Task<Result<app::StreamedResponse>> FakeProvider::open(HttpRequest, app::CallOptions) { co_return fail(Errc::internal, "not a stream"); }
Task<Result<HttpResponse>> FakeProvider::upload(HttpRequest, std::unique_ptr<app::BodyStream>, std::uint64_t, app::CallOptions) {
    co_return fail(Errc::internal, "not an upload");
}

}  // namespace renkei::testing

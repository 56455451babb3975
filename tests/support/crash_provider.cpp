#include "tests/support/crash_provider.hpp"

#include "adapters/http/client.hpp"
#include "base/uri.hpp"
#include "tests/support/fake_provider_server.hpp"
#include "tests/support/sandbox_process.hpp"

#include <stdexcept>

namespace renkei::testing {
namespace {

class FakeCrashProvider final : public CrashProvider {
public:
    explicit FakeCrashProvider(std::uint16_t port) : http_(port) {}
    const Facts& facts() const override { return facts_; }
    app::HttpClient& http() override { return http_; }
    std::string new_refresh_token(ProcessLoop&) override { return http_.get("/new"); }

private:
    Facts facts_{"https://login.example", "tenant-1", "client", "s3cret", {"https://graph.microsoft.com/.default"}};
    SocketClient http_;
};

std::string text_of(const json::object& from, std::string_view name) { return std::string(json::text(from, name).value_or("")); }

const json::object& app_of(const json::object& described, std::string_view key) {
    for (const auto& app : described.at("apps").as_array())
        if (json::text(app.as_object(), "key") == key) return app.as_object();
    throw std::runtime_error("the sandbox has no app " + std::string(key));
}

class SandboxCrashProvider final : public CrashProvider {
public:
    explicit SandboxCrashProvider(std::uint16_t control_port) : clock_(make_system_clock()) {
        const auto described = ask_control(control_port, "GET", "/describe");
        const auto& app = app_of(described, "web");
        const auto port = Uri::parse(text_of(described, "login")).value().port;
        facts_ = {"https://127.0.0.1:" + std::to_string(port),
                  text_of(app, "tenant"),
                  text_of(app, "client_id"),
                  text_of(app, "client_secret"),
                  {"offline_access", "https://graph.microsoft.com/Mail.Read"}};
        redirect_ = std::string(json::view(app.at("redirect_uris").as_array().at(0).as_string()));
        user_ = text_of(described.at("users").as_array().at(0).as_object(), "upn");
        http::ClientSettings settings;
        settings.ca_bundle.clear();
        settings.extra_ca_file = text_of(described, "ca_file");
        settings.egress.push_back({.range = core::AddressRange::parse("127.0.0.1").value(), .ports = {port}});
        auto made = http::make_http_client(std::move(settings), *clock_, random_);
        if (!made) throw std::runtime_error(made.error().detail);
        http_ = *std::move(made);
    }
    const Facts& facts() const override { return facts_; }
    app::HttpClient& http() override { return *http_; }

    // The authorization code flow, with the consent that the sandbox gives by itself.
    std::string new_refresh_token(ProcessLoop& loop) override {
        const auto base = facts_.authority + "/" + facts_.tenant + "/oauth2/v2.0";
        const Fields asked{{"client_id", facts_.client_id}, {"response_type", "code"},     {"redirect_uri", redirect_}, {"scope", scope()}, {"state", "crash"},
                           {"login_hint", user_},           {"sandbox_consent", "accept"}, {"response_mode", "query"}};
        const auto consented = send(loop, {Method::get, with_query(base + "/authorize", asked)}, 302);
        const auto back = Uri::parse(consented.headers.get("Location"));
        const auto fields = back ? form_decode(back->query) : std::nullopt;
        const auto* code = fields ? find_field(*fields, "code") : nullptr;
        if (code == nullptr) throw std::runtime_error("the sandbox gave no code");
        HttpRequest redeem{Method::post, base + "/token", {{"Content-Type", "application/x-www-form-urlencoded"}}};
        redeem.secret_body = Secret(form_encode({{"grant_type", "authorization_code"},
                                                 {"code", *code},
                                                 {"redirect_uri", redirect_},
                                                 {"client_id", facts_.client_id},
                                                 {"client_secret", facts_.client_secret}}));
        const auto parsed = json::parse(send(loop, std::move(redeem), 200).body);
        auto token = parsed && parsed->is_object() ? text_of(parsed->get_object(), "refresh_token") : std::string();
        if (token.empty()) throw std::runtime_error("the sandbox gave no refresh token");
        return token;
    }

private:
    std::string scope() const {
        std::string all;
        for (const auto& one : facts_.scopes) all += (all.empty() ? "" : " ") + one;
        return all;
    }
    HttpResponse send(ProcessLoop& loop, HttpRequest request, int expected) {
        auto answer = loop.run(http_->send(std::move(request), {.workspace = home}));
        if (!answer) throw std::runtime_error(answer.error().detail);
        if (answer->status != expected) throw std::runtime_error("the sandbox answered " + std::to_string(answer->status) + ": " + answer->body);
        return *std::move(answer);
    }

    std::unique_ptr<Clock> clock_;
    SystemRandom random_;
    Facts facts_;
    std::string redirect_, user_;
    std::unique_ptr<app::HttpClient> http_;
};

}  // namespace

std::unique_ptr<CrashProvider> make_fake_crash_provider(std::uint16_t port) { return std::make_unique<FakeCrashProvider>(port); }
std::unique_ptr<CrashProvider> make_sandbox_crash_provider(std::uint16_t control_port) { return std::make_unique<SandboxCrashProvider>(control_port); }

}  // namespace renkei::testing

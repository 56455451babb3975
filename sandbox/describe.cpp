#include "sandbox/describe.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace renkei::sandbox {
namespace {

std::string https(std::uint16_t port) { return fmt::format("https://localhost:{}", port); }

template <class Range>
json::array texts(const Range& range) {
    json::array out;
    for (const auto& one : range) out.emplace_back(one);
    return out;
}

json::object describe_tenant(const Tenant& tenant, const Ports& ports) {
    const auto authority = https(ports.login) + "/" + tenant.id;
    return {{"id", tenant.id},
            {"name", tenant.name},
            {"domain", tenant.domains.front()},
            {"domains", texts(tenant.domains)},
            {"authority", authority},
            {"issuer", authority + "/v2.0"},
            {"authorization_endpoint", authority + "/oauth2/v2.0/authorize"},
            {"token_endpoint", authority + "/oauth2/v2.0/token"},
            {"metadata", authority + "/v2.0/.well-known/openid-configuration"}};
}

json::object describe_app(const App& app, const StateFolder& state, TimePoint now) {
    json::object out{{"key", app.key},
                     {"name", app.name},
                     {"client_id", app.id},
                     {"tenant", app.tenant},
                     {"multi_tenant", app.multi_tenant},
                     {"public_client", app.public_client},
                     {"strict_rotation", app.strict_rotation},
                     {"redirect_uris", texts(app.redirects)},
                     {"application_roles", texts(app.roles)}};
    json::array live, expired;
    for (const auto& secret : app.secrets) (secret.expires > now ? live : expired).emplace_back(secret.value);
    if (!live.empty()) out["client_secret"] = live.front();
    if (!live.empty()) out["client_secrets"] = std::move(live);
    if (!expired.empty()) out["expired_client_secrets"] = std::move(expired);
    if (!app.certificates.empty()) {
        const auto der = der_of(app.certificates.front());
        out["certificate_file"] = state.app_certificate_file().string();
        out["key_file"] = state.app_key_file().string();
        out["pfx_file"] = state.app_pfx_file().string();
        out["pfx_password"] = StateFolder::pfx_password;
        out["thumbprint"] = to_hex(as_bytes(sha1_bytes(der)));
        out["thumbprint_sha256"] = to_hex(sha256(der));
    }
    return out;
}

json::object describe_user(const SandboxUser& user) {
    json::object out{{"id", user.id},
                     {"tenant", user.tenant},
                     {"upn", user.upn},
                     {"display_name", user.display_name},
                     {"language", user.language},
                     {"enabled", user.enabled},
                     {"mailbox", user.mailbox},
                     {"aliases", texts(user.aliases)}};
    out["password"] = user.password.empty() ? json::value(nullptr) : json::value(user.password);
    out["kind"] = user.password.empty() ? "shared_mailbox" : "person";
    if (!user.delegates.empty()) out["delegates"] = texts(user.delegates);
    return out;
}

}  // namespace

std::string describe_json(World& world, const StateFolder& state, const Ports& ports) {
    json::object out;
    out["state_folder"] = state.path().string();
    out["ca_file"] = state.ca_file().string();
    out["certificate_file"] = state.server_certificate_file().string();
    out["key_file"] = state.server_key_file().string();
    out["login"] = https(ports.login);
    out["graph"] = https(ports.graph);
    out["control"] = fmt::format("http://127.0.0.1:{}", ports.control);
    out["addresses"] =
        json::object{{"login", json::array{https(ports.login), fmt::format("https://127.0.0.1:{}", ports.login)}},
                     {"graph", json::array{https(ports.graph) + "/v1.0", fmt::format("https://127.0.0.1:{}/v1.0", ports.graph)}},
                     {"control", json::array{fmt::format("http://127.0.0.1:{}", ports.control), fmt::format("http://localhost:{}", ports.control)}},
                     {"device", json::array{https(ports.login) + "/device"}}};
    out["graph_base"] = https(ports.graph) + "/v1.0";
    out["graph_scope"] = std::string(graph_audience) + "/.default";
    out["automatic_consent"] = json::object{{"parameter", "sandbox_consent"}, {"values", json::array{"accept", "deny"}}, {"needs", "login_hint"}};
    json::array tenants, apps, users;
    for (const auto& tenant : world.tenants()) tenants.push_back(describe_tenant(tenant, ports));
    for (const auto& app : world.apps()) apps.push_back(describe_app(app, state, world.now()));
    for (const auto& user : world.users()) users.push_back(describe_user(user));
    out["tenants"] = std::move(tenants);
    out["apps"] = std::move(apps);
    out["users"] = std::move(users);
    return json::serialize(out);
}

std::string describe_text(World& world, const StateFolder& state, const Ports& ports) {
    std::string out = fmt::format("Login    {}\nGraph    {}/v1.0\nControl  http://127.0.0.1:{}\nCA       {}\n\nTenants\n", https(ports.login),
                                  https(ports.graph), ports.control, state.ca_file().string());
    for (const auto& tenant : world.tenants()) out += fmt::format("  {}  {}  {}\n", tenant.id, tenant.domains.front(), tenant.name);
    out += "\nApps (key, client id, secret)\n";
    for (const auto& app : world.apps())
        out += fmt::format("  {:<12}{}  {}\n", app.key, app.id,
                           app.secrets.empty() ? std::string(app.public_client ? "(public)" : "(certificate)") : app.secrets.front().value);
    out += "\nUsers (sign-in name, password)\n";
    for (const auto& user : world.users())
        out += fmt::format("  {:<36}{}{}\n", user.upn, user.password.empty() ? "(shared mailbox)" : user.password, user.enabled ? "" : "  (disabled)");
    return out;
}

std::optional<Ports> remembered_ports(const StateFolder& state) {
    const auto text = read_file(state.addresses_file());
    const auto parsed = text ? json::parse(*text) : Result<json::value>(fail(Errc::not_found, ""));
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const auto port = [&](std::string_view name) {
        const auto value = json::integer(parsed->get_object(), name).value_or(0);
        return value > 0 && value < 65536 ? static_cast<std::uint16_t>(value) : std::uint16_t{0};
    };
    const Ports ports{port("login"), port("graph"), port("control")};
    if (ports.login == 0 || ports.graph == 0 || ports.control == 0) return std::nullopt;
    return ports;
}

Result<void> remember_ports(const StateFolder& state, const Ports& ports) {
    return write_file(state.addresses_file(), json::serialize(json::object{{"login", ports.login}, {"graph", ports.graph}, {"control", ports.control}}) + "\n",
                      0644);
}

std::string default_state_folder() {
    const auto from = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    if (auto folder = from("RENKEI_SANDBOX_STATE"); !folder.empty()) return folder;
    if (auto folder = from("XDG_STATE_HOME"); !folder.empty()) return folder + "/renkei-sandbox";
    if (auto home = from("HOME"); !home.empty()) return home + "/.local/state/renkei-sandbox";
    return ".renkei-sandbox";
}

}  // namespace renkei::sandbox

#include "sandbox/describe.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "sandbox/vaults/vaults.hpp"

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

json::object describe_tenant(const Tenant& tenant, const CloudPorts& ports) {
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
                     {"application_roles", texts(app.roles)},
                     {"spa_redirect_uris", texts(app.spa_redirects)}};
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
    out["kind"] = user.shared() ? "shared_mailbox" : "person";
    out["admin"] = user.admin;
    if (!user.delegates.empty()) out["delegates"] = texts(user.delegates);
    return out;
}

json::object describe_group(const SandboxGroup& group) {
    return {{"id", group.id}, {"tenant", group.tenant}, {"name", group.name}, {"mail", group.mail}, {"members", texts(group.members)}, {"team", group.team}};
}

// Who exists in a cloud, and at which addresses.
json::object describe_cloud(World& world, const StateFolder& state, const Ports& all) {
    const auto ports = all.of(world.cloud());
    json::object out;
    out["login"] = https(ports.login);
    out["graph"] = https(ports.graph);
    out["graph_base"] = https(ports.graph) + "/v1.0";
    out["graph_scope"] = std::string(world.cloud().graph) + "/.default";
    json::array tenants, apps, users, groups;
    for (const auto& tenant : world.tenants()) tenants.push_back(describe_tenant(tenant, ports));
    for (const auto& app : world.apps()) apps.push_back(describe_app(app, state, world.now()));
    for (const auto& user : world.users()) users.push_back(describe_user(user));
    for (const auto& group : world.groups()) groups.push_back(describe_group(group));
    out["tenants"] = std::move(tenants);
    out["apps"] = std::move(apps);
    out["users"] = std::move(users);
    out["groups"] = std::move(groups);
    return out;
}

std::string control_address(const Ports& ports, const Cloud& cloud) {
    auto base = fmt::format("http://127.0.0.1:{}", ports.control);
    return &cloud == &commercial_cloud() ? base : base + "/clouds/" + std::string(cloud.key);
}

// What only the entry under `clouds` says.
json::object describe_in_full(World& world, const StateFolder& state, const Ports& ports) {
    const auto& cloud = world.cloud();
    auto out = describe_cloud(world, state, ports);
    out["title"] = json::view(cloud.title);
    out["control"] = control_address(ports, cloud);
    out["stands_for"] = json::object{{"login", "https://" + std::string(cloud.login_host)}, {"graph", json::view(cloud.graph)}};
    out["scope_prefix"] = cloud.short_scopes ? std::string() : std::string(cloud.graph) + "/";
    out["missing"] = cloud.permanent_delete ? json::array{} : json::array{"permanentDelete", "personal_accounts"};
    return out;
}

}  // namespace

CloudPorts Ports::of(const Cloud& cloud) const {
    if (&cloud == &commercial_cloud()) return {login, graph};
    const auto found = others.find(cloud.key);
    return found == others.end() ? CloudPorts{} : found->second;
}

CloudPorts ports_beside(const Ports& commercial, const Cloud& cloud) {
    const auto beside = [&](std::uint16_t port) { return static_cast<std::uint16_t>(port == 0 ? 0 : port + cloud.port_step); };
    return {beside(commercial.login), beside(commercial.graph)};
}

std::string describe_json(const std::vector<World*>& worlds, const StateFolder& state, const Ports& ports) {
    json::object out;
    out["state_folder"] = state.path().string();
    out["ca_file"] = state.ca_file().string();
    out["certificate_file"] = state.server_certificate_file().string();
    out["key_file"] = state.server_key_file().string();
    out["control"] = fmt::format("http://127.0.0.1:{}", ports.control);
    out["addresses"] =
        json::object{{"login", json::array{https(ports.login), fmt::format("https://127.0.0.1:{}", ports.login)}},
                     {"graph", json::array{https(ports.graph) + "/v1.0", fmt::format("https://127.0.0.1:{}/v1.0", ports.graph)}},
                     {"control", json::array{fmt::format("http://127.0.0.1:{}", ports.control), fmt::format("http://localhost:{}", ports.control)}},
                     {"device", json::array{https(ports.login) + "/device"}}};
    out["automatic_consent"] = json::object{{"parameter", "sandbox_consent"}, {"values", json::array{"accept", "deny"}}, {"needs", "login_hint"}};
    for (auto& [key, value] : describe_cloud(*worlds.front(), state, ports)) out[key] = value;
    if (auto vaults = json::parse(describe_vaults(https(ports.vaults), *worlds.front()))) out["vaults"] = std::move(*vaults);
    json::object clouds;
    for (auto* world : worlds) clouds[json::view(world->cloud().key)] = describe_in_full(*world, state, ports);
    out["clouds"] = std::move(clouds);
    return json::serialize(out);
}

std::string describe_text(const std::vector<World*>& worlds, const StateFolder& state, const Ports& ports) {
    auto& world = *worlds.front();
    std::string out = fmt::format("Login    {}\nGraph    {}/v1.0\nVaults   {}\nControl  http://127.0.0.1:{}\nCA       {}\n", https(ports.login),
                                  https(ports.graph), https(ports.vaults), ports.control, state.ca_file().string());
    for (std::size_t i = 1; i < worlds.size(); ++i) {
        const auto& cloud = worlds[i]->cloud();
        const auto at = ports.of(cloud);
        out += fmt::format("{:<11}login {}, graph {}/v1.0 ({}; same people in {})\n", cloud.key, https(at.login), https(at.graph), cloud.title,
                           worlds[i]->tenants().front().domains.front());
    }
    out += "\nTenants\n";
    for (const auto& tenant : world.tenants()) out += fmt::format("  {}  {}  {}\n", tenant.id, tenant.domains.front(), tenant.name);
    out += "\nApps (key, client id, secret)\n";
    for (const auto& app : world.apps())
        out += fmt::format("  {:<12}{}  {}\n", app.key, app.id,
                           app.secrets.empty() ? std::string(app.certificates.empty() ? "(public)" : "(certificate)") : app.secrets.front().value);
    out += "\nUsers (sign-in name, password)\n";
    for (const auto& user : world.users())
        out += fmt::format("  {:<36}{}{}\n", user.upn, user.shared() ? "(shared mailbox)" : user.password, user.enabled ? "" : "  (disabled)");
    return out;
}

std::optional<Ports> remembered_ports(const StateFolder& state) {
    const auto text = read_file(state.addresses_file());
    const auto parsed = text ? json::parse(*text) : Result<json::value>(fail(Errc::not_found, ""));
    if (!parsed || !parsed->is_object()) return std::nullopt;
    const auto port = [](const json::object& from, std::string_view name) {
        const auto value = json::integer(from, name).value_or(0);
        return value > 0 && value < 65536 ? static_cast<std::uint16_t>(value) : std::uint16_t{0};
    };
    const auto& top = parsed->get_object();
    Ports ports{port(top, "login"), port(top, "graph"), port(top, "control")};
    if (ports.login == 0 || ports.graph == 0 || ports.control == 0) return std::nullopt;
    if (const auto vaults = port(top, "vaults"); vaults != 0) ports.vaults = vaults;
    const auto* others = json::find(top, "clouds");
    if (others == nullptr || !others->is_object()) return ports;
    for (const auto& entry : others->get_object())
        if (find_cloud(entry.key()) != nullptr && entry.value().is_object())
            ports.others[entry.key()] = {port(entry.value().get_object(), "login"), port(entry.value().get_object(), "graph")};
    return ports;
}

Result<void> remember_ports(const StateFolder& state, const Ports& ports) {
    json::object others;
    for (const auto& [key, at] : ports.others) others[key] = json::object{{"login", at.login}, {"graph", at.graph}};
    const json::object all{{"login", ports.login}, {"graph", ports.graph}, {"control", ports.control}, {"vaults", ports.vaults}, {"clouds", others}};
    return write_file(state.addresses_file(), json::serialize(all) + "\n", 0644);
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

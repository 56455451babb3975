#include "sandbox/world.hpp"

#include <utility>

// The world at the start: two tenants, their people and groups, and applications for every way to connect. All ids, passwords and
// secrets are fixed so that `describe` says the same before and after a start. They open nothing but this sandbox. The other
// clouds hold the same people and apps under ids, domains and secrets of their own.

namespace renkei::sandbox {
namespace {

constexpr const char* contoso = "c0270500-1a2b-4c3d-8e4f-000000000001";
constexpr const char* fabrikam = "fab21ca0-1a2b-4c3d-8e4f-000000000002";

// Ids of another cloud differ in one digit.
std::string id_in(const Cloud& cloud, std::string_view id) {
    std::string text(id);
    text[12] = cloud.port_step == 0 ? text[12] : cloud.mark;
    return text;
}

// contoso.example is contoso-gov.example elsewhere.
std::string domain_in(const Cloud& cloud, std::string_view name) {
    std::string text(name);
    if (const auto dot = text.find('.', text.find('@') + 1); dot != std::string::npos) text.insert(dot, cloud.affix);
    return text;
}

std::vector<Tenant> seed_tenants(const Cloud& cloud) {
    const auto made = [&](const char* id, const char* domain, const char* other, const char* name) {
        return Tenant{id_in(cloud, id), {domain_in(cloud, domain), domain_in(cloud, other)}, std::string(name)};
    };
    return {made(contoso, "contoso.example", "contoso.onmicrosoft.com", "コントソ商事株式会社"),
            made(fabrikam, "fabrikam.example", "fabrikam.onmicrosoft.com", "Fabrikam, Inc.")};
}

struct Person {
    const char* id;
    const char* tenant;
    const char* upn;
    const char* display_name;
    const char* given_name;
    const char* surname;
    const char* job_title;
    const char* department;
    const char* language;
    const char* password;
};

constexpr Person people[] = {
    {"a11ce000-0000-4000-8000-000000000001", contoso, "sato.hanako@contoso.example", "佐藤 花子", "花子", "佐藤", "経理部長", "経理部", "ja-JP",
     "Sakura-2031!"},
    {"a11ce000-0000-4000-8000-000000000002", contoso, "suzuki.ichiro@contoso.example", "鈴木 一郎", "一郎", "鈴木", "営業担当", "営業部", "ja-JP",
     "Fuji-3776m"},
    {"a11ce000-0000-4000-8000-000000000003", contoso, "takahashi.yuki@contoso.example", "髙橋 由紀", "由紀", "髙橋", "人事担当", "人事部", "ja-JP",
     "Tsubame+9 %"},
    {"a11ce000-0000-4000-8000-000000000004", contoso, "alice@contoso.example", "Alice Baker", "Alice", "Baker", "Sales Manager", "Overseas Sales", "en-US",
     "Wonderland-7"},
    {"a11ce000-0000-4000-8000-000000000005", contoso, "bob@contoso.example", "Bob Carter", "Bob", "Carter", "Support Engineer", "IT", "en-GB", "Builder-42"},
    {"a11ce000-0000-4000-8000-000000000006", contoso, "admin@contoso.example", "管理者", "情報", "管理者", "システム管理者", "情報システム部", "ja-JP",
     "Kanri-0001"},
    {"a11ce000-0000-4000-8000-000000000007", contoso, "tanaka.taro@contoso.example", "田中 太郎（退職）", "太郎", "田中", "", "営業部", "ja-JP", "Owari-1999"},
    {"a11ce000-0000-4000-8000-000000000008", contoso, "invoices@contoso.example", "請求書受付", "", "", "", "経理部", "ja-JP", ""},
    {"a11ce000-0000-4000-8000-000000000009", contoso, "nomail@contoso.example", "工場 共用端末", "共用", "工場", "", "工場", "ja-JP", "Kojo-5555"},
    {"fab00000-0000-4000-8000-000000000001", fabrikam, "dave@fabrikam.example", "Dave Evans", "Dave", "Evans", "Buyer", "Purchasing", "en-US", "Fabric-88"},
    {"fab00000-0000-4000-8000-000000000002", fabrikam, "erin@fabrikam.example", "Erin Foster", "Erin", "Foster", "Accountant", "Finance", "en-US", "Cotton-77"},
};

std::vector<SandboxUser> seed_users(const Cloud& cloud) {
    std::vector<SandboxUser> users;
    for (const auto& one : people) {
        SandboxUser user;
        user.id = id_in(cloud, one.id);
        user.tenant = id_in(cloud, one.tenant);
        user.upn = domain_in(cloud, one.upn);
        user.display_name = one.display_name;
        user.given_name = one.given_name;
        user.surname = one.surname;
        user.job_title = one.job_title;
        user.department = one.department;
        user.language = one.language;
        user.password = one.password;
        users.push_back(std::move(user));
    }
    users[0].aliases = {domain_in(cloud, "keiri@contoso.example")};
    users[3].aliases = {domain_in(cloud, "sales@contoso.example")};
    users[5].admin = true;
    users[6].enabled = false;  // has left the company: AADSTS50057
    users[7].aliases = {domain_in(cloud, "seikyu@contoso.example")};
    users[7].delegates = {users[0].id, users[3].id};
    users[8].mailbox = false;
    users[9].admin = true;
    return users;
}

// Everybody, a group of the accounting people, one of the sales people that holds another group, and a circle.
std::vector<SandboxGroup> seed_groups(const Cloud& cloud, const std::vector<SandboxUser>& users) {
    const auto made = [&](int number, const char* tenant, const char* name, const char* mail, std::vector<std::string> members, bool team = false) {
        auto id = std::string("96000000-0000-4000-8000-00000000000") + static_cast<char>('0' + number);
        return SandboxGroup{id_in(cloud, id), id_in(cloud, tenant), name, *mail == '\0' ? "" : domain_in(cloud, mail), std::move(members), team};
    };
    std::vector<SandboxGroup> groups;
    std::vector<std::string> everybody;
    for (std::size_t i = 0; i < 9; ++i) everybody.push_back(users[i].id);
    groups.push_back(made(1, contoso, "全社員", "all@contoso.example", everybody));
    groups.push_back(made(2, contoso, "経理部", "accounting@contoso.example", {users[0].id, users[7].id}, true));
    groups.push_back(made(3, contoso, "海外営業", "overseas@contoso.example", {users[3].id}, true));
    groups.push_back(made(4, contoso, "営業部", "eigyo@contoso.example", {users[1].id, groups[2].id}));
    groups.push_back(made(5, contoso, "Circle A", "", {users[4].id}));
    groups.push_back(made(6, contoso, "Circle B", "", {users[5].id, groups[4].id}));
    groups[4].members.push_back(groups[5].id);
    groups.push_back(made(7, fabrikam, "Purchasing", "purchasing@fabrikam.example", {users[9].id}));
    return groups;
}

App app(const char* id, const char* key, const char* name) {
    App result;
    result.id = id;
    result.key = key;
    result.name = name;
    result.tenant = contoso;
    return result;
}

// Renkei's own address has the connector's name at the end; for loopback names the port is free.
std::vector<std::string> web_redirects() {
    std::vector<std::string> redirects{"http://localhost:8400/callback", "http://localhost:8401/callback", "http://localhost:8402/callback"};
    for (const char* origin : {"http://localhost", "https://localhost", "http://127.0.0.1", "https://127.0.0.1"})
        for (const char* connector : {"microsoft", "microsoft_one_drive_share_point", "microsoft_teams", "microsoft_365", "oauth"})
            redirects.push_back(std::string(origin) + "/provisioning_/callback/" + connector);
    return redirects;
}

std::vector<std::string> mail_roles() { return {"Mail.Read", "Mail.ReadWrite", "Mail.Send", "User.Read.All"}; }

// What `.default` of an administrator's consent grants.
void register_permissions(App& app) {
    app.registered_roles = mail_roles();
    app.registered_scopes = {"User.Read",
                             "User.Read.All",
                             "Mail.Read",
                             "Mail.Read.Shared",
                             "Mail.ReadWrite",
                             "Mail.ReadWrite.Shared",
                             "Mail.Send",
                             "Mail.Send.Shared",
                             "MailboxSettings.ReadWrite",
                             "Calendars.Read",
                             "Calendars.Read.Shared",
                             "Calendars.ReadWrite",
                             "Calendars.ReadWrite.Shared"};
}

void seed_public_apps(std::vector<App>& apps) {
    apps.push_back(app("0a000000-0000-4000-8000-000000000006", "public", "Command line client"));
    apps.back().public_client = true;
    // Mobile and desktop addresses: Renkei's own among them, for authorization code with PKCE and no secret.
    apps.back().redirects = web_redirects();
    for (const char* one : {"http://localhost", "http://127.0.0.1", "http://localhost/callback"}) apps.back().redirects.emplace_back(one);

    apps.push_back(app("0a000000-0000-4000-8000-000000000009", "spa", "Single-page application"));
    apps.back().spa_redirects = {"http://localhost:8400/spa", "https://localhost/spa"};
}

std::vector<App> seed_apps(TimePoint now) {
    std::vector<App> apps;
    apps.push_back(app("0a000000-0000-4000-8000-000000000001", "web", "Renkei（サンドボックス）"));
    apps.back().secrets = {{"web~Secret-of.the_Sandbox-1"}};
    apps.back().redirects = web_redirects();

    // Its secret breaks every sender that forgets to form-encode it (RFC 6749 appendix B).
    apps.push_back(app("0a000000-0000-4000-8000-000000000002", "special", "Special characters"));
    apps.back().secrets = {{"a:b%c+d&e f=g%20~é"}};
    apps.back().redirects = web_redirects();
    apps.back().roles = mail_roles();

    apps.push_back(app("0a000000-0000-4000-8000-000000000003", "daemon", "Nightly mail job"));
    apps.back().secrets = {{"daemon~Secret-of.the_Sandbox-3"}, {"daemon~Expired-secret-3", now - std::chrono::hours(24)}};
    apps.back().roles = mail_roles();

    apps.push_back(app("0a000000-0000-4000-8000-000000000004", "noroles", "No permissions yet"));
    apps.back().secrets = {{"noroles~Secret-of.the_Sandbox-4"}};

    apps.push_back(app("0a000000-0000-4000-8000-000000000005", "single", "Contoso only"));
    apps.back().secrets = {{"single~Secret-of.the_Sandbox-5"}};
    apps.back().redirects = web_redirects();
    apps.back().roles = mail_roles();
    apps.back().multi_tenant = false;

    seed_public_apps(apps);

    apps.push_back(app("0a000000-0000-4000-8000-000000000007", "certificate", "Certificate client"));
    apps.back().redirects = web_redirects();
    apps.back().roles = mail_roles();

    // Rotates strictly whatever the switch says, as providers other than Microsoft do.
    apps.push_back(app("0a000000-0000-4000-8000-000000000008", "strict", "Strict rotation"));
    apps.back().secrets = {{"strict~Secret-of.the_Sandbox-8"}};
    apps.back().redirects = web_redirects();
    apps.back().strict_rotation = true;
    for (auto& one : apps) register_permissions(one);
    return apps;
}

std::vector<App> apps_in(const Cloud& cloud, TimePoint now) {
    auto apps = seed_apps(now);
    for (auto& one : apps) {
        one.id = id_in(cloud, one.id);
        one.tenant = id_in(cloud, one.tenant);
        if (cloud.port_step == 0) continue;
        for (auto& secret : one.secrets) secret.value += "-" + std::string(cloud.key);
    }
    return apps;
}

}  // namespace

void World::seed() {
    tenants_ = seed_tenants(cloud_);
    users_ = seed_users(cloud_);
    groups_ = seed_groups(cloud_, users_);
    apps_ = apps_in(cloud_, now());
    keep_additions();
}

}  // namespace renkei::sandbox

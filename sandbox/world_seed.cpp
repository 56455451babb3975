#include "sandbox/world.hpp"

// The world at the start: two tenants, their people, and applications for every way to connect. All ids, passwords and
// secrets are fixed so that `describe` says the same before and after a start. They open nothing but this sandbox.

namespace renkei::sandbox {
namespace {

constexpr const char* contoso = "c0270500-1a2b-4c3d-8e4f-000000000001";
constexpr const char* fabrikam = "fab21ca0-1a2b-4c3d-8e4f-000000000002";

std::vector<Tenant> seed_tenants() {
    return {{contoso, {"contoso.example", "contoso.onmicrosoft.com"}, "コントソ商事株式会社"},
            {fabrikam, {"fabrikam.example", "fabrikam.onmicrosoft.com"}, "Fabrikam, Inc."}};
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

std::vector<SandboxUser> seed_users() {
    std::vector<SandboxUser> users;
    for (const auto& one : people) {
        SandboxUser user;
        user.id = one.id;
        user.tenant = one.tenant;
        user.upn = one.upn;
        user.display_name = one.display_name;
        user.given_name = one.given_name;
        user.surname = one.surname;
        user.job_title = one.job_title;
        user.department = one.department;
        user.language = one.language;
        user.password = one.password;
        users.push_back(std::move(user));
    }
    users[0].aliases = {"keiri@contoso.example"};
    users[3].aliases = {"sales@contoso.example"};
    users[6].enabled = false;  // has left the company: AADSTS50057
    users[7].aliases = {"seikyu@contoso.example"};
    users[7].delegates = {users[0].id, users[3].id};
    users[8].mailbox = false;
    return users;
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
        for (const char* connector : {"microsoft", "oauth"}) redirects.push_back(std::string(origin) + "/provisioning_/callback/" + connector);
    return redirects;
}

std::vector<std::string> mail_roles() { return {"Mail.Read", "Mail.ReadWrite", "Mail.Send", "User.Read.All"}; }

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

    apps.push_back(app("0a000000-0000-4000-8000-000000000006", "public", "Command line client"));
    apps.back().public_client = true;
    apps.back().redirects = {"http://localhost", "http://127.0.0.1", "http://localhost/callback"};

    apps.push_back(app("0a000000-0000-4000-8000-000000000007", "certificate", "Certificate client"));
    apps.back().redirects = web_redirects();
    apps.back().roles = mail_roles();

    // Rotates strictly whatever the switch says, as providers other than Microsoft do.
    apps.push_back(app("0a000000-0000-4000-8000-000000000008", "strict", "Strict rotation"));
    apps.back().secrets = {{"strict~Secret-of.the_Sandbox-8"}};
    apps.back().redirects = web_redirects();
    apps.back().strict_rotation = true;
    return apps;
}

}  // namespace

void World::seed() {
    tenants_ = seed_tenants();
    users_ = seed_users();
    apps_ = seed_apps(now());
    keep_additions();
}

}  // namespace renkei::sandbox

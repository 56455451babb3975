#include "adapters/providers/catalog_loader.hpp"

#include "adapters/providers/catalog_embedded.hpp"
#include "base/json.hpp"
#include "tests/support/json_schema.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

namespace renkei::providers {
namespace {

const app::Manifest& microsoft(const app::Catalog& catalog) { return *catalog.find("microsoft"); }

std::unique_ptr<app::Catalog> loaded(CatalogSettings settings = {}) {
    auto catalog = load_catalog(settings);
    EXPECT_TRUE(catalog) << catalog.error().detail;
    return catalog ? *std::move(catalog) : nullptr;
}

std::string text_of_embedded(std::string_view file) {
    for (const auto& manifest : embedded_manifests())
        if (manifest.file == file) return std::string(manifest.text);
    return {};
}

// The manifest of Microsoft with one piece of its text replaced.
std::string refusal_with(std::string_view from, std::string_view to) {
    auto text = text_of_embedded("microsoft.json");
    const auto at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    text.replace(at, from.size(), to);
    const auto manifest = parse_manifest("microsoft.json", text);
    EXPECT_FALSE(manifest) << to;
    if (manifest) return {};
    EXPECT_EQ(manifest.error().code, Errc::invalid_field);
    return manifest.error().detail;
}

TEST(Catalog, U50_TheFourEnvironmentsHaveTheirHosts) {
    const auto catalog = loaded();
    const std::vector<std::array<std::string, 4>> expected{
        {"commercial", "https://login.microsoftonline.com/", "https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/.default"},
        {"us_gov_l4", "https://login.microsoftonline.us/", "https://graph.microsoft.us/v1.0", "https://graph.microsoft.us/.default"},
        {"us_gov_l5", "https://login.microsoftonline.us/", "https://dod-graph.microsoft.us/v1.0", "https://dod-graph.microsoft.us/.default"},
        {"china", "https://login.partner.microsoftonline.cn/", "https://microsoftgraph.chinacloudapi.cn/v1.0",
         "https://microsoftgraph.chinacloudapi.cn/.default"}};
    ASSERT_EQ(microsoft(*catalog).clouds.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& cloud = microsoft(*catalog).clouds[i];
        EXPECT_EQ(cloud.key, expected[i][0]);
        EXPECT_EQ(cloud.authorization_endpoint, expected[i][1] + "{tenant}/oauth2/v2.0/authorize");
        EXPECT_EQ(cloud.token_endpoint, expected[i][1] + "{tenant}/oauth2/v2.0/token");
        EXPECT_EQ(cloud.api_base, expected[i][2]);
        EXPECT_EQ(cloud.app_scope, expected[i][3]);
    }
}

TEST(Catalog, U51_TheFirstEnvironmentIsTheDefault) {
    const auto catalog = loaded();
    EXPECT_EQ(catalog->find_cloud("microsoft", "")->key, "commercial");
    EXPECT_EQ(catalog->find_cloud("microsoft", "germany"), nullptr);
}

TEST(Catalog, U60_RequestsTheSeventeenScopesByDefault) {
    const std::set<std::string> expected{"User.Read",
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
                                         "Calendars.ReadWrite.Shared",
                                         "profile",
                                         "openid",
                                         "email",
                                         "offline_access"};
    const auto catalog = loaded();
    const auto& scopes = microsoft(*catalog).default_scopes;
    EXPECT_EQ(scopes.size(), 17u);
    EXPECT_EQ(std::set<std::string>(scopes.begin(), scopes.end()), expected);
}

TEST(Catalog, U32_U43_NamesTheLeastScopesOfAConnection) {
    const auto catalog = loaded();
    const auto& rows = microsoft(*catalog).action_scopes;
    const auto connect = std::ranges::find(rows, "connect", &app::ActionScopes::action);
    ASSERT_NE(connect, rows.end());
    EXPECT_EQ(connect->delegated, (std::vector<std::string>{"openid", "offline_access", "Mail.Read"}));
    EXPECT_EQ(connect->application, (std::vector<std::string>{"Mail.Read", "User.Read.All"}));
}

const app::ActionScopes& row(const std::vector<app::ActionScopes>& rows, std::string_view name) {
    static const app::ActionScopes none{};
    const auto found = std::ranges::find(rows, name, &app::ActionScopes::action);
    EXPECT_NE(found, rows.end()) << name;
    return found == rows.end() ? none : *found;
}
using Scopes = std::vector<std::string>;

TEST(Catalog, U27_OneOfThreePermissionsIsEnoughForACertificate) {
    const auto catalog = loaded();
    EXPECT_EQ(row(microsoft(*catalog).action_scopes, "connect").application_any, (Scopes{"Mail.Read", "User.Read.All", "User.Read"}));
}

TEST(Catalog, U70_U71_U72_U73_NamesTheLeastScopesOfEachTrigger) {
    const auto catalog = loaded();
    const auto& triggers = microsoft(*catalog).trigger_scopes;
    EXPECT_EQ(row(triggers, "mail:received_shared").delegated, (Scopes{"openid", "offline_access", "Mail.Read", "Mail.Read.Shared"}));
    EXPECT_EQ(row(triggers, "calendar:changed").delegated, Scopes{"Calendars.Read"});
    EXPECT_EQ(row(triggers, "calendar:changed_shared").delegated, Scopes{"Calendars.Read.Shared"});
    EXPECT_EQ(row(triggers, "mail:received").delegated, (Scopes{"openid", "offline_access", "Mail.Read"}));
    // There are no .Shared permissions for applications (section 8.1 of the vendor's list).
    for (const auto& one : triggers)
        for (const auto& scope : one.application) EXPECT_EQ(scope.find(".Shared"), scope.npos) << one.action;
}

TEST(Catalog, U12_TheOtherGraphConnectorsDifferInTheirDataOnly) {
    const auto catalog = loaded();
    for (const auto* key : {"microsoft_one_drive_share_point", "microsoft_teams", "microsoft_365"}) {
        const auto* other = catalog->find(key);
        ASSERT_NE(other, nullptr) << key;
        EXPECT_EQ(other->modes, microsoft(*catalog).modes);
        EXPECT_EQ(other->client_auth, microsoft(*catalog).client_auth);
        EXPECT_EQ(other->always_scopes, microsoft(*catalog).always_scopes);
        ASSERT_EQ(other->clouds.size(), 4u);
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_EQ(other->clouds[i].token_endpoint, microsoft(*catalog).clouds[i].token_endpoint);
            EXPECT_EQ(other->clouds[i].token_hosts, microsoft(*catalog).clouds[i].token_hosts);
        }
        EXPECT_NE(other->default_scopes, microsoft(*catalog).default_scopes);
        EXPECT_FALSE(row(other->action_scopes, "native").delegated.empty());
        EXPECT_FALSE(row(other->action_scopes, "connect").application.empty());
    }
}

TEST(Catalog, U50_NamesWhatANationalCloudDoesNotHave) {
    const auto catalog = loaded();
    for (const auto& cloud : microsoft(*catalog).clouds) EXPECT_EQ(cloud.missing.empty(), cloud.key == "commercial") << cloud.key;
}

TEST(Catalog, RefusesToExtendWhatIsNotThereOrExtendsItself) {
    const auto text = text_of_embedded("microsoft_teams.json");
    const auto detail = [&](std::string_view base) {
        const auto manifest = parse_manifest("microsoft_teams.json", text, base);
        return manifest ? std::string() : manifest.error().detail;
    };
    EXPECT_NE(detail("").find("extends: there is no such connector"), std::string::npos);
    EXPECT_NE(detail("[]").find("extends"), std::string::npos);
    EXPECT_NE(detail(text).find("extends none itself"), std::string::npos);
    EXPECT_NE(detail(R"({"key":"microsoft"})").find("is missing"), std::string::npos) << "what the base lacks is missing";
}

TEST(Catalog, RefusesMistakesInTheTablesOfScopes) {
    const std::pair<std::string_view, std::string_view> mistakes[] = {{"\"mail:received\"", "\"mail:recieved\""},
                                                                      {"\"triggers\": {", "\"triggers\": [], \"trigers\": {"},
                                                                      {"\"application_any\": [\"Mail.Read\"", "\"application_any\": [\"Mail Read\""},
                                                                      {"\"calendar:read\": {\"delegated\"", "\"calendar:read\": {\"delegate\""},
                                                                      {"\"missing\": [", "\"missing\": [7, "}};
    for (const auto& [from, to] : mistakes) EXPECT_FALSE(refusal_with(from, to).empty()) << to;
}

TEST(Catalog, AnOverrideOfTheBaseHoldsForThoseThatExtendItAndTheirOwnGoesBefore) {
    const auto catalog =
        loaded({.overrides = {{"microsoft", "china", "https://localhost:1", "https://localhost:2"}, {"microsoft_teams", "china", "", "https://localhost:3"}}});
    EXPECT_EQ(catalog->find_cloud("microsoft_365", "china")->token_hosts, Scopes{"localhost:2"});
    EXPECT_EQ(catalog->find_cloud("microsoft_teams", "china")->token_hosts, Scopes{"localhost:3"});
    EXPECT_EQ(catalog->find_cloud("microsoft_teams", "china")->token_endpoint, "https://localhost:1/{tenant}/oauth2/v2.0/token");
    const auto alone = loaded({.overrides = {{"microsoft_teams", "china", "", "https://localhost:3"}}});
    EXPECT_EQ(alone->find_cloud("microsoft", "china")->token_hosts, Scopes{"microsoftgraph.chinacloudapi.cn"});
}

TEST(Catalog, ScopesOfNationalCloudsCarryTheirAddressAndOpenIdOnesDoNot) {
    const auto catalog = loaded();
    EXPECT_EQ(app::full_scope(*catalog->find_cloud("microsoft", "china"), "Mail.Read"), "https://microsoftgraph.chinacloudapi.cn/Mail.Read");
    EXPECT_EQ(app::full_scope(*catalog->find_cloud("microsoft", "china"), "offline_access"), "offline_access");
    EXPECT_EQ(app::full_scope(*catalog->find_cloud("microsoft", "china"), "https://else/.default"), "https://else/.default");
    EXPECT_EQ(app::full_scope(*catalog->find_cloud("microsoft", "commercial"), "Mail.Read"), "Mail.Read");
}

TEST(Catalog, TheGenericConnectorTakesEveryClientAuthenticationAndNamesNoHost) {
    const auto catalog = loaded();
    const auto* oauth2 = catalog->find("oauth");
    ASSERT_NE(oauth2, nullptr);
    EXPECT_EQ(oauth2->client_auth.size(), 4u);
    EXPECT_TRUE(oauth2->clouds.empty());
    EXPECT_TRUE(oauth2->adapter.empty());
    EXPECT_FALSE(oauth2->account_required);
}

TEST(Catalog, EveryManifestFitsTheSchemaAndHasBothLanguages) {
    std::ifstream in("catalog/schema.json");
    if (!in) in.open(std::string(RENKEI_SOURCE_DIR) + "/catalog/schema.json");
    ASSERT_TRUE(in);
    std::ostringstream text;
    text << in.rdbuf();
    const auto schema = json::parse(text.str());
    ASSERT_TRUE(schema);
    ASSERT_GE(embedded_manifests().size(), 2u);

    for (const auto& manifest : embedded_manifests()) {
        const auto value = json::parse(manifest.text);
        ASSERT_TRUE(value);
        const auto problems = testing::JsonSchema(schema->as_object()).problems(*value);
        EXPECT_TRUE(problems.empty()) << manifest.file << ": " << (problems.empty() ? "" : problems.front());
        const auto base = extended_by(manifest.text);
        EXPECT_TRUE(parse_manifest(manifest.file, manifest.text, base.empty() ? "" : text_of_embedded(base + ".json"))) << manifest.file;
    }
}

TEST(Catalog, TheSchemaRefusesWhatTheLoaderRefuses) {
    std::ifstream in(std::string(RENKEI_SOURCE_DIR) + "/catalog/schema.json");
    std::ostringstream text;
    text << in.rdbuf();
    const auto schema = json::parse(text.str());
    ASSERT_TRUE(schema);
    const std::pair<std::string_view, std::string_view> changes[] = {{"\"category\"", "\"categroy\""},
                                                                     {"\"client_credentials\"", "\"client_credential\""},
                                                                     {"\"api_base\"", "\"api_bse\""},
                                                                     {"\"mail:read\"", "\"mail:raed\""},
                                                                     {"https://graph.microsoft.com/v1.0", "http://graph.microsoft.com/v1.0"},
                                                                     {"\"account_required\": true", "\"account_required\": 1"}};

    for (const auto& [from, to] : changes) {
        auto changed = text_of_embedded("microsoft.json");
        changed.replace(changed.find(from), from.size(), to);
        const auto value = json::parse(changed);
        ASSERT_TRUE(value) << to;
        EXPECT_FALSE(testing::JsonSchema(schema->as_object()).problems(*value).empty()) << to;
        EXPECT_FALSE(parse_manifest("microsoft.json", changed)) << to;
    }
}

TEST(Catalog, AnUnknownMemberIsRefusedWithFileMemberAndSuggestion) {
    const auto detail = refusal_with("\"category\"", "\"categroy\"");
    EXPECT_NE(detail.find("microsoft.json"), detail.npos) << detail;
    EXPECT_NE(detail.find("categroy"), detail.npos) << detail;
    EXPECT_NE(detail.find("did you mean `category`"), detail.npos) << detail;
    const auto deep = refusal_with("\"api_base\"", "\"api_bse\"");
    EXPECT_NE(deep.find("clouds[0].api_bse"), deep.npos) << deep;
}

TEST(Catalog, RefusesMistakesInTheData) {
    const auto whole = text_of_embedded("microsoft.json");
    const auto at = whole.find("\"modes\": [");
    const auto modes = whole.substr(at, whole.find(']', at) + 1 - at);  // whatever they are
    const std::pair<std::string_view, std::string_view> mistakes[] = {
        {"\"key\": \"microsoft\"", "\"key\": \"Microsoft\""},
        {"\"key\": \"microsoft\"", "\"key\": \"google\""},
        {"\"key\": \"us_gov_l4\"", "\"key\": \"commercial\""},
        {"\"adapter\": \"microsoft_graph\"", "\"adapter\": \"microsoft_grahp\""},
        {"\"client_secret_post\"", "\"client_secret_pots\""},
        {"\"token_hosts\": [\"graph.microsoft.com\"]", "\"token_hosts\": [\"graph.microsoft.us\"]"},
        {"\"token_hosts\": [\"graph.microsoft.com\"]", "\"token_hosts\": []"},
        {"\"token_hosts\": [\"graph.microsoft.com\"]", "\"token_hosts\": [\"graph.microsoft.com\", \"https://evil.example\"]"},
        {"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "http://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"},
        {"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "https://user@login.microsoftonline.com/token"},
        {"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "https://login.microsoftonline.com/token?x=1"},
        {"https://graph.microsoft.com/.default", "https://graph.microsoft.com/ .default"},
        {"\"User.Read\", ", "\"User.Read\", \"User.Read\", "},
        {"\"default_scopes\": [", "\"default_scopes\": [7, "},
        {modes, "\"modes\": []"},
        {modes, "\"modes\": \"authorization_code\""},
        {"\"account_required\": true", "\"account_required\": \"yes\""},
        {"\"account_required\": true", "\"authorize_params\": {\"redirect_uri\": \"https://evil.example\"}"},
        {"\"ja\": \"Microsoft Outlook 365\"", "\"ja\": \"\""},
        {"\"category\": \"microsoft\",", "\"category\": \"microsoft\", \"category\": \"google\","},
        {"\"mail:read\"", "\"mail:reed\""},
    };
    for (const auto& [from, to] : mistakes) EXPECT_FALSE(refusal_with(from, to).empty()) << to;
}

TEST(Catalog, RefusesWhatIsNoObjectOrNoJson) {
    for (const auto* text : {"", "[]", "null", "{", "\"microsoft\"", "{}", "{\"key\": {}}", "{\"clouds\": [1]}", "{\"clouds\": {}}", "{\"actions\": []}"})
        EXPECT_FALSE(parse_manifest("microsoft.json", text)) << text;
}

TEST(Catalog, B14_AnOverridePointsOneCloudAtTheSandboxAndMovesTheTokenHosts) {
    const auto catalog = loaded({.overrides = {{"microsoft", "commercial", "https://localhost:9443", "https://localhost:9444"}}});
    const auto* cloud = catalog->find_cloud("microsoft", "commercial");
    EXPECT_EQ(cloud->token_endpoint, "https://localhost:9443/{tenant}/oauth2/v2.0/token");
    EXPECT_EQ(cloud->issuer, "https://localhost:9443/{tenant}/v2.0");
    EXPECT_EQ(cloud->api_base, "https://localhost:9444/v1.0");
    EXPECT_EQ(cloud->token_hosts, std::vector<std::string>{"localhost:9444"});
    EXPECT_EQ(catalog->find_cloud("microsoft", "china")->api_base, "https://microsoftgraph.chinacloudapi.cn/v1.0");
}

TEST(Catalog, AnOverrideWithAPathReplacesThePath) {
    const auto catalog = loaded({.overrides = {{"microsoft", "", "", "https://127.0.0.1:8443/graph/v1.0/"}}});
    EXPECT_EQ(catalog->find_cloud("microsoft", "")->api_base, "https://127.0.0.1:8443/graph/v1.0");
}

TEST(Catalog, RefusesOverridesThatNameNothingOrGoInClear) {
    const CloudOverride wrong[] = {{"google", "", "https://localhost:1", ""},        {"microsoft", "mars", "https://localhost:1", ""},
                                   {"microsoft", "", "http://localhost:1", ""},      {"microsoft", "", "https://localhost:1/path", ""},
                                   {"microsoft", "", "", "http://localhost:1/v1.0"}, {"microsoft", "", "", "https://localhost:1/v1.0?x=1"},
                                   {"microsoft", "", "", "ftp://localhost"},         {"microsoft", "", "localhost:9443", ""},
                                   {"oauth", "", "https://localhost:1", ""}};
    for (const auto& change : wrong) EXPECT_FALSE(load_catalog({.overrides = {change}})) << change.connector << change.authority_base << change.api_base;
}

class CatalogFolder : public ::testing::Test {
protected:
    void SetUp() override {
        auto pattern = (std::filesystem::temp_directory_path() / "renkei-catalog-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
    std::filesystem::path folder_;
};

constexpr const char* example = R"({"key":"example","name":{"en":"Example","ja":"例"},"category":"generic","modes":["authorization_code"],
    "client_auth":["client_secret_basic"],"default_scopes":["read"],"clouds":[{"key":"main","title":{"en":"Main","ja":"本番"},
    "authorization_endpoint":"https://auth.example/authorize","token_endpoint":"https://auth.example/token","api_base":"https://api.example","token_hosts":["api.example"]}]})";

TEST_F(CatalogFolder, AddsTheOperatorsManifests) {
    write("example.json", example);
    write("notes.txt", "not a manifest");

    const auto catalog = loaded({.folder = folder_});

    ASSERT_NE(catalog->find("example"), nullptr);
    EXPECT_EQ(catalog->find("example")->name_ja, "例");
    EXPECT_EQ(catalog->all().size(), embedded_manifests().size() + 1);
}

TEST_F(CatalogFolder, RefusesAKeyThatIsTakenAFileThatIsNamedOtherwiseAndAFolderThatIsNotThere) {
    write("microsoft.json", text_of_embedded("microsoft.json"));
    EXPECT_FALSE(load_catalog({.folder = folder_}));
    std::filesystem::remove(folder_ / "microsoft.json");
    write("other.json", example);
    EXPECT_FALSE(load_catalog({.folder = folder_}));
    EXPECT_FALSE(load_catalog({.folder = folder_ / "missing"}));
}

TEST_F(CatalogFolder, RefusesAFileThatIsTooLarge) {
    write("example.json", std::string(example) + std::string(2u << 20, ' '));
    EXPECT_FALSE(load_catalog({.folder = folder_}));
}

}  // namespace
}  // namespace renkei::providers

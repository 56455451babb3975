#include "adapters/providers/microsoft/graph_directory.hpp"

#include "adapters/providers/catalog_loader.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

#include <gtest/gtest.h>

namespace renkei::microsoft {
namespace {

using testing::FakeHttpClient;
using testing::run_task;

constexpr auto invoices_id = "11111111-1111-1111-1111-111111111111";
constexpr auto group_id = "22222222-2222-2222-2222-222222222222";

class GraphDirectoryTest : public ::testing::Test {
protected:
    static app::DirectoryAccess access(std::string cloud = "commercial") {
        app::DirectoryAccess out;
        out.connection.connector = "microsoft";
        out.cloud = std::move(cloud);
        out.access_token = Secret("token-1");
        out.request_id = "0123456789abcdef0123456789abcdef";
        return out;
    }
    Result<app::DirectoryObject> mailbox(std::string who) { return run_task(directory_.find_mailbox(access(), std::move(who))); }
    Result<app::DirectoryGroup> group(std::string who, std::uint32_t most = 100) { return run_task(directory_.find_group(access(), std::move(who), most)); }
    Errc refusal(std::string who) {
        const auto found = mailbox(std::move(who));
        return found ? Errc::internal : found.error().code;
    }

    std::unique_ptr<app::Catalog> catalog_ = *providers::load_catalog({});
    FakeHttpClient http_;
    GraphDirectory directory_{http_, *catalog_};
};

TEST_F(GraphDirectoryTest, B05_APersonIsKnownByIdMainAddressSignInNameAndAliases) {
    http_.answers(200, R"({"id":"11111111-1111-1111-1111-111111111111","mail":"Invoices@Contoso.com","userPrincipalName":"inv@contoso.onmicrosoft.com",
        "proxyAddresses":["SMTP:Invoices@Contoso.com","smtp:billing@contoso.com","x500:/o=org/cn=inv","sip:inv@contoso.com"]})");

    const auto found = mailbox("invoices@contoso.com");

    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, invoices_id);
    EXPECT_EQ(found->address, "invoices@contoso.com");
    EXPECT_EQ(found->addresses, (std::vector<std::string>{"invoices@contoso.com", "inv@contoso.onmicrosoft.com", "billing@contoso.com"}));
    const auto& seen = http_.seen.at(0);
    EXPECT_EQ(seen.url, "https://graph.microsoft.com/v1.0/users/invoices%40contoso.com?$select=id%2Cmail%2CuserPrincipalName%2CproxyAddresses");
    EXPECT_EQ(seen.authorization, "Bearer token-1");
    EXPECT_EQ(seen.method, Method::get);
    EXPECT_LE(seen.options.deadline, std::chrono::seconds(10));
}

TEST_F(GraphDirectoryTest, B05_AnAliasIsFoundByAFilterWithItsQuotesDoubled) {
    http_.answers(404, R"({"error":{"code":"Request_ResourceNotFound"}})");
    http_.answers(200, R"({"value":[{"id":"11111111-1111-1111-1111-111111111111","mail":"invoices@contoso.com"}]})");

    const auto found = mailbox("o'brien@contoso.com");

    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, invoices_id);
    EXPECT_NE(http_.seen.at(1).url.find("$filter=proxyAddresses%2Fany%28p%3Ap%20eq%20%27smtp%3Ao%27%27brien%40contoso.com%27%29"), std::string::npos)
        << http_.seen.at(1).url;
}

TEST_F(GraphDirectoryTest, B05_RefusalsSayWhatTheyMean) {
    http_.answers(404, R"({"error":{"code":"Request_ResourceNotFound"}})");
    EXPECT_EQ(refusal(invoices_id), Errc::not_found) << "an id is no alias";
    EXPECT_EQ(http_.seen.size(), 1U);
    http_.answers(404, "{}").answers(200, R"({"value":[]})");
    EXPECT_EQ(refusal("nobody@contoso.com"), Errc::not_found);
    http_.answers(404, "{}").answers(200, R"({"value":[{"id":"1"},{"id":"2"}]})");
    EXPECT_EQ(refusal("two@contoso.com"), Errc::provider_bad_answer);
    http_.answers(403, R"({"error":{"code":"Authorization_RequestDenied"}})");
    EXPECT_EQ(refusal("a@contoso.com"), Errc::denied);
    http_.answers(404, "{}").answers(403, R"({"error":{"code":"Authorization_RequestDenied"}})");
    EXPECT_EQ(refusal("a@contoso.com"), Errc::denied) << "a basic profile does not show aliases";
    http_.answers(401, R"({"error":{"code":"InvalidAuthenticationToken"}})");
    EXPECT_EQ(refusal("a@contoso.com"), Errc::unauthenticated);
    http_.answers(429, R"({"error":{"code":"TooManyRequests"}})");
    EXPECT_EQ(refusal("a@contoso.com"), Errc::provider_throttled);
    http_.answers(503, "");
    EXPECT_EQ(refusal("a@contoso.com"), Errc::provider_unavailable);
    http_.answers(200, R"({"id":"no guid"})");
    EXPECT_EQ(refusal("a@contoso.com"), Errc::provider_bad_answer);
    http_.answers(200, R"(["a list"])");
    EXPECT_EQ(refusal("a@contoso.com"), Errc::provider_bad_answer);
    http_.fails(Errc::provider_timeout);
    EXPECT_EQ(refusal("a@contoso.com"), Errc::provider_timeout);
}

TEST_F(GraphDirectoryTest, B05_AGroupsMembersComeFromEveryPageAndEveryGroupWithin) {
    http_.answers(200, R"({"value":[{"id":"22222222-2222-2222-2222-222222222222","mail":"Sales@contoso.com"}]})");
    http_.answers(200, R"({"value":[{"@odata.type":"#microsoft.graph.user","id":"11111111-1111-1111-1111-111111111111","mail":"a@contoso.com"},
        {"@odata.type":"#microsoft.graph.group","id":"33333333-3333-3333-3333-333333333333"}],
        "@odata.nextLink":"https://graph.microsoft.com/v1.0/groups/22222222-2222-2222-2222-222222222222/transitiveMembers?$skiptoken=x"})");
    http_.answers(200, R"({"value":[{"@odata.type":"#microsoft.graph.user","id":"44444444-4444-4444-4444-444444444444","mail":null}]})");

    const auto found = group("sales@contoso.com");

    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->id, group_id);
    EXPECT_EQ(found->address, "sales@contoso.com");
    ASSERT_EQ(found->members.size(), 2U) << "people, no groups";
    EXPECT_EQ(found->members[0].address, "a@contoso.com");
    EXPECT_TRUE(found->members[1].addresses.empty());
    EXPECT_NE(http_.seen.at(0).url.find("/groups?$filter=mail%20eq%20%27sales%40contoso.com%27"), std::string::npos) << http_.seen.at(0).url;
    EXPECT_NE(http_.seen.at(1).url.find("/transitiveMembers?$top=500&$select="), std::string::npos);
}

TEST_F(GraphDirectoryTest, B05_AGroupIsReadUpToItsBoundAndFromNoOtherHost) {
    const std::string two = R"({"value":[{"id":"11111111-1111-1111-1111-111111111111"},{"id":"44444444-4444-4444-4444-444444444444"}])";
    http_.answers(200, R"({"id":"22222222-2222-2222-2222-222222222222"})").answers(200, two + "}");
    EXPECT_EQ(group(group_id, 1).error().code, Errc::payload_too_large);
    http_.answers(200, R"({"id":"22222222-2222-2222-2222-222222222222"})").answers(200, two + R"(,"@odata.nextLink":"https://evil.example/v1.0/x"})");
    const auto asked = http_.seen.size();
    EXPECT_EQ(group(group_id).error().code, Errc::provider_bad_answer);
    EXPECT_EQ(http_.seen.size(), asked + 2) << "the link is not followed";
    http_.answers(403, R"({"error":{"code":"Authorization_RequestDenied"}})");
    EXPECT_EQ(group(group_id).error().code, Errc::denied);
    http_.answers(404, R"({"error":{"code":"Request_ResourceNotFound"}})");
    EXPECT_EQ(group(group_id).error().code, Errc::not_found);
    http_.answers(200, R"({"value":[]})");
    EXPECT_EQ(group("none@contoso.com").error().code, Errc::not_found);
}

TEST_F(GraphDirectoryTest, U50_EachCloudsDirectoryHasItsOwnHost) {
    http_.answers(404, "{}");
    static_cast<void>(run_task(directory_.find_mailbox(access("china"), invoices_id)));
    EXPECT_TRUE(http_.seen.at(0).url.starts_with("https://microsoftgraph.chinacloudapi.cn/v1.0/users/")) << http_.seen.at(0).url;
    EXPECT_EQ(run_task(directory_.find_mailbox(access("germany"), invoices_id)).error().code, Errc::internal);
}

core::FenceRow a_row(core::FenceKind kind, std::string written, std::string id = {}) {
    core::FenceRow row;
    row.entry = {kind, std::move(written)};
    row.state = core::FenceState::resolved;
    row.address = row.entry.written;
    row.directory_id = std::move(id);
    return row;
}

class FenceScriptTest : public GraphDirectoryTest {
protected:
    app::FenceScriptWanted wanted_{
        "invoice-mail",   "commercial", "9b0e0000-0000-4000-8000-000000000001", {a_row(core::FenceKind::mailbox, "invoices@contoso.com", invoices_id)}, {},
        "ceo@contoso.com"};
    std::string script() {
        auto text = directory_.fence_script(wanted_);
        EXPECT_TRUE(text) << (text ? "" : text.error().detail);
        return text ? *std::move(text) : std::string();
    }
    static bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
};

TEST_F(FenceScriptTest, B05_TheScriptNamesApplicationScopeRolesAndTest) {
    const auto text = script();

    for (const auto* part :
         {"$AppId = '9b0e0000-0000-4000-8000-000000000001'", "$Name = 'Renkei invoice-mail'", "New-ServicePrincipal -AppId $AppId -ObjectId $App.Id",
          "New-ManagementScope -Name $Name -RecipientRestrictionFilter $Filter", "-Role \"Application $Role\" -CustomResourceScope $Name",
          "Test-ServicePrincipalAuthorization -Identity $App.Id -Resource $Outside", "$Outside = 'ceo@contoso.com'", "O365Default",
          "'11111111-1111-1111-1111-111111111111'  # 'invoices@contoso.com'", "$Roles = @('Mail.Read', 'Mail.Send')"})
        EXPECT_TRUE(has(text, part)) << part << "\n" << text;
    for (const auto* left : {"{connection}", "{app}", "{name}", "{roles}", "{mailboxes}", "{groups}", "{outside}", "{graph}", "{exchange}"})
        EXPECT_FALSE(has(text, left)) << left;
}

TEST_F(FenceScriptTest, B05_NoValueCanLeaveItsQuotes) {
    wanted_.client_id = "x'; Remove-Item C:\\ -Recurse; '";
    wanted_.outside = "o\u2019brien$(calc)`n@contoso.com";
    wanted_.rows = {a_row(core::FenceKind::mailbox, "a'\u2018\u201a\u201b$x@contoso.com")};

    const auto text = script();

    EXPECT_TRUE(has(text, "$AppId = 'x''; Remove-Item C:\\ -Recurse; '''")) << text;
    EXPECT_TRUE(has(text, "$Outside = 'o\u2019\u2019brien$(calc)`n@contoso.com'"));
    EXPECT_TRUE(has(text, "    'a''\u2018\u2018\u201a\u201a\u201b\u201b$x@contoso.com'  # "));
    wanted_.client_id = "x\ncalc";
    EXPECT_EQ(directory_.fence_script(wanted_).error().code, Errc::invalid_field);
}

// A value that looks like one of the places to fill in stays what it is.
TEST_F(FenceScriptTest, B05_AValueIsNotFilledInAgain) {
    wanted_.client_id = "{outside}{name}";
    EXPECT_TRUE(has(script(), "$AppId = '{outside}{name}'"));
}

TEST_F(FenceScriptTest, B05_EveryCloudHasItsEnvironments) {
    for (const auto& [cloud, exchange, graph] : {std::tuple("us_gov_l4", "O365USGovGCCHigh", "USGov"), std::tuple("us_gov_l5", "O365USGovDoD", "USGovDoD"),
                                                 std::tuple("china", "O365China", "China")}) {
        wanted_.cloud = cloud;
        const auto text = script();
        EXPECT_TRUE(has(text, std::string("-ExchangeEnvironmentName ") + exchange + " ")) << text;
        EXPECT_TRUE(has(text, std::string("-Environment ") + graph + " "));
    }
    wanted_.cloud = "germany";
    EXPECT_FALSE(directory_.fence_script(wanted_));
}

TEST_F(FenceScriptTest, B05_TheRolesFollowTheScopesAndTheKindsOfEntries) {
    wanted_.rows.push_back(a_row(core::FenceKind::calendar, "rooms@contoso.com"));
    EXPECT_TRUE(has(script(), "$Roles = @('Mail.Read', 'Mail.Send', 'Calendars.ReadWrite')"));
    wanted_.scopes = {"https://graph.microsoft.com/Mail.ReadWrite", "User.Read.All"};
    EXPECT_TRUE(has(script(), "$Roles = @('Mail.ReadWrite')"));
}

TEST_F(FenceScriptTest, B05_WhoIsNotMeantAnyMoreIsLeftOut) {
    auto moved = a_row(core::FenceKind::mailbox, "moved@contoso.com", group_id);
    moved.state = core::FenceState::changed;
    wanted_.rows.push_back(moved);
    wanted_.rows.push_back(a_row(core::FenceKind::group, "sales@contoso.com", "55555555-5555-5555-5555-555555555555"));

    const auto text = script();

    EXPECT_FALSE(has(text, "moved@contoso.com"));
    EXPECT_TRUE(has(text, "$Groups = @(\n    '55555555-5555-5555-5555-555555555555'  # 'sales@contoso.com'\n)"));
}

}  // namespace
}  // namespace renkei::microsoft

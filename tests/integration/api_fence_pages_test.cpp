// B-05 and B-13 by page: an address that moved, the script for the provider's administrator, requests for approval.
#include "app/consent_requests.hpp"
#include "tests/support/connection_forms.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

constexpr auto old_id = "11111111-1111-1111-1111-111111111111";
constexpr auto new_id = "22222222-2222-2222-2222-222222222222";
const std::string place = "/connections/invoice-mail";

class ApiFencePages : public ::testing::Test, protected FormWorld {
protected:
    ApiFencePages() {
        world.directory.refusal.reset();
        world.directory.people = {{old_id, {"invoice@acme.example"}}, {new_id, {"new@acme.example"}}};
        world.add_connection("invoice-mail", false);
    }
    void move_the_address() {
        ASSERT_EQ(step("fence/check").status, 303);
        world.directory.move("invoice@acme.example", new_id);
        ASSERT_EQ(step("fence/check").status, 303);
    }
    Answer step(const std::string& step, Fields fields = {}) { return browser.submit(place, place + "/" + step, std::move(fields)); }
    Answer confirm(std::string found = new_id) { return step("fence/confirm", {{"entry", "invoice@acme.example"}, {"found_id", std::move(found)}}); }
    Browser as(std::string_view who) {
        Browser other(world);
        other.sign_in(who, usual_password);
        return other;
    }
    core::FenceState state() { return run_task(world.store.fence_rows(home, connection("invoice-mail").id))->front().state; }
};

TEST_F(ApiFencePages, B05_AnAdministratorComparesBothOwnersAndConfirmsTheNewOne) {
    move_the_address();
    const auto shown = browser.get(place);
    for (const auto* text : {"Confirm the new owner", old_id, new_id, "Does invoice@acme.example still mean the right mailbox?"})
        EXPECT_TRUE(holds(shown, text)) << text;
    EXPECT_TRUE(holds(browser.get(place, {{"Accept-Language", "ja"}}), "新しい所有者を確認する"));

    EXPECT_EQ(confirm().headers.get("Location"), place + "#fence");
    EXPECT_EQ(state(), core::FenceState::resolved);
    EXPECT_EQ(audited("fence.confirm"), 1);
    EXPECT_FALSE(holds(browser.get(place), "Confirm the new owner"));
}

TEST_F(ApiFencePages, B05_ConfirmingTwiceOrAnotherOwnerThanTheOneShownChangesNothing) {
    move_the_address();
    EXPECT_EQ(confirm("33333333-3333-3333-3333-333333333333").status, 409) << "the address moved again meanwhile";
    EXPECT_EQ(step("fence/confirm", {{"entry", "other@acme.example"}, {"found_id", new_id}}).status, 404);
    for (const auto* entry : {"", "no address", "group:", "invoice@acme.example\r\nx"})
        EXPECT_EQ(step("fence/confirm", {{"entry", entry}, {"found_id", new_id}}).status, 400) << entry;
    EXPECT_EQ(step("fence/confirm", {{"entry", "invoice@acme.example"}, {"found_id", new_id}, {"everything", "yes"}}).status, 400) << "mass assignment";
    EXPECT_EQ(step("fence/confirm", {{"entry", "invoice@acme.example"}, {"entry", "x@acme.example"}, {"found_id", new_id}}).status, 400) << "twice";
    EXPECT_EQ(state(), core::FenceState::changed);

    EXPECT_EQ(confirm().status, 303);
    const auto again = confirm();
    EXPECT_EQ(again.status, 409);
    EXPECT_TRUE(holds(again, "class=\"notice bad\"")) << "said on the connection's page";
    EXPECT_EQ(audited("fence.confirm"), 1);
}

TEST_F(ApiFencePages, B05_OnlyAnAdministratorConfirmsAlsoByPage) {
    move_the_address();
    for (const auto* who : {"taro@acme.example", "jiro@acme.example", "yuki@acme.example"}) {
        auto other = as(who);
        const auto page = other.get(place);
        EXPECT_TRUE(holds(page, "belongs to somebody else now")) << who;
        EXPECT_FALSE(holds(page, "fence/confirm")) << who;
        const auto refused = other.post(place + "/fence/confirm",
                                        {{"form", form_token_in(other.get("/my/account").body)}, {"entry", "invoice@acme.example"}, {"found_id", new_id}});
        EXPECT_EQ(refused.status, 403) << who;
        EXPECT_FALSE(world.store.audit(home).back().allowed) << who;
        EXPECT_EQ(world.store.audit(home).back().principal_name, who);
    }
    EXPECT_EQ(state(), core::FenceState::changed);
}

TEST_F(ApiFencePages, B05_NoOtherWorkspaceAndNoForeignFormConfirmsOrLooks) {
    move_the_address();
    auto abroad = as("abroad@other.example");
    const auto token = form_token_in(abroad.get("/my/account").body);
    const Fields fields{{"form", token}, {"entry", "invoice@acme.example"}, {"found_id", new_id}};
    EXPECT_EQ(abroad.post(place + "/fence/confirm", fields).status, 404);
    EXPECT_EQ(abroad.post(place + "/fence/check", {{"form", token}}).status, 404);
    EXPECT_EQ(abroad.get(place + "/fence/script").status, 404);
    EXPECT_EQ(abroad.get(place + "/fence/script.ps1").status, 404);
    EXPECT_EQ(browser.post(place + "/fence/confirm", fields).status, 403) << "another browser's token";
    EXPECT_EQ(browser.post(place + "/fence/check", {}).status, 403);
    EXPECT_EQ(state(), core::FenceState::changed);
}

TEST_F(ApiFencePages, B05_TheScriptIsShownAndDownloadedWithItsTest) {
    const auto shown = browser.get(place + "/fence/script?outside=ceo%40acme.example");
    EXPECT_EQ(shown.status, 200);
    EXPECT_TRUE(holds(shown, "# invoice-mail client 1 ceo@acme.example")) << shown.body;
    EXPECT_TRUE(holds(shown, place + "/fence/script.ps1?outside=ceo%40acme.example"));
    EXPECT_TRUE(holds(browser.get(place, {{"Accept-Language", "ja"}}), "提供元サービスの管理者用スクリプト"));

    const auto file = browser.get(place + "/fence/script.ps1?outside=ceo%40acme.example");
    EXPECT_EQ(file.headers.get("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(file.headers.get("Content-Disposition"), "attachment; filename=\"fence-invoice-mail.ps1\"");
    EXPECT_EQ(file.body, "# invoice-mail client 1 ceo@acme.example\n");
    EXPECT_EQ(as("jiro@acme.example").get(place + "/fence/script").status, 200) << "who may see the connection";
}

TEST_F(ApiFencePages, B05_AWrongMailboxForTheTestIsSaidBesideItsFieldAndStaysText) {
    for (const auto* typed : {"nobody", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "a%40b%0D%0ASet-Cookie%3A%20x%3Dy", "%22%3E%3Cimg%20src%3Dx%3E%40b"}) {
        const auto page = browser.get(place + "/fence/script?outside=" + typed);
        EXPECT_EQ(page.status, 400) << typed;
        EXPECT_FALSE(holds(page, "<script")) << typed;
        EXPECT_FALSE(holds(page, "<img")) << typed;
        EXPECT_EQ(page.headers.count("Set-Cookie"), 0U) << typed;
        EXPECT_EQ(browser.get(place + "/fence/script.ps1?outside=" + typed).status, 400) << typed;
    }
    EXPECT_TRUE(holds(browser.get(place + "/fence/script?outside=nobody"), "field-refused"));
    EXPECT_EQ(browser.get(place + "/fence/script?inside=a").status, 400) << "no such field";
}

TEST_F(ApiFencePages, B05_WhereNoScriptCanHelpThePageSaysSo) {
    auto row = connection("invoice-mail");
    row.fence = core::Fence{true};
    const auto before = row.version++;
    world.commit(home, {app::UpdateConnection{row, before}});

    EXPECT_FALSE(holds(browser.get(place), "fence/script"));
    EXPECT_EQ(browser.get(place + "/fence/script").status, 409);
    EXPECT_EQ(browser.get(place + "/fence/script.ps1").status, 409);
}

class ApiConsentPages : public ApiFencePages {
protected:
    ApiConsentPages() { world.catalog.tenanted.clouds.front().admin_consent_endpoint = "https://login.example/{tenant}/v2.0/adminconsent"; }
    void ask() { ASSERT_EQ(step("consent").headers.get("Location"), "/consent-requests"); }
    std::string withdraw_at() {
        const auto page = browser.get("/consent-requests").body;
        const auto at = page.find("/consent-requests/");
        return at == page.npos ? std::string() : page.substr(at, page.find('"', at) - at);
    }
    std::string request_state() { return std::string(json::text(world.get("/v1/consent-requests").json.at("items").at(0).get_object(), "state").value_or("")); }
};

TEST_F(ApiConsentPages, B13_OneAsksForwardsTheLinkAndWithdraws) {
    EXPECT_TRUE(holds(browser.get("/consent-requests"), "No request waits"));
    ask();
    const auto shown = browser.get("/consent-requests");
    for (const auto* text : {"https://renkei.example/consent/", "hanako@acme.example", "invoice-mail", "Withdraw"}) EXPECT_TRUE(holds(shown, text)) << text;
    EXPECT_TRUE(holds(browser.get("/consent-requests", {{"Accept-Language", "ja"}}), "管理者に送るリンク"));
    EXPECT_TRUE(holds(browser.get(place), "href=\"/consent-requests\"")) << "the connection's page leads there";

    EXPECT_EQ(browser.submit("/consent-requests", withdraw_at(), {}).headers.get("Location"), "/consent-requests");
    EXPECT_EQ(request_state(), "cancelled");
    EXPECT_FALSE(holds(browser.get("/consent-requests"), "/consent/"));
    EXPECT_EQ(audited("consent.cancel"), 1);
}

TEST_F(ApiConsentPages, B13_WhatIsDecidedOrExpiredIsNotListedAndNotWithdrawn) {
    ask();
    const auto address = withdraw_at();
    ASSERT_EQ(browser.submit("/consent-requests", address, {}).status, 303);
    const auto again = browser.submit("/consent-requests", address, {});
    EXPECT_EQ(again.status, 409);
    EXPECT_TRUE(holds(again, "role=\"alert\""));

    ask();
    world.clock.advance(app::ConsentRequests::request_lives);
    browser.sign_in("hanako@acme.example", usual_password);
    EXPECT_TRUE(holds(browser.get("/consent-requests"), "No request waits"));
}

TEST_F(ApiConsentPages, B13_OnlyWhoMayChangeConnectionsAsksOrWithdraws) {
    ask();
    const auto address = withdraw_at();
    for (const auto* who : {"jiro@acme.example", "yuki@acme.example"}) {
        auto other = as(who);
        const auto token = form_token_in(other.get("/my/account").body);
        EXPECT_FALSE(holds(other.get("/consent-requests"), "Withdraw")) << who;
        EXPECT_FALSE(holds(other.get(place), place + "/consent")) << who;
        EXPECT_EQ(other.post(address, {{"form", token}}).status, 403) << who;
        EXPECT_EQ(other.post(place + "/consent", {{"form", token}}).status, 403) << who;
        EXPECT_FALSE(world.store.audit(home).back().allowed) << who;
    }
    EXPECT_EQ(request_state(), "open");
}

TEST_F(ApiConsentPages, B13_RequestsOfAnotherWorkspaceAndForgedFormsReachNothing) {
    ask();
    const auto address = withdraw_at();
    auto abroad = as("abroad@other.example");
    const auto token = form_token_in(abroad.get("/my/account").body);
    EXPECT_FALSE(holds(abroad.get("/consent-requests"), "invoice-mail"));
    EXPECT_EQ(abroad.post(address, {{"form", token}}).status, 404);
    EXPECT_EQ(abroad.post(place + "/consent", {{"form", token}}).status, 404);
    EXPECT_EQ(browser.post(address, {}).status, 403) << "no token";
    EXPECT_EQ(browser.post(address, {{"form", token}}).status, 403) << "another browser's";
    EXPECT_EQ(browser.submit("/consent-requests", "/consent-requests/nonsense/withdraw", {}).status, 404);
    EXPECT_EQ(Browser(world).get("/consent-requests").headers.get("Location"), "/sign-in?next=%2Fconsent-requests");
    EXPECT_EQ(request_state(), "open");
}

TEST_F(ApiConsentPages, B13_WhereTheProviderHasNoPageForAdministratorsNobodyIsOfferedOne) {
    world.catalog.tenanted.clouds.front().admin_consent_endpoint.clear();
    EXPECT_FALSE(holds(browser.get(place), place + "/consent"));
    EXPECT_EQ(step("consent").status, 409);
}

}  // namespace
}  // namespace renkei::testing

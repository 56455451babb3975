// B-13: after the approval the person goes on, and nobody else does.
#include "tests/support/consent_world.hpp"

namespace renkei::testing {
namespace {

TEST_F(ConsentRequests, B13_TheLinkForGoingOnOpensInTheBrowserThatWaitedOnly) {
    const auto wait = refused(person);
    answer(admin, approve_at(admin, wait));
    const auto link = path_of(person.post(wait, {}).headers.get("Location"));
    ASSERT_TRUE(link.starts_with("/connect/")) << link;
    Browser stranger(world), forger(world);
    forger.cookies["__Host-renkei-waiting"] = std::string(43, 'A');

    for (auto* other : {&stranger, &admin, &forger}) {
        const auto page = other->get(link);
        EXPECT_EQ(page.status, 403);
        EXPECT_NE(page.body.find("belongs to the browser in which the approval was asked for"), page.body.npos) << page.body;
        EXPECT_NE(page.body.find("ask whoever manages the connection for a new connect link"), page.body.npos) << "what to do";
        EXPECT_EQ(page.body.find("taro@acme.example"), page.body.npos) << "whose it is";
        EXPECT_NE(other->get(link, {{"Accept-Language", "ja"}}).body.find("承認を依頼したブラウザーでのみ"), std::string::npos);
        EXPECT_EQ(other->post(link, {}).status, 403);
        EXPECT_EQ(other->post(link, {}).headers.get("Location"), "");
    }
    EXPECT_EQ(person.get(link).status, 200);
    EXPECT_EQ(person.post(link, {}).status, 303) << "a stranger has not used it up";
}

TEST_F(ConsentRequests, B13_TheLinkForACodeIsBoundToTheBrowserToo) {
    const auto wait = refused(person);
    answer(admin, approve_at(admin, wait));
    auto row = *run_task(world.store.find_connection(home, a_name("taro-mail")));
    row.mode = core::ConnectionMode::device_code;
    const auto before = row.version++;
    world.commit(home, {app::UpdateConnection{row, before}});
    const auto link = path_of(person.post(wait, {}).headers.get("Location"));

    EXPECT_EQ(admin.post(link, {}).status, 403);
    EXPECT_NE(person.post(link, {}).status, 403);
}

}  // namespace
}  // namespace renkei::testing

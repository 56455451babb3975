#include "base/encoding.hpp"
#include "tests/support/fake_mail_world.hpp"

namespace renkei::testing {
namespace {

constexpr std::string_view own_link = "https://graph.microsoft.com/v1.0/users/invoice%40acme.example/messages?$skip=10";

class MailCursor : public ::testing::Test {
protected:
    void SetUp() override {
        world_.change([](core::Connection& c) { c.fence.mailboxes = {"invoice@acme.example", "orders@acme.example"}; });
    }
    std::string first_cursor(app::MailPlace place, core::EmailFilter filter = {}) {
        world_.http.answers(200, R"({"value":[],"@odata.nextLink":")" + std::string(own_link) + R"("})");
        auto page = list(std::move(place), std::move(filter), "");
        EXPECT_TRUE(page);
        world_.http.seen.clear();
        return page ? page->next_cursor : "";
    }
    Result<core::EmailPage> list(app::MailPlace place, core::EmailFilter filter, std::string cursor) {
        app::ListMessages command;
        command.filter = std::move(filter);
        command.cursor = std::move(cursor);
        return run_task(world_.mail.list_messages(world_.by(), std::move(place), std::move(command)));
    }
    void expect_refused(app::MailPlace place, core::EmailFilter filter, std::string cursor) {
        const auto page = list(std::move(place), std::move(filter), std::move(cursor));
        ASSERT_FALSE(page);
        EXPECT_EQ(page.error().code, Errc::bad_request);
        EXPECT_EQ(page.error().get("field"), "cursor");
        EXPECT_TRUE(world_.http.seen.empty());
    }
    MailWorld world_;
};

TEST_F(MailCursor, LeadsToTheNextPageOfTheSameList) {
    const auto cursor = first_cursor(world_.place());
    world_.http.answers(200, R"({"value":[{"id":"B"}]})");

    const auto page = list(world_.place(), {}, cursor);

    ASSERT_TRUE(page);
    EXPECT_EQ(page->emails.front().id, "B");
    EXPECT_EQ(world_.http.seen.front().url, own_link);
    EXPECT_TRUE(page->next_cursor.empty());
}

// A cursor says whose mailbox is read: one that a caller wrote would go around the fence.
TEST_F(MailCursor, B05_ACursorOfACallersOwnMakingIsRefused) {
    const auto ceo = base64url(as_bytes("https://graph.microsoft.com/v1.0/users/ceo%40acme.example/messages"));
    expect_refused(world_.place(), {}, ceo);
    expect_refused(world_.place(), {}, std::string(43, 'A') + ceo);
    const auto real = first_cursor(world_.place());
    expect_refused(world_.place(), {}, real.substr(0, 43) + ceo);
    expect_refused(world_.place(), {}, real + "A");
    expect_refused(world_.place(), {}, real.substr(0, real.size() - 1));
    expect_refused(world_.place(), {}, real.substr(0, 43));
    expect_refused(world_.place(), {}, "x");
}

TEST_F(MailCursor, ACursorOfAnotherMailboxFilterOrConnectionIsRefused) {
    const auto cursor = first_cursor(world_.place());
    expect_refused(world_.place("orders@acme.example"), {}, cursor);
    core::EmailFilter unread;
    unread.unread = true;
    expect_refused(world_.place(), unread, cursor);
    auto second = a_connection("second-mail");
    second.folder = world_.shared.id;
    world_.must(world_.store.commit(home, {app::InsertConnection{second}}));
    expect_refused(world_.place({}, "second-mail"), {}, cursor);
}

TEST_F(MailCursor, FiltersWhoseTextsOnlyRunTogetherAlikeAreDifferent) {
    core::EmailFilter one, two;
    one.from = "a@b.example";
    one.subject = "xy";
    two.from = "a@b.example";
    two.subject = "x";
    two.mailbox_id = "y";
    const auto cursor = first_cursor(world_.place(), one);
    expect_refused(world_.place(), two, cursor);
}

TEST_F(MailCursor, ALimitOutOfRangeIsRefused) {
    for (const std::uint32_t limit : {0u, 501u}) {
        app::ListMessages command;
        command.limit = limit;
        EXPECT_EQ(run_task(world_.mail.list_messages(world_.by(), world_.place(), command)).error().get("field"), "limit");
    }
}

}  // namespace
}  // namespace renkei::testing

#include "core/audit_chain.hpp"
#include "tests/contract/store_world.hpp"

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

template <class World>
class StoreOperations : public StoreContract<World> {
protected:
    Result<void> use(Digest hash, TimePoint now, std::string purpose = "connect") {
        return this->commit({app::UseOneTime{home, std::move(purpose), hash, now}});
    }
};
TYPED_TEST_SUITE(StoreOperations, StoreWorlds, StoreWorldNames);

const Digest code_hash = sha256("code");

app::InsertOneTime a_one_time() { return {home, "connect", code_hash, R"({"connection":"invoice-mail"})", {"sealed verifier"}, at_start() + 1h}; }
constexpr auto number_of = [](const core::Operation& row) { return row.id.bytes()[15]; };

TYPED_TEST(StoreOperations, AnOperationChangesOnlyFromTheVersionThatWasRead) {
    this->given({app::InsertOperation{an_operation()}});
    auto running = an_operation();
    running.state = core::OperationState::running;
    running.done = 2;
    running.cancel_requested = true;
    running.failure_slug = "provider-timeout";
    running.version = 2;

    EXPECT_EQ(code_of(this->commit({app::InsertOperation{an_operation()}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateOperation{running, 2}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateOperation{running, 1}})), fine);

    EXPECT_EQ(show(*run_task(this->store().find_operation(home, running.id))), show(running));
    EXPECT_EQ(code_of(this->commit({app::UpdateOperation{an_operation(9), 1}})), Errc::not_found);
}

TYPED_TEST(StoreOperations, OperationsArePagedNewestFirstEvenWithinOneMillisecond) {
    for (unsigned i = 1; i <= 7; ++i) {
        auto operation = an_operation(i);
        operation.created_at = at_start() + std::chrono::milliseconds(i / 3);
        this->given({app::InsertOperation{operation}});
    }

    auto first = run_task(this->store().list_operations(home, {"", 3}));
    auto second = run_task(this->store().list_operations(home, {first->next, 3}));
    auto third = run_task(this->store().list_operations(home, {second->next, 3}));

    EXPECT_EQ(each(first->items, number_of), (std::vector<std::uint8_t>{7, 6, 5}));
    EXPECT_EQ(each(second->items, number_of), (std::vector<std::uint8_t>{4, 3, 2}));
    EXPECT_EQ(each(third->items, number_of), (std::vector<std::uint8_t>{1}));
    EXPECT_EQ(third->next, "");
    for (const auto* cursor : {"x", "12", "12.zz", ".", "-1.00000000000000000000000000000000"})
        EXPECT_EQ(code_of(run_task(this->store().list_operations(home, {cursor, 3}))), Errc::bad_request) << cursor;
}

TYPED_TEST(StoreOperations, UnfinishedOperationsAreQueuedOrRunningOnes) {
    for (unsigned i = 0; i < 5; ++i) {
        auto operation = an_operation(i + 1);
        operation.state = static_cast<core::OperationState>(i);
        operation.created_at = at_start() + std::chrono::seconds(i);
        this->given({app::InsertOperation{operation}});
    }

    EXPECT_EQ(each(*run_task(this->store().unfinished_operations()), number_of), (std::vector<std::uint8_t>{1, 2}));
}

TYPED_TEST(StoreOperations, AnItemIsPutOncePerIndex) {
    const auto id = an_operation().id;
    EXPECT_EQ(code_of(this->commit({app::PutOperationItem{home, id, {0, "a", true, "", ""}}})), Errc::not_found);
    this->given({app::InsertOperation{an_operation()}});
    for (std::uint64_t i : {2u, 0u, 1u}) this->given({app::PutOperationItem{home, id, {i, "first", true, "", ""}}});
    const core::OperationItem again{1, "second", false, "needs-admin", "Ask."};

    this->given({app::PutOperationItem{home, id, again}});

    auto page = run_task(this->store().operation_items(home, id, {"", 2}));
    ASSERT_EQ(page->items.size(), 2u);
    EXPECT_EQ(show(page->items[1]), show(again));
    auto rest = run_task(this->store().operation_items(home, id, {page->next, 2}));
    EXPECT_EQ(rest->items.size(), 1u);
    EXPECT_EQ(rest->items[0].index, 2u);
    EXPECT_EQ(code_of(run_task(this->store().operation_items(home, id, {"x", 2}))), Errc::bad_request);
}

TYPED_TEST(StoreOperations, AOneTimeCodeIsFoundByItsHashAndUsedOnce) {
    this->given({a_one_time()});
    auto found = run_task(this->store().find_one_time("connect", code_hash));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->workspace, home);
    EXPECT_EQ(found->data, a_one_time().data);
    EXPECT_EQ(found->secret.bytes, "sealed verifier");
    EXPECT_EQ(found->expires_at, at_start() + 1h);
    EXPECT_FALSE(found->used);

    EXPECT_EQ(code_of(this->use(code_hash, at_start())), fine);
    EXPECT_EQ(code_of(this->use(code_hash, at_start())), Errc::not_found);

    EXPECT_TRUE(run_task(this->store().find_one_time("connect", code_hash))->used);
    EXPECT_TRUE(run_task(this->store().find_one_time("connect", code_hash))->secret.empty());
}

TYPED_TEST(StoreOperations, LiveOneTimesOfAPurposeAreFoundSoonestFirst) {
    auto later = a_one_time();
    later.hash = sha256("later");
    later.expires_at = at_start() + 2h;
    auto other = a_one_time();
    other.hash = sha256("other purpose");
    other.purpose = "device";
    this->given({later, a_one_time(), other});

    auto live = run_task(this->store().live_one_times("connect", at_start(), 10));
    ASSERT_EQ(live->size(), 2u);
    EXPECT_EQ(live->at(0).hash, code_hash);
    EXPECT_EQ(live->at(0).row.secret.bytes, "sealed verifier");
    EXPECT_EQ(live->at(0).row.workspace, home);
    EXPECT_EQ(live->at(1).hash, later.hash);
    EXPECT_EQ(run_task(this->store().live_one_times("connect", at_start(), 1))->size(), 1u);
    EXPECT_EQ(run_task(this->store().live_one_times("connect", at_start() + 1h, 10))->size(), 1u) << "one has expired";
    EXPECT_EQ(code_of(this->use(code_hash, at_start())), fine);
    EXPECT_EQ(run_task(this->store().live_one_times("connect", at_start(), 10))->size(), 1u) << "one was used";
}

TYPED_TEST(StoreOperations, AOneTimeCodeIsRefusedWhenExpiredUnknownOrOfAnotherPurpose) {
    this->given({a_one_time()});

    EXPECT_EQ(code_of(this->use(code_hash, at_start() + 1h)), Errc::not_found);
    EXPECT_EQ(code_of(this->use(code_hash, at_start(), "setup")), Errc::not_found);
    EXPECT_EQ(code_of(this->use(sha256("other"), at_start())), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_one_time("setup", code_hash))), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({a_one_time()})), Errc::conflict);
    EXPECT_EQ(code_of(this->use(code_hash, at_start() + 1h - 1ms)), fine);
}

TYPED_TEST(StoreOperations, AnIdempotentAnswerIsInsertedOnceThenReplacedThenDeleted) {
    app::PutIdempotency put{home, "key:robot POST /v1/mail k1", sha256("body"), "", at_start() + 24h, true};
    this->given({put});
    EXPECT_EQ(code_of(this->commit({put})), Errc::conflict);
    put.insert = false;
    put.answer = R"({"status":201})";
    this->given({put});

    auto found = run_task(this->store().find_idempotency(home, put.scope));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->answer, put.answer);
    EXPECT_EQ(found->body_hash, sha256("body"));
    EXPECT_EQ(found->expires_at, at_start() + 24h);
    this->given({app::DeleteIdempotency{home, put.scope}});
    EXPECT_EQ(code_of(run_task(this->store().find_idempotency(home, put.scope))), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DeleteIdempotency{home, put.scope}})), fine);
}

TYPED_TEST(StoreOperations, SweepingRemovesWhatExpiredAndNothingElse) {
    auto late = a_one_time();
    late.hash = sha256("late");
    late.expires_at = at_start() + 2h;
    auto finished = an_operation(1), running = an_operation(2), later = an_operation(3);
    finished.expires_at = running.expires_at = at_start() + 1h;
    finished.state = later.state = core::OperationState::done;
    running.state = core::OperationState::running;
    this->given({a_one_time(), late, app::PutIdempotency{home, "s", {}, "", at_start() + 1h, true},
                 app::PutIdempotency{home, "t", {}, "", at_start() + 2h, true}, app::InsertOperation{finished}, app::PutOperationItem{home, finished.id, {}},
                 app::InsertOperation{running}, app::InsertOperation{later}});

    EXPECT_EQ(*run_task(this->store().sweep(at_start() + 1h)), 3u);
    EXPECT_EQ(*run_task(this->store().sweep(at_start() + 1h)), 0u);

    EXPECT_EQ(code_of(run_task(this->store().find_one_time("connect", code_hash))), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().find_one_time("connect", late.hash)));
    EXPECT_EQ(code_of(run_task(this->store().find_idempotency(home, "s"))), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().find_idempotency(home, "t")));
    EXPECT_EQ(each(run_task(this->store().list_operations(home, {"", 9}))->items, number_of), (std::vector<std::uint8_t>{3, 2}));
    EXPECT_TRUE(run_task(this->store().operation_items(home, finished.id, {"", 9}))->items.empty());
}

TYPED_TEST(StoreOperations, AuditRowsFormAChainPerWorkspace) {
    for (int i = 0; i < 4; ++i) this->given({app::AppendAudit{an_audit_row()}, app::AppendAudit{an_audit_row("mail.send")}});
    auto abroad = an_audit_row();
    abroad.workspace = elsewhere;
    this->given({app::AppendAudit{abroad}}, elsewhere);

    auto rows = run_task(this->store().list_audit(home, {}, {"", 500}))->items;
    ASSERT_EQ(rows.size(), 8u);
    EXPECT_EQ(rows.front().sequence, 8u);
    std::ranges::reverse(rows);
    EXPECT_EQ(core::first_break(rows, {}), std::nullopt);
    EXPECT_EQ(run_task(this->store().list_audit(elsewhere, {}, {"", 500}))->items.front().sequence, 1u);
}

TYPED_TEST(StoreOperations, AnAuditRowComesBackWithEveryMember) {
    auto row = an_audit_row();
    row.allowed = false;
    row.run = "run-1/2";
    row.reason = "denied: tokens:read";
    row.credential_version = 3;
    row.principal_kind = core::Principal::Kind::person;
    this->given({app::AppendAudit{row}});

    auto found = run_task(this->store().list_audit(home, {}, {"", 1}))->items.at(0);
    row.sequence = 1;
    row.hash = core::hash_of(row);
    EXPECT_EQ(show(found), show(row));
}

TYPED_TEST(StoreOperations, TheAuditIsPagedNewestFirstAndFiltered) {
    for (int i = 0; i < 6; ++i) this->given({app::AppendAudit{an_audit_row(i % 2 == 0 ? "mail.send" : "mail.read", i < 4 ? "connection:a" : "connection:b")}});
    const auto sequence = [](const core::AuditRow& row) { return row.sequence; };
    const auto list = [&](app::AuditQuery query, app::PageRequest page) { return run_task(this->store().list_audit(home, std::move(query), std::move(page))); };

    auto first = list({}, {"", 4});
    EXPECT_EQ(each(first->items, sequence), (std::vector<std::uint64_t>{6, 5, 4, 3}));
    EXPECT_EQ(each(list({}, {first->next, 4})->items, sequence), (std::vector<std::uint64_t>{2, 1}));
    EXPECT_EQ(each(list({"mail.send", "", ""}, {"", 9})->items, sequence), (std::vector<std::uint64_t>{5, 3, 1}));
    EXPECT_EQ(each(list({"", "connection:a", ""}, {"", 9})->items, sequence), (std::vector<std::uint64_t>{4, 3, 2, 1}));
    EXPECT_EQ(each(list({"mail.read", "connection:b", "robot"}, {"", 9})->items, sequence), (std::vector<std::uint64_t>{6}));
    EXPECT_TRUE(list({"", "", "nobody"}, {"", 9})->items.empty());
    EXPECT_EQ(code_of(list({}, {"x", 9})), Errc::bad_request);
}

}  // namespace
}  // namespace renkei::testing

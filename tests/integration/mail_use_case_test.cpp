#include "base/encoding.hpp"
#include "tests/support/fake_mail_world.hpp"

namespace renkei::testing {
namespace {

using core::Action;

constexpr const char* empty_page = R"({"value":[]})";
constexpr const char* refused_token = R"({"error":{"code":"InvalidAuthenticationToken","message":"m"}})";

core::OutgoingEmail a_plain_message() {
    core::OutgoingEmail email;
    email.to = {{"", "hanako@contoso.com"}};
    email.subject = "x";
    email.text_body = "y";
    return email;
}

/// Every mail action, so that a refusal can be asked of all.
struct Deed {
    std::string name;
    Action action;
    std::function<std::optional<Error>(MailWorld&, app::By, app::MailPlace)> run;
};
template <class T>
std::optional<Error> error_of(Result<T> result) {
    return result ? std::nullopt : std::optional(result.error());
}

const std::vector<Deed>& deeds() {
    static const std::vector<Deed> all{
        {"folders", Action::mail_read,
         [](MailWorld& w, app::By by, app::MailPlace p) { return error_of(run_task(w.mail.list_folders(std::move(by), std::move(p)))); }},
        {"list", Action::mail_read,
         [](MailWorld& w, app::By by, app::MailPlace p) { return error_of(run_task(w.mail.list_messages(std::move(by), std::move(p), {}))); }},
        {"search", Action::mail_read,
         [](MailWorld& w, app::By by, app::MailPlace p) {
             app::ListMessages command;
             command.filter.text = "x";
             return error_of(run_task(w.mail.list_messages(std::move(by), std::move(p), command)));
         }},
        {"get", Action::mail_read,
         [](MailWorld& w, app::By by, app::MailPlace p) { return error_of(run_task(w.mail.get_message(std::move(by), std::move(p), "A"))); }},
        {"mime", Action::mail_read,
         [](MailWorld& w, app::By by, app::MailPlace p) { return error_of(run_task(w.mail.get_mime(std::move(by), std::move(p), "A"))); }},
        {"attachment", Action::mail_read,
         [](MailWorld& w, app::By by, app::MailPlace p) { return error_of(run_task(w.mail.get_attachment(std::move(by), std::move(p), "A", "T"))); }},
        {"send", Action::mail_send,
         [](MailWorld& w, app::By by, app::MailPlace p) { return error_of(run_task(w.mail.send_message(std::move(by), std::move(p), a_plain_message()))); }},
    };
    return all;
}

struct Refusal {
    std::string name;
    Errc expected;
    bool audited;
    std::function<void(MailWorld&)> arrange;
    std::function<void(app::By&, app::MailPlace&)> ask;
};

const std::vector<Refusal>& refusals() {
    const auto state = [](core::ConnectionState to) { return [to](MailWorld& w) { w.change([to](core::Connection& c) { c.state = to; }); }; };
    const auto nothing = [](MailWorld&) {};
    const auto as_is = [](app::By&, app::MailPlace&) {};
    static const std::vector<Refusal> all{
        {"mailbox outside the fence", Errc::outside_fence, true, nothing, [](app::By&, app::MailPlace& p) { p.mailbox = "ceo@acme.example"; }},
        {"mailbox outside the fence in other case", Errc::outside_fence, true, nothing, [](app::By&, app::MailPlace& p) { p.mailbox = " CEO@Acme.Example "; }},
        {"an empty fence", Errc::outside_fence, true, [](MailWorld& w) { w.change([](core::Connection& c) { c.fence = {}; }); }, as_is},
        {"no mailbox of its own", Errc::outside_fence, true, [](MailWorld& w) { w.change([](core::Connection& c) { c.mailbox.clear(); }); }, as_is},
        {"no mailbox of its own, a person's", Errc::outside_fence, true,
         [](MailWorld& w) { w.change([](core::Connection& c) { c.mailbox.clear(), c.mode = core::ConnectionMode::authorization_code; }); }, as_is},
        {"not a mailbox", Errc::invalid_field, false, nothing, [](app::By&, app::MailPlace& p) { p.mailbox = "x/../y"; }},
        {"a list of mailboxes", Errc::invalid_field, false, nothing, [](app::By&, app::MailPlace& p) { p.mailbox = "invoice@acme.example,ceo@acme.example"; }},
        {"the action is missing", Errc::denied, true, nothing,
         [](app::By& by, app::MailPlace&) { by.principal.rights[0].actions = {Action::connections_read}; }},
        {"another connector's right", Errc::denied, true, nothing, [](app::By& by, app::MailPlace&) { by.principal.rights[0].connectors = {"google"}; }},
        {"another connection's right", Errc::denied, true, nothing, [](app::By& by, app::MailPlace&) { by.principal.rights[0].connections = {"other"}; }},
        {"another mailbox's right", Errc::denied, true, nothing, [](app::By& by, app::MailPlace&) { by.principal.rights[0].mailboxes = {"ceo@acme.example"}; }},
        {"a group's right", Errc::denied, true, nothing, [](app::By& by, app::MailPlace&) { by.principal.rights[0].groups = {id_of<core::GroupId>(9)}; }},
        {"expired rights", Errc::unauthenticated, false, nothing, [](app::By& by, app::MailPlace&) { by.principal.expires_at = at_start(); }},
        {"another workspace's connection", Errc::not_found, false, nothing, [](app::By& by, app::MailPlace&) { by.principal.workspace = elsewhere; }},
        {"no such connection", Errc::not_found, false, nothing, [](app::By&, app::MailPlace& p) { p.connection = a_name("nothing"); }},
        {"a folder that is not shared", Errc::not_found, false,
         [](MailWorld& w) {
             auto folder = a_folder("hidden");
             w.must(w.store.commit(home, {app::PutFolder{folder}}));
             w.change([&](core::Connection& c) { c.folder = folder.id; });
         },
         as_is},
        {"a person's private folder", Errc::not_found, false,
         [](MailWorld& w) {
             auto folder = a_folder("private");
             folder.private_to = id_of<core::PersonId>(1);
             w.must(w.store.commit(home, {app::PutPerson{a_person()}, app::PutFolder{folder}}));
             w.change([&](core::Connection& c) { c.folder = folder.id; });
         },
         as_is},
        {"a draft", Errc::connection_draft, false, state(core::ConnectionState::draft), as_is},
        {"paused", Errc::connection_paused, false, state(core::ConnectionState::paused), as_is},
        {"needs its user", Errc::reconnect_required, false, state(core::ConnectionState::needs_user), as_is},
        {"needs a secret", Errc::needs_app_owner, false, state(core::ConnectionState::needs_secret), as_is},
        {"needs the administrator", Errc::needs_admin, false, state(core::ConnectionState::needs_admin), as_is},
        {"revoked", Errc::reconnect_required, false, state(core::ConnectionState::revoked), as_is},
        {"a connector that is not in the catalogue", Errc::needs_admin, false,
         [](MailWorld& w) { w.change([](core::Connection& c) { c.connector = "gone"; }); }, as_is},
    };
    return all;
}

// B-05: enforced before any provider call, whatever is asked for.
TEST(MailUseCases, B05_EveryRefusalOfEveryActionAsksNeitherProviderNorTokens) {
    for (const auto& refusal : refusals())
        for (const auto& deed : deeds()) {
            SCOPED_TRACE(refusal.name + " / " + deed.name);
            MailWorld world;
            refusal.arrange(world);
            auto by = world.by();
            auto place = world.place();
            refusal.ask(by, place);
            const auto rows = world.audit().size();

            const auto error = deed.run(world, by, place);

            ASSERT_TRUE(error);
            EXPECT_EQ(error->code, refusal.expected) << error->detail;
            EXPECT_EQ(world.http.seen.size(), 0u);
            EXPECT_EQ(world.tokens.asked, 0);
            const bool sent_audit = deed.action == Action::mail_send && refusal.name.find("catalogue") != std::string::npos;
            EXPECT_EQ(world.audit().size() - rows, sent_audit ? 2u : refusal.audited ? 1u : 0u);
            if (refusal.audited) {
                EXPECT_FALSE(world.audit().back().allowed);
                EXPECT_EQ(world.audit().back().action, core::text_of(deed.action));
                EXPECT_EQ(world.audit().back().target, "connection:invoice-mail");
            }
        }
}

TEST(MailUseCases, ARefusalIsTheSameWhetherTheConnectionIsMissingOrOnlyHidden) {
    MailWorld world;
    const auto missing = run_task(world.mail.list_folders(world.by(), world.place({}, "nothing")));
    const auto hidden = run_task(world.mail.list_folders(world.by({Action::mail_read}, elsewhere), world.place()));
    ASSERT_FALSE(missing);
    ASSERT_FALSE(hidden);
    auto expected = missing.error().detail;
    expected.replace(expected.find("nothing"), 7, "invoice-mail");
    EXPECT_EQ(hidden.error().detail, expected);
    EXPECT_EQ(hidden.error().context, missing.error().context);
}

TEST(MailUseCases, ReadsTheConnectionsOwnMailboxWithoutAudit) {
    MailWorld world;
    world.http.answers(200, R"({"value":[{"id":"A","subject":"請求書"}]})");

    const auto page = run_task(world.mail.list_messages(world.by(), world.place(), {}));

    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_EQ(page->emails.front().subject, "請求書");
    EXPECT_TRUE(world.http.seen.front().url.starts_with("https://graph.microsoft.com/v1.0/users/invoice%40acme.example/messages"));
    EXPECT_EQ(world.http.seen.front().options.workspace, home);
    EXPECT_TRUE(world.audit().empty());
}

TEST(MailUseCases, AnotherMailboxOfTheFenceIsReadInOneSpelling) {
    MailWorld world;
    world.change([](core::Connection& c) { c.fence.mailboxes = {"invoice@acme.example", "orders@acme.example"}; });
    world.http.answers(200, empty_page);

    EXPECT_TRUE(run_task(world.mail.list_messages(world.by(), world.place(" Orders@ACME.example"), {})));

    EXPECT_TRUE(world.http.seen.front().url.starts_with("https://graph.microsoft.com/v1.0/users/orders%40acme.example/"));
}

TEST(MailUseCases, APersonsConnectionWithoutMailboxIsTheirOwnOnlyWhenTheFenceAllowsEverything) {
    MailWorld world;
    world.change([](core::Connection& c) {
        c.mailbox.clear();
        c.mode = core::ConnectionMode::authorization_code;
        c.fence = {true, {}};
    });
    world.http.answers(200, empty_page);
    EXPECT_TRUE(run_task(world.mail.list_messages(world.by(), world.place(), {})));
    EXPECT_TRUE(world.http.seen.front().url.starts_with("https://graph.microsoft.com/v1.0/me/"));

    auto limited = world.by();
    limited.principal.rights[0].mailboxes = {"invoice@acme.example"};
    const auto refused = run_task(world.mail.list_messages(limited, world.place(), {}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::denied);
}

TEST(MailUseCases, AnApplicationHasNoMailboxOfItsOwn) {
    MailWorld world;
    world.change([](core::Connection& c) { c.mailbox.clear(), c.fence = {true, {}}; });

    const auto refused = run_task(world.mail.list_messages(world.by(), world.place(), {}));

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().get("field"), "mailbox");
    EXPECT_TRUE(world.http.seen.empty());
}

TEST(MailUseCases, AConnectorWithoutMailSaysSo) {
    MailWorld world;
    world.change([](core::Connection& c) { c.connector = "oauth"; });

    const auto refused = run_task(world.mail.list_messages(world.by(), world.place(), {}));

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::bad_request);
    EXPECT_EQ(world.tokens.asked, 0);
}

TEST(MailUseCases, ARefusedTokenIsReplacedOnceAndTheCallRepeated) {
    for (const auto& deed : deeds()) {
        SCOPED_TRACE(deed.name);
        MailWorld world;
        world.http.answers(401, refused_token).answers(404, R"({"error":{"code":"ErrorItemNotFound"}})");

        const auto error = deed.run(world, world.by(), world.place());

        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, Errc::not_found);
        ASSERT_EQ(world.http.seen.size(), 2u);
        EXPECT_EQ(world.http.seen[0].authorization, "Bearer token-1");
        EXPECT_EQ(world.http.seen[1].authorization, "Bearer token-2");
        EXPECT_EQ(world.http.seen[0].url, world.http.seen[1].url);
        EXPECT_EQ(world.http.seen[0].body, world.http.seen[1].body);
        EXPECT_EQ(world.tokens.rejections, std::vector<std::uint64_t>{1});
    }
}

TEST(MailUseCases, ATokenRefusedTwiceEndsInTheRightHands) {
    const std::pair<core::ConnectionMode, Errc> table[] = {{core::ConnectionMode::authorization_code, Errc::reconnect_required},
                                                           {core::ConnectionMode::client_credentials, Errc::needs_admin}};
    for (const auto& [mode, expected] : table)
        for (const auto& deed : deeds()) {
            SCOPED_TRACE(deed.name);
            MailWorld world;
            world.change([mode](core::Connection& c) { c.mode = mode; });
            world.http.answers(401, refused_token).answers(401, refused_token);

            const auto error = deed.run(world, world.by(), world.place());

            ASSERT_TRUE(error);
            EXPECT_EQ(error->code, expected);
            EXPECT_EQ(error->get("connection"), "invoice-mail");
            EXPECT_EQ(world.http.seen.size(), 2u);
        }
}

TEST(MailUseCases, WhatTheTokenSourceRefusesIsHandedOnWithoutAProviderCall) {
    for (const auto code : {Errc::reconnect_required, Errc::needs_app_owner, Errc::rotation_unknown, Errc::provider_timeout, Errc::vault_locked}) {
        MailWorld world;
        world.tokens.refusal = Error{code, "said by the token journal"};
        const auto refused = run_task(world.mail.get_message(world.by(), world.place(), "A"));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, code);
        EXPECT_TRUE(world.http.seen.empty());
    }
}

TEST(MailUseCases, APassingFaultLeavesTheConnectionAsItIs) {
    MailWorld world;
    const auto before = world.store.commits();
    for (const auto code : {Errc::provider_unavailable, Errc::provider_timeout, Errc::provider_bad_answer, Errc::tls_failed}) {
        world.http.fails(code);
        EXPECT_EQ(run_task(world.mail.list_messages(world.by(), world.place(), {})).error().code, code);
    }
    EXPECT_EQ(world.store.commits(), before);
    EXPECT_EQ(run_task(world.store.find_connection(home, a_name("invoice-mail")))->state, core::ConnectionState::active);
}

}  // namespace
}  // namespace renkei::testing

// Runs and sessions: who may use which handle for what, and when it ends (A-60, B-09).
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Action;
using namespace std::chrono_literals;

struct Handle {
    std::string id, secret;
};

class Automations : public ::testing::Test {
protected:
    Automations() {
        world.add_connection("invoice-mail");
        key = world.add_key("robot", {Action::mail_read, Action::mail_send});
    }
    Answer send(std::string method, std::string target, std::string body, Headers headers, std::string with = {}) {
        Ask ask{std::move(method), std::move(target), std::move(body), std::move(with)};
        for (const auto& [name, value] : headers) ask.headers.add(name, value);
        return world.ask(std::move(ask));
    }
    Handle run_below(const std::string& parent = {}, const std::string& with = {}) {
        const auto answer =
            parent.empty() ? send("POST", "/v1/runs", "", {}, with.empty() ? key : with) : send("POST", "/v1/runs", "", {{"Renkei-Run", parent}});
        EXPECT_EQ(answer.status, 201) << answer.body;
        EXPECT_TRUE(answer.secret) << "an answer with a secret is wiped and never replayed";
        return {answer.text("id"), answer.text("secret")};
    }
    Answer connect_in(const std::string& run, std::string body) { return send("POST", "/v1/sessions", std::move(body), {{"Renkei-Run", run}}); }
    Handle session_in(const std::string& run, const std::string& kind, const std::string& more = {}) {
        const auto answer = connect_in(run, R"({"connection":"invoice-mail","kind":")" + kind + "\"" + more + "}");
        EXPECT_EQ(answer.status, 201) << answer.body;
        return {answer.text("id"), answer.text("secret")};
    }
    Answer list(const std::string& session, const std::string& run = {}, Headers more = {}) {
        if (!run.empty()) more.add("Renkei-Run", run);
        more.add("Renkei-Session", session);
        return send("GET", "/v1/mail/messages", "", std::move(more));
    }
    std::string last_reason() { return world.store.audit(home).back().reason; }

    ApiWorld world;
    std::string key;
};

TEST_F(Automations, A60_ALocalSessionOpensInItsOwnRunOnly) {
    const auto root = run_below();
    const auto child = run_below(root.secret);
    const auto session = session_in(root.secret, "local");

    EXPECT_EQ(list(session.secret, root.secret).status, 200);
    for (const auto& run : {std::string(), child.secret, run_below().secret}) {
        const auto refused = list(session.secret, run);
        EXPECT_EQ(refused.status, 401);
        EXPECT_EQ(refused.code(), "session-refused");
    }
}

TEST_F(Automations, A60_AGlobalSessionOpensToEveryRunBelowByNameOrSecret) {
    const auto root = run_below();
    const auto session = session_in(root.secret, "global", R"(,"name":"mail")");
    const auto child = run_below(root.secret);
    const auto grandchild = run_below(child.secret);
    const auto stranger = run_below();

    for (const auto& run : {root, child, grandchild}) {
        EXPECT_EQ(list(session.secret, run.secret).status, 200);
        EXPECT_EQ(list("mail", run.secret).status, 200);
    }
    EXPECT_EQ(list(session.secret, stranger.secret).code(), "session-refused");
    EXPECT_EQ(list("mail", stranger.secret).code(), "session-refused");
    EXPECT_EQ(list("mail").code(), "session-refused") << "a name is no secret: it needs a run";
    EXPECT_EQ(list(session.secret).code(), "session-refused");
}

TEST_F(Automations, A60_AParentOrSiblingIsNotBelow) {
    const auto root = run_below();
    const auto one = run_below(root.secret), other = run_below(root.secret);
    const auto session = session_in(one.secret, "global", R"(,"name":"mail")");

    EXPECT_EQ(list("mail", one.secret).status, 200);
    EXPECT_EQ(list("mail", other.secret).code(), "session-refused");
    EXPECT_EQ(list(session.secret, root.secret).code(), "session-refused");
}

TEST_F(Automations, A60_AVariableSessionIsItsSecretAlone) {
    const auto session = session_in(run_below().secret, "variable");

    EXPECT_EQ(list(session.secret).status, 200);
    EXPECT_EQ(list(session.secret, run_below().secret).status, 200);
    EXPECT_EQ(list("rs_" + std::string(43, 'A')).code(), "session-refused");
}

TEST_F(Automations, A60_ANameThatTwoSessionsClaimOpensNeither) {
    const auto root = run_below();
    const auto child = run_below(root.secret);
    session_in(child.secret, "global", R"(,"name":"mail")");
    session_in(root.secret, "global", R"(,"name":"mail")");

    EXPECT_EQ(list("mail", root.secret).status, 200);
    EXPECT_EQ(list("mail", child.secret).code(), "session-refused");
    EXPECT_EQ(last_reason(), "several sessions claim this name");
    EXPECT_EQ(connect_in(child.secret, R"({"connection":"invoice-mail","kind":"global","name":"mail"})").code(), "conflict");
}

TEST_F(Automations, A60_UnknownAndNotYoursGetTheSameWords) {
    const auto session = session_in(run_below().secret, "local");
    const auto unknown = list("rs_" + std::string(43, 'x'), run_below().secret), foreign = list(session.secret, run_below().secret);

    EXPECT_EQ(unknown.text("detail"), foreign.text("detail"));
    EXPECT_EQ(unknown.status, foreign.status);
    EXPECT_EQ(last_reason(), "not this run's local session") << "the audit is told what the caller is not";
}

TEST_F(Automations, A60_AForgedParentIsRefused) {
    for (const auto& parent : {"rr_" + std::string(43, 'x'), std::string("rr_"), run_below().id, key})
        EXPECT_EQ(send("POST", "/v1/runs", "", {{"Renkei-Run", parent}}).code(), "session-refused") << parent.substr(0, 4);
    EXPECT_EQ(send("POST", "/v1/runs", R"({"parent":"me"})", {}, key).status, 400) << "the tree is stored, never claimed";
}

TEST_F(Automations, A60_EndsWithItsRunAtOnce) {
    const auto root = run_below();
    const auto child = run_below(root.secret);
    const auto session = session_in(child.secret, "variable");
    ASSERT_EQ(list(session.secret).status, 200);

    EXPECT_EQ(send("POST", "/v1/runs/" + root.id + "/end", "", {{"Renkei-Run", child.secret}}).status, 404) << "a child does not end its parent";
    EXPECT_EQ(send("POST", "/v1/runs/" + root.id + "/end", "", {{"Renkei-Run", root.secret}}).status, 204);

    EXPECT_EQ(list(session.secret).code(), "session-refused");
    EXPECT_EQ(send("POST", "/v1/runs", "", {{"Renkei-Run", child.secret}}).code(), "session-refused");
    EXPECT_EQ(world.get("/v1/sessions/" + session.id).text("ended_because"), "run");
}

TEST_F(Automations, A60_EndsWithItsKeyConnectionTimeAndByHand) {
    const auto run = run_below();
    const auto by_hand = session_in(run.secret, "variable"), by_time = session_in(run.secret, "variable", R"(,"ends_in_seconds":60)"),
               by_connection = session_in(run.secret, "variable");
    EXPECT_EQ(send("DELETE", "/v1/session", "", {{"Renkei-Session", by_hand.secret}}).status, 204);
    EXPECT_EQ(list(by_hand.secret).code(), "session-refused");
    ASSERT_EQ(list(by_time.secret).status, 200);
    world.clock.advance(61s);
    EXPECT_EQ(list(by_time.secret).code(), "session-refused");
    ASSERT_EQ(list(by_connection.secret).status, 200);

    world.ask({"DELETE", "/v1/connections/invoice-mail", "", world.admin});
    EXPECT_EQ(list(by_connection.secret).code(), "session-refused");

    world.add_connection("other-mail");
    const auto answer = connect_in(run.secret, R"({"connection":"other-mail","kind":"variable"})");
    ASSERT_EQ(list(answer.text("secret")).status, 200);
    world.ask({"DELETE", "/v1/keys/robot", "", world.admin});
    EXPECT_EQ(list(answer.text("secret")).code(), "session-refused");
}

TEST_F(Automations, B09_ASessionIsForWhatItWasConnectedForAndNothingElse) {
    const auto session = session_in(run_below().secret, "variable", R"(,"actions":["mail:read"])");

    EXPECT_EQ(list(session.secret).status, 200);
    const auto sent = send("POST", "/v1/mail/messages", R"({"to":[{"email":"a@b.example"}],"subject":"x","text":"y"})", {{"Renkei-Session", session.secret}});
    EXPECT_EQ(sent.status, 403) << sent.body;
    EXPECT_EQ(send("GET", "/v1/connections", "", {{"Renkei-Session", session.secret}}).status, 403);
    EXPECT_EQ(send("GET", "/v1/connections/invoice-mail/token", "", {{"Renkei-Session", session.secret}}).status, 403) << "no token through a session";
    EXPECT_EQ(list(session.secret, {}, {{"Renkei-Connection", "other"}}).status, 404);
    EXPECT_EQ(list(session.secret, {}, {{"Renkei-Mailbox", "somebody@else.example"}}).status, 403);
}

TEST_F(Automations, B09_ATokenComesOnlyThroughASessionThatAskedForItByAKeyThatMay) {
    EXPECT_EQ(connect_in(run_below().secret, R"({"connection":"invoice-mail","actions":["tokens:read"]})").status, 403);
    const auto strong = world.add_key("strong", {Action::mail_read, Action::tokens_read});
    const auto run = run_below({}, strong);
    const auto usual = session_in(run.secret, "variable");
    EXPECT_EQ(send("GET", "/v1/connections/invoice-mail/token", "", {{"Renkei-Session", usual.secret}}).status, 403);
    const auto asked = session_in(run.secret, "variable", R"(,"actions":["tokens:read"])");

    const auto token = send("GET", "/v1/connections/invoice-mail/token", "", {{"Renkei-Session", asked.secret}});

    EXPECT_EQ(token.status, 200) << token.body;
    EXPECT_EQ(world.store.audit(home).back().action, "token.release");
    EXPECT_EQ(world.store.audit(home).back().run, run.id);
}

TEST_F(Automations, B09_WhatTheKeyLosesTheSessionLoses) {
    const auto session = session_in(run_below().secret, "variable");
    auto row = *run_task(world.store.find_key(home, a_name("robot")));
    row.rights = {core::Right{{Action::mail_send}, {}, {}, {}, {}, {}}};
    const auto before = row.version++;
    world.commit(home, {app::UpdateKey{row, before}});

    EXPECT_EQ(list(session.secret).status, 403) << "decided on every call: the key may not read any more";
}

TEST_F(Automations, A60_AKeyThatComesAlongMustBeTheSessionsOwn) {
    const auto session = session_in(run_below().secret, "variable");
    const auto other = world.add_key("other", {Action::mail_read});

    EXPECT_EQ(send("GET", "/v1/mail/messages", "", {{"Renkei-Session", session.secret}}, key).status, 200);
    EXPECT_EQ(send("GET", "/v1/mail/messages", "", {{"Renkei-Session", session.secret}}, other).code(), "session-refused");
}

TEST_F(Automations, A60_ARunsSecretAloneOpensNothingButRunsAndSessions) {
    const auto run = run_below();
    EXPECT_EQ(send("GET", "/v1/mail/messages", "", {{"Renkei-Run", run.secret}, {"Renkei-Connection", "invoice-mail"}}).status, 401);
    EXPECT_EQ(send("GET", "/v1/me", "", {{"Renkei-Run", run.secret}}).status, 401);
    const auto with_key = send("GET", "/v1/mail/messages", "", {{"Renkei-Run", run.secret}, {"Renkei-Connection", "invoice-mail"}}, key);
    EXPECT_EQ(with_key.status, 200) << with_key.body;
    EXPECT_EQ(send("GET", "/v1/runs", "", {{"Renkei-Session", session_in(run.secret, "variable").secret}}).status, 400);
}

TEST_F(Automations, B09_AHandleInAnAddressOrABodyIsRefused) {
    const auto run = run_below();
    const auto session = session_in(run.secret, "variable");
    const auto set = [&](const std::string& value) { return world.ask({"PUT", "/v1/variables/handle", R"({"value":")" + value + "\"}", world.admin}); };
    EXPECT_EQ(send("GET", "/v1/mail/messages?session=" + session.secret, "", {}, key).code(), "bad-request");
    EXPECT_EQ(send("POST", "/v1/runs/" + run.secret + "/end", "", {}, key).code(), "bad-request");
    EXPECT_EQ(connect_in(run.secret, R"({"connection":"invoice-mail","name":")" + session.secret + "\"}").code(), "bad-request");
    EXPECT_EQ(set(session.secret).code(), "bad-request");
    EXPECT_EQ(set("users_" + std::string(43, 'a')).status, 200) << "a word that only ends like one";
}

TEST_F(Automations, A60_GuessingIsSlowedDownAndAudited) {
    const auto run = run_below();
    const auto before = world.store.audit(home).size();
    for (int i = 0; i < app::RefusalLimits::free_refusals; ++i) ASSERT_EQ(list("guess" + std::to_string(i), run.secret).status, 401);
    const auto slowed = list("one-more", run.secret);

    EXPECT_EQ(slowed.status, 429);
    EXPECT_FALSE(slowed.headers.get("Retry-After").empty());
    EXPECT_EQ(world.store.audit(home).size(), before + app::RefusalLimits::free_refusals) << "and no further row";
    world.clock.advance(61s);
    EXPECT_EQ(list("one-more", run.secret).status, 401);
}

TEST_F(Automations, A60_AnotherWorkspacesHandleIsUnknown) {
    const auto foreign = world.add_key("foreign", {Action::mail_read}, elsewhere);
    const auto theirs = run_below({}, foreign);
    const auto ours = session_in(run_below().secret, "local");

    EXPECT_EQ(list(ours.secret, theirs.secret).code(), "session-refused");
    EXPECT_EQ(send("GET", "/v1/sessions/" + ours.id, "", {}, foreign).status, 404);
    EXPECT_EQ(send("POST", "/v1/runs/" + theirs.id + "/end", "", {}, world.admin).status, 404);
}

TEST_F(Automations, A01_ConnectWithAKeyAloneStartsARunAlongWithIt) {
    const auto answer = send("POST", "/v1/sessions", R"({"connection":"invoice-mail"})", {}, key);

    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto run = std::string(answer.json.at("started_run").at("secret").as_string());
    EXPECT_EQ(list(answer.text("secret"), run).status, 200);
}

TEST_F(Automations, A53_MailboxAndAccountComeFromVariablesOfTheCallOrTheWorkspace) {
    const std::string wanted = R"({"connection":"invoice-mail","kind":"variable","mailbox":"variable:box")";
    const auto run = run_below();
    EXPECT_EQ(connect_in(run.secret, wanted + "}").code(), "value-missing");
    const auto given = connect_in(run.secret, wanted + R"(,"variables":[{"name":"box","value":"Invoice@ACME.example"}]})");
    EXPECT_EQ(given.text("mailbox"), "invoice@acme.example") << given.body;
    EXPECT_EQ(connect_in(run.secret, wanted + R"(,"variables":[{"name":"box","value":"other@acme.example"}]})").code(), "outside-fence");

    world.ask({"PUT", "/v1/variables/box", R"({"value":"invoice@acme.example"})", world.admin});
    const auto set = connect_in(run.secret, wanted + "}");
    EXPECT_EQ(set.status, 201) << set.body;
    EXPECT_EQ(list(set.text("secret")).status, 200);
}

TEST_F(Automations, B09_NothingIsConnectedThatWouldNotWork) {
    const auto run = run_below();
    EXPECT_EQ(connect_in(run.secret, R"({"connection":"no-such"})").status, 404);
    EXPECT_EQ(connect_in(run.secret, R"({"connection":"invoice-mail","actions":["keys:write"]})").status, 400);
    EXPECT_EQ(connect_in(run.secret, R"({"connection":"invoice-mail","kind":"secret"})").status, 400);
    EXPECT_EQ(connect_in(run.secret, R"({"connection":"invoice-mail","kind":"local","name":"x"})").status, 400);
    EXPECT_EQ(connect_in(run.secret, R"({"connection":"invoice-mail","ends_in_seconds":0})").status, 400);
    EXPECT_EQ(connect_in(run.secret, R"({"connection":"invoice-mail","mailbox":"other@acme.example"})").status, 403);
    EXPECT_TRUE(run_task(world.store.list_automation_sessions(home, {}))->items.empty());
}

// The rule in ten lines: who may use what.
bool may_use(const std::vector<int>& parent, int owner, int shown, const std::string& kind, bool by_name) {
    if (kind == "variable") return !by_name;
    if (kind == "local") return !by_name && shown == owner;
    for (int run = shown; run >= 0; run = parent[static_cast<std::size_t>(run)])
        if (run == owner) return true;
    return false;
}

TEST_F(Automations, A60_RandomTreesAgreeWithTheReferenceModel) {
    unsigned seed = 20'261'201;
    const auto below = [&](int limit) { return static_cast<int>((seed = seed * 1'664'525u + 1'013'904'223u) >> 8) % limit; };
    for (int tree = 0; tree < 6; ++tree) {
        std::vector<int> parent{-1};
        std::vector<Handle> runs{run_below()};
        for (int i = 1; i < 7; ++i) {
            parent.push_back(below(i + 1) - 1);
            runs.push_back(run_below(parent.back() < 0 ? std::string() : runs[static_cast<std::size_t>(parent.back())].secret));
        }
        for (const std::string kind : {"local", "global", "variable"}) {
            const int owner = below(7);
            const auto name = kind + std::to_string(tree);
            const auto session = session_in(runs[static_cast<std::size_t>(owner)].secret, kind, kind == "global" ? ",\"name\":\"" + name + "\"" : "");
            for (int shown = 0; shown < 7; ++shown)
                for (const bool by_name : {false, true}) {
                    const auto answer = list(by_name ? name : session.secret, runs[static_cast<std::size_t>(shown)].secret);
                    EXPECT_EQ(answer.status == 200, may_use(parent, owner, shown, kind, by_name)) << kind << ' ' << owner << ' ' << shown << ' ' << by_name;
                }
        }
        world.clock.advance(61s);
    }
}

}  // namespace
}  // namespace renkei::testing

#include "tests/support/browser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace renkei::testing {
namespace {

using core::Role;

class ApiPeople : public ::testing::Test {
protected:
    ApiPeople() {
        add_member(world, 1, "hanako@acme.example", {Role::administrator});
        add_member(world, 2, "taro@acme.example", {Role::user});
        add_member(world, 3, "ryoko@other.example", {Role::administrator}, elsewhere);
        helper = world.add_key("people-helper", {core::Action::people_read, core::Action::people_write});
    }
    Answer patch(const std::string& who, const std::string& body, const std::string& key = {}, const std::string& if_match = {}) {
        Ask ask{"PATCH", "/v1/people/" + who, body, key.empty() ? world.admin : key};
        if (!if_match.empty()) ask.headers.set("If-Match", if_match);
        return world.ask(std::move(ask));
    }
    Answer remove(const std::string& target, const std::string& key = {}) { return world.ask({"DELETE", target, {}, key.empty() ? world.admin : key}); }
    Answer invite(const std::string& email, const std::string& roles = R"(["user"])", const std::string& key = {}) {
        return world.post("/v1/people", R"({"email":")" + email + R"(","display_name":"鈴木 一郎","roles":)" + roles + "}", key);
    }
    std::string last_reason() { return world.store.audit(home).back().reason; }

    ApiWorld world;
    std::string helper;  ///< may write people, and is no administrator
};

TEST_F(ApiPeople, H30_MembersAreListedInPagesByAddressWithoutAnybodyElse) {
    const auto first = world.get("/v1/people?limit=1");
    ASSERT_EQ(first.json.at("items").as_array().size(), 1u);
    EXPECT_EQ(*json::text(first.json.at("items").as_array()[0].as_object(), "email"), "hanako@acme.example");
    const auto second = world.get("/v1/people?limit=5&cursor=" + first.text("next_cursor"));

    EXPECT_NE(second.body.find("taro@acme.example"), std::string::npos);
    EXPECT_EQ((first.body + second.body).find("ryoko@"), std::string::npos);
    EXPECT_EQ((first.body + second.body).find("argon2"), std::string::npos);
    EXPECT_EQ(world.get("/v1/groups?cursor=" + first.text("next_cursor")).status, 400);
}

TEST_F(ApiPeople, H01_AnInvitationIsShownOnceAndMakesAMemberWhoMayNothingYet) {
    const auto made = invite("Ichiro@Acme.example", R"(["builder","user"])");

    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_TRUE(made.secret);
    EXPECT_EQ(made.text("state"), "invited");
    EXPECT_TRUE(made.json.at("invitation").at("url").as_string().starts_with("https://renkei.example/invitations/"));
    const auto shown = world.get("/v1/people/ichiro@acme.example");
    EXPECT_EQ(shown.text("display_name"), "鈴木 一郎");
    EXPECT_FALSE(shown.json.as_object().contains("invitation"));
    EXPECT_EQ(world.store.audit(home).back().action, "person.invite");
}

TEST_F(ApiPeople, BadInvitationsNameTheirFieldAndStoreNothing) {
    const auto commits = world.store.commits();
    const std::pair<const char*, const char*> cases[] = {
        {R"({"email":"nobody","display_name":"A","roles":["user"]})", "email"},
        {R"({"email":"a@b.example","display_name":" ","roles":["user"]})", "display_name"},
        {R"({"email":"a@b.example","display_name":"A","roles":[]})", "roles"},
        {R"({"email":"a@b.example","display_name":"A","roles":["owner"]})", "roles"},
        {R"({"email":"a@b.example","display_name":"A","roles":["user"],"groups":["nowhere"]})", "groups"},
        {R"({"email":"a@b.example","display_name":"A","roles":["user"],"locale":"fr"})", "locale"},
        {R"({"email":"a@b.example","display_name":"A","roles":["user"],"password_hash":"x"})", "password_hash"},
    };
    for (const auto& [body, field] : cases) {
        const auto answer = world.post("/v1/people", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_NE(answer.body.find(field), std::string::npos) << answer.body;
    }
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(ApiPeople, SomebodyOfAnotherWorkspaceIsInvitedLikeAnybodyAndTheirNameIsNotTold) {
    const auto known = invite("ryoko@other.example"), unknown = invite("nobody-yet@other.example");

    ASSERT_EQ(known.status, 201);
    EXPECT_EQ(known.text("display_name"), unknown.text("display_name"));
    EXPECT_EQ(known.text("state"), unknown.text("state"));
    EXPECT_EQ(world.get("/v1/people/ryoko@other.example").body.find("Hanako Yamada"), std::string::npos);
    EXPECT_EQ(invite("taro@acme.example").code(), "conflict");
    EXPECT_EQ(invite("ryoko@other.example").code(), "conflict");
}

TEST_F(ApiPeople, PeopleOfOtherWorkspacesAreNotToBeFound) {
    const auto id = a_person(3).id.text();
    for (const auto& who :
         std::vector<std::string>{id, std::string("ryoko@other.example"), std::string("nobody@acme.example"), std::string("%00"), std::string("x")}) {
        EXPECT_EQ(world.get("/v1/people/" + who).status, 404) << who;
        EXPECT_EQ(patch(who, R"({"roles":["auditor"]})").status, 404) << who;
        EXPECT_EQ(remove("/v1/people/" + who).status, 404) << who;
        EXPECT_EQ(world.post("/v1/people/" + who + "/password-reset", {}).status, 404) << who;
        EXPECT_EQ(remove("/v1/people/" + who + "/sessions").status, 404) << who;
    }
    EXPECT_EQ(run_task(world.store.find_membership(elsewhere, a_person(3).id))->roles.front(), Role::administrator);
}

TEST_F(ApiPeople, RolesAndGroupsAreChangedAtTheVersionThatWasSeen) {
    world.post("/v1/groups", R"({"name":"sales"})");
    const auto changed = patch("taro@acme.example", R"({"roles":["builder","builder"],"groups":["sales"]})", {}, "\"1\"");

    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.headers.get("ETag"), "\"2\"");
    EXPECT_EQ(changed.json.at("roles").as_array().size(), 1u);
    EXPECT_EQ(changed.json.at("groups").as_array()[0].as_string(), "sales");
    EXPECT_EQ(last_reason(), "granted by a right of the caller; roles: builder");
    EXPECT_EQ(patch("taro@acme.example", R"({"roles":["user"]})", {}, "\"1\"").code(), "precondition-failed");
    EXPECT_EQ(patch("taro@acme.example", R"({"roles":[]})").code(), "invalid-field");
    EXPECT_EQ(patch("taro@acme.example", R"({"email":"x@acme.example"})").code(), "unknown-field");
}

TEST_F(ApiPeople, H01_WhoIsNoAdministratorDecidesAboutNone) {
    EXPECT_EQ(invite("new@acme.example", R"(["administrator"])", helper).code(), "denied");
    EXPECT_FALSE(world.store.audit(home).back().allowed);
    EXPECT_EQ(patch("taro@acme.example", R"({"roles":["administrator"]})", helper).code(), "denied");
    EXPECT_EQ(patch("hanako@acme.example", R"({"roles":["user"]})", helper).code(), "denied");
    EXPECT_EQ(remove("/v1/people/hanako@acme.example", helper).code(), "denied");
    EXPECT_EQ(world.post("/v1/people/hanako@acme.example/password-reset", {}, helper).code(), "denied");
    EXPECT_EQ(remove("/v1/people/hanako@acme.example/sessions", helper).code(), "denied");
    EXPECT_EQ(patch("taro@acme.example", R"({"roles":["user_administrator"]})", helper).status, 200);
    EXPECT_EQ(invite("new@acme.example", R"(["administrator"])").status, 201);
}

TEST_F(ApiPeople, TheLastAdministratorStaysOne) {
    invite("invited@acme.example", R"(["administrator"])");

    const auto answer = patch("hanako@acme.example", R"({"roles":["user"]})");
    EXPECT_EQ(answer.code(), "conflict");
    EXPECT_NE(answer.text("detail").find("last administrator"), std::string::npos) << answer.body;
    EXPECT_EQ(remove("/v1/people/hanako@acme.example").code(), "conflict") << "who is only invited does not count";
    EXPECT_EQ(patch("taro@acme.example", R"({"roles":["administrator"]})").status, 200);
    EXPECT_EQ(remove("/v1/people/hanako@acme.example").status, 204);
    EXPECT_EQ(remove("/v1/people/taro@acme.example").code(), "conflict");
}

TEST_F(ApiPeople, OfTwoAdministratorsWhoRemoveEachOtherAtOnceOneIsLeft) {
    add_member(world, 4, "jiro@acme.example", {Role::administrator});
    const auto by = [&](std::string email) {
        core::Principal principal;
        principal.kind = core::Principal::Kind::system;
        principal.workspace = home;
        principal.name = std::move(email);
        principal.rights = {core::Right{{core::Action::people_write}, {}, {}, {}, {}, {}}};
        return app::By{std::move(principal), "r"};
    };
    std::array<Result<void>, 2> done;
    std::thread other([&] { done[0] = run_task(world.people->remove(by("jiro@acme.example"), "hanako@acme.example", std::nullopt)); });
    done[1] = run_task(world.people->remove(by("hanako@acme.example"), "jiro@acme.example", std::nullopt));
    other.join();

    EXPECT_EQ(done[0].has_value() + done[1].has_value(), 1);
}

TEST_F(ApiPeople, ARemovedMemberIsGoneAtOnceWithTheirSessions) {
    Browser browser(world);
    browser.sign_in("taro@acme.example", usual_password);
    ASSERT_EQ(browser.get("/my/account").status, 200);

    EXPECT_EQ(remove("/v1/people/taro@acme.example").status, 204);

    EXPECT_EQ(browser.get("/my/account").status, 303);
    EXPECT_EQ(world.get("/v1/people/taro@acme.example").status, 404);
    EXPECT_EQ(world.store.audit(home).back().action, "person.remove");
}

TEST_F(ApiPeople, AChangeOfRolesEndsThePersonsSessionsAndOneOfGroupsDoesNot) {
    world.post("/v1/groups", R"({"name":"sales"})");
    Browser browser(world);
    browser.sign_in("taro@acme.example", usual_password);
    patch("taro@acme.example", R"({"groups":["sales"]})");
    EXPECT_EQ(browser.get("/my/account").status, 200);

    patch("taro@acme.example", R"({"roles":["auditor"]})");

    EXPECT_EQ(browser.get("/my/account").status, 303);
}

TEST_F(ApiPeople, SessionsOfAMemberAreListedAndEnded) {
    Browser browser(world);
    browser.sign_in("taro@acme.example", usual_password);
    const auto list = world.get("/v1/people/taro@acme.example/sessions");
    ASSERT_EQ(list.json.at("items").as_array().size(), 1u) << list.body;
    EXPECT_EQ(list.body.find(browser.session()), std::string::npos);

    EXPECT_EQ(remove("/v1/people/taro@acme.example/sessions").status, 204);

    EXPECT_EQ(browser.get("/my/account").status, 303);
    EXPECT_TRUE(world.get("/v1/people/taro@acme.example/sessions").json.at("items").as_array().empty());
}

TEST_F(ApiPeople, APasswordThatCountsElsewhereTooIsNotSetFromHere) {
    world.commit(elsewhere, {app::PutMembership{{elsewhere, a_person(2).id, {Role::administrator}, {}}}});

    const auto answer = world.post("/v1/people/taro@acme.example/password-reset", {});

    EXPECT_EQ(answer.code(), "denied");
    EXPECT_FALSE(world.store.audit(home).back().allowed);
}

TEST_F(ApiPeople, RolesAreShownFromTheTableThatDecides) {
    const auto roles = world.get("/v1/roles");
    ASSERT_EQ(roles.json.at("items").as_array().size(), 5u);
    for (const auto& row : roles.json.at("items").as_array()) {
        const auto role = core::parse_role(*json::text(row.as_object(), "role")).value();
        std::vector<std::string> words;
        for (const auto& word : row.at("actions").as_array()) words.emplace_back(json::view(word.as_string()));
        const bool may = std::ranges::find(words, "people:write") != words.end();
        EXPECT_EQ(may, role == Role::administrator || role == Role::user_administrator);
    }
}

TEST_F(ApiPeople, GroupsAreMadeMovedRenamedAndRemoved) {
    const auto made = world.post("/v1/groups", R"({"name":"sales","title":"営業部"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.get("Location"), "/v1/groups/sales");
    EXPECT_EQ(world.post("/v1/groups", R"({"name":"tokyo","parent":"sales"})").text("parent"), "sales");
    const auto change = [&](const std::string& name, const std::string& body) { return world.ask({"PATCH", "/v1/groups/" + name, body, world.admin}); };

    EXPECT_EQ(change("tokyo", R"({"parent":"","name":"kanto"})").status, 200);
    EXPECT_TRUE(world.get("/v1/groups/kanto").json.at("parent").is_null());
    EXPECT_EQ(world.get("/v1/groups/tokyo").status, 404);
    EXPECT_EQ(change("kanto", R"({"parent":"sales"})").text("parent"), "sales");
    EXPECT_EQ(remove("/v1/groups/sales").code(), "conflict");
    EXPECT_EQ(remove("/v1/groups/kanto").status, 204);
    EXPECT_EQ(remove("/v1/groups/sales").status, 204);
    EXPECT_TRUE(world.get("/v1/groups").json.at("items").as_array().empty());
}

TEST_F(ApiPeople, ATreeOfGroupsHasNoCirclesAndNoStrangers) {
    world.post("/v1/groups", R"({"name":"a"})");
    world.post("/v1/groups", R"({"name":"b","parent":"a"})");
    world.post("/v1/groups", R"({"name":"c","parent":"b"})");
    auto strange = core::Group{elsewhere, id_of<core::GroupId>(9), a_name("theirs"), "", std::nullopt};
    world.commit(elsewhere, {app::PutGroup{strange}});
    const auto change = [&](const std::string& name, const std::string& body) { return world.ask({"PATCH", "/v1/groups/" + name, body, world.admin}); };

    EXPECT_EQ(change("a", R"({"parent":"c"})").code(), "conflict");
    EXPECT_EQ(change("a", R"({"parent":"a"})").code(), "conflict");
    EXPECT_EQ(change("a", R"({"parent":"theirs"})").code(), "invalid-field");
    EXPECT_EQ(change("a", R"({"name":"b"})").code(), "conflict");
    EXPECT_EQ(change("theirs", R"({"title":"ours"})").status, 404);
    EXPECT_EQ(remove("/v1/groups/theirs").status, 404);
    EXPECT_EQ(world.post("/v1/groups", R"({"name":"a"})").code(), "conflict");
    EXPECT_EQ(world.post("/v1/groups", R"({"name":"Not A Name"})").code(), "invalid-field");
    EXPECT_EQ(world.post("/v1/groups", R"({"name":"d","parent":"nowhere"})").code(), "invalid-field");
}

TEST_F(ApiPeople, AMemberStandsInSeveralGroups) {
    world.post("/v1/groups", R"({"name":"sales"})");
    world.post("/v1/groups", R"({"name":"project"})");
    const auto put = [&](const std::string& group, const std::string& who) {
        return world.ask({"PUT", "/v1/groups/" + group + "/members", R"({"person":")" + who + R"("})", world.admin});
    };
    put("sales", "taro@acme.example");

    EXPECT_EQ(put("project", a_person(2).id.text()).json.at("groups").as_array().size(), 2u);
    EXPECT_EQ(put("project", "taro@acme.example").status, 200) << "again";
    EXPECT_EQ(put("project", "ryoko@other.example").code(), "invalid-field");
    EXPECT_EQ(put("nowhere", "taro@acme.example").status, 404);
    EXPECT_NE(world.get("/v1/people?group=sales").body.find("taro@"), std::string::npos);
    EXPECT_EQ(world.get("/v1/people?group=sales").body.find("hanako@"), std::string::npos);
    EXPECT_EQ(remove("/v1/groups/sales/members?person=taro@acme.example").status, 204);
    EXPECT_TRUE(world.get("/v1/people?group=sales").json.at("items").as_array().empty());
    EXPECT_EQ(world.get("/v1/people?group=nowhere").code(), "invalid-field");
}

}  // namespace
}  // namespace renkei::testing

#include "tests/support/browser.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Role;

class PeopleImport : public ::testing::Test {
protected:
    PeopleImport() {
        add_member(world, 1, "hanako@acme.example", {Role::administrator});
        add_member(world, 2, "taro@acme.example", {Role::user});
        world.post("/v1/groups", R"({"name":"sales"})");
    }
    Answer send(const std::string& what, const std::string& file, const std::string& query = {}, const std::string& key = {}) {
        Ask ask{"POST", "/v1/csv/" + what + query, file, key.empty() ? world.admin : key};
        ask.content_type = "text/csv";
        return world.ask(std::move(ask));
    }
    Answer apply(const std::string& what, const std::string& file, const std::string& key = {}) {
        const auto begun = send(what, file, "?dry_run=false", key);
        EXPECT_EQ(begun.status, 202) << begun.body;
        return world.wait_for_operation(begun.text("id"));
    }
    std::string details(const Answer& operation) { return world.get("/v1/operations/" + operation.text("id") + "/items").body; }

    ApiWorld world;
};

TEST_F(PeopleImport, ADryRunListsEveryProblemByLineAndChangesNothing) {
    const auto commits = world.store.commits();
    const auto report = send("people", "email,display_name,roles,groups\nnobody,A,user,\nnew@acme.example,,user,nowhere\nold@acme.example,B,boss,\n");

    ASSERT_EQ(report.status, 200) << report.body;
    EXPECT_EQ(report.json.at("rows").as_int64(), 3);
    std::vector<std::string> found;
    for (const auto& problem : report.json.at("problems").as_array())
        found.push_back(std::to_string(problem.at("line").as_int64()) + " " + std::string(json::view(problem.at("field").as_string())));
    EXPECT_EQ(found, (std::vector<std::string>{"2 email", "3 groups", "3 display_name", "4 roles"}));
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(PeopleImport, AFileWithAProblemIsRefusedWhole) {
    const auto commits = world.store.commits();
    const auto refused = send("people", "email,display_name,roles\nnew@acme.example,A,user\nbad,B,user\n", "?dry_run=false");

    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.text("detail").find("line 3"), std::string::npos) << refused.body;
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(PeopleImport, AFileFromExcelInJapanInvitesAndChangesLineByLine) {
    // メールアドレス,氏名,役割,グループ / 髙橋㈱ in code page 932.
    const std::string file =
        "\x83\x81\x81\x5b\x83\x8b\x83\x41\x83\x68\x83\x8c\x83\x58,\x8e\x81\x96\xbc,\x96\xf0\x8a\x84,\x83\x4f\x83\x8b\x81\x5b\x83\x76\r\n"
        "taro@acme.example,,\x8d\xec\x90\xac\x8e\xd2,sales\r\nnew@acme.example,\xfb\xfc\x8b\xb4\x87\x8a,user,\r\nhanako@acme.example,,administrator,\r\n";
    const auto done = apply("people", file);

    EXPECT_EQ(done.text("state"), "done");
    const auto items = details(done);
    for (const auto* word : {"\"changed\"", "\"invited; make a link to hand over\"", "\"unchanged\""}) EXPECT_NE(items.find(word), items.npos) << items;
    EXPECT_EQ(world.get("/v1/people/new@acme.example").text("display_name"), "髙橋㈱");
    EXPECT_NE(world.get("/v1/people/taro@acme.example").body.find("\"builder\""), std::string::npos);
    EXPECT_NE(world.get("/v1/people?group=sales").body.find("taro@"), std::string::npos);
    EXPECT_EQ(items.find("https://"), items.npos) << "no link in a stored result";
    EXPECT_EQ(world.store.audit(home).back().principal_name, "admin");
}

TEST_F(PeopleImport, H01_AFileMakesNoAdministratorForWhoIsNone) {
    const auto helper = world.add_key("people-helper", {core::Action::people_read, core::Action::people_write, core::Action::operations_read});
    const std::string file = "email,display_name,roles\nnew@acme.example,A,administrator\nhanako@acme.example,,user\n";

    EXPECT_EQ(send("people", file, {}, helper).json.at("problems").as_array().size(), 2u);
    EXPECT_EQ(send("people", file, "?dry_run=false", helper).code(), "invalid-field");
    EXPECT_TRUE(send("people", "email,display_name,roles\nnew@acme.example,A,administrator\n").json.at("problems").as_array().empty());
}

TEST_F(PeopleImport, TheLastAdministratorStaysAndOtherLinesGoOn) {
    const auto done = apply("people", "email,display_name,roles\nhanako@acme.example,,user\nnew@acme.example,A,user\n");

    EXPECT_NE(details(done).find("last administrator"), std::string::npos) << details(done);
    EXPECT_EQ(world.get("/v1/people/new@acme.example").status, 200);
    EXPECT_NE(world.get("/v1/people/hanako@acme.example").body.find("\"administrator\""), std::string::npos);
}

TEST_F(PeopleImport, GroupsComeInAnyOrderAndNeverInACircle) {
    EXPECT_EQ(apply("groups", "name,title,parent\ntokyo,東京,kanto\nkanto,関東,sales\nsales,営業部,\n").text("state"), "done");
    EXPECT_EQ(world.get("/v1/groups/tokyo").text("parent"), "kanto");
    EXPECT_EQ(world.get("/v1/groups/sales").text("title"), "営業部");

    EXPECT_EQ(send("groups", "name,parent\nsales,tokyo\n", "?dry_run=false").code(), "invalid-field");
    EXPECT_EQ(send("groups", "name,parent\na,b\nb,a\n").json.at("problems").as_array().size(), 2u);
    EXPECT_EQ(send("groups", "name,parent\na,nowhere\n").json.at("problems").as_array().size(), 1u);
    EXPECT_EQ(send("groups", "name\nNot A Name\n").json.at("problems").as_array().size(), 1u);
}

TEST_F(PeopleImport, FilesHaveATypeASizeAndAnEncoding) {
    EXPECT_EQ(world.post("/v1/csv/people", "{}").status, 415);
    EXPECT_EQ(send("people", {}).status, 415);
    EXPECT_EQ(send("people", "email\n\xff\xfe\n").code(), "bad-request");
    EXPECT_EQ(send("people", "email\n\x8e\x52\n", "?encoding=utf-8").code(), "bad-request");
    EXPECT_EQ(send("people", "email\n", "?encoding=utf-16").code(), "invalid-field");
    EXPECT_EQ(send("people", "email\n", "?dry_run=maybe").code(), "invalid-field");
    EXPECT_EQ(world.api->body_limit(Method::post, "/v1/csv/people"), 2u << 20);
}

TEST_F(PeopleImport, AnExportComesBackUnchangedInEitherEncoding) {
    for (const auto* encoding : {"utf-8", "cp932"}) {
        const auto file = world.get(std::string("/v1/csv/people?encoding=") + encoding);
        ASSERT_EQ(file.status, 200) << file.body;
        EXPECT_NE(file.headers.get("Content-Disposition").find("people.csv"), std::string_view::npos);
        const auto items = details(apply("people", file.body));
        EXPECT_EQ(items.find("\"changed\""), items.npos) << items;
        EXPECT_NE(items.find("\"unchanged\""), items.npos) << items;
    }
    EXPECT_EQ(world.get("/v1/csv/groups").body, "\xEF\xBB\xBFname,title,parent\r\nsales,,\r\n");
}

TEST_F(PeopleImport, WhatCp932CannotHoldIsNamedAndNothingIsReplaced) {
    world.post("/v1/people", R"({"email":"yoshino@acme.example","display_name":"𠮷野","roles":["user"]})");

    const auto refused = world.get("/v1/csv/people?encoding=cp932");

    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.text("detail").find("𠮷 (line "), std::string::npos) << refused.body;
    EXPECT_EQ(world.get("/v1/csv/people?encoding=utf-8").status, 200);
}

}  // namespace
}  // namespace renkei::testing

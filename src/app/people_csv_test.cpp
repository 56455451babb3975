#include "app/people_csv.hpp"

#include <gtest/gtest.h>

namespace renkei::app {
namespace {

TEST(PeopleCsv, ReadsHeadingsAndRolesInBothLanguages) {
    const auto file = read_people_csv("メール アドレス,名前,役割,グループ\r\nTaro@Acme.example,山田 太郎,作成者;auditor,sales; tokyo\r\n");

    ASSERT_TRUE(file.problems.empty()) << file.problems.front().detail;
    ASSERT_EQ(file.lines.size(), 1u);
    EXPECT_EQ(file.lines[0].email, "taro@acme.example");
    EXPECT_EQ(file.lines[0].display_name, "山田 太郎");
    EXPECT_EQ(*file.lines[0].roles, (std::vector{core::Role::builder, core::Role::auditor}));
    EXPECT_EQ(file.lines[0].groups->size(), 2u);
}

TEST(PeopleCsv, EveryProblemOfEveryLineIsNamed) {
    const auto file = read_people_csv("email,roles,groups\nnobody,boss,Not A Name\na@b.example,,\na@b.example,user,\n\"x\"y,user,\n");

    std::vector<std::pair<std::size_t, std::string>> found;
    for (const auto& problem : file.problems) found.emplace_back(problem.line, problem.field);
    for (const auto& expected :
         std::vector<std::pair<std::size_t, std::string>>{{5, ""}, {2, "email"}, {2, "roles"}, {2, "groups"}, {3, "roles"}, {4, "email"}})
        EXPECT_NE(std::ranges::find(found, expected), found.end()) << expected.first << expected.second;
}

TEST(PeopleCsv, AHeaderThatIsNotUnderstoodStopsTheFile) {
    for (const auto* text : {"", "name,roles\na,b\n", "email,email\na,b\n", "email,salary\na,b\n", "a@b.example,user\n"}) {
        const auto file = read_people_csv(text);
        EXPECT_FALSE(file.problems.empty()) << text;
        EXPECT_TRUE(file.lines.empty()) << text;
    }
}

TEST(PeopleCsv, AColumnThatIsNotThereChangesNothing) {
    const auto file = read_people_csv("email\ntaro@acme.example\n");
    ASSERT_EQ(file.lines.size(), 1u);
    EXPECT_FALSE(file.lines[0].roles);
    EXPECT_FALSE(file.lines[0].groups);
}

TEST(PeopleCsv, WhatIsWrittenIsReadAgain) {
    core::Group sales{{}, core::GroupId(IdBytes{1}), *core::Name::parse("sales"), "=営業", std::nullopt};
    Member member{{{}, {}, {core::Role::user, core::Role::builder}, {sales.id}}, {}};
    member.person.email = "taro@acme.example";
    member.person.display_name = "=HYPERLINK(\"https://evil.example\")";
    const auto text = write_people_csv({member}, {sales});
    EXPECT_NE(text.find("\"'=HYPERLINK"), std::string::npos) << text;

    const auto file = read_people_csv(text);
    ASSERT_TRUE(file.problems.empty());
    EXPECT_EQ(file.lines[0].display_name, member.person.display_name);
    EXPECT_EQ(*file.lines[0].roles, member.membership.roles);
    EXPECT_EQ(read_groups_csv(write_groups_csv({{sales, ""}})).lines.at(0).title, "=営業");
}

}  // namespace
}  // namespace renkei::app

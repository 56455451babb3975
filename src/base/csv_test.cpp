#include "base/csv.hpp"

#include <gtest/gtest.h>

namespace renkei {
namespace {

using Cells = std::vector<std::vector<std::string>>;

Cells cells_of(const Csv& csv) {
    Cells all;
    for (const auto& row : csv.rows) all.push_back(row.cells);
    return all;
}

TEST(Csv, ReadsQuotedCellsAndEveryEndOfLine) {
    const auto csv = parse_csv("a,b\r\n\"x,\"\"y\"\"\n z\",2\n3,\r4,5");

    EXPECT_TRUE(csv.problems.empty());
    EXPECT_EQ(cells_of(csv), (Cells{{"a", "b"}, {"x,\"y\"\n z", "2"}, {"3", ""}, {"4", "5"}}));
    EXPECT_EQ(csv.rows[2].line, 4u) << "a cell may hold a line";
}

TEST(Csv, EmptyLinesAreLeftOutAndEmptyCellsAreNot) {
    EXPECT_EQ(cells_of(parse_csv("\n\n,\n\na\n\n")), (Cells{{"", ""}, {"a"}}));
    EXPECT_TRUE(parse_csv("").rows.empty());
}

TEST(Csv, EveryProblemIsNamedByItsLineAndOtherRowsAreRead) {
    const auto csv = parse_csv("ok\n\"a\"b\nc\"d\nok\n\"open");

    EXPECT_EQ(cells_of(csv), (Cells{{"ok"}, {"ok"}}));
    ASSERT_EQ(csv.problems.size(), 3u);
    EXPECT_EQ(csv.problems[0].line, 2u);
    EXPECT_EQ(csv.problems[1].line, 3u);
    EXPECT_EQ(csv.problems[2].line, 5u);
    for (const auto& problem : csv.problems) EXPECT_EQ(problem.what.find("open"), std::string::npos);
}

TEST(Csv, RowsCellsAndBytesHaveLimits) {
    const CsvLimits limits{2, 2, 3};
    EXPECT_EQ(parse_csv("1\n2\n3\n4", limits).rows.size(), 2u);
    EXPECT_EQ(parse_csv("1\n2\n3\n4", limits).problems.size(), 1u);
    EXPECT_EQ(parse_csv("1,2,3", limits).problems.size(), 1u);
    EXPECT_EQ(parse_csv("1234", limits).problems.size(), 1u);
    EXPECT_TRUE(parse_csv("123,4", limits).problems.empty());
}

TEST(Csv, ASpreadsheetRunsNothingOfWhatIsWritten) {
    for (const auto& cell : std::vector<std::string>{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "'=1", "''@x"}) {
        const auto row = csv_row({cell});
        EXPECT_TRUE(row.starts_with('\'') || row.starts_with("\"'")) << row;
        EXPECT_EQ(parse_csv(row).rows.at(0).cells.at(0), cell) << "and it comes back as it was";
    }
}

TEST(Csv, WhatIsWrittenIsReadAgain) {
    const std::vector<std::string> cells{"a,b", "\"quoted\"", "two\r\nlines", " blank ", "", "'text", "髙橋"};
    EXPECT_EQ(parse_csv(csv_row(cells)).rows.at(0).cells, cells);
}

}  // namespace
}  // namespace renkei

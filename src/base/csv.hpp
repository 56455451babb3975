#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace renkei {

/// A record and the line of the text on which it begins, counted from 1.
struct CsvRow {
    std::size_t line = 0;
    std::vector<std::string> cells;
};
struct CsvProblem {
    std::size_t line = 0;
    std::string what;  ///< our words, never the content
};
struct CsvLimits {
    std::size_t rows = 10'000;
    std::size_t cells = 32;  ///< of a row
    std::size_t cell_bytes = 4096;
};
/// Everything that could be read and everything that was wrong, each by its line.
struct Csv {
    std::vector<CsvRow> rows;
    std::vector<CsvProblem> problems;
};

/// RFC 4180, with LF and CR for CRLF; empty lines are left out. A row with a problem is not among the rows. An apostrophe
/// before = + - @, as csv_row() writes it, is taken away again.
Csv parse_csv(std::string_view text, const CsvLimits& limits = {});
/// One record with CRLF. What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
std::string csv_row(const std::vector<std::string>& cells);

}  // namespace renkei

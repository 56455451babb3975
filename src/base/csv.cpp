#include "base/csv.hpp"

#include <algorithm>

namespace renkei {
namespace {

// Also behind apostrophes, so that adding one and taking one away undo each other.
bool begins_formula(std::string_view cell) {
    const auto at = cell.find_first_not_of('\'');
    return at != cell.npos && std::string_view("=+-@\t\r").contains(cell[at]);
}

class Reader {
public:
    Reader(std::string_view text, const CsvLimits& limits) : text_(text), limits_(limits) {}

    Csv read() {
        while (at_ < text_.size()) {
            if (out_.rows.size() >= limits_.rows) {
                out_.problems.push_back({line_, "more rows than allowed; the rest was not read"});
                break;
            }
            read_record();
        }
        return std::move(out_);
    }

private:
    bool more() const { return at_ < text_.size(); }
    char here() const { return text_[at_]; }
    bool at_end_of_line() const { return here() == '\n' || here() == '\r'; }

    // CRLF, LF or CR.
    void take_end_of_line() {
        if (here() == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
        ++at_;
        ++line_;
    }

    void read_record() {
        CsvRow row{line_, {}};
        std::string problem;
        for (;;) {
            auto cell = read_cell(problem);
            if (row.cells.size() == limits_.cells) problem = "more cells than allowed";
            if (row.cells.size() < limits_.cells) row.cells.push_back(std::move(cell));
            if (!more()) break;
            if (here() == ',') {
                ++at_;
                continue;
            }
            take_end_of_line();
            break;
        }
        const bool empty = row.cells.size() == 1 && row.cells.front().empty();
        if (!problem.empty())
            out_.problems.push_back({row.line, std::move(problem)});
        else if (!empty)
            out_.rows.push_back(std::move(row));
    }

    std::string read_cell(std::string& problem) {
        std::string cell;
        if (more() && here() == '"')
            read_quoted(cell, problem);
        else
            while (more() && here() != ',' && !at_end_of_line()) {
                if (here() == '"') problem = "a quotation mark inside a cell that does not begin with one";
                cell += text_[at_++];
            }
        if (cell.size() > limits_.cell_bytes) problem = "a cell is longer than allowed";
        if (cell.starts_with('\'') && begins_formula(cell)) cell.erase(0, 1);
        return cell;
    }

    void read_quoted(std::string& cell, std::string& problem) {
        ++at_;
        for (;;) {
            if (!more()) {
                problem = "a quotation mark is never closed";
                return;
            }
            if (here() == '"') {
                ++at_;
                if (!more() || here() != '"') break;
            }
            if (here() == '\n') ++line_;
            cell += text_[at_++];
        }
        while (more() && here() != ',' && !at_end_of_line()) {
            problem = "text after a closing quotation mark";
            ++at_;
        }
    }

    std::string_view text_;
    const CsvLimits& limits_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    Csv out_;
};

}  // namespace

Csv parse_csv(std::string_view text, const CsvLimits& limits) { return Reader(text, limits).read(); }

std::string csv_row(const std::vector<std::string>& cells) {
    std::string row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) row += ',';
        auto cell = (begins_formula(cells[i]) ? "'" : "") + cells[i];
        const bool plain = std::ranges::none_of(cell, [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; });
        if (plain && !cell.starts_with(' ') && !cell.ends_with(' ')) {
            row += cell;
            continue;
        }
        row += '"';
        for (const char c : cell) row += c == '"' ? std::string("\"\"") : std::string(1, c);
        row += '"';
    }
    return row + "\r\n";
}

}  // namespace renkei

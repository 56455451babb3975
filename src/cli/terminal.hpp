#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace renkei::cli {

/// Colours and widths of the terminal that the command line writes to. NO_COLOR and pipes turn colours off.
struct Terminal {
    bool colour = false;
    std::size_t width = 80;
    static Terminal of_stdout();

    std::string bold(std::string_view text) const { return paint("1", text); }
    std::string dim(std::string_view text) const { return paint("2", text); }
    std::string red(std::string_view text) const { return paint("31", text); }
    std::string green(std::string_view text) const { return paint("32", text); }
    std::string yellow(std::string_view text) const { return paint("33", text); }
    std::string blue(std::string_view text) const { return paint("34", text); }

private:
    std::string paint(std::string_view code, std::string_view text) const;
};

/// Columns that a text takes on a terminal: East Asian wide characters two, combining ones none (Unicode UAX 11).
std::size_t columns_of(std::string_view utf8);
/// At most this many columns, with an ellipsis where it was cut. Control characters become spaces: mail may hold any.
std::string fit(std::string_view utf8, std::size_t columns);
/// Control characters (escape sequences too) made harmless.
std::string printable(std::string_view utf8);

/// A table for people: aligned, no frames; the column that may shrink takes what is left of the terminal's width.
class Table {
public:
    explicit Table(std::vector<std::string> headings, std::size_t elastic = 0) : headings_(std::move(headings)), elastic_(elastic) {}
    /// `colours`: a colour code for each cell, or empty.
    void add(std::vector<std::string> cells, std::vector<std::string> colours = {});
    std::string text(const Terminal& terminal) const;
    bool empty() const { return rows_.empty(); }

private:
    struct Row {
        std::vector<std::string> cells, colours;
    };
    std::vector<std::size_t> widths(std::size_t available) const;
    std::vector<std::string> headings_;
    std::size_t elastic_;
    std::vector<Row> rows_;
};

}  // namespace renkei::cli

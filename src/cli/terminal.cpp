#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace renkei::cli {
namespace {

std::size_t columns_of_character(UChar32 c) {
    if (c == 0) return 0;
    const auto category = u_charType(c);
    if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK || category == U_FORMAT_CHAR) return 0;
    const auto width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_FULLWIDTH || width == U_EA_WIDE ? 2 : 1;
}

// Calls `each` with every character, its bytes and its columns, until it says no.
template <class Each>
void walk(std::string_view text, Each each) {
    std::int32_t at = 0;
    const auto size = static_cast<std::int32_t>(text.size());
    while (at < size) {
        const auto from = at;
        UChar32 c;
        U8_NEXT(text.data(), at, size, c);
        const auto bytes = text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(at - from));
        if (!each(c, c < 0 ? std::string_view("\xef\xbf\xbd") : bytes, c < 0 ? 1 : columns_of_character(c))) return;
    }
}

}  // namespace

Terminal Terminal::of_stdout() {
    Terminal terminal;
    terminal.colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        terminal.width = size.ws_col;
    else if (const char* columns = std::getenv("COLUMNS"))
        terminal.width = std::max<std::size_t>(40, std::strtoul(columns, nullptr, 10));
    else
        terminal.width = 110;
    return terminal;
}

std::string Terminal::paint(std::string_view code, std::string_view text) const {
    if (!colour || code.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::size_t columns_of(std::string_view utf8) {
    std::size_t columns = 0;
    walk(utf8, [&](UChar32, std::string_view, std::size_t width) {
        columns += width;
        return true;
    });
    return columns;
}

std::string printable(std::string_view utf8) {
    std::string out;
    walk(utf8, [&](UChar32 c, std::string_view bytes, std::size_t) {
        const bool control = c >= 0 && (u_charType(c) == U_CONTROL_CHAR || u_charType(c) == U_FORMAT_CHAR);
        out += control ? std::string_view(" ") : bytes;
        return true;
    });
    return out;
}

std::string fit(std::string_view utf8, std::size_t columns) {
    const auto clean = printable(utf8);
    if (columns_of(clean) <= columns) return clean;
    std::string out;
    std::size_t used = 0;
    walk(clean, [&](UChar32, std::string_view bytes, std::size_t width) {
        if (used + width + 1 > columns) return false;
        out += bytes;
        used += width;
        return true;
    });
    return out + "…";
}

void Table::add(std::vector<std::string> cells, std::vector<std::string> colours) { rows_.push_back({std::move(cells), std::move(colours)}); }

std::vector<std::size_t> Table::widths(std::size_t available) const {
    std::vector<std::size_t> widths;
    for (const auto& heading : headings_) widths.push_back(columns_of(heading));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], columns_of(printable(row.cells[i])));
    std::size_t total = 2 * (widths.size() - 1);
    for (const auto width : widths) total += width;
    if (total > available) widths[elastic_] = std::max<std::size_t>(12, widths[elastic_] > total - available ? widths[elastic_] - (total - available) : 0);
    return widths;
}

std::string Table::text(const Terminal& terminal) const {
    const auto all = widths(terminal.width);
    std::string out;
    const auto line = [&](const std::vector<std::string>& cells, const auto& painted) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto cell = fit(cells[i], all[i]);
            out += painted(i, cell);
            if (i + 1 < cells.size()) out.append(all[i] - std::min(all[i], columns_of(cell)) + 2, ' ');
        }
        out += '\n';
    };
    line(headings_, [&](std::size_t, const std::string& cell) { return terminal.dim(cell); });
    for (const auto& row : rows_)
        line(row.cells, [&](std::size_t i, const std::string& cell) {
            const auto code = i < row.colours.size() ? row.colours[i] : std::string();
            return code == "red"      ? terminal.red(cell)
                   : code == "green"  ? terminal.green(cell)
                   : code == "yellow" ? terminal.yellow(cell)
                   : code == "blue"   ? terminal.blue(cell)
                   : code == "bold"   ? terminal.bold(cell)
                   : code == "dim"    ? terminal.dim(cell)
                                      : cell;
        });
    return out;
}

}  // namespace renkei::cli

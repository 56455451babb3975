// A file of people or groups that somebody uploads: its encoding, its cells, its columns.
#include "app/people_csv.hpp"
#include "app/text_encoding.hpp"
#include "base/csv.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto text = renkei::app::read_encoded(bytes, std::nullopt);
    if (!text) return 0;
    static_cast<void>(renkei::app::read_people_csv(*text));
    static_cast<void>(renkei::app::read_groups_csv(*text));
    // What is written is read again as it was.
    for (const auto& row : renkei::parse_csv(*text).rows) {
        const auto again = renkei::parse_csv(renkei::csv_row(row.cells)).rows;
        const bool empty = row.cells.size() == 1 && row.cells.front().empty();
        if (!empty && (again.size() != 1 || again.front().cells != row.cells)) std::abort();
    }
    return 0;
}

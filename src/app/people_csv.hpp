#pragma once

#include "app/groups.hpp"
#include "app/people.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// Something wrong with a line of a file; the detail never repeats more than a short word of it.
struct LineProblem {
    std::size_t line = 0;
    std::string field;
    std::string detail;
};

struct PersonLine {
    std::size_t line = 0;
    std::string email;
    std::string display_name{};                      ///< of new people; existing ones keep theirs
    std::optional<std::vector<core::Role>> roles{};  ///< nothing: the file has no such column, leave as they are
    std::optional<std::vector<core::Name>> groups{};
};
struct GroupLine {
    std::size_t line = 0;
    core::Name name;
    std::string title{};
    std::optional<core::Name> parent{};
};
template <class Line>
struct LinesOf {
    std::vector<Line> lines;
    std::vector<LineProblem> problems;
};

/// UTF-8 text with a header line in English or Japanese: email, display_name, roles, groups. Several roles or groups in a
/// cell are separated by semicolons; roles may be written in either language.
LinesOf<PersonLine> read_people_csv(std::string_view text);
/// name, title, parent.
LinesOf<GroupLine> read_groups_csv(std::string_view text);
std::string write_people_csv(const std::vector<Member>& members, const std::vector<core::Group>& groups);
std::string write_groups_csv(const std::vector<ShownGroup>& groups);

}  // namespace renkei::app

#include "app/people_csv.hpp"

#include "base/csv.hpp"
#include "base/encoding.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace renkei::app {
namespace {

using Columns = std::vector<std::string_view>;
using Words = std::vector<std::pair<std::string_view, std::string_view>>;

// Headings as files have them, to our names; blanks do not count.
const Words headings{{"email", "email"},
                     {"メールアドレス", "email"},
                     {"display_name", "display_name"},
                     {"名前", "display_name"},
                     {"氏名", "display_name"},
                     {"roles", "roles"},
                     {"役割", "roles"},
                     {"groups", "groups"},
                     {"グループ", "groups"},
                     {"組織", "groups"},
                     {"name", "name"},
                     {"グループ名", "name"},
                     {"title", "title"},
                     {"表示名", "title"},
                     {"parent", "parent"},
                     {"上位グループ", "parent"}};
const std::map<std::string_view, core::Role> japanese_roles{{"管理者", core::Role::administrator},
                                                            {"ユーザー管理者", core::Role::user_administrator},
                                                            {"作成者", core::Role::builder},
                                                            {"一般ユーザー", core::Role::user},
                                                            {"監査担当者", core::Role::auditor}};

std::string without_blanks(std::string_view text) {
    std::string out;
    for (const auto part : split(text, ' ')) out += part;
    return lower_ascii(out);
}

std::vector<std::string> words_of(std::string_view cell) {
    std::vector<std::string> words;
    for (const auto part : split(cell, ';'))
        if (const auto word = trim(part); !word.empty()) words.emplace_back(word);
    return words;
}

/// A file by the names of its columns.
class Sheet {
public:
    Sheet(std::string_view text, const Columns& known, std::string_view required) : csv_(parse_csv(text)) {
        for (auto& problem : csv_.problems) problems.push_back({problem.line, "", std::move(problem.what)});
        if (csv_.rows.empty()) {
            refuse(1, std::string(required), "the file has no header line");
            return;
        }
        for (const auto& cell : csv_.rows.front().cells) add_column(cell, known);
        if (!has(required)) refuse(1, std::string(required), "the header line has no column for it");
    }
    std::span<const CsvRow> rows() const {
        return csv_.rows.empty() || !problems_in_header_.empty() ? std::span<const CsvRow>{} : std::span(csv_.rows).subspan(1);
    }
    bool has(std::string_view column) const { return columns_.contains(column); }
    std::string cell(const CsvRow& row, std::string_view column) const {
        const auto found = columns_.find(column);
        if (found == columns_.end() || found->second >= row.cells.size()) return {};
        return std::string(trim(row.cells[found->second]));
    }
    void refuse(std::size_t line, std::string field, std::string detail) {
        if (line == 1) problems_in_header_ = field + " ";
        problems.push_back({line, std::move(field), std::move(detail)});
    }
    std::vector<LineProblem> problems;

private:
    void add_column(std::string_view cell, const Columns& known) {
        const auto place = next_++;
        const auto heading = without_blanks(cell);
        const auto found = std::ranges::find(headings, std::string_view(heading), &Words::value_type::first);
        if (found == headings.end() || std::ranges::find(known, found->second) == known.end()) return refuse(1, "header", "a column is not known here");
        if (!columns_.emplace(found->second, place).second) refuse(1, std::string(found->second), "two columns are of one kind");
    }

    Csv csv_;
    std::map<std::string_view, std::size_t> columns_;
    std::size_t next_ = 0;
    std::string problems_in_header_;
};

std::optional<core::Role> role_of(const std::string& word) {
    if (const auto found = japanese_roles.find(word); found != japanese_roles.end()) return found->second;
    return core::parse_role(lower_ascii(word));
}

PersonLine read_person(Sheet& sheet, const CsvRow& row) {
    PersonLine line{row.line, {}};
    auto email = core::parse_mailbox(sheet.cell(row, "email"), "email");
    if (email)
        line.email = std::move(*email);
    else
        sheet.refuse(row.line, "email", "must be one e-mail address");
    line.display_name = sheet.cell(row, "display_name");
    if (line.display_name.size() > 200) sheet.refuse(row.line, "display_name", "must be at most 200 bytes long");
    if (sheet.has("roles")) {
        line.roles.emplace();
        const auto words = words_of(sheet.cell(row, "roles"));
        for (const auto& word : words) {
            if (const auto role = role_of(word))
                line.roles->push_back(*role);
            else
                sheet.refuse(row.line, "roles", "takes administrator, user_administrator, builder, user, auditor");
        }
        if (words.empty()) sheet.refuse(row.line, "roles", "must hold at least one role");
    }
    if (sheet.has("groups")) {
        line.groups.emplace();
        for (const auto& word : words_of(sheet.cell(row, "groups"))) {
            if (auto name = core::Name::parse(word, "groups"))
                line.groups->push_back(std::move(*name));
            else
                sheet.refuse(row.line, "groups", "takes names of groups, separated by semicolons");
        }
    }
    return line;
}

}  // namespace

LinesOf<PersonLine> read_people_csv(std::string_view text) {
    Sheet sheet(text, {"email", "display_name", "roles", "groups"}, "email");
    LinesOf<PersonLine> file;
    std::set<std::string> seen;
    for (const auto& row : sheet.rows()) {
        auto line = read_person(sheet, row);
        if (!line.email.empty() && !seen.insert(line.email).second) sheet.refuse(row.line, "email", "the same address stands in an earlier line");
        file.lines.push_back(std::move(line));
    }
    file.problems = std::move(sheet.problems);
    return file;
}

LinesOf<GroupLine> read_groups_csv(std::string_view text) {
    Sheet sheet(text, {"name", "title", "parent"}, "name");
    LinesOf<GroupLine> file;
    std::set<std::string> seen;
    for (const auto& row : sheet.rows()) {
        GroupLine line{row.line, {}};
        if (auto name = core::Name::parse(sheet.cell(row, "name")))
            line.name = std::move(*name);
        else
            sheet.refuse(row.line, "name", "must be 1 to 63 of a-z 0-9 . _ -");
        line.title = sheet.cell(row, "title");
        if (line.title.size() > 200) sheet.refuse(row.line, "title", "must be at most 200 bytes long");
        if (const auto parent = sheet.cell(row, "parent"); !parent.empty()) {
            if (auto name = core::Name::parse(parent, "parent"))
                line.parent = std::move(*name);
            else
                sheet.refuse(row.line, "parent", "must be the name of a group");
        }
        if (!seen.insert(line.name.text()).second) sheet.refuse(row.line, "name", "the same name stands in an earlier line");
        file.lines.push_back(std::move(line));
    }
    file.problems = std::move(sheet.problems);
    return file;
}

std::string write_people_csv(const std::vector<Member>& members, const std::vector<core::Group>& groups) {
    std::string text = csv_row({"email", "display_name", "roles", "groups"});
    const auto add = [](std::string& list, std::string_view word) { list += (list.empty() ? "" : ";") + std::string(word); };
    for (const auto& [membership, person] : members) {
        std::string roles, places;
        for (const auto role : membership.roles) add(roles, core::text_of(role));
        for (const auto& group : groups)
            if (std::ranges::find(membership.groups, group.id) != membership.groups.end()) add(places, group.name.text());
        text += csv_row({person.email, membership.active ? person.display_name : membership.invited_name, std::move(roles), std::move(places)});
    }
    return text;
}

std::string write_groups_csv(const std::vector<ShownGroup>& groups) {
    std::string text = csv_row({"name", "title", "parent"});
    for (const auto& shown : groups) text += csv_row({shown.group.name.text(), shown.group.title, shown.parent});
    return text;
}

}  // namespace renkei::app

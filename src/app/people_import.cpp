#include "app/people_import.hpp"

#include "base/json.hpp"
#include "core/roles.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace renkei::app {
namespace {

using core::Role;

// Who asked, as a line carries it to the worker: the rights are those of an administrator or of a user administrator,
// whatever else the caller held.
json::object written(const By& by, TimePoint now) {
    return {{"kind", static_cast<int>(by.principal.kind)},
            {"id", id_text(by.principal.id)},
            {"name", by.principal.name},
            {"administrator", core::may_handle(by.principal, Role::administrator, now)}};
}

By read_by(const json::object& from, core::WorkspaceId workspace, std::string request_id) {
    core::Principal principal;
    principal.kind =
        json::integer(from, "kind") == static_cast<int>(core::Principal::Kind::person) ? core::Principal::Kind::person : core::Principal::Kind::key;
    principal.workspace = workspace;
    principal.id = parse_id(json::text(from, "id").value_or("")).value_or(IdBytes{});
    principal.name = std::string(json::text(from, "name").value_or(""));
    principal.rights = core::rights_of({json::boolean(from, "administrator").value_or(false) ? Role::administrator : Role::user_administrator});
    return {std::move(principal), std::move(request_id)};
}

json::array names_of(const std::vector<core::Name>& names) {
    json::array list;
    for (const auto& name : names) list.emplace_back(name.text());
    return list;
}

std::vector<core::Name> read_names(const json::value& list) {
    std::vector<core::Name> names;
    for (const auto& item : list.as_array())
        if (auto name = core::Name::parse(json::view(item.as_string()))) names.push_back(std::move(*name));
    return names;
}

std::string write(const PersonLine& line, const By& by, TimePoint now) {
    json::object out{{"by", written(by, now)}, {"email", line.email}, {"display_name", line.display_name}};
    if (line.roles) {
        json::array roles;
        for (const auto role : *line.roles) roles.emplace_back(json::view(core::text_of(role)));
        out["roles"] = std::move(roles);
    }
    if (line.groups) out["groups"] = names_of(*line.groups);
    return json::serialize(out);
}

std::string write(const GroupLine& line, const By& by, TimePoint now) {
    json::object out{{"by", written(by, now)}, {"name", line.name.text()}, {"title", line.title}};
    if (line.parent) out["parent"] = line.parent->text();
    return json::serialize(out);
}

core::OperationItem item_of(std::uint64_t index, std::string target, Result<std::string> done) {
    core::OperationItem item{index, std::move(target), done.has_value(), {}, {}};
    if (!done) item.slug = error_row(done.error().code).slug;
    item.detail = done ? std::move(*done) : std::move(done.error().detail);
    return item;
}

std::unexpected<Error> has_problems(const ImportReport& report) {
    const auto& first = report.problems.front();
    return bad_field(first.field.empty() ? "csv" : first.field, "line " + std::to_string(first.line) + ": " + first.detail + "; problems in all: " +
                                                                    std::to_string(report.problems.size()) + ". A dry run lists every one of them");
}

void sort_by_line(ImportReport& report) { std::ranges::sort(report.problems, {}, &LineProblem::line); }

// Groups in an order in which each comes after the one above it; those in a circle come last.
std::vector<GroupLine> parents_first(std::vector<GroupLine> lines) {
    std::vector<GroupLine> ordered;
    std::set<std::string> waiting;
    for (const auto& line : lines) waiting.insert(line.name.text());
    for (bool moved = true; moved && !lines.empty();) {
        moved = false;
        std::erase_if(lines, [&](GroupLine& line) {
            if (line.parent && waiting.contains(line.parent->text())) return false;
            waiting.erase(line.name.text());
            ordered.push_back(std::move(line));
            return moved = true;
        });
    }
    std::ranges::move(lines, std::back_inserter(ordered));
    return ordered;
}

}  // namespace

PeopleImport::PeopleImport(Needs needs) : n_(needs) {}

Task<Result<ImportReport>> PeopleImport::look_at_people(By by, LinesOf<PersonLine> file) {
    ImportReport report{file.lines.size(), std::move(file.problems)};
    auto groups = co_await n_.store.all_groups(by.principal.workspace);
    if (!groups) co_return propagate(groups);
    const auto now = n_.clock.now();
    for (const auto& line : file.lines) {
        const auto problem = [&](std::string field, std::string detail) { report.problems.push_back({line.line, std::move(field), std::move(detail)}); };
        for (const auto& name : line.groups.value_or(std::vector<core::Name>{}))
            if (std::ranges::find(*groups, name, &core::Group::name) == groups->end()) problem("groups", "there is no group " + name.text());
        auto roles = line.roles.value_or(std::vector<Role>{});
        if (line.email.empty()) continue;
        auto member = co_await n_.people.show(by, line.email);
        if (!member && member.error().code != Errc::not_found) co_return propagate(member);
        if (member)
            roles.insert(roles.end(), member->membership.roles.begin(), member->membership.roles.end());
        else if (!line.roles)
            problem("roles", "somebody new needs a role");
        if (!member && line.display_name.empty()) problem("display_name", "somebody new needs a name");
        if (!std::ranges::all_of(roles, [&](Role role) { return core::may_handle(by.principal, role, now); }))
            problem("roles", "only an administrator decides about administrators");
    }
    sort_by_line(report);
    co_return report;
}

Task<Result<ImportReport>> PeopleImport::look_at_groups(By by, LinesOf<GroupLine> file) {
    ImportReport report{file.lines.size(), std::move(file.problems)};
    auto groups = co_await n_.groups.list(by);
    if (!groups) co_return propagate(groups);
    // The tree as it would be.
    std::map<std::string, std::string> parents;
    for (const auto& shown : *groups) parents[shown.group.name.text()] = shown.parent;
    for (const auto& line : file.lines) parents[line.name.text()] = line.parent ? line.parent->text() : "";
    for (const auto& line : file.lines) {
        if (line.parent && !parents.contains(line.parent->text())) report.problems.push_back({line.line, "parent", "there is no group " + line.parent->text()});
        std::set<std::string> seen{line.name.text()};
        for (auto above = parents[line.name.text()]; !above.empty() && parents.contains(above); above = parents[above])
            if (!seen.insert(above).second) {
                report.problems.push_back({line.line, "parent", "the group would stand below itself"});
                break;
            }
    }
    sort_by_line(report);
    co_return report;
}

Task<Result<core::Operation>> PeopleImport::import_people(By by, LinesOf<PersonLine> file) {
    auto report = co_await look_at_people(by, file);
    if (!report) co_return propagate(report);
    if (!report->problems.empty()) co_return has_problems(*report);
    std::vector<std::string> targets;
    for (const auto& line : file.lines) targets.push_back(write(line, by, n_.clock.now()));
    co_return co_await n_.operations.start(std::move(by), std::string(people_kind_.name()), std::move(targets));
}

Task<Result<core::Operation>> PeopleImport::import_groups(By by, LinesOf<GroupLine> file) {
    auto report = co_await look_at_groups(by, file);
    if (!report) co_return propagate(report);
    if (!report->problems.empty()) co_return has_problems(*report);
    std::vector<std::string> targets;
    for (const auto& line : parents_first(std::move(file.lines))) targets.push_back(write(line, by, n_.clock.now()));
    co_return co_await n_.operations.start(std::move(by), std::string(groups_kind_.name()), std::move(targets));
}

Task<Result<std::string>> PeopleImport::apply(By by, PersonLine line) {
    auto member = co_await n_.people.show(by, line.email);
    if (!member && member.error().code != Errc::not_found) co_return propagate(member);
    if (!member) {
        InvitePerson wanted{line.email, line.display_name, "en", line.roles.value_or(std::vector<Role>{}), line.groups.value_or(std::vector<core::Name>{})};
        auto made = co_await n_.people.invite(std::move(by), std::move(wanted));
        if (!made) co_return propagate(made);
        co_return "invited; make a link to hand over";
    }
    auto groups = co_await n_.people.groups_of(by.principal.workspace, line.groups.value_or(std::vector<core::Name>{}));
    if (!groups) co_return propagate(groups);
    auto roles = line.roles.value_or(member->membership.roles), before = member->membership.roles;
    std::ranges::sort(roles);
    std::ranges::sort(before);
    auto places = member->membership.groups;
    std::ranges::sort(places);
    if (roles == before && (!line.groups || places == *groups)) co_return "unchanged";
    auto changed = co_await n_.people.change(std::move(by), line.email, {std::move(line.roles), std::move(line.groups)}, member->membership.version);
    if (!changed) co_return propagate(changed);
    co_return "changed";
}

Task<Result<std::string>> PeopleImport::apply(By by, GroupLine line) {
    auto shown = co_await n_.groups.show(by, line.name);
    if (!shown && shown.error().code != Errc::not_found) co_return propagate(shown);
    if (!shown) {
        auto made = co_await n_.groups.create(std::move(by), {line.name, std::move(line.title), std::move(line.parent)});
        if (!made) co_return propagate(made);
        co_return "made";
    }
    if (shown->group.title == line.title && shown->parent == (line.parent ? line.parent->text() : "")) co_return "unchanged";
    ChangeGroup wanted{{}, std::move(line.title), true, std::move(line.parent)};
    auto changed = co_await n_.groups.change(std::move(by), line.name, std::move(wanted), shown->group.version);
    if (!changed) co_return propagate(changed);
    co_return "changed";
}

Task<core::OperationItem> PeopleImport::PeopleKind::work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) {
    auto parsed = json::parse(target);
    if (!parsed || !parsed->is_object()) co_return item_of(index, "", fail(Errc::storage_failed, "a stored line cannot be read"));
    const auto& from = parsed->get_object();
    PersonLine line{0, std::string(json::text(from, "email").value_or("")), std::string(json::text(from, "display_name").value_or(""))};
    if (const auto* roles = json::find(from, "roles")) {
        line.roles.emplace();
        for (const auto& word : roles->as_array())
            if (const auto role = core::parse_role(json::view(word.as_string()))) line.roles->push_back(*role);
    }
    if (const auto* groups = json::find(from, "groups")) line.groups = read_names(*groups);
    auto by = read_by(from.at("by").as_object(), workspace, std::move(request_id));
    auto email = line.email;
    auto done = co_await import_.apply(std::move(by), std::move(line));
    co_return item_of(index, std::move(email), std::move(done));
}

Task<core::OperationItem> PeopleImport::GroupsKind::work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) {
    auto parsed = json::parse(target);
    auto name = parsed && parsed->is_object() ? core::Name::parse(json::text(parsed->get_object(), "name").value_or(""))
                                              : Result<core::Name>(fail(Errc::storage_failed, {}));
    if (!name) co_return item_of(index, "", fail(Errc::storage_failed, "a stored line cannot be read"));
    const auto& from = parsed->get_object();
    GroupLine line{0, *name, std::string(json::text(from, "title").value_or(""))};
    if (const auto parent = json::text(from, "parent"))
        if (auto above = core::Name::parse(*parent)) line.parent = std::move(*above);
    auto by = read_by(from.at("by").as_object(), workspace, std::move(request_id));
    auto done = co_await import_.apply(std::move(by), std::move(line));
    co_return item_of(index, name->text(), std::move(done));
}

}  // namespace renkei::app

#include "adapters/api/answers.hpp"
#include "adapters/api/people_endpoints.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/people_import.hpp"
#include "app/text_encoding.hpp"

namespace renkei::api {
namespace {

using core::Action;

constexpr std::uint64_t largest_file = 2 << 20;
constexpr std::size_t most_named = 20;
constexpr std::string_view encodings = "utf-8, cp932";

struct Upload {
    std::string text;  ///< UTF-8
    bool dry_run = true;
};

Result<Upload> read_upload(Call& call) {
    auto query = call.read_query();
    const auto encoding = query.optional_choice("encoding", app::parse_file_encoding, encodings);
    // Nothing is applied unless that is said.
    const bool dry_run = query.optional_boolean("dry_run").value_or(true);
    if (auto done = query.done(); !done) return propagate(done);
    auto text = app::read_encoded(call.request.body, encoding);
    if (!text) return propagate(text);
    return Upload{std::move(*text), dry_run};
}

app::ServerResponse report_answer(const app::ImportReport& report) {
    json::array problems;
    for (const auto& problem : report.problems) problems.push_back(json::object{{"line", problem.line}, {"field", problem.field}, {"detail", problem.detail}});
    return json_answer({{"rows", report.rows}, {"problems", std::move(problems)}});
}

app::ServerResponse started_answer(const core::Operation& operation) {
    return accepted_answer(shown_operation(operation), "/v1/operations/" + operation.id.text());
}

Result<app::ServerResponse> file_answer(std::string_view text, app::FileEncoding encoding, std::string_view name) {
    std::vector<app::Unwritable> unwritable;
    app::ServerResponse answer;
    answer.body = app::write_encoded(text, encoding, unwritable);
    if (!unwritable.empty()) {
        std::string named;
        for (std::size_t i = 0; i < unwritable.size() && i < most_named; ++i)
            named += (i == 0 ? "" : ", ") + unwritable[i].character + " (line " + std::to_string(unwritable[i].line) + ")";
        return bad_field("encoding",
                         "CP932 does not have: " + named + "; take utf-8, or change these texts. Characters in all: " + std::to_string(unwritable.size()));
    }
    answer.headers.set("Content-Type", encoding == app::FileEncoding::utf8 ? "text/csv; charset=utf-8" : "text/csv; charset=Windows-31J");
    answer.headers.set("Content-Disposition", "attachment; filename=\"" + std::string(name) + "\"");
    return answer;
}

Result<app::FileEncoding> read_encoding(Call& call) {
    auto query = call.read_query();
    const auto encoding = query.optional_choice("encoding", app::parse_file_encoding, encodings).value_or(app::FileEncoding::utf8);
    if (auto done = query.done(); !done) return propagate(done);
    return encoding;
}

Task<Result<app::ServerResponse>> export_people(Services& services, Call call) {
    auto encoding = read_encoding(call);
    if (!encoding) co_return propagate(encoding);
    const auto by = asked_by(call);
    std::vector<app::Member> members;
    for (app::PageRequest page{"", 500};;) {
        auto found = co_await services.people.list(by, std::nullopt, page);
        if (!found) co_return propagate(found);
        std::ranges::move(found->items, std::back_inserter(members));
        if (found->next.empty()) break;
        page.after = found->next;
    }
    auto groups = co_await services.store.all_groups(by.principal.workspace);
    if (!groups) co_return propagate(groups);
    co_return file_answer(app::write_people_csv(members, *groups), *encoding, "people.csv");
}

Task<Result<app::ServerResponse>> export_groups(Services& services, Call call) {
    auto encoding = read_encoding(call);
    if (!encoding) co_return propagate(encoding);
    auto groups = co_await services.groups.list(asked_by(call));
    if (!groups) co_return propagate(groups);
    co_return file_answer(app::write_groups_csv(*groups), *encoding, "groups.csv");
}

// A file of people or of groups: looked at only, or taken in as an operation.
template <class File>
Task<Result<app::ServerResponse>> import_file(Services& services, Call call, File (*read)(std::string_view),
                                              Task<Result<app::ImportReport>> (app::PeopleImport::*look_at)(app::By, File),
                                              Task<Result<core::Operation>> (app::PeopleImport::*import)(app::By, File)) {
    auto upload = read_upload(call);
    if (!upload) co_return propagate(upload);
    auto file = read(upload->text);
    if (upload->dry_run) {
        auto report = co_await (services.people_import.*look_at)(asked_by(call), std::move(file));
        if (!report) co_return propagate(report);
        co_return report_answer(*report);
    }
    auto started = co_await (services.people_import.*import)(asked_by(call), std::move(file));
    if (!started) co_return propagate(started);
    co_return started_answer(*started);
}

Task<Result<app::ServerResponse>> import_people(Services& services, Call call) {
    return import_file(services, std::move(call), app::read_people_csv, &app::PeopleImport::look_at_people, &app::PeopleImport::import_people);
}

Task<Result<app::ServerResponse>> import_groups(Services& services, Call call) {
    return import_file(services, std::move(call), app::read_groups_csv, &app::PeopleImport::look_at_groups, &app::PeopleImport::import_groups);
}

constexpr Route csv_table[] = {
    {Method::get, "/v1/csv/people", Requires::right(Action::people_read), export_people},
    {Method::post, "/v1/csv/people", Requires::right(Action::people_write), import_people, Takes::csv, largest_file},
    {Method::get, "/v1/csv/groups", Requires::right(Action::people_read), export_groups},
    {Method::post, "/v1/csv/groups", Requires::right(Action::people_write), import_groups, Takes::csv, largest_file},
};

}  // namespace

Routes csv_routes() { return csv_table; }

}  // namespace renkei::api

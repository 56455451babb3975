#include "adapters/api/fence_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/fences.hpp"

namespace renkei::api {
namespace {

using core::Action;

json::value word(std::string_view text) { return json::value(json::view(text)); }
json::value time_or_null(TimePoint at) { return at == TimePoint{} ? json::value(nullptr) : shown_time(at); }
json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(json::view(text)); }

json::object shown_entry(const core::FenceRow& row) {
    json::array names;
    for (const auto& name : row.names) names.push_back(json::value(json::view(name.name)));
    return {{"kind", word(core::text_of(row.entry.kind))},
            {"written", row.entry.written},
            {"entry", core::text_of(row.entry)},
            {"state", word(core::text_of(row.state))},
            {"trouble", row.trouble == core::FenceTrouble::none ? json::value(nullptr) : word(core::text_of(row.trouble))},
            {"directory_id", text_or_null(row.directory_id)},
            {"found_id", text_or_null(row.found_id)},
            {"address", text_or_null(row.address)},
            {"names", std::move(names)},
            {"members", row.entry.kind == core::FenceKind::group ? json::value(row.members) : json::value(nullptr)},
            {"checked_at", time_or_null(row.checked_at)},
            {"resolved_at", time_or_null(row.resolved_at)}};
}

app::ServerResponse fence_answer(const app::ShownFence& shown) {
    json::array entries;
    for (const auto& row : shown.rows) entries.push_back(shown_entry(row));
    return json_answer({{"connection", shown.connection.name.text()},
                        {"everything", shown.connection.fence.everything},
                        {"decided_by", shown.connection.fence.everything ? "nothing"
                                       : shown.has_directory             ? "directory"
                                                                         : "spelling"},
                        {"checked_at", shown.check ? shown_time(shown.check->checked_at) : json::value(nullptr)},
                        {"due_at", shown.check ? shown_time(shown.check->due_at) : json::value(nullptr)},
                        {"entries", std::move(entries)}});
}

Task<Result<app::ServerResponse>> show_fence(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto shown = co_await services.fences.show(asked_by(call), *std::move(name));
    if (!shown) co_return propagate(shown);
    co_return fence_answer(*shown);
}

Task<Result<app::ServerResponse>> look_again(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto shown = co_await services.fences.look_again(asked_by(call), *std::move(name));
    if (!shown) co_return propagate(shown);
    co_return fence_answer(*shown);
}

Task<Result<app::ServerResponse>> confirm_entry(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto body = call.read_body();
    const auto entry = body.accept("entry", core::parse_fence_entry(body.text("entry", {.max = 270, .min = 0}), "entry"));
    auto found_id = body.text("found_id", {.max = 36});
    if (auto done = body.done(); !done) co_return propagate(done);
    auto shown = co_await services.fences.confirm(asked_by(call), *std::move(name), *entry, std::move(found_id));
    if (!shown) co_return propagate(shown);
    co_return fence_answer(*shown);
}

Task<Result<app::ServerResponse>> fence_script(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto query = call.read_query();
    auto outside = query.optional_text("outside", 254).value_or("");
    if (auto done = query.done(); !done) co_return propagate(done);
    auto script = co_await services.fences.script(asked_by(call), *name, std::move(outside));
    if (!script) co_return propagate(script);
    co_return script_answer(*name, *std::move(script));
}

Task<Result<app::ServerResponse>> probe_fence(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    const auto language = call.language;
    auto body = call.read_body();
    auto mailbox = body.text("mailbox", {.max = 254});
    if (auto done = body.done(); !done) co_return propagate(done);
    const auto connection = name->text();
    auto report = co_await services.fences.probe(asked_by(call), *std::move(name), std::move(mailbox));
    if (!report) co_return propagate(report);
    const bool open = report->result == app::ProbeResult::open;
    co_return json_answer({{"mailbox", report->mailbox},
                           {"result", word(app::text_of(report->result))},
                           {"detail", report->detail},
                           {"problem", shown_finding(report->problem, language)},
                           {"script", open ? json::value("/v1/connections/" + connection + "/fence/script") : json::value(nullptr)}});
}

constexpr Route fence_table[] = {
    {Method::get, "/v1/connections/{name}/fence", Requires::right(Action::connections_read), show_fence},
    {Method::post, "/v1/connections/{name}/fence/check", Requires::right(Action::connections_write), look_again, Takes::optional_json},
    {Method::post, "/v1/connections/{name}/fence/confirm", Requires::right(Action::connections_write), confirm_entry, Takes::json},
    {Method::get, "/v1/connections/{name}/fence/script", Requires::right(Action::connections_read), fence_script},
    {Method::post, "/v1/connections/{name}/fence/probe", Requires::right(Action::connections_write), probe_fence, Takes::json},
};

}  // namespace

Routes fence_routes() { return fence_table; }

}  // namespace renkei::api

#include "adapters/api/automation_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "adapters/api/show_secret.hpp"
#include "app/automations.hpp"

namespace renkei::api {
namespace {

constexpr std::int64_t longest_life = app::Automations::longest_life.count();
constexpr std::string_view state_of(bool live) { return live ? "live" : "ended"; }

json::object shown_run(const core::Run& run, TimePoint now) {
    return {{"id", run.id.text()},
            {"name", run.name},
            {"parent", run.path.size() > 1 ? json::value(run.path[run.path.size() - 2].text()) : json::value(nullptr)},
            {"root", run.path.front().text()},
            {"depth", run.path.size()},
            {"state", state_of(run.is_live(now))},
            {"created_at", shown_time(run.created_at)},
            {"ends_at", shown_time(run.ends_at)},
            {"ended_at", shown_time(run.ended_at)}};
}

json::object shown_session(const core::AutomationSession& session, TimePoint now) {
    json::array actions;
    for (const auto action : session.actions) actions.emplace_back(core::text_of(action));
    return {{"id", session.id.text()},
            {"kind", core::text_of(session.kind)},
            {"name", session.name ? json::value(session.name->text()) : json::value(nullptr)},
            {"run", session.run.text()},
            {"connection", session.connection_name.text()},
            {"actions", std::move(actions)},
            {"mailbox", session.mailbox.empty() ? json::value(nullptr) : json::value(session.mailbox)},
            {"act_as", session.act_as.empty() ? json::value(nullptr) : json::value(session.act_as)},
            {"state", state_of(session.is_live(now))},
            {"created_at", shown_time(session.created_at)},
            {"ends_at", shown_time(session.ends_at)},
            {"ended_at", shown_time(session.ended_at)},
            {"ended_because", session.ended_because.empty() ? json::value(nullptr) : json::value(session.ended_because)}};
}

std::optional<std::chrono::seconds> read_life(BodyReader& body) {
    const auto seconds = body.optional_integer("ends_in_seconds", 1, longest_life);
    return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

Result<app::StartRun> read_run(Call& call) {
    auto body = call.read_body();
    app::StartRun wanted;
    wanted.name = body.optional_text("name", {.max = 200, .min = 0}).value_or("");
    wanted.ends_in = read_life(body);
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

void read_variables(BodyReader& body, app::ConnectSession& wanted) {
    for (auto& one : body.object_list("variables", 32)) {
        auto name = one.accept("name", core::Name::parse(one.text("name", {.max = 63, .min = 0})));
        auto value = one.text("value", {.max = 1024, .min = 0});
        if (name) wanted.variables.emplace_back(*std::move(name), std::move(value));
    }
}

Result<app::ConnectSession> read_session(Call& call) {
    auto body = call.read_body();
    app::ConnectSession wanted;
    if (auto name = body.accept("connection", core::Name::parse(body.text("connection", {.max = 63, .min = 0}), "connection"))) wanted.connection = *name;
    wanted.kind = body.optional_choice("kind", core::parse_session_kind, "local, global, variable").value_or(core::SessionKind::local);
    if (const auto name = body.optional_text("name", {.max = 63})) wanted.name = body.accept("name", core::Name::parse(*name));
    for (const auto& word : body.text_list("actions", 16, {.max = 64})) {
        const auto action = core::parse_action(word);
        if (action)
            wanted.actions.push_back(*action);
        else
            body.refuse("actions", "has a word that is no action: mail:read, mail:send, native, tokens:read");
    }
    wanted.mailbox = body.optional_text("mailbox", {.max = 1024}).value_or("");
    wanted.act_as = body.optional_text("act_as", {.max = 1024}).value_or("");
    wanted.ends_in = read_life(body);
    read_variables(body, wanted);
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

template <class IdType>
Result<IdType> path_id(const Call& call, std::string_view what) {
    const auto id = IdType::parse(call.parameter("id"));
    if (!id) return fail(Errc::not_found, "there is no such " + std::string(what) + " that this caller may see");
    return *id;
}

Task<Result<app::ServerResponse>> start_run(Services& services, Call call) {
    auto wanted = read_run(call);
    if (!wanted) co_return propagate(wanted);
    auto made = co_await services.automations.start(asked_by(call), call.run, *std::move(wanted));
    if (!made) co_return propagate(made);
    auto shown = with_secret(shown_run(made->run, services.clock.now()), made->text);
    co_return secret_answer(created_answer(std::move(shown), "/v1/runs/" + made->run.id.text()));
}

Task<Result<app::ServerResponse>> list_runs(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "runs");
    if (!page) co_return propagate(page);
    auto found = co_await services.automations.list_runs(asked_by(call), *std::move(page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& run : found->items) items.push_back(shown_run(run, services.clock.now()));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "runs"));
}

Task<Result<app::ServerResponse>> show_run(Services& services, Call call) {
    auto id = path_id<core::RunId>(call, "run");
    if (!id) co_return propagate(id);
    auto run = co_await services.automations.show_run(asked_by(call), call.run, *id);
    if (!run) co_return propagate(run);
    co_return json_answer(shown_run(*run, services.clock.now()));
}

Task<Result<app::ServerResponse>> end_run(Services& services, Call call) {
    auto id = path_id<core::RunId>(call, "run");
    if (!id) co_return propagate(id);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto ended = co_await services.automations.end(asked_by(call), call.run, *id);
    if (!ended) co_return propagate(ended);
    co_return no_content();
}

Task<Result<app::ServerResponse>> connect(Services& services, Call call) {
    auto wanted = read_session(call);
    if (!wanted) co_return propagate(wanted);
    auto made = co_await services.automations.connect(asked_by(call), call.run, *std::move(wanted));
    if (!made) co_return propagate(made);
    const auto now = services.clock.now();
    auto shown = with_secret(shown_session(made->session, now), made->text);
    shown["started_run"] = made->run ? json::value(with_secret(shown_run(made->run->run, now), made->run->text)) : json::value(nullptr);
    co_return secret_answer(created_answer(std::move(shown), "/v1/sessions/" + made->session.id.text()));
}

Task<Result<app::ServerResponse>> list_sessions(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "sessions");
    if (!page) co_return propagate(page);
    auto found = co_await services.automations.list_sessions(asked_by(call), *std::move(page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& session : found->items) items.push_back(shown_session(session, services.clock.now()));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "sessions"));
}

Task<Result<app::ServerResponse>> show_session(Services& services, Call call) {
    auto id = path_id<core::AutomationSessionId>(call, "session");
    if (!id) co_return propagate(id);
    auto session = co_await services.automations.show_session(asked_by(call), call.run, *id);
    if (!session) co_return propagate(session);
    co_return json_answer(shown_session(*session, services.clock.now()));
}

Task<Result<app::ServerResponse>> end_session(Services& services, Call call) {
    auto id = path_id<core::AutomationSessionId>(call, "session");
    if (!id) co_return propagate(id);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto ended = co_await services.automations.end_session(asked_by(call), call.run, *id);
    if (!ended) co_return propagate(ended);
    co_return no_content();
}

// With the handle itself: what it is good for, and its end.
Task<Result<app::ServerResponse>> show_own(Services& services, Call call) {
    const auto id = call.caller.limit->session;
    auto session = co_await services.automations.show_session(asked_by(call), call.run, id);
    if (!session) co_return propagate(session);
    co_return json_answer(shown_session(*session, services.clock.now()));
}

Task<Result<app::ServerResponse>> end_own(Services& services, Call call) {
    const auto id = call.caller.limit->session;
    auto ended = co_await services.automations.end_session(asked_by(call), call.run, id);
    if (!ended) co_return propagate(ended);
    co_return no_content();
}

constexpr Route automation_table[] = {
    {Method::get, "/v1/runs", Requires::automation, list_runs},
    {Method::post, "/v1/runs", Requires::automation, start_run, Takes::optional_json},
    {Method::get, "/v1/runs/{id}", Requires::automation, show_run},
    {Method::post, "/v1/runs/{id}/end", Requires::automation, end_run, Takes::optional_json},
    {Method::get, "/v1/sessions", Requires::automation, list_sessions},
    {Method::post, "/v1/sessions", Requires::automation, connect, Takes::json},
    {Method::get, "/v1/sessions/{id}", Requires::automation, show_session},
    {Method::post, "/v1/sessions/{id}/end", Requires::automation, end_session, Takes::optional_json},
    {Method::get, "/v1/session", Requires::session, show_own},
    {Method::delete_, "/v1/session", Requires::session, end_own},
};

}  // namespace

Routes automation_routes() { return automation_table; }

}  // namespace renkei::api

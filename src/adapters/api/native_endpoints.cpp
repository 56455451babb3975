#include "adapters/api/native_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/call_place.hpp"
#include "adapters/api/services.hpp"
#include "app/native.hpp"

namespace renkei::api {
namespace {

constexpr std::uint64_t body_limit = 4u << 20;
constexpr std::size_t most_parameters = 30;

std::optional<Method> parse_native_method(std::string_view text) {
    const auto method = parse_method(text);
    return method == Method::head || method == Method::options ? std::nullopt : method;
}

Result<app::NativeCall> read_call(Call& call) {
    auto body = call.read_body();
    app::NativeCall wanted;
    wanted.method = body.optional_choice("method", parse_native_method, "GET, POST, PUT, PATCH, DELETE").value_or(Method::get);
    wanted.path = body.text("path", {.max = 2000});
    for (auto& one : body.object_list("query", most_parameters)) {
        wanted.query.emplace_back(one.text("name", {.max = 100}), one.text("value", {.max = 2000, .min = 0}));
        (void)one.done();  // The refusals are told by the reader of the whole body.
    }
    if (auto* given = body.any("body"); given != nullptr) wanted.body = json::serialize(*given);
    if (wanted.method == Method::get && !wanted.body.empty()) body.refuse("body", "goes with POST, PUT and PATCH only");
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

Task<Result<app::ServerResponse>> call_native(Services& services, Call call) {
    auto place = place_of(call);
    if (!place) co_return propagate(place);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto wanted = read_call(call);
    if (!wanted) co_return propagate(wanted);
    auto answer = co_await services.native.call(asked_by(call), *std::move(place), *std::move(wanted));
    if (!answer) co_return propagate(answer);
    json::object shown{{"status", answer->status}, {"content_type", answer->media_type}, {"body", nullptr}, {"text", nullptr}};
    if (auto parsed = json::parse(answer->body))
        shown["body"] = std::move(*parsed);
    else if (is_utf8(answer->body) && !answer->body.empty())
        shown["text"] = answer->body;
    co_return json_answer(std::move(shown));
}

constexpr Route native_table[] = {
    {Method::post, "/v1/native", Requires::right(core::Action::native), call_native, Takes::json, body_limit, Shows::problem, AfterUnknown::hold},
};

}  // namespace

Routes native_routes() { return native_table; }

}  // namespace renkei::api

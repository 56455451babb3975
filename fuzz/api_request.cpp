// A request's path, query and body through the router, the query reader and the JSON body readers of the API.
#include "adapters/api/api.hpp"
#include "adapters/api/connect_cookie.hpp"
#include "adapters/api/connection_input.hpp"
#include "adapters/api/parse_body.hpp"
#include "adapters/api/problem.hpp"
#include "adapters/api/read_right.hpp"
#include "base/encoding.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace renkei;

namespace {

// Whatever is refused becomes an answer, and an answer is always well-formed.
void answer(const Error& error) {
    const auto problem = api::problem_answer(error, "0123456789abcdef0123456789abcdef", api::Language::ja);
    if (!json::parse(problem.body)) std::abort();
}

void read_everything(api::Call& call) {
    if (auto made = api::read_connection(call); !made) answer(made.error());
    if (auto change = api::read_connection_change(call); !change) answer(change.error());
    auto body = call.read_body();
    for (auto& right : body.object_list("rights", 32)) (void)api::read_right(right);
    (void)body.optional_time("expires_at");
    (void)body.optional_secret("client_secret");
    if (auto done = body.done(); !done) answer(done.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const api::Router router(api::all_routes());
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto line = all.find('\n');
    const auto target = all.substr(0, line);
    const auto mark = target.find('?');
    for (const auto method : {Method::get, Method::post, Method::head}) (void)router.find(method, target.substr(0, mark));
    (void)api::negotiate(target);
    (void)api::ConnectCookie("https://a.example").read(std::optional<Secret>(Secret(target)));

    api::Call call;
    const api::Route route{Method::post, "/v1/fuzz", api::Requires::nothing, nullptr, api::Takes::json};
    call.route = &route;
    if (mark != target.npos)
        if (auto fields = form_decode(target.substr(mark + 1))) call.request.query = std::move(*fields);
    auto query = call.read_query();
    (void)query.optional_integer("limit", 1, 500);
    (void)query.optional_text("cursor", 2048);
    (void)query.optional_time("after");
    if (auto done = query.done(); !done) answer(done.error());

    if (line == all.npos) return 0;
    call.request.headers.set("Content-Type", "application/json");
    call.request.body = all.substr(line + 1);
    if (auto parsed = api::parse_body(call); !parsed)
        answer(parsed.error());
    else
        read_everything(call);
    return 0;
}

#include "adapters/api/problem.hpp"

#include "base/json.hpp"
#include "base/sign_in_reason.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

// Context entries that callers see. Others are for the log.
constexpr std::string_view shown_members[] = {"field", "connection", "mailbox", "connector", "suggestion", "missing_scope", "reason", "provider_code"};

json::array refusals_of(const Error& error) {
    json::array refusals;
    for (std::size_t i = 0; i + 1 < error.context.size(); ++i) {
        if (error.context[i].first != "refused_field") continue;
        refusals.push_back(json::object{{"field", error.context[i].second}, {"detail", error.context[i + 1].second}});
    }
    return refusals;
}

void add_retry_after(const Error& error, int status, json::object& problem, Headers& headers) {
    auto seconds = std::string(error.get("retry_after"));
    if (seconds.empty() || seconds.find_first_not_of("0123456789") != seconds.npos || seconds.size() > 9) seconds.clear();
    // RFC 9110 section 10.2.3: a 429 or 503 says when to come back.
    if (seconds.empty() && (status == 429 || status == 503)) seconds = error.code == Errc::rotation_unknown ? "2" : "5";
    if (seconds.empty()) return;
    problem["retry_after"] = std::stoll(seconds);
    headers.set("Retry-After", seconds);
}

}  // namespace

app::ServerResponse problem_answer(const Error& error, std::string_view request_id, Language language, std::string_view public_url) {
    const auto& row = error_row(error.code);
    // A named reason says more than the code: what is wrong, who acts and what to do, in the reader's language.
    const auto say = told(error, language == Language::ja);
    app::ServerResponse answer;
    answer.status = row.status;
    json::object problem{{"type", fmt::format("/problems/{}", row.slug)},
                         {"title", json::view(pick(language, row.title_en, row.title_ja))},
                         {"status", row.status},
                         {"code", json::view(row.slug)},
                         {"actor", json::view(slug_of(say.actor))},
                         {"remedy", say.remedy},
                         {"request_id", json::view(request_id)}};
    if (!say.detail.empty()) problem["detail"] = say.detail;
    for (const auto name : shown_members)
        if (const auto value = error.get(name); !value.empty()) problem[json::view(name)] = json::view(value);
    if (const auto path = error.get("permission_path"); !path.empty()) problem["permission_url"] = json::view(fmt::format("{}{}", public_url, path));
    if (auto refusals = refusals_of(error); refusals.size() > 1) problem["errors"] = std::move(refusals);
    // RFC 6750 section 3: no error code when the request held no credential; we never say why a key was refused.
    if (row.status == 401) answer.headers.set("WWW-Authenticate", "Bearer realm=\"renkei\"");
    add_retry_after(error, row.status, problem, answer.headers);
    answer.headers.set("Content-Type", "application/problem+json");
    answer.headers.set("Content-Language", std::string(tag_of(language)));
    answer.body = json::serialize(problem);
    return answer;
}

}  // namespace renkei::api

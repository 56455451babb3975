#include "adapters/api/answers.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"

#include <fmt/format.h>

#include <charconv>

namespace renkei::api {
namespace {

constexpr std::size_t mark_size = 16;

// What ties a cursor to its list, workspace and filter: cut off HMAC under the installation's lookup key.
std::string mark_of(const app::Vault& vault, core::WorkspaceId workspace, std::string_view list, std::string_view after) {
    const auto digest = vault.lookup_hash(Secret(fmt::format("cursor\n{}\n{}:{}\n{}", workspace.text(), list.size(), list, after)));
    return std::string(as_text(digest).substr(0, mark_size));
}

}  // namespace

app::ServerResponse json_answer(json::object body, int status) {
    app::ServerResponse answer;
    answer.status = status;
    answer.headers.set("Content-Type", "application/json");
    answer.body = json::serialize(body);
    return answer;
}

app::ServerResponse created_answer(json::object body, std::string location) {
    auto answer = json_answer(std::move(body), 201);
    answer.headers.set("Location", std::move(location));
    return answer;
}

app::ServerResponse accepted_answer(json::object body, std::string location) {
    auto answer = json_answer(std::move(body), 202);
    answer.headers.set("Location", std::move(location));
    return answer;
}

app::ServerResponse no_content() {
    app::ServerResponse answer;
    answer.status = 204;
    return answer;
}

app::ServerResponse secret_answer(app::ServerResponse answer) {
    answer.secret_body = true;
    return answer;
}

app::ServerResponse with_etag(app::ServerResponse answer, std::uint64_t version) {
    answer.headers.set("ETag", fmt::format("\"{}\"", version));
    return answer;
}

Result<std::optional<std::uint64_t>> read_if_match(const Call& call) {
    const auto& headers = call.request.headers;
    const auto tag = trim(headers.get("If-Match"));
    if (!headers.has("If-Match") || tag == "*") return std::optional<std::uint64_t>{};
    std::uint64_t version = 0;
    if (headers.count("If-Match") > 1 || tag.find(',') != tag.npos) return bad_field("If-Match", "`If-Match` takes one ETag");
    const bool quoted = tag.size() >= 3 && tag.front() == '"' && tag.back() == '"';
    const auto digits = quoted ? tag.substr(1, tag.size() - 2) : std::string_view{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    // A weak tag or one that we never gave matches nothing (RFC 9110 section 13.1.1).
    if (!quoted || error != std::errc{} || end != digits.data() + digits.size()) return std::optional<std::uint64_t>{0};
    return std::optional(version);
}

Result<core::Name> path_name(const Call& call, std::string_view parameter) {
    auto name = core::Name::parse(call.parameter(parameter));
    if (!name) return fail(Errc::not_found, "there is nothing of this name");
    return name;
}

Result<std::string> read_act_as(const Call& call) {
    const auto& headers = call.request.headers;
    if (headers.count("Renkei-Act-As") > 1) return bad_field("Renkei-Act-As", "the header `Renkei-Act-As` may be given once only");
    const auto act_as = trim(headers.get("Renkei-Act-As"));
    if (headers.has("Renkei-Act-As") && act_as.empty())
        return bad_field("Renkei-Act-As", "the header `Renkei-Act-As` is empty; leave it out, or name the person by their e-mail address");
    return std::string(act_as);
}

Result<void> expect_empty(Call& call) { return call.read_body().done(); }

app::By asked_by(Call& call) { return {std::move(call.caller), call.request.request_id}; }

std::string make_cursor(const app::Vault& vault, core::WorkspaceId workspace, std::string_view list, std::string_view after) {
    auto whole = mark_of(vault, workspace, list, after);
    whole += after;
    return base64url(as_bytes(whole));
}

Result<std::string> open_cursor(const app::Vault& vault, core::WorkspaceId workspace, std::string_view list, std::string_view cursor) {
    auto whole = cursor.size() <= 2048 ? decode_base64url(cursor) : std::nullopt;
    if (whole && whole->size() > mark_size) {
        auto after = whole->substr(mark_size);
        if (constant_time_equal(std::string_view(*whole).substr(0, mark_size), mark_of(vault, workspace, list, after))) return after;
    }
    return bad_field("cursor", "the `cursor` is not one that this list has given; begin again without it");
}

Result<app::PageRequest> read_page(QueryReader& query, const app::Vault& vault, core::WorkspaceId workspace, std::string_view list, std::uint32_t usual) {
    app::PageRequest page;
    page.limit = static_cast<std::uint32_t>(query.optional_integer("limit", 1, 500).value_or(usual));
    if (const auto cursor = query.optional_text("cursor", 2048)) {
        auto after = open_cursor(vault, workspace, list, *cursor);
        if (!after) return propagate(after);
        page.after = std::move(*after);
    }
    if (auto done = query.done(); !done) return propagate(done);
    return page;
}

json::object page_body(json::array items, const std::string& next, const app::Vault& vault, core::WorkspaceId workspace, std::string_view list) {
    json::object body{{"items", std::move(items)}, {"next_cursor", nullptr}};
    if (!next.empty()) body["next_cursor"] = make_cursor(vault, workspace, list, next);
    return body;
}

app::ServerResponse script_answer(const core::Name& connection, std::string script) {
    app::ServerResponse answer;
    answer.headers.set("Content-Type", "text/plain; charset=utf-8");
    answer.headers.set("Content-Disposition", "attachment; filename=\"fence-" + connection.text() + ".ps1\"");
    answer.body = std::move(script);
    return answer;
}

}  // namespace renkei::api

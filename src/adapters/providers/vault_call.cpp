#include "adapters/providers/detail/vault_call.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::providers {
namespace {

constexpr std::size_t longest_path = 1024;

// The client's words name the host alone.
Error told(const Error& error, const std::string& place) {
    auto code = error.code;
    if (!error.get("too_large").empty())
        code = Errc::value_unusable;
    else if (code == Errc::provider_unavailable || code == Errc::provider_timeout || code == Errc::provider_bad_answer || code == Errc::provider_throttled)
        code = Errc::external_vault_unreachable;
    return {code, place + ": " + error.detail};
}

}  // namespace

VaultCall::VaultCall(app::HttpClient& http, const VaultSettings& settings, const core::ExternalVault& vault, const core::ExternalSecretAddress& address,
                     std::string request_id)
    : http_(http),
      settings_(settings),
      until_(settings.steady() + settings.deadline),
      workspace_(vault.workspace),
      request_id_(std::move(request_id)),
      place_("external vault " + vault.name.text() + ", path " + (path_segments(address.path) ? address.path : std::string("(not a path)"))) {}

std::unexpected<Error> VaultCall::fails(Errc code, std::string_view what) const { return fail(code, place_ + ": " + std::string(what)); }

Task<Result<HttpResponse>> VaultCall::send(HttpRequest request) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - settings_.steady());
    if (left.count() <= 0) co_return fails(Errc::external_vault_unreachable, "it needed longer than allowed over all steps");
    app::CallOptions options;
    options.deadline = left;
    options.max_answer_bytes = largest_vault_answer;
    // A repeat is the caller's to decide: a vault that is sealed or slow must not hold a call for half a minute.
    options.may_repeat = false;
    options.purpose = "external_vault";
    options.workspace = workspace_;
    options.request_id = request_id_;
    auto response = co_await http_.send(std::move(request), std::move(options));
    if (!response) co_return fail(told(response.error(), place_));
    co_return response;
}

Result<std::vector<std::string_view>> path_segments(std::string_view path) {
    const auto refuse = [](std::string what) { return fail(Errc::value_unusable, "the path of an external secret " + what); };
    if (path.empty() || path.size() > longest_path || !is_utf8(path)) return refuse("must have 1 to 1024 characters of UTF-8");
    if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; }))
        return refuse("must not have control characters or backslashes");
    auto segments = split(path, '/');
    for (const auto segment : segments)
        if (segment.empty() || segment == "." || segment == "..") return refuse("must not have empty segments, `.` or `..`");
    return segments;
}

std::string encoded_path(const std::vector<std::string_view>& segments) {
    std::string out;
    for (const auto segment : segments) out += (out.empty() ? "" : "/") + percent_encode(segment);
    return out;
}

bool is_json(const HttpResponse& response) {
    const auto type = lower_ascii(response.headers.get("Content-Type"));
    const auto media = trim(std::string_view(type).substr(0, type.find(';')));
    return media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
}

std::optional<Error> common_refusal(const VaultCall& call, int status) {
    const auto said = [&](Errc code, std::string_view what) { return call.fails(code, what).error(); };
    if (status >= 300 && status < 400)
        return said(Errc::external_vault_unreachable, "it answers with a redirect, which is not followed: enter the address it leads to");
    if (status == 429) return said(Errc::external_vault_unreachable, "it asks for fewer requests (status 429)");
    if (status >= 500) return said(Errc::external_vault_unreachable, "it answered with status " + std::to_string(status));
    return std::nullopt;
}

}  // namespace renkei::providers

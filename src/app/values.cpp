#include "app/values.hpp"

#include "app/ports/seal_places.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::size_t longest_text = 1024;

std::unexpected<Error> about(core::SourceKind kind, const std::string& name, Errc code, std::string_view what) {
    const auto source = std::string(core::text_of(kind)) + ":" + name;
    return fail(Error{code, source + " " + std::string(what), {{"source", source}}});
}

}  // namespace

Task<Result<ResolvedValue>> Values::from_credential(core::WorkspaceId workspace, core::ValueSource source) {
    constexpr auto kind = core::SourceKind::credential;
    auto name = core::Name::parse(source.name);
    if (!name) co_return propagate(name);
    auto row = co_await parts_.store.find_stored_credential(workspace, *name);
    if (!row && row.error().code == Errc::not_found) co_return about(kind, source.name, Errc::value_missing, "is not in the vault of this workspace");
    if (!row) co_return propagate(row);
    const auto wanted = [&](const core::StoredValueVersion& one) { return source.version.empty() || std::to_string(one.version) == source.version; };
    const auto found = std::ranges::find_if(row->versions, wanted);
    if (found == row->versions.end()) co_return about(kind, source.name, Errc::value_missing, "has no version " + source.version);
    auto value = parts_.vault.open(stored_credential_place(workspace, row->id, found->version), found->value);
    if (!value) co_return propagate(value);
    co_return ResolvedValue{*std::move(value), std::to_string(found->version), found->expires_at};
}

Task<Result<ResolvedValue>> Values::from_variable(core::WorkspaceId workspace, core::ValueSource source, GivenVariables given) {
    constexpr auto kind = core::SourceKind::variable;
    auto name = core::Name::parse(source.name);
    if (!name) co_return propagate(name);
    auto set = co_await parts_.store.find_variable(workspace, *name);
    if (!set && set.error().code != Errc::not_found) co_return propagate(set);
    const auto called = std::ranges::find(given, *name, &std::pair<core::Name, std::string>::first);
    if (called != given.end()) {
        // The workspace's variable says what type it is, also for a value that comes with the call.
        if (set && !core::is_of_type(set->type, called->second))
            co_return about(kind, source.name, Errc::value_unusable, "was given with the call and is no " + std::string(core::text_of(set->type)));
        co_return ResolvedValue{Secret(called->second), {}, std::nullopt};
    }
    if (!set) co_return about(kind, source.name, Errc::value_missing, "is neither given with the call nor set on the workspace");
    co_return ResolvedValue{Secret(set->value), std::to_string(set->version), std::nullopt};
}

Task<Result<ResolvedValue>> Values::from_external_vault(core::WorkspaceId workspace, core::ValueSource source, std::string request_id) {
    auto name = core::Name::parse(source.name);
    if (!name) co_return propagate(name);
    core::ExternalSecretAddress address{source.path, source.field, source.version};
    auto read = co_await parts_.external.read(workspace, *std::move(name), std::move(address), std::move(request_id));
    if (!read) co_return propagate(read);
    co_return ResolvedValue{std::move(read->value), std::move(read->version), read->expires_at};
}

Task<Result<ResolvedValue>> Values::resolve(core::WorkspaceId workspace, core::ValueSource source, GivenVariables given, std::string request_id) {
    switch (source.kind) {
        case core::SourceKind::literal: co_return ResolvedValue{Secret(source.name), {}, std::nullopt};
        case core::SourceKind::credential: co_return co_await from_credential(workspace, std::move(source));
        case core::SourceKind::variable: co_return co_await from_variable(workspace, std::move(source), std::move(given));
        case core::SourceKind::vault: co_return co_await from_external_vault(workspace, std::move(source), std::move(request_id));
        case core::SourceKind::environment: {
            auto value = co_await parts_.files.environment(workspace, source.name);
            if (!value) co_return propagate(value);
            co_return ResolvedValue{*std::move(value), {}, std::nullopt};
        }
        case core::SourceKind::file: {
            auto value = co_await parts_.files.file(workspace, source.name);
            if (!value) co_return propagate(value);
            co_return ResolvedValue{*std::move(value), {}, std::nullopt};
        }
    }
    co_return fail(Errc::internal, "an unknown kind of source");
}

Task<Result<std::string>> Values::resolve_text(core::WorkspaceId workspace, core::ValueSource source, GivenVariables given, std::string request_id) {
    const auto kind = source.kind;
    const auto name = kind == core::SourceKind::literal ? std::string("(typed)") : source.name;
    auto value = co_await resolve(workspace, std::move(source), std::move(given), std::move(request_id));
    if (!value) co_return propagate(value);
    const auto text = trim(value->value.expose());
    const bool plain = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (text.empty() || text.size() > longest_text || !plain || !is_utf8(text))
        co_return about(kind, name, Errc::value_unusable, "holds no text of 1 to 1,024 bytes without control characters");
    co_return std::string(text);
}

Task<Result<bool>> Values::forbids_literals(core::WorkspaceId workspace) {
    auto setting = co_await parts_.workspaces.find_setting(workspace, std::string(literals_setting));
    if (!setting && setting.error().code == Errc::not_found) co_return false;
    if (!setting) co_return propagate(setting);
    co_return *setting == "forbidden";
}

}  // namespace renkei::app

#include "adapters/api/connection_input.hpp"

#include "adapters/api/read_sources.hpp"

namespace renkei::api {
namespace {

constexpr Length address{.max = 254, .min = 1};
constexpr Length entry{.max = 270, .min = 1};  // with `calendar:` before it

std::optional<core::Fence> read_fence(BodyReader& body) {
    auto reader = body.optional_object("fence");
    if (!reader) return std::nullopt;
    core::Fence fence;
    fence.everything = reader->optional_boolean("everything").value_or(false);
    fence.mailboxes = reader->text_list("mailboxes", 1000, entry);
    fence.calendars = reader->text_list("calendars", 1000, address);
    fence.groups = reader->text_list("groups", 100, address);
    (void)reader->done();  // The refusals are told by the reader of the whole body.
    return fence;
}

std::optional<std::vector<std::string>> read_scopes(BodyReader& body) {
    if (!body.has("scopes")) return (void)body.optional_text("scopes"), std::nullopt;
    return body.text_list("scopes", 100, {.max = 256});
}

std::optional<core::Name> optional_name(BodyReader& body, std::string_view member) {
    const auto text = body.optional_text(member, {.max = 63});
    if (!text) return std::nullopt;
    return body.accept(member, core::Name::parse(*text, member));
}

}  // namespace

Result<app::CreateConnection> read_connection(Call& call) {
    auto body = call.read_body();
    app::CreateConnection wanted;
    if (auto name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})))) wanted.name = std::move(*name);
    wanted.title = body.optional_text("title").value_or("");
    wanted.connector = body.optional_text("connector", {.max = 100}).value_or("");
    if (auto name = body.accept("registration", core::Name::parse(body.text("registration", {.max = 63, .min = 0}), "registration")))
        wanted.registration = std::move(*name);
    const auto mode = body.optional_choice("mode", core::parse_connection_mode, "client_credentials, authorization_code, device_code");
    if (mode) wanted.mode = *mode;
    if (!body.has("mode")) body.refuse("mode", "is required: client_credentials, authorization_code or device_code");
    wanted.act_as = body.optional_text("act_as", address).value_or("");
    wanted.mailbox = body.optional_text("mailbox", address).value_or("");
    read_sources(body, wanted.sources, {"mailbox"});
    if (!wanted.sources.empty() && !wanted.mailbox.empty()) body.refuse("mailbox_from", "takes the place of `mailbox`: give one of them");
    wanted.scopes = read_scopes(body);
    wanted.fence = read_fence(body);
    wanted.folder = optional_name(body, "folder");
    wanted.token_type = body.optional_choice("token_type", core::parse_token_type, "shared, user_specific").value_or(core::TokenType::shared);
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

Result<app::ChangeConnection> read_connection_change(Call& call) {
    auto body = call.read_body();
    app::ChangeConnection wanted;
    wanted.title = body.optional_text("title", {.max = 200, .min = 0});
    wanted.mailbox = body.optional_text("mailbox", address);
    wanted.scopes = read_scopes(body);
    wanted.fence = read_fence(body);
    wanted.folder = optional_name(body, "folder");
    wanted.registration = optional_name(body, "registration");
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

}  // namespace renkei::api

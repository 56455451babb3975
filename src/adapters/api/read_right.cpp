#include "adapters/api/read_right.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

template <class Id>
std::vector<Id> read_ids(BodyReader& reader, std::string_view name) {
    std::vector<Id> ids;
    for (const auto& text : reader.text_list(name, 100, {.max = 32})) {
        if (auto id = Id::parse(text))
            ids.push_back(*id);
        else
            reader.refuse(name, "must hold ids of 32 hexadecimal digits");
    }
    return ids;
}

}  // namespace

core::Right read_right(BodyReader& reader) {
    core::Right right;
    const auto words = reader.text_list("actions", 32, {.max = 40});
    if (words.empty()) reader.refuse("actions", "must name at least one action, for example mail:read");
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (const auto action = core::parse_action(words[i]))
            right.actions.push_back(*action);
        else
            reader.refuse(fmt::format("actions[{}]", i), "is no action; for example mail:read, mail:send, connections:read");
    }
    right.connectors = reader.text_list("connectors", 100, {.max = 100});
    right.folders = read_ids<core::FolderId>(reader, "folders");
    right.groups = read_ids<core::GroupId>(reader, "groups");
    for (const auto& name : reader.text_list("connections", 1000, {.max = 63}))
        if (auto parsed = reader.accept("connections", core::Name::parse(name, "connections"))) right.connections.push_back(parsed->text());
    for (const auto& mailbox : reader.text_list("mailboxes", 1000, {.max = 254}))
        if (auto spelled = reader.accept("mailboxes", core::parse_mailbox(mailbox, "mailboxes"))) right.mailboxes.push_back(std::move(*spelled));
    (void)reader.done();  // The refusals are told by the reader of the whole body.
    return right;
}

}  // namespace renkei::api

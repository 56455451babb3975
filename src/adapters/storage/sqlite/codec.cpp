#include "adapters/storage/sqlite/codec.hpp"

#include "base/json.hpp"

namespace renkei::sqlite {
namespace {

template <class T, class Text>
json::array texts_of(const std::vector<T>& values, Text text) {
    json::array list;
    list.reserve(values.size());
    for (const auto& value : values) list.emplace_back(json::view(text(value)));
    return list;
}

constexpr auto same = [](const std::string& text) -> const std::string& { return text; };
constexpr auto id_of = [](const auto& id) { return id.text(); };

std::optional<json::array> parse_list(std::string_view text) {
    if (text.empty() || text == "[]") return json::array{};
    auto parsed = json::parse(text);
    if (!parsed || !parsed->is_array()) return std::nullopt;
    return std::move(parsed->get_array());
}

// Nothing if any element is no text or is refused by `read`.
template <class T, class Read>
std::optional<std::vector<T>> read_list(const json::array& list, Read read) {
    std::vector<T> values;
    values.reserve(list.size());
    for (const auto& element : list) {
        if (!element.is_string()) return std::nullopt;
        auto value = read(json::view(element.get_string()));
        if (!value) return std::nullopt;
        values.push_back(*std::move(value));
    }
    return values;
}

constexpr auto read_text = [](std::string_view text) { return std::optional<std::string>(text); };

template <class T, class Read>
bool read_member(const json::object& from, std::string_view name, std::vector<T>& into, Read read) {
    const auto* member = json::find(from, name);
    if (member == nullptr) return true;
    if (!member->is_array()) return false;
    auto values = read_list<T>(member->get_array(), read);
    if (!values) return false;
    into = *std::move(values);
    return true;
}

std::optional<core::Right> read_right(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    const auto& from = value.get_object();
    core::Right right;
    const bool all = read_member(from, "actions", right.actions, core::parse_action) && read_member(from, "connectors", right.connectors, read_text) &&
                     read_member(from, "folders", right.folders, core::FolderId::parse) && read_member(from, "groups", right.groups, core::GroupId::parse) &&
                     read_member(from, "connections", right.connections, read_text) && read_member(from, "mailboxes", right.mailboxes, read_text);
    if (!all) return std::nullopt;
    return right;
}

template <class Enum>
Enum find_word(std::string_view word, Enum last, Enum otherwise) {
    for (int i = 0; i <= static_cast<int>(last); ++i)
        if (core::text_of(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
    return otherwise;
}

}  // namespace

std::string encode(const std::vector<std::string>& texts) { return texts.empty() ? "[]" : json::serialize(texts_of(texts, same)); }
std::string encode(const core::Fence& fence) {
    const auto entries = fence.entries();
    return entries.empty() ? "[]" : json::serialize(texts_of(entries, [](const core::FenceEntry& entry) { return core::text_of(entry); }));
}
std::string encode(const std::vector<core::Role>& roles) {
    return json::serialize(texts_of(roles, [](core::Role role) { return core::text_of(role); }));
}
std::string encode(const std::vector<core::Action>& actions) {
    return json::serialize(texts_of(actions, [](core::Action action) { return core::text_of(action); }));
}
std::string encode(const std::vector<core::GroupId>& ids) { return json::serialize(texts_of(ids, id_of)); }

std::string encode(const std::vector<core::Right>& rights) {
    json::array list;
    for (const auto& right : rights) {
        json::object one;
        one["actions"] = texts_of(right.actions, [](core::Action action) { return core::text_of(action); });
        one["connectors"] = texts_of(right.connectors, same);
        one["folders"] = texts_of(right.folders, id_of);
        one["groups"] = texts_of(right.groups, id_of);
        one["connections"] = texts_of(right.connections, same);
        one["mailboxes"] = texts_of(right.mailboxes, same);
        list.emplace_back(std::move(one));
    }
    return json::serialize(list);
}

std::string encode(const std::vector<core::AddressRange>& ranges) {
    return json::serialize(texts_of(ranges, [](const core::AddressRange& range) { return range.text(); }));
}

// Field and reference in turn.
std::string encode(const std::vector<core::FieldSource>& sources) {
    std::vector<std::string> texts;
    for (const auto& [field, source] : sources) {
        texts.push_back(field);
        texts.push_back(source);
    }
    return encode(texts);
}

std::vector<core::FieldSource> decode_sources(std::string_view text) {
    const auto texts = decode_texts(text);
    std::vector<core::FieldSource> sources;
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) sources.push_back({texts[i], texts[i + 1]});
    return sources;
}

std::vector<std::string> decode_texts(std::string_view text) {
    const auto list = parse_list(text);
    return list ? read_list<std::string>(*list, read_text).value_or(std::vector<std::string>{}) : std::vector<std::string>{};
}

core::Fence decode_fence(std::string_view text, bool everything) {
    core::Fence fence;
    fence.everything = everything;
    for (const auto& entry : decode_texts(text)) fence.add(core::split_fence_entry(entry));
    return fence;
}

std::vector<core::Role> decode_roles(std::string_view text) {
    const auto list = parse_list(text);
    return list ? read_list<core::Role>(*list, core::parse_role).value_or(std::vector<core::Role>{}) : std::vector<core::Role>{};
}

std::vector<core::Action> decode_actions(std::string_view text) {
    const auto list = parse_list(text);
    return list ? read_list<core::Action>(*list, core::parse_action).value_or(std::vector<core::Action>{}) : std::vector<core::Action>{};
}

std::vector<core::GroupId> decode_groups(std::string_view text) {
    const auto list = parse_list(text);
    return list ? read_list<core::GroupId>(*list, core::GroupId::parse).value_or(std::vector<core::GroupId>{}) : std::vector<core::GroupId>{};
}

std::vector<core::Right> decode_rights(std::string_view text) {
    const auto list = parse_list(text);
    if (!list) return {};
    std::vector<core::Right> rights;
    for (const auto& element : *list) {
        auto right = read_right(element);
        if (!right) return {};
        rights.push_back(*std::move(right));
    }
    return rights;
}

std::optional<std::vector<core::AddressRange>> decode_ranges(std::string_view text) {
    const auto list = parse_list(text);
    if (!list) return std::nullopt;
    return read_list<core::AddressRange>(*list, [](std::string_view range) -> std::optional<core::AddressRange> {
        auto parsed = core::AddressRange::parse(range);
        if (!parsed) return std::nullopt;
        return *parsed;
    });
}

// A state that is not known must not look alive.
core::GrantState grant_state_of(std::string_view word) { return find_word(word, core::GrantState::dead, core::GrantState::dead); }
core::OperationState operation_state_of(std::string_view word) { return find_word(word, core::OperationState::cancelled, core::OperationState::failed); }

}  // namespace renkei::sqlite

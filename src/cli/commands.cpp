#include "cli/commands.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <ctime>
#include <iostream>

namespace renkei::cli {
namespace {

struct StateWord {
    std::string_view state, en, ja, colour;
};
constexpr StateWord state_words[] = {
    {"draft", "○ draft", "○ 下書き", "blue"},
    {"active", "● active", "● 有効", "green"},
    {"expiring", "▲ expiring", "▲ まもなく期限切れ", "yellow"},
    {"degraded", "▲ degraded", "▲ 一部機能の低下", "yellow"},
    {"needs_user", "■ needs user", "■ 本人の再サインインが必要", "red"},
    {"needs_admin", "■ needs admin", "■ 管理者の対応が必要", "red"},
    {"needs_secret", "■ needs secret", "■ シークレットの更新が必要", "red"},
    {"paused", "Ⅱ paused", "Ⅱ 一時停止中", "yellow"},
    {"revoked", "× revoked", "× 取り消し済み", "red"},
};

const StateWord* find_state(std::string_view state) {
    for (const auto& word : state_words)
        if (word.state == state) return &word;
    return nullptr;
}

}  // namespace

std::vector<Command> all_commands() {
    std::vector<Command> all;
    for (auto* area : {server_commands, connect_commands, connection_commands, fence_commands, registration_commands, external_vault_commands, consent_commands,
                       mail_commands, automation_commands, value_commands, key_commands, permission_commands, people_commands, operation_commands})
        for (auto& command : area()) all.push_back(command);
    return all;
}

int print_json(const json::value& value) {
    std::cout << json::serialize(value) << '\n';
    return Exit::ok;
}

std::string state_word(const Context& context, std::string_view state) {
    const auto* word = find_state(state);
    return word == nullptr ? std::string(state) : std::string(context.say(word->en, word->ja));
}

std::string state_colour(std::string_view state) {
    const auto* word = find_state(state);
    return word == nullptr ? std::string() : std::string(word->colour);
}

std::string relative_time(const Context& context, std::string_view iso) {
    std::tm parts{};
    const std::string text(iso);
    if (text.empty() || strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return "–";
    const auto seconds = std::difftime(std::time(nullptr), timegm(&parts));
    const auto distance = seconds < 0 ? -seconds : seconds;
    const auto unit = [&](double size, std::string_view en, std::string_view ja) { return fmt::format("{:.0f} {}", distance / size, context.say(en, ja)); };
    if (distance < 90) return unit(1, "s", "秒");
    if (distance < 5400) return unit(60, "min", "分");
    if (distance < 129'600) return unit(3600, "h", "時間");
    return unit(86'400, "d", "日");
}

const json::array& items_of(const json::value& list) {
    static const json::array none;
    const auto* items = list.is_object() ? json::find(list.get_object(), "items") : nullptr;
    return items != nullptr && items->is_array() ? items->get_array() : none;
}

std::string joined(const json::value& object, std::string_view member) {
    std::string out;
    const auto* list = object.is_object() ? json::find(object.get_object(), member) : nullptr;
    if (list == nullptr || !list->is_array()) return out;
    for (const auto& item : list->get_array())
        if (item.is_string()) out += (out.empty() ? "" : ", ") + std::string(json::view(item.get_string()));
    return out;
}

json::array texts(const std::vector<std::string>& items) {
    json::array out;
    for (const auto& item : items) out.emplace_back(json::view(item));
    return out;
}

Result<void> write_private_file(const std::string& path, std::string_view content) {
    if (const auto error = write_new_private_file(path, content)) return bad_field("key-out", fmt::format("{} cannot be made: {}", path, error.message()));
    return {};
}

void print_fields(const Context& context, const std::vector<std::pair<std::string, std::string>>& fields) {
    std::size_t width = 0;
    for (const auto& [name, value] : fields) width = std::max(width, columns_of(name));
    for (const auto& [name, value] : fields)
        std::cout << context.terminal.dim(name) << std::string(width - columns_of(name) + 2, ' ') << printable(value) << '\n';
}

}  // namespace renkei::cli

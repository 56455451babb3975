#include "adapters/providers/detail/vault_json.hpp"
#include "base/encoding.hpp"

#include <charconv>

namespace renkei::providers {
namespace {

constexpr std::size_t most_names = 20;

// Names may be shown, as long as they are names.
std::string names_of(const json::object& data) {
    std::string out;
    std::size_t count = 0;
    for (const auto& member : data) {
        const std::string_view name(member.key().data(), member.key().size());
        if (++count > most_names) return out + ", …";
        out += (out.empty() ? "" : ", ") + (name.size() <= 64 && is_utf8(name) ? std::string(name) : std::string("(a long name)"));
    }
    return out;
}

std::optional<std::string> unescaped(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            out += token[i];
            continue;
        }
        if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
        out += token[i] == '0' ? '~' : '/';
    }
    return out;
}

const json::value* element(const json::array& items, std::string_view token) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool plain = error == std::errc() && end == token.data() + token.size() && (token.size() == 1 || token.front() != '0');
    return plain && index < items.size() ? &items[index] : nullptr;
}

// RFC 6901 section 4.
const json::value* pointed(const json::object& data, std::string_view pointer) {
    const json::value* at = nullptr;
    for (const auto token : split(pointer.substr(1), '/')) {
        const auto name = unescaped(token);
        if (!name) return nullptr;
        if (at == nullptr)
            at = json::find(data, *name);
        else if (at->is_object())
            at = json::find(at->get_object(), *name);
        else
            at = at->is_array() ? element(at->get_array(), *name) : nullptr;
        if (at == nullptr) return nullptr;
    }
    return at;
}

}  // namespace

Result<Secret> usable_value(const VaultCall& call, std::string_view text) {
    if (text.empty()) return call.fails(Errc::value_unusable, "the value is empty");
    if (text.size() > largest_external_value) return call.fails(Errc::value_unusable, "the value is larger than 64 KiB");
    if (!is_utf8(text) || text.find('\0') != text.npos) return call.fails(Errc::value_unusable, "the value is no text");
    return Secret(text);
}

Result<Secret> field_of(const VaultCall& call, const json::object& data, std::string_view field) {
    const json::value* found = nullptr;
    if (field.empty()) {
        if (data.empty()) return call.fails(Errc::value_missing, "the secret has no fields");
        if (data.size() != 1) return call.fails(Errc::value_unusable, "the secret has several fields, name one of them: " + names_of(data));
        found = &data.begin()->value();
    } else {
        found = field.starts_with('/') ? pointed(data, field) : json::find(data, field);
    }
    if (found == nullptr) return call.fails(Errc::value_missing, "the secret has no field of this name; it has: " + names_of(data));
    if (!found->is_string()) return call.fails(Errc::value_unusable, "the field is no text");
    return usable_value(call, json::view(found->get_string()));
}

Result<Secret> field_of(const VaultCall& call, std::string_view json_text, std::string_view field) {
    const auto parsed = json::parse_secret(json_text);
    if (!parsed || !parsed->is_object()) return call.fails(Errc::value_unusable, "a field was asked for and the value is no JSON object");
    return field_of(call, parsed->get_object(), field);
}

Result<json::object> answer_object(const VaultCall& call, const HttpResponse& response) {
    auto parsed = json::parse_secret(response.body);
    if (!parsed || !parsed->is_object())
        return call.fails(Errc::external_vault_unreachable,
                          "what answers there (status " + std::to_string(response.status) + ") does not speak as the vault does");
    return std::move(parsed->get_object());
}

}  // namespace renkei::providers

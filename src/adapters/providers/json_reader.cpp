#include "adapters/providers/detail/json_reader.hpp"

#include "base/suggest.hpp"

#include <algorithm>

namespace renkei::providers {

void JsonReader::Problem::note(const std::string& where, std::string what) {
    if (error) return;
    error = Error{Errc::invalid_field, file + ": " + (where.empty() ? "" : where + ": ") + what, {{"file", file}, {"field", where}}};
}

const json::object& JsonReader::none() {
    static const json::object empty;
    return empty;
}

JsonReader::JsonReader(const json::value& from, std::string where, Problem& problem, std::initializer_list<std::string_view> known)
    : object_(from.if_object()), where_(std::move(where)), problem_(problem) {
    if (object_ == nullptr) {
        problem_.note(where_, "must be an object");
        object_ = &none();
    }
    for (const auto& [key, unused] : *object_) {
        const std::string_view name = key;
        if (std::ranges::find(known, name) != known.end()) continue;
        const auto meant = nearest(name, known);
        problem_.note(path_of(name), meant.empty() ? "is not known here" : "is not known here; did you mean `" + std::string(meant) + "`?");
    }
}

std::string JsonReader::path_of(std::string_view name) const { return where_.empty() ? std::string(name) : where_ + "." + std::string(name); }

const json::value* JsonReader::member(std::string_view name, bool required) {
    const auto* found = json::find(*object_, name);
    if (found == nullptr && required) problem_.note(path_of(name), "is missing");
    return found;
}

std::string JsonReader::text(std::string_view name, bool required) {
    const auto* found = member(name, required);
    if (found == nullptr) return {};
    if (!found->is_string() || found->get_string().empty()) {
        problem_.note(path_of(name), "must be a text that is not empty");
        return {};
    }
    return std::string(json::view(found->get_string()));
}

bool JsonReader::flag(std::string_view name, bool otherwise) {
    const auto* found = member(name);
    if (found == nullptr) return otherwise;
    if (!found->is_bool()) problem_.note(path_of(name), "must be true or false");
    return found->is_bool() ? found->get_bool() : otherwise;
}

std::vector<std::string> JsonReader::texts(std::string_view name, bool required) {
    std::vector<std::string> out;
    const auto* found = member(name, required);
    if (found == nullptr) return out;
    if (!found->is_array()) {
        problem_.note(path_of(name), "must be a list of texts");
        return out;
    }
    for (const auto& item : found->get_array()) {
        const auto* word = item.if_string();
        if (word == nullptr || word->empty()) {
            problem_.note(path_of(name), "must be a list of texts that are not empty");
            return out;
        }
        std::string spelled(json::view(*word));
        if (std::ranges::find(out, spelled) != out.end()) problem_.note(path_of(name), "holds `" + spelled + "` twice");
        out.push_back(std::move(spelled));
    }
    return out;
}

}  // namespace renkei::providers

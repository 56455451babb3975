#pragma once

// Checks a Graph answer against the published property names and types (tests/data/graph/graph-v1.json). Header only, because the
// sandbox's own tests link nothing of tests/.

#include "base/json.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace renkei::testing {

inline std::filesystem::path project_root() { return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path(); }

inline std::string file_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class GraphSchema {
public:
    static const GraphSchema& instance() {
        static const GraphSchema schema;
        return schema;
    }

    /// What is wrong with `entity` as a `type`, one line each; empty: nothing.
    std::vector<std::string> problems(const json::object& entity, const std::string& type) const {
        std::vector<std::string> out;
        check_object(entity, type, type, out);
        return out;
    }

private:
    GraphSchema() : schema_(load()) {}

    static json::object load() {
        auto parsed = json::parse(file_text(project_root() / "tests/data/graph/graph-v1.json"));
        if (!parsed) throw std::runtime_error("graph-v1.json cannot be read");
        return parsed->as_object();
    }

    const json::object* type(const std::string& name) const { return member(schema_.at("types").as_object(), name); }
    static const json::object* member(const json::object& from, const std::string& name) {
        const auto* found = from.if_contains(name);
        return found && found->is_object() ? &found->as_object() : nullptr;
    }

    /// The type of a property, looked up through the base types; empty if there is none.
    std::string property(std::string name, const std::string& wanted) const {
        for (int depth = 0; depth < 8; ++depth) {
            const auto* found = type(name);
            if (!found) return {};
            for (const char* part : {"props", "nav"})
                if (const auto* properties = member(*found, part))
                    if (const auto* of = properties->if_contains(wanted)) return std::string(of->as_string());
            const auto* base = found->if_contains("base");
            if (!base) return {};
            name = std::string(base->as_string());
        }
        return {};
    }

    void check_object(const json::object& entity, std::string type_name, const std::string& where, std::vector<std::string>& out) const {
        if (const auto* named = entity.if_contains("@odata.type")) {
            std::string derived(named->as_string());
            const std::string prefix = "#microsoft.graph.";
            if (!derived.starts_with(prefix))
                out.push_back(where + ": @odata.type " + derived);
            else
                type_name = derived.substr(prefix.size());
        }
        if (!type(type_name)) {
            out.push_back(where + ": unknown type " + type_name);
            return;
        }
        for (const auto& [key, value] : entity) {
            const std::string name(key);
            if (name.find("@odata.") != std::string::npos) continue;
            std::string wanted = property(type_name, name);
            if (wanted.empty()) {
                out.push_back(where + "." + name + ": not a property of " + type_name);
                continue;
            }
            check_value(value, std::move(wanted), where + "." + name, out);
        }
    }

    void check_value(const json::value& value, std::string wanted, const std::string& where, std::vector<std::string>& out) const {
        const bool required = wanted.ends_with('!');
        if (required) wanted.pop_back();
        if (value.is_null()) {
            if (required) out.push_back(where + ": null");
            return;
        }
        if (wanted.starts_with("Collection(")) {
            if (!value.is_array()) return out.push_back(where + ": not an array");
            const std::string inner = wanted.substr(11, wanted.size() - 12);
            for (const auto& one : value.as_array()) check_value(one, inner, where + "[]", out);
            return;
        }
        if (wanted.starts_with("Edm.")) {
            if (!fits_primitive(value, wanted)) out.push_back(where + ": not " + wanted);
            return;
        }
        if (const auto* members = member(schema_.at("enums").as_object(), wanted)) {
            const auto& allowed = members->at("members").as_array();
            if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) out.push_back(where + ": no member of " + wanted);
            return;
        }
        if (!value.is_object()) return out.push_back(where + ": not an object");
        check_object(value.as_object(), wanted, where, out);
    }

    static bool fits_primitive(const json::value& value, const std::string& wanted) {
        if (wanted == "Edm.Boolean") return value.is_bool();
        if (wanted == "Edm.Int32" || wanted == "Edm.Int64") return value.is_int64() || value.is_uint64();
        if (!value.is_string()) return false;
        const std::string text(value.as_string());
        if (wanted == "Edm.DateTimeOffset") return text.size() >= 20 && text[4] == '-' && text[10] == 'T' && text.ends_with('Z');
        if (wanted == "Edm.Binary") return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") == std::string::npos;
        return true;
    }

    json::object schema_;
};

}  // namespace renkei::testing

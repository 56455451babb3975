#pragma once

#include "base/json.hpp"

#include <cmath>
#include <regex>
#include <string>
#include <vector>

namespace renkei::testing {

/// Checks a value against the part of JSON Schema 2020-12 that Renkei's own schemas use: type, properties, required,
/// additionalProperties, propertyNames, items, enum, pattern, minItems, uniqueItems, minLength, maxLength, $ref within the
/// document. A keyword beyond these is a problem of the schema and reported as one.
class JsonSchema {
public:
    explicit JsonSchema(const json::object& root) : root_(root) {}
    /// Every problem, each with its place; empty when the value fits.
    std::vector<std::string> problems(const json::value& value) {
        out_.clear();
        check(value, root_, "");
        return out_;
    }

private:
    void note(const std::string& where, const std::string& what) { out_.push_back((where.empty() ? "(root)" : where) + ": " + what); }

    static bool is_type(const json::value& value, std::string_view type) {
        if (type == "object") return value.is_object();
        if (type == "array") return value.is_array();
        if (type == "string") return value.is_string();
        if (type == "boolean") return value.is_bool();
        if (type == "integer") return value.is_int64() || value.is_uint64();
        if (type == "number") return value.is_number();
        return type == "null" && value.is_null();
    }
    const json::object& resolved(const json::object& schema) const {
        const auto ref = json::text(schema, "$ref");
        if (!ref) return schema;
        return root_.at("$defs").as_object().at(json::view(ref->substr(std::string_view("#/$defs/").size()))).as_object();
    }
    void check(const json::value& value, const json::object& from, const std::string& where) {
        const auto& schema = resolved(from);
        for (const auto& [key, rule] : schema) {
            const std::string_view word = key;
            if (word == "type") {
                if (!is_type(value, json::view(rule.as_string()))) return note(where, "is no " + std::string(json::view(rule.as_string())));
            } else if (word == "enum") {
                if (std::ranges::find(rule.as_array(), value) == rule.as_array().end()) note(where, "is none of the allowed values");
            } else if (word == "pattern") {
                if (value.is_string() && !std::regex_search(std::string(json::view(value.as_string())), std::regex(std::string(json::view(rule.as_string())))))
                    note(where, "does not match");
            } else if (word == "minLength" || word == "maxLength") {
                if (value.is_string() && (word == "minLength" ? value.as_string().size() < static_cast<std::size_t>(rule.as_int64())
                                                              : value.as_string().size() > static_cast<std::size_t>(rule.as_int64())))
                    note(where, "has the wrong length");
            } else if (word == "required") {
                for (const auto& name : rule.as_array())
                    if (value.is_object() && !value.as_object().contains(name.as_string())) note(where, "misses " + std::string(json::view(name.as_string())));
            } else if (!check_container(value, schema, word, rule, where)) {
                note(where, "the schema uses `" + std::string(word) + "`, which this checker does not know");
            }
        }
    }
    bool check_container(const json::value& value, const json::object& schema, std::string_view word, const json::value& rule, const std::string& where) {
        if (word == "properties" || word == "additionalProperties" || word == "propertyNames") {
            if (!value.is_object()) return true;
            for (const auto& [name, member] : value.as_object()) check_member(schema, word, rule, std::string(name), member, where);
            return true;
        }
        if (word == "items" || word == "minItems" || word == "uniqueItems") {
            if (!value.is_array()) return true;
            const auto& items = value.as_array();
            if (word == "minItems" && items.size() < static_cast<std::size_t>(rule.as_int64())) note(where, "has too few items");
            for (std::size_t i = 0; i < items.size(); ++i) {
                if (word == "items") check(items[i], rule.as_object(), where + "[" + std::to_string(i) + "]");
                if (word == "uniqueItems" &&
                    std::find(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(i), items[i]) != items.begin() + static_cast<std::ptrdiff_t>(i))
                    note(where, "holds an item twice");
            }
            return true;
        }
        return word == "$schema" || word == "$defs" || word == "title" || word == "description";
    }
    void check_member(const json::object& schema, std::string_view word, const json::value& rule, const std::string& name, const json::value& member,
                      const std::string& where) {
        const auto place = where.empty() ? name : where + "." + name;
        const auto* properties = schema.if_contains("properties");
        const auto* own = properties != nullptr ? properties->as_object().if_contains(name) : nullptr;
        if (word == "properties" && own != nullptr) check(member, own->as_object(), place);
        if (word == "propertyNames") check(json::value(json::view(name)), rule.as_object(), place);
        if (word != "additionalProperties" || own != nullptr) return;
        if (rule.is_bool() && !rule.as_bool()) note(place, "is not known");
        if (rule.is_object()) check(member, rule.as_object(), place);
    }

    const json::object& root_;
    std::vector<std::string> out_;
};

}  // namespace renkei::testing

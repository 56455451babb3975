#include "tests/support/openapi_schema.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <regex>
#include <stdexcept>

namespace renkei::testing {
namespace {

std::string read_document() {
    const auto path = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "docs/api/openapi.yaml";
    const auto command =
        "python3 -c 'import json,sys,yaml; json.dump(yaml.safe_load(open(sys.argv[1],encoding=\"utf-8\")),sys.stdout)' '" + path.string() + "'";
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    if (!pipe) throw std::runtime_error("python3 cannot be started");
    std::string text;
    std::array<char, 8192> piece{};
    while (const auto size = std::fread(piece.data(), 1, piece.size(), pipe.get())) text.append(piece.data(), size);
    if (text.empty()) throw std::runtime_error("docs/api/openapi.yaml cannot be read; python3-yaml is needed");
    return text;
}

bool is_type(const json::value& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    return type == "null" && value.is_null();
}

bool fits_type(const json::value& value, const json::value& type) {
    if (const auto* one = type.if_string()) return is_type(value, json::view(*one));
    return std::ranges::any_of(type.as_array(), [&](const json::value& one) { return is_type(value, json::view(one.as_string())); });
}

}  // namespace

const OpenApi& OpenApi::document() {
    static const OpenApi only = [] {
        auto parsed = json::parse(read_document());
        if (!parsed) throw std::runtime_error("docs/api/openapi.yaml: " + parsed.error().detail);
        return OpenApi(std::move(*parsed));
    }();
    return only;
}

const json::object& OpenApi::resolved(const json::object& node) const {
    const auto* ref = node.if_contains("$ref");
    if (ref == nullptr) return node;
    const auto pointer = json::view(ref->as_string());
    return resolved(root_.at_pointer(boost::json::string_view(pointer.data() + 1, pointer.size() - 1)).as_object());
}

const json::object* OpenApi::operation(std::string_view method, std::string_view pattern) const {
    const auto* path = root_.at("paths").as_object().if_contains(json::view(pattern));
    if (path == nullptr) return nullptr;
    const auto* found = path->as_object().if_contains(lower_ascii(method));
    return found == nullptr ? nullptr : &found->as_object();
}

std::vector<std::string> OpenApi::operations() const {
    std::vector<std::string> all;
    for (const auto& [path, item] : root_.at("paths").as_object())
        for (const auto& [method, operation] : item.as_object()) {
            if (method == "parameters") continue;
            std::string upper(method);
            std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
            all.push_back(upper + " " + std::string(path));
        }
    return all;
}

std::string OpenApi::right_of(std::string_view method, std::string_view pattern) const {
    const auto* found = operation(method, pattern);
    const auto* right = found == nullptr ? nullptr : found->if_contains("x-renkei-right");
    return right == nullptr ? std::string() : std::string(json::view(right->as_string()));
}

bool OpenApi::is_public(std::string_view method, std::string_view pattern) const {
    const auto* found = operation(method, pattern);
    const auto* security = found == nullptr ? nullptr : found->if_contains("security");
    return security != nullptr && security->as_array().empty();
}

std::vector<std::string> OpenApi::problems(std::string_view method, std::string_view pattern, int status, std::string_view content_type,
                                           std::string_view body) const {
    const auto* found = operation(method, pattern);
    if (found == nullptr) return {"the document has no " + std::string(method) + " " + std::string(pattern)};
    const auto& responses = found->at("responses").as_object();
    const auto* response = responses.if_contains(std::to_string(status));
    if (response == nullptr && status >= 400) response = responses.if_contains("default");
    if (response == nullptr) return {"the document has no answer " + std::to_string(status)};
    const auto* content = resolved(response->as_object()).if_contains("content");
    if (content == nullptr)
        return body.empty() ? std::vector<std::string>{} : std::vector<std::string>{"the document has no body for " + std::to_string(status)};
    const auto type = std::string(trim(content_type.substr(0, content_type.find(';'))));
    const auto* media = content->as_object().if_contains(type);
    if (media == nullptr) return {"the document has no " + type + " for " + std::to_string(status)};
    const auto* schema = media->as_object().if_contains("schema");
    if (schema == nullptr || !type.ends_with("json")) return {};
    auto parsed = json::parse(body);
    if (!parsed) return {"the body is no JSON: " + parsed.error().detail};
    std::vector<std::string> out;
    check(*parsed, schema->as_object(), "", out);
    return out;
}

void OpenApi::check(const json::value& value, const json::object& from, const std::string& where, std::vector<std::string>& out) const {
    const auto& schema = resolved(from);
    const auto note = [&](const std::string& what) { out.push_back((where.empty() ? "(root)" : where) + ": " + what); };
    if (const auto* type = schema.if_contains("type"); type != nullptr && !fits_type(value, *type)) return note("has the wrong type");
    if (const auto* only = schema.if_contains("const"); only != nullptr && *only != value) note("is not the constant");
    if (const auto* words = schema.if_contains("enum"); words != nullptr && std::ranges::find(words->as_array(), value) == words->as_array().end())
        note("is none of the allowed values");
    if (const auto* choices = schema.if_contains("oneOf")) {
        const auto fits = [&](const json::value& choice) {
            std::vector<std::string> none;
            check(value, choice.as_object(), where, none);
            return none.empty();
        };
        if (std::ranges::count_if(choices->as_array(), fits) != 1) note("fits not exactly one of the choices");
    }
    check_limits(value, schema, where, out);
    if (value.is_object()) check_object(value.get_object(), schema, where, out);
    if (const auto* items = schema.if_contains("items"); items != nullptr && value.is_array())
        for (std::size_t i = 0; i < value.get_array().size(); ++i) check(value.get_array()[i], items->as_object(), where + "[" + std::to_string(i) + "]", out);
}

void OpenApi::check_limits(const json::value& value, const json::object& schema, const std::string& where, std::vector<std::string>& out) const {
    if (const auto* text = value.if_string()) {
        const auto* pattern = schema.if_contains("pattern");
        if (pattern != nullptr && !std::regex_search(std::string(json::view(*text)), std::regex(std::string(json::view(pattern->as_string())))))
            out.push_back(where + ": does not match " + std::string(json::view(pattern->as_string())));
    }
    if (value.is_int64()) {
        const auto* least = schema.if_contains("minimum");
        const auto* most = schema.if_contains("maximum");
        if ((least != nullptr && value.get_int64() < least->as_int64()) || (most != nullptr && value.get_int64() > most->as_int64()))
            out.push_back(where + ": is out of range");
    }
    if (const auto* least = schema.if_contains("minItems");
        least != nullptr && value.is_array() && static_cast<std::int64_t>(value.get_array().size()) < least->as_int64())
        out.push_back(where + ": has too few items");
}

void OpenApi::check_object(const json::object& value, const json::object& schema, const std::string& where, std::vector<std::string>& out) const {
    const auto* properties = schema.if_contains("properties");
    const auto* required = schema.if_contains("required");
    const auto* additional = schema.if_contains("additionalProperties");
    if (required != nullptr)
        for (const auto& name : required->as_array())
            if (!value.contains(name.as_string())) out.push_back(where + ": misses " + std::string(json::view(name.as_string())));
    for (const auto& [name, member] : value) {
        const auto* own = properties == nullptr ? nullptr : properties->as_object().if_contains(name);
        const auto place = where.empty() ? std::string(name) : where + "." + std::string(name);
        if (own != nullptr)
            check(member, own->as_object(), place, out);
        else if (additional != nullptr && additional->is_bool() && !additional->as_bool())
            out.push_back(place + ": is not in the document");
    }
}

}  // namespace renkei::testing

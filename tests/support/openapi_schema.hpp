#pragma once

#include "base/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei::testing {

/// docs/api/openapi.yaml, read once (by python3-yaml), to hold answers against it.
class OpenApi {
public:
    /// Throws when the document cannot be read.
    static const OpenApi& document();

    /// Every way in which an answer differs from what the document says of this operation; empty when it fits.
    std::vector<std::string> problems(std::string_view method, std::string_view pattern, int status, std::string_view content_type,
                                      std::string_view body) const;
    /// "GET /v1/me" …, in the document's order.
    std::vector<std::string> operations() const;
    /// The right that the document names for an operation, or empty.
    std::string right_of(std::string_view method, std::string_view pattern) const;
    bool is_public(std::string_view method, std::string_view pattern) const;

private:
    explicit OpenApi(json::value root) : root_(std::move(root)) {}
    const json::object* operation(std::string_view method, std::string_view pattern) const;
    const json::object& resolved(const json::object& node) const;
    void check(const json::value& value, const json::object& schema, const std::string& where, std::vector<std::string>& out) const;
    void check_object(const json::object& value, const json::object& schema, const std::string& where, std::vector<std::string>& out) const;
    void check_limits(const json::value& value, const json::object& schema, const std::string& where, std::vector<std::string>& out) const;

    json::value root_;
};

}  // namespace renkei::testing

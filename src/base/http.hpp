#pragma once

#include "base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei {

enum class Method { get, head, post, put, patch, delete_, options };
std::string_view method_text(Method method);
/// Upper-case names only (RFC 9110 section 9.1: methods are case-sensitive).
std::optional<Method> parse_method(std::string_view text);

/// Header fields in order; names compare without case (RFC 9110 section 5.1).
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    /// The first value, or empty.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request that Renkei (or the command line) sends. What must not be seen travels apart from what may be logged.
struct HttpRequest {
    Method method = Method::get;
    std::string url;  ///< absolute, http or https, no fragment, never a secret in it
    Headers headers{};
    std::string body{};
    std::optional<Secret> authorization{};  ///< the value of the Authorization header
    std::optional<Secret> secret_body{};    ///< sent instead of `body`
};

struct HttpResponse {
    int status = 0;
    Headers headers{};
    std::string body{};  ///< may hold tokens: never logged
};

}  // namespace renkei

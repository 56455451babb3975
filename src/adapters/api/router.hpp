#pragma once

#include "adapters/api/route.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei::api {

/// Finds the route of a path by its segments. A segment is decoded before it is compared, so an escaped slash is data;
/// empty segments, `.` and `..` match nothing.
class Router {
public:
    /// Throws std::logic_error for two routes of one method and pattern, or two names for one place.
    explicit Router(std::vector<Routes> tables);
    ~Router();
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    struct Match {
        const Route* route = nullptr;  ///< nullptr: the path is known, the method is not
        std::vector<std::pair<std::string, std::string>> parameters;
        std::string allow;  ///< the methods of this path, for the Allow field
    };
    /// Nothing: no such path. HEAD finds the route of GET (RFC 9110 section 9.3.2).
    std::optional<Match> find(Method method, std::string_view raw_path) const;
    std::vector<const Route*> all() const;

private:
    struct Node;
    void add(const Route& route);
    std::unique_ptr<Node> root_;
    std::vector<const Route*> routes_;
};

/// The decoded segments of a path, or nothing if it is not one that a route could have.
std::optional<std::vector<std::string>> path_segments(std::string_view raw_path);

}  // namespace renkei::api

#include "adapters/api/router.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <stdexcept>

namespace renkei::api {
namespace {

constexpr std::size_t most_segments = 16;
constexpr std::size_t longest_segment = 1024;

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

bool acceptable(std::string_view segment) {
    if (segment.empty() || segment == "." || segment == ".." || segment.size() > longest_segment || !is_utf8(segment)) return false;
    return std::ranges::none_of(segment, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> any;
    std::string parameter;
    std::vector<const Route*> routes;
};

Router::Router(std::vector<Routes> tables) : root_(std::make_unique<Node>()) {
    for (const auto table : tables)
        for (const auto& route : table) add(route);
}

Router::~Router() = default;

void Router::add(const Route& route) {
    Node* node = root_.get();
    for (const auto segment : split(route.pattern.substr(1), '/')) {
        auto* next = &node->any;
        if (is_parameter(segment)) {
            const auto name = segment.substr(1, segment.size() - 2);
            if (!node->parameter.empty() && node->parameter != name) throw std::logic_error("two names for one place: " + std::string(route.pattern));
            node->parameter = name;
        } else {
            next = &node->literals[std::string(segment)];
        }
        if (!*next) *next = std::make_unique<Node>();
        node = next->get();
    }
    if (std::ranges::any_of(node->routes, [&](const Route* other) { return other->method == route.method; }))
        throw std::logic_error("two routes for one method and path: " + std::string(route.pattern));
    node->routes.push_back(&route);
    routes_.push_back(&route);
}

std::optional<std::vector<std::string>> path_segments(std::string_view raw_path) {
    if (!raw_path.starts_with('/')) return std::nullopt;
    std::vector<std::string> segments;
    for (const auto raw : split(raw_path.substr(1), '/')) {
        auto segment = percent_decode(raw);
        if (!segment || !acceptable(*segment) || segments.size() == most_segments) return std::nullopt;
        segments.push_back(std::move(*segment));
    }
    return segments;
}

std::optional<Router::Match> Router::find(Method method, std::string_view raw_path) const {
    auto segments = path_segments(raw_path);
    if (!segments) return std::nullopt;
    Match match;
    const Node* node = root_.get();
    for (auto& segment : *segments) {
        if (const auto literal = node->literals.find(segment); literal != node->literals.end()) {
            node = literal->second.get();
        } else if (node->any) {
            match.parameters.emplace_back(node->parameter, std::move(segment));
            node = node->any.get();
        } else {
            return std::nullopt;
        }
    }
    if (node->routes.empty()) return std::nullopt;
    const auto wanted = method == Method::head ? Method::get : method;
    for (const auto* route : node->routes) {
        if (route->method == wanted) match.route = route;
        match.allow += (match.allow.empty() ? "" : ", ") + std::string(method_text(route->method));
        if (route->method == Method::get) match.allow += ", HEAD";
    }
    match.allow += ", OPTIONS";
    return match;
}

std::vector<const Route*> Router::all() const { return routes_; }

}  // namespace renkei::api

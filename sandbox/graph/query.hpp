#pragma once

#include "sandbox/graph/errors.hpp"
#include "sandbox/graph/filter.hpp"
#include "sandbox/graph/search.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::sandbox::graph {

struct Order {
    std::string property;
    bool descending = false;
};

/// The system query options of one request, understood and checked against each other.
struct Query {
    std::vector<std::string> select;
    std::size_t top = 10;
    std::size_t skip = 0;
    bool count = false;
    std::optional<Filter> filter;
    std::vector<Order> order;
    std::optional<SearchTest> search;
    bool expand_attachments = false;
    bool expand_item = false;  ///< microsoft.graph.itemattachment/item
};

enum class QueryFor { messages, other };
/// Options of messages get the whole check, those of other collections $select, $top, $skip, $count and $expand only.
Outcome<Query> parse_query(const Fields& fields, TimePoint now, QueryFor what);

/// The address of the next page: this request's own with another $skip, or an opaque $skiptoken where $skip is not allowed.
std::string next_link(const ServerRequest& request, const Query& query);

}  // namespace renkei::sandbox::graph

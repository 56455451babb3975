#include "sandbox/graph/query.hpp"

#include "base/encoding.hpp"
#include "sandbox/graph/property.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_top = 1000;

Outcome<std::size_t> number(std::string_view name, std::string_view text, std::size_t least, std::size_t most) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        return bad_request("Invalid value '" + std::string(text.substr(0, 40)) + "' for " + std::string(name) + " query option found. The value must be from " +
                           std::to_string(least) + " to " + std::to_string(most) + ".");
    return value;
}

Outcome<std::vector<std::string>> selection(std::string_view text, QueryFor what) {
    std::vector<std::string> out;
    for (const auto part : split(text, ',')) {
        const std::string name(trim(part));
        if (name.empty()) return bad_query("$select has an empty item.");
        if (name == "*") return std::vector<std::string>();
        const auto first = name.substr(0, name.find('/'));
        if (what == QueryFor::messages && !is_message_property(first))
            return bad_query("Could not find a property named '" + first + "' on type 'Microsoft.OutlookServices.Message'.");
        out.push_back(first);
    }
    return out;
}

Outcome<std::vector<Order>> order_of(std::string_view text) {
    std::vector<Order> out;
    for (const auto part : split(text, ',')) {
        std::string_view item = trim(part);
        const auto blank = item.find(' ');
        const std::string name(item.substr(0, blank));
        const auto direction = blank == std::string_view::npos ? std::string_view() : trim(item.substr(blank));
        if (!direction.empty() && direction != "asc" && direction != "desc") return bad_query("Syntax error in $orderby.");
        if (!find_property(name)) {
            if (is_message_property(name.substr(0, name.find('/'))))
                return refuse(400, "ErrorInvalidUrlQuery", "The property '" + name + "' does not support sorting.");
            return bad_query("Could not find a property named '" + name + "' on type 'Microsoft.OutlookServices.Message'.");
        }
        out.push_back({name, direction == "desc"});
    }
    return out;
}

Outcome<void> expansion(std::string_view text, Query& query) {
    for (const auto part : split(text, ',')) {
        const std::string name = lower_ascii(trim(part).substr(0, trim(part).find('(')));
        if (name == "attachments")
            query.expand_attachments = true;
        else if (name == "microsoft.graph.itemattachment/item")
            query.expand_item = true;
        else if (name != "singlevalueextendedproperties" && name != "multivalueextendedproperties" && name != "extensions")
            return bad_query("Could not find a property named '" + std::string(trim(part)) + "' to expand.");
    }
    return {};
}

/// Section 4.3 of the reference: what is sorted by must be filtered by, first and in the same order.
Outcome<void> check_together(const Query& query) {
    if (query.search) {
        if (query.filter) return refuse(400, "SearchWithFilter", "The query parameter '$filter' is not supported with '$search'.");
        if (!query.order.empty()) return refuse(400, "SearchWithOrderBy", "The query parameter '$orderby' is not supported with '$search'.");
        return {};
    }
    if (!query.filter || query.order.empty()) return {};
    const auto& filtered = query.filter->properties;
    bool fits = query.order.size() <= filtered.size();
    for (std::size_t i = 0; fits && i < query.order.size(); ++i) fits = query.order[i].property == filtered[i];
    if (!fits) return refuse(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.");
    return {};
}

Outcome<void> read_option(const std::string& name, const std::string& value, TimePoint now, QueryFor what, Query& query) {
    const auto take = [](auto outcome, auto& into) -> Outcome<void> {
        if (!outcome) return std::unexpected(std::move(outcome.error()));
        into = std::move(*outcome);
        return {};
    };
    if (name == "$top") return take(number(name, value, 1, max_top), query.top);
    if (name == "$skip") return take(number(name, value, 0, 1'000'000), query.skip);
    if (name == "$select") return take(selection(value, what), query.select);
    if (name == "$expand") return expansion(value, query);
    if (name == "$format") return {};
    if (name == "$count") {
        if (value != "true" && value != "false") return bad_query("Invalid value for $count.");
        query.count = value == "true";
        return {};
    }
    if (name == "$skiptoken") {
        const auto plain = decode_base64url(value);
        if (!plain || !plain->starts_with("p:")) return bad_request("The $skiptoken is not valid.");
        return take(number(name, plain->substr(2), 0, 1'000'000), query.skip);
    }
    if (what == QueryFor::messages && name == "$filter") return take(parse_filter(value), query.filter);
    if (what == QueryFor::messages && name == "$orderby") return take(order_of(value), query.order);
    if (what == QueryFor::messages && name == "$search") return take(parse_search(value, now), query.search);
    if (name == "$filter" || name == "$orderby" || name == "$search")
        return refuse(400, "ErrorInvalidUrlQuery", "The query option " + name + " is not supported for this collection.");
    return bad_query("The query option '" + name + "' is not recognised.");
}

}  // namespace

Outcome<Query> parse_query(const Fields& fields, TimePoint now, QueryFor what) {
    Query query;
    std::vector<std::string> seen;
    bool skipped = false;
    for (const auto& [raw_name, value] : fields) {
        if (!raw_name.starts_with('$')) continue;
        const std::string name = lower_ascii(raw_name);
        if (std::ranges::find(seen, name) != seen.end())
            return bad_request("Query option '" + name + "' was specified more than once, but it must be specified at most once.");
        seen.push_back(name);
        skipped = skipped || name == "$skip";
        if (auto read = read_option(name, value, now, what, query); !read) return std::unexpected(std::move(read.error()));
    }
    if (query.search && skipped) return refuse(400, "SearchWithSkip", "The query parameter '$skip' is not supported with '$search'.");
    if (auto fits = check_together(query); !fits) return std::unexpected(std::move(fits.error()));
    return query;
}

std::string next_link(const ServerRequest& request, const Query& query) {
    std::string link = base_address(request) + request.path;
    char separator = '?';
    const auto add = [&](const std::string& name, const std::string& value) {
        link += separator + name + '=' + percent_encode(value);
        separator = '&';
    };
    for (const auto& [name, value] : request.query) {
        const auto lower = lower_ascii(name);
        if (lower != "$skip" && lower != "$skiptoken") add(name.starts_with('$') ? '$' + percent_encode(name.substr(1)) : percent_encode(name), value);
    }
    const std::string next = std::to_string(query.skip + query.top);
    if (query.search)
        add("$skiptoken", base64url(as_bytes("p:" + next)));
    else
        add("$skip", next);
    return link;
}

}  // namespace renkei::sandbox::graph

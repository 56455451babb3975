// What callers write into filters, searches, ids and cursors: none of it may reach an address unescaped or lead a token
// to another host.
#include "adapters/providers/microsoft/graph_query.hpp"
#include "adapters/providers/microsoft/graph_request.hpp"
#include "base/bearer_hosts.hpp"
#include "base/encoding.hpp"
#include "base/uri.hpp"

#include <algorithm>
#include <cstdlib>

using namespace renkei;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\'' && c != '#' && c != '+' && c != '<' && c != '>'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    app::CloudFacts cloud;
    cloud.api_base = "https://graph.microsoft.com/v1.0";
    cloud.token_hosts = {"graph.microsoft.com"};

    core::EmailFilter filter;
    filter.subject = text;
    filter.unread = true;
    if (const auto query = microsoft::list_query(filter, 10)) require(is_plain(*query) && split(*query, '&').size() == 4u);
    filter = {};
    filter.text = text;
    if (const auto query = microsoft::list_query(filter, 10)) require(is_plain(*query));
    if (const auto words = microsoft::kql_words(text)) {
        // No property restriction, no group, no wildcard, and quotes only as escaped pairs.
        require(words->find_first_of(":()*<>=") == words->npos);
        for (std::size_t i = 0; i < words->size(); ++i) require((*words)[i] != '"' || (i > 0 && (*words)[i - 1] == '\\'));
    }
    for (const auto& piece : {microsoft::id_piece(text, "id"), microsoft::folder_piece(text)})
        if (piece) require(is_plain(*piece) && piece->find('/') == piece->npos && *piece != "." && *piece != "..");
    for (const auto& cursor : {text, base64url(as_bytes(text)), base64url(as_bytes("https://graph.microsoft.com/v1.0/" + text))})
        if (const auto link = microsoft::link_of_cursor(cloud, cursor)) {
            const auto target = Uri::parse(*link);
            require(target && target->host == "graph.microsoft.com" && target->port == 443 && target->scheme == "https" && target->path.starts_with("/v1.0/"));
        }
    return 0;
}

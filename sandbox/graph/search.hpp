#pragma once

#include "sandbox/graph/errors.hpp"
#include "sandbox/mailbox.hpp"

#include <functional>
#include <string_view>

namespace renkei::sandbox::graph {

using SearchTest = std::function<bool(const StoredMessage&)>;

/// A $search on messages: KQL in double quotes. Latin words match at the beginning of a word, Japanese anywhere.
Outcome<SearchTest> parse_search(std::string_view text, TimePoint now);

}  // namespace renkei::sandbox::graph

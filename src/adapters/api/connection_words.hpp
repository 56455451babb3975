#pragma once

#include "adapters/api/html.hpp"
#include "adapters/api/language.hpp"
#include "base/error.hpp"
#include "core/connection.hpp"
#include "core/identity.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace renkei::api {

// What the pages say about connections, in the reader's language.

/// A state is colour, sign and word: never colour alone.
void write_state(Html& html, const core::Connection& connection, const core::Principal& reader, Language language);

/// What the state asks for.
struct Advice {
    std::string_view who;  ///< must act; empty: all is well
    std::string_view what;
};
Advice advice_of(const core::Connection& connection, Language language);
bool needs_somebody(core::ConnectionState state);

/// Read mail, send mail …: an action of a manifest (mail:read_shared) in words, or its own name if there are none.
std::string_view word_of_action(std::string_view action, Language language);

/// What was wrong with a field of a connection's form, with an example. Knows reasons (base/reason.hpp) and fields.
std::string field_refusal(const Error& error, Language language);

}  // namespace renkei::api

#pragma once

#include "adapters/api/html.hpp"
#include "adapters/api/language.hpp"
#include "app/ports/http_handler.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace renkei::api {

enum class Tone { plain, good, bad };

/// A whole page: head, Renkei's frame with `banner` beside its name, and `content`. No script; the style sheet is Renkei's own.
app::ServerResponse page_answer(Language language, std::string_view title, Tone tone, const Html& content, int status = 200, const Html& banner = {});
/// What happened, who must act, what to do, and a message to copy; `more` stands before that message.
app::ServerResponse error_page(const Error& error, std::string_view request_id, Language language, const Html& more = {});
/// 本人, Microsoft 365 の管理者 …: who must act, for a person's eyes.
std::string_view word_of(Actor actor, Language language);

/// The style sheet and the address that changes with it.
std::string_view style_sheet();
const std::string& style_address();

}  // namespace renkei::api

#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/html.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::api {

// What the pages of people are made of.

enum class Place { none, connections, account, people, all_connections };
/// Where one can go, and the way out. Only for signed-in persons with a workspace.
Html navigation(const Call& call, Place here);

struct Input {
    std::string_view name;
    std::string_view type;
    std::string_view label;
    std::string_view value{};
    std::string_view completion = "off";
    std::string_view hint{};
};
void write_input(Html& html, const Input& input);
/// Opens a POST form with its token.
void open_form(Html& html, const Call& call, std::string_view action, std::string_view css_class = {});
void close_form(Html& html, std::string_view button, std::string_view css_class = {});
/// What was not accepted, in the reader's language, as an alert.
void write_refusal(Html& html, const std::optional<Error>& refused, Language language);
std::string refusal_text(const Error& error, Language language);
/// a, b and c as a list of the language.
std::string joined(const std::vector<std::string_view>& words, Language language);
/// 2026-11-22 09:00 UTC.
std::string shown_minute(TimePoint at);
/// The status of a page that shows a form again.
int status_of(const std::optional<Error>& refused);

}  // namespace renkei::api

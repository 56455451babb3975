#pragma once

#include "adapters/api/html.hpp"
#include "adapters/api/language.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::api {

/// One field of a long form: label above, help below, what is wrong beside it.
struct FormField {
    std::string_view name;
    std::string_view label;
    std::string value{};
    std::string_view help{};
    std::string refused{};  ///< empty: nothing is wrong
    std::string_view type = "text";
    bool optional = false;
};

struct FormChoice {
    std::string value;
    std::string text;
};

void write_field(Html& html, const FormField& field, Language language);
void write_text_area(Html& html, const FormField& field, Language language, std::string_view rows = "3");
void write_choice(Html& html, const FormField& field, const std::vector<FormChoice>& choices, Language language);
/// `value` is what is sent when it is ticked; `note` stands beside the text in small letters.
void write_tick(Html& html, std::string_view name, std::string_view value, bool ticked, std::string_view text, std::string_view note = {},
                std::string_view css = "check");
/// "3 fields need correction", each a link to its place.
struct FormRefusal {
    std::string field;
    std::string text;   ///< what is wrong, beside the field
    std::string label;  ///< of the field, for the summary
};
void write_summary(Html& html, const std::vector<FormRefusal>& refusals, Language language);

}  // namespace renkei::api

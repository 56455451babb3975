#include "adapters/api/form_parts.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

void write_label(Html& html, const FormField& field, Language language) {
    html.open("label", {{"for", field.name}}).text(field.label);
    if (field.optional) html.text(" ").element("span", pick(language, "(optional)", "（任意）"), {{"class", "soft"}});
    html.close("label");
}

std::string described_by(const FormField& field) {
    std::string ids;
    if (!field.refused.empty()) ids = std::string(field.name) + "-refused";
    if (!field.help.empty()) ids += (ids.empty() ? "" : " ") + std::string(field.name) + "-help";
    return ids;
}

void write_below(Html& html, const FormField& field) {
    if (!field.refused.empty()) html.element("p", field.refused, {{"class", "field-refused"}, {"id", std::string(field.name) + "-refused"}});
    if (!field.help.empty()) html.element("p", field.help, {{"class", "hint"}, {"id", std::string(field.name) + "-help"}});
}

}  // namespace

void write_field(Html& html, const FormField& field, Language language) {
    const auto described = described_by(field);
    write_label(html, field, language);
    html.empty("input", {{"id", field.name},
                         {"name", field.name},
                         {"type", field.type},
                         {field.type == "file" || field.type == "password" ? "" : "value", field.value},
                         {"autocomplete", field.type == "password" ? "new-password" : "off"},
                         {"spellcheck", "false"},
                         {field.optional ? "" : "aria-required", "true"},
                         {field.refused.empty() ? "" : "aria-invalid", "true"},
                         {described.empty() ? "" : "aria-describedby", described}});
    write_below(html, field);
}

void write_text_area(Html& html, const FormField& field, Language language, std::string_view rows) {
    const auto described = described_by(field);
    write_label(html, field, language);
    html.open("textarea", {{"id", field.name},
                           {"name", field.name},
                           {"rows", rows},
                           {"autocomplete", "off"},
                           {"spellcheck", "false"},
                           {field.refused.empty() ? "" : "aria-invalid", "true"},
                           {described.empty() ? "" : "aria-describedby", described}});
    // A line break right after the tag is dropped by the HTML parser.
    html.text("\n" + field.value).close("textarea");
    write_below(html, field);
}

void write_choice(Html& html, const FormField& field, const std::vector<FormChoice>& choices, Language language) {
    const auto described = described_by(field);
    write_label(html, field, language);
    html.open("select", {{"id", field.name},
                         {"name", field.name},
                         {field.refused.empty() ? "" : "aria-invalid", "true"},
                         {described.empty() ? "" : "aria-describedby", described}});
    for (const auto& choice : choices) html.element("option", choice.text, {{"value", choice.value}, {choice.value == field.value ? "selected" : "", ""}});
    html.close("select");
    write_below(html, field);
}

void write_tick(Html& html, std::string_view name, std::string_view value, bool ticked, std::string_view text, std::string_view note, std::string_view css) {
    html.open("label", {{"class", css}});
    html.empty("input", {{"type", "checkbox"}, {"name", name}, {"value", value}, {ticked ? "checked" : "", ""}});
    html.open("span").text(text);
    if (!note.empty()) html.text(" ").element("span", note, {{"class", "soft"}});
    html.close("span").close("label");
}

void write_summary(Html& html, const std::vector<FormRefusal>& refusals, Language language) {
    if (refusals.empty()) return;
    const auto heading =
        refusals.size() == 1
            ? std::string(pick(language, "One field needs correction. Nothing was made yet.", "1 つの項目を修正してください。まだ何も作成されていません。"))
            : fmt::format(fmt::runtime(pick(language, "{} fields need correction. Nothing was made yet.",
                                            "{} つの項目を修正してください。まだ何も作成されていません。")),
                          refusals.size());
    html.open("div", {{"class", "notice bad"}, {"role", "alert"}}).element("p", heading, {{"class", "strong"}}).open("ul");
    for (const auto& refusal : refusals) html.open("li").element("a", refusal.label, {{"href", "#" + refusal.field}}).close("li");
    html.close("ul").close("div");
}

}  // namespace renkei::api

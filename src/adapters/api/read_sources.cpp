#include "adapters/api/read_sources.hpp"

namespace renkei::api {

void read_sources(BodyReader& body, std::vector<core::FieldSource>& sources, std::initializer_list<std::string_view> fields) {
    for (const auto field : fields) {
        const auto member = std::string(field) + "_from";
        const auto text = body.optional_text(member, {.max = 1200});
        if (!text) continue;
        auto source = body.accept(member, core::parse_value_source(*text, member));
        if (!source) continue;
        if (source->is_reference())
            sources.push_back({std::string(field), core::text_of(*source)});
        else
            body.refuse(member, "must be a reference: credential:, vault:, file:, env: or variable:");
    }
}

json::object shown_sources(const std::vector<core::FieldSource>& sources) {
    json::object shown;
    for (const auto& [field, source] : sources) shown[field] = source;
    return shown;
}

}  // namespace renkei::api

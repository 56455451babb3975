#pragma once

#include "adapters/api/body_reader.hpp"
#include "core/value_source.hpp"

#include <initializer_list>
#include <vector>

namespace renkei::api {

/// The members `<field>_from`: references that stand for these fields.
void read_sources(BodyReader& body, std::vector<core::FieldSource>& sources, std::initializer_list<std::string_view> fields);
/// {field: reference}
json::object shown_sources(const std::vector<core::FieldSource>& sources);

}  // namespace renkei::api

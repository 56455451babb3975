#pragma once

#include "base/result.hpp"
#include "core/name.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::core {

/// Where a field's value comes from.
enum class SourceKind : std::uint8_t {
    literal,      ///< typed: insecure, can be forbidden by a workspace rule, audited
    credential,   ///< credential:NAME[@VERSION]
    variable,     ///< variable:NAME
    vault,        ///< vault:NAME/PATH[#FIELD][@VERSION], an external vault
    environment,  ///< env:NAME, only where the operator maps a prefix
    file,         ///< file:PATH, only where the operator maps a folder
};
std::string_view text_of(SourceKind kind);

/// A reference as somebody wrote it, or a literal, whose text is the value.
struct ValueSource {
    SourceKind kind = SourceKind::literal;
    std::string name;     ///< of credential, variable, environment variable or external vault; path of a file; a literal's value
    std::string path{};   ///< in an external vault
    std::string field{};  ///< there; empty: the only one
    std::string version{};
    friend bool operator==(const ValueSource&, const ValueSource&) = default;
    bool is_reference() const { return kind != SourceKind::literal; }
};

/// Reads what was typed into a field. A text that begins with none of the words above is a literal; `literal:` before a text makes
/// it one whatever follows. Errors: invalid_field, naming `field`, without the text (it may be a secret that was mistyped).
Result<ValueSource> parse_value_source(std::string_view text, std::string_view field);
/// The reference in the one spelling; of a literal the text that parses back to it.
std::string text_of(const ValueSource& source);

/// Which field of a stored row a reference stands for.
struct FieldSource {
    std::string field;
    std::string source;  ///< text_of
    friend bool operator==(const FieldSource&, const FieldSource&) = default;
};
/// The reference of a field, or nullptr.
const std::string* source_of(const std::vector<FieldSource>& sources, std::string_view field);

}  // namespace renkei::core

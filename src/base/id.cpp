#include "base/id.hpp"

#include "base/encoding.hpp"

namespace renkei {

std::string id_text(const IdBytes& bytes) { return to_hex(bytes); }

std::optional<IdBytes> parse_id(std::string_view text) {
    auto bytes = from_hex(text);
    if (!bytes || bytes->size() != 16) return std::nullopt;
    IdBytes id;
    std::memcpy(id.data(), bytes->data(), id.size());
    return id;
}

}  // namespace renkei

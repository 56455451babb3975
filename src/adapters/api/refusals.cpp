#include "adapters/api/refusals.hpp"

#include "base/encoding.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

constexpr std::size_t most_refusals = 20;

}  // namespace

void Refusals::add(Errc code, std::string field, std::string detail) {
    if (list_.size() < most_refusals) list_.push_back({code, std::move(field), std::move(detail)});
}

Result<void> Refusals::result() const {
    if (list_.empty()) return {};
    Error error{list_.front().code, list_.front().detail, {{"field", list_.front().field}}};
    for (const auto& refusal : list_) {
        error.context.emplace_back("refused_field", refusal.field);
        error.context.emplace_back("refused_detail", refusal.detail);
    }
    return fail(std::move(error));
}

std::string short_text(std::string_view text) {
    if (!is_utf8(text)) return "?";
    if (text.size() <= 64) return std::string(text);
    std::size_t end = 64;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return std::string(text.substr(0, end));
}

std::string unknown_text(std::string_view what, std::string_view field, std::string_view word, std::span<const std::string> known) {
    const auto near = renkei::nearest(word.substr(0, 64), known);
    if (near.empty()) return fmt::format("the {} `{}` is not known here", what, field);
    return fmt::format("the {} `{}` is not known here; did you mean `{}`?", what, field, near);
}

}  // namespace renkei::api

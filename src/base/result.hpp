#pragma once

#include "base/error.hpp"

#include <expected>
#include <string>
#include <utility>

namespace renkei {

/// A value, or what went wrong. Test it at once and return early.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;
};

inline std::unexpected<Error> fail(Errc code, std::string detail) { return std::unexpected(Error{code, std::move(detail)}); }
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }
/// Hands the error of one result on as the error of another.
template <class T>
std::unexpected<Error> propagate(Result<T>& failed) {
    return std::unexpected(std::move(failed.error()));
}
template <class T>
std::unexpected<Error> propagate(Result<T>&& failed) {
    return std::unexpected(std::move(failed.error()));
}
/// A named field with an unacceptable value: the answer names it.
inline std::unexpected<Error> bad_field(std::string_view field, std::string detail) {
    return std::unexpected(Error{Errc::invalid_field, std::move(detail), {{"field", std::string(field)}}});
}

}  // namespace renkei

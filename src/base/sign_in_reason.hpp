#pragma once

#include "base/error.hpp"

#include <span>
#include <string>
#include <string_view>

namespace renkei {

/// Why a provider refused a sign-in or a token, where the error's code alone does not say what to do: a stable word, who must act,
/// what happened and what to do, in both languages. `{}` in a text stands for the value that goes with it (a cloud's name).
struct SignInReason {
    std::string_view slug;  ///< stable name in answers
    Actor actor;
    std::string_view text_en;
    std::string_view text_ja;
    std::string_view remedy_en;
    std::string_view remedy_ja;
};

std::span<const SignInReason> sign_in_reasons();
/// The row of a slug, or nullptr.
const SignInReason* sign_in_reason(std::string_view slug);

/// What people are told: from base/reason or from this table by the error's context (`reason`, `reason_value`, `provider_code`), else
/// from the code's row. English where `japanese` is false.
struct Told {
    std::string detail;
    std::string remedy;
    Actor actor;
};
Told told(const Error& error, bool japanese);

/// Gives an error its named reason.
Error because(Error error, std::string_view slug, std::string value = {});

}  // namespace renkei

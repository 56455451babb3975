#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace renkei {

/// Why a field or a file was refused, where the code alone does not say what to do. One row of the table in reason.cpp each:
/// a stable word, what is wrong, and what to do about it, in both languages.
enum class Reason {
    certificate_too_large,
    certificate_not_base64,
    certificate_not_pkcs12,
    certificate_not_pem,
    certificate_wrong_password,
    certificate_unsupported_encryption,
    certificate_too_many_rounds,
    certificate_missing,
    certificate_no_private_key,
    certificate_several_keys,
    certificate_key_mismatch,
    certificate_key_not_taken,
    certificate_not_yet_valid,
    certificate_expired,
    import_not_recognised,
    import_json_too_large,
    import_key_missing,
    import_key_twice,
    import_value_refused,
    source_not_mapped,
    domain_not_found,
    domain_consumer,
};

/// `{}` in a text stands for the value that goes with the refusal: a date, the name of a key, a limit.
struct ReasonRow {
    Reason reason;
    std::string_view slug;  ///< stable name in answers
    std::string_view text_en;
    std::string_view text_ja;
    std::string_view remedy_en;  ///< with an example
    std::string_view remedy_ja;
};

const ReasonRow& reason_row(Reason reason);
/// The row of a slug, or nullptr.
const ReasonRow* reason_row_of_slug(std::string_view slug);
/// A text of a row with its value put in.
std::string filled(std::string_view text, std::string_view value);

/// invalid_field (or `code`) with the context entries field, reason and reason_value. The value is our own word, never a secret.
std::unexpected<Error> refuse_field(std::string_view field, Reason reason, std::string value = {}, Errc code = Errc::invalid_field);

}  // namespace renkei

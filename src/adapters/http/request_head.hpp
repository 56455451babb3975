#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace renkei::http {

struct HeadField {
    std::string_view name;
    std::string_view value;
};

/// A request's head, as views into the bytes that it was read from: valid until those move.
struct RequestHead {
    std::string_view method;
    std::string_view target;     ///< origin form or "*"; of an absolute form the part behind the authority
    std::string_view authority;  ///< Host, or the authority of an absolute form
    std::string_view authorization;
    std::string_view renkei_connection;
    std::string_view renkei_mailbox;
    std::vector<HeadField> fields;
    bool http11 = true;
    bool keep_alive = true;
    bool chunked = false;
    bool expects_continue = false;
    bool absolute_form = false;
    bool repeated = false;  ///< Renkei-Connection or Renkei-Mailbox stands there more than once
    bool acts_as = false;   ///< Renkei-Act-As stands there
    bool of_run = false;    ///< Renkei-Session or Renkei-Run stands there
    std::optional<std::uint64_t> content_length;

    bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// Why a request is refused, in our words.
struct Refusal {
    int status = 400;
    std::string_view detail;
};

/// Where the head ends (behind its empty line), looking from `from`; npos if it is not complete.
std::size_t head_end(std::string_view bytes, std::size_t from);

/// Whether these first bytes can become a request at all: a TLS hello or noise is refused at once, not after the deadline.
/// Bytes before `from` have been looked at.
bool may_start_a_request(std::string_view bytes, std::size_t from);

/// Reads one complete head. Strict where leniency would let two readers of the same bytes disagree (RFC 9112 section 11.2).
std::optional<Refusal> parse_head(std::string_view bytes, std::size_t max_fields, RequestHead& head);

}  // namespace renkei::http

#pragma once

#include "app/ports/http_handler.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::http {

/// The Date field's value, made once a second. One per event loop.
class DateText {
public:
    std::string_view now();

private:
    std::int64_t second_ = -1;
    std::string text_;
};

/// What the connection adds to an answer.
struct AnswerFrame {
    std::string_view date;
    std::string_view request_id;
    bool keep_alive = true;
    bool http11 = true;
    bool head_only = false;  ///< the request was HEAD
};

/// How an answer's body goes out.
struct AnswerBody {
    enum class Kind { none, whole, counted, chunked, until_close } kind = Kind::none;
    std::uint64_t length = 0;  ///< of counted
};

/// Appends head and body of a fast answer.
void append_fast_answer(std::string& out, const app::FastAnswer& answer, const AnswerFrame& frame);

/// Appends the head of an answer and says how the body follows. Nothing, and nothing appended, if the handler's fields
/// could not be sent safely: a line break in a value would let it write further fields (RFC 9110 section 5.5).
std::optional<AnswerBody> append_head(std::string& out, const app::ServerResponse& response, AnswerFrame& frame);

/// The answer of last resort, when the application's own form cannot be made.
app::ServerResponse bare_answer(int status);

/// Appends one chunk (RFC 9112 section 7.1); an empty piece is the last one.
void append_chunk(std::string& out, std::string_view piece);

}  // namespace renkei::http

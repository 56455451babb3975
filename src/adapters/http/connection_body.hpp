#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::http {

/// Takes the body of one request from the bytes behind its head, by Content-Length or in chunks (RFC 9112 section 7.1).
class BodyReader {
public:
    enum class State { more, done, too_large, malformed };

    static BodyReader of_length(std::uint64_t length, std::uint64_t limit) { return BodyReader(length, limit, false); }
    static BodyReader of_chunks(std::uint64_t limit) { return BodyReader(0, limit, true); }

    /// Appends what belongs to the body to `body`; returns how many bytes were used. Bytes behind the body stay unused.
    std::size_t take(std::string_view bytes, std::string& body);
    State state() const { return state_; }

private:
    enum class Part { size, extension, size_end, data, data_end, data_end_lf, trailer_start, trailer, trailer_lf, last_lf };

    BodyReader(std::uint64_t length, std::uint64_t limit, bool chunked);
    std::size_t take_data(std::string_view bytes, std::string& body);
    void take_framing(char c);
    void take_size(char c);
    void begin_chunk();
    void take_trailer(char c);
    void expect(char c, char wanted, Part next);

    std::uint64_t left_;   // of the body, or of the chunk
    std::uint64_t limit_;  // of the whole body
    std::uint64_t total_ = 0;
    std::size_t framing_ = 0;  // bytes of this chunk's line or of the trailer
    unsigned digits_ = 0;
    bool chunked_;
    Part part_;
    State state_ = State::more;
};

}  // namespace renkei::http

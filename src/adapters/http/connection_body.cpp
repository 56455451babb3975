#include "adapters/http/connection_body.hpp"

#include <algorithm>
#include <optional>

namespace renkei::http {
namespace {

constexpr std::size_t max_framing = 4096;  // of one chunk's line, or of all trailers

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

}  // namespace

BodyReader::BodyReader(std::uint64_t length, std::uint64_t limit, bool chunked)
    : left_(length), limit_(limit), chunked_(chunked), part_(chunked ? Part::size : Part::data) {
    if (chunked_) return;
    if (left_ > limit_)
        state_ = State::too_large;
    else if (left_ == 0)
        state_ = State::done;
}

std::size_t BodyReader::take(std::string_view bytes, std::string& body) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ == State::more) {
        if (part_ == Part::data)
            used += take_data(bytes.substr(used), body);
        else
            take_framing(bytes[used++]);
    }
    return used;
}

std::size_t BodyReader::take_data(std::string_view bytes, std::string& body) {
    const auto piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
    body.append(piece);
    left_ -= piece.size();
    if (left_ == 0) {
        if (chunked_)
            part_ = Part::data_end;
        else
            state_ = State::done;
    }
    return piece.size();
}

void BodyReader::expect(char c, char wanted, Part next) {
    if (c == wanted)
        part_ = next;
    else
        state_ = State::malformed;
}

void BodyReader::take_framing(char c) {
    if (++framing_ > max_framing) state_ = State::malformed;
    switch (part_) {
        case Part::size: take_size(c); break;
        case Part::extension:  // read over (RFC 9112 section 7.1.1), but no line end other than CRLF hides in it
            if (c == '\r')
                part_ = Part::size_end;
            else if (c == '\n' || c == '\0')
                state_ = State::malformed;
            break;
        case Part::size_end:
            if (c == '\n')
                begin_chunk();
            else
                state_ = State::malformed;
            break;
        case Part::data_end: expect(c, '\r', Part::data_end_lf); break;
        case Part::data_end_lf:
            expect(c, '\n', Part::size);
            framing_ = 0;
            break;
        case Part::trailer_start:
        case Part::trailer: take_trailer(c); break;
        case Part::trailer_lf: expect(c, '\n', Part::trailer_start); break;
        case Part::last_lf: state_ = c == '\n' ? State::done : State::malformed; break;
        case Part::data: break;
    }
}

void BodyReader::take_size(char c) {
    if (const auto digit = hex_digit(c)) {
        left_ = left_ * 16 + *digit;
        if (++digits_ > 15) state_ = State::malformed;
    } else if (digits_ == 0) {
        state_ = State::malformed;
    } else if (c == '\r') {
        part_ = Part::size_end;
    } else if (c == ';') {
        part_ = Part::extension;
    } else {
        state_ = State::malformed;
    }
}

void BodyReader::begin_chunk() {
    digits_ = 0;
    framing_ = 0;
    part_ = left_ == 0 ? Part::trailer_start : Part::data;
    total_ += left_;
    if (total_ > limit_) state_ = State::too_large;
}

// Trailers are read and dropped: nothing of ours is sent in one (RFC 9110 section 6.5.1).
void BodyReader::take_trailer(char c) {
    if (c == '\r')
        part_ = part_ == Part::trailer_start ? Part::last_lf : Part::trailer_lf;
    else if (c == '\n' || c == '\0')
        state_ = State::malformed;
    else
        part_ = Part::trailer;
}

}  // namespace renkei::http

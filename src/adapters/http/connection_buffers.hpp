#pragma once

#include "base/random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace renkei::http {

/// Where a connection reads into: bytes come in at the end and are taken from the beginning. Holds no memory until it is
/// lent some by a pool.
class ReadBuffer {
public:
    std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    bool has_memory() const { return bytes_ != nullptr; }
    void consume(std::size_t count) { begin_ += count; }
    void commit(std::size_t count) { end_ += count; }
    /// Appends, growing as needed.
    void put_back(std::string_view bytes);

private:
    friend class BufferPool;
    void make_room(std::size_t wanted);

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

/// The read buffers of one event loop. An idle connection gives its buffer back.
class BufferPool {
public:
    static constexpr std::size_t usual_size = 4096;

    /// Free room at the end of `buffer`, at least one byte.
    std::span<char> room(ReadBuffer& buffer);
    /// Wipes what was read (there are keys in it) and keeps the memory for the next one.
    void give_back(ReadBuffer& buffer);
    /// Frees what is not needed at the moment.
    void trim();

private:
    std::vector<std::unique_ptr<char[]>> free_;
};

/// Request ids, made from one call of the generator for many: unique, not secret.
class RequestIds {
public:
    explicit RequestIds(Random& random) : random_(random) {}
    /// 32 hexadecimal digits, valid until the next call.
    std::string_view next();

private:
    Random& random_;
    std::array<std::uint8_t, 1024> stock_{};
    std::size_t used_ = stock_.size();
    std::array<char, 32> text_{};
};

}  // namespace renkei::http

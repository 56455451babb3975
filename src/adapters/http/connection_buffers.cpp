#include "adapters/http/connection_buffers.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace renkei::http {

void ReadBuffer::make_room(std::size_t wanted) {
    if (begin_ > 0) {
        std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
        end_ -= std::exchange(begin_, 0);
    }
    if (capacity_ - end_ >= wanted) return;
    const auto larger = std::max(capacity_ * 2, end_ + wanted);
    auto bytes = std::make_unique_for_overwrite<char[]>(larger);
    if (bytes_) {
        std::memcpy(bytes.get(), bytes_.get(), end_);
        OPENSSL_cleanse(bytes_.get(), capacity_);
    }
    bytes_ = std::move(bytes);
    capacity_ = larger;
}

void ReadBuffer::put_back(std::string_view bytes) {
    if (bytes.empty()) return;
    if (capacity_ - end_ < bytes.size()) make_room(bytes.size());
    std::memcpy(bytes_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
}

std::span<char> BufferPool::room(ReadBuffer& buffer) {
    if (!buffer.bytes_) {
        if (free_.empty()) {
            buffer.bytes_ = std::make_unique_for_overwrite<char[]>(usual_size);
        } else {
            buffer.bytes_ = std::move(free_.back());
            free_.pop_back();
        }
        buffer.capacity_ = usual_size;
    }
    if (buffer.empty()) buffer.begin_ = buffer.end_ = 0;
    if (buffer.end_ == buffer.capacity_) buffer.make_room(1);
    return {buffer.bytes_.get() + buffer.end_, buffer.capacity_ - buffer.end_};
}

void BufferPool::give_back(ReadBuffer& buffer) {
    constexpr std::size_t most_kept = 1024;
    if (buffer.bytes_) OPENSSL_cleanse(buffer.bytes_.get(), buffer.capacity_);
    if (buffer.capacity_ == usual_size && free_.size() < most_kept) free_.push_back(std::move(buffer.bytes_));
    buffer = ReadBuffer();
}

void BufferPool::trim() {
    constexpr std::size_t kept = 16;
    if (free_.size() <= kept) return;
    free_.resize(std::max(kept, free_.size() / 2));
    free_.shrink_to_fit();
}

std::string_view RequestIds::next() {
    if (used_ == stock_.size()) {
        random_.fill(stock_);
        used_ = 0;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i < 16; ++i) {
        const auto byte = stock_[used_++];
        text_[2 * i] = digits[byte >> 4];
        text_[2 * i + 1] = digits[byte & 15];
    }
    return {text_.data(), text_.size()};
}

}  // namespace renkei::http

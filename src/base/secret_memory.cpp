#include "base/secret_memory.hpp"

#include <boost/pool/pool.hpp>

#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

namespace renkei {
namespace {

constexpr std::size_t step = 32;        // half a cache line: what is rounded up stays small
constexpr std::size_t largest = 4096;   // of a block in a pool
constexpr std::size_t huge = 2U << 20;  // a huge page on x86-64 and on arm64 with 4 KiB pages
constexpr std::size_t first = 256U << 10;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RENKEI_NO_POOLS
#endif
#endif

// Where the pools' chunks are cut from. Called with the pools' lock held.
class Pages {
public:
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    static char* malloc(std::size_t bytes) {
        bytes = (bytes + step - 1) / step * step;
        auto& mine = region();
        if (bytes > mine.left && !mine.grow(bytes)) return nullptr;
        mine.left -= bytes;
        return std::exchange(mine.next, mine.next + bytes);
    }
    static void free(char*) {}  // the pools live as long as the process

private:
    struct Region {
        char* next = nullptr;
        std::size_t left = 0;
        bool small = true;
        // The first region is small: a server without tokens needs no huge page.
        bool grow(std::size_t least) {
            const auto usual = std::exchange(small, false) && least <= first ? first : huge;
            const auto length = least > usual ? (least + huge - 1) / huge * huge : usual;
            const auto slack = length >= huge ? huge : 0;
            void* at = ::mmap(nullptr, length + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (at == MAP_FAILED) return false;
            const auto address = reinterpret_cast<std::uintptr_t>(at);
            const auto aligned = slack == 0 ? address : (address + huge - 1) / huge * huge;
            if (slack != 0) {
                ::munmap(at, aligned - address);
                ::munmap(reinterpret_cast<void*>(aligned + length), address + slack - aligned);
                ::madvise(reinterpret_cast<void*>(aligned), length, MADV_HUGEPAGE);  // a wish: without it all works, slower
            }
            ::madvise(reinterpret_cast<void*>(aligned), length, MADV_DONTDUMP);
            next = reinterpret_cast<char*>(aligned);
            left = length;
            return true;
        }
    };
    static Region& region() {
        static Region one;
        return one;
    }
};

class PooledMemory final : public std::pmr::memory_resource {
    using Pool = boost::pool<Pages>;

    static bool is_pooled(std::size_t bytes, std::size_t alignment) { return bytes > 0 && bytes <= largest && alignment <= step; }

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (!is_pooled(bytes, alignment)) return std::pmr::new_delete_resource()->allocate(bytes, alignment);
        const auto place = (bytes - 1) / step;
        const std::lock_guard lock(mutex_);
        auto& pool = pools_[place];
        constexpr std::size_t at_first = 4, bytes_at_once = 64U << 10;
        if (!pool) pool.emplace((place + 1) * step, at_first, bytes_at_once / ((place + 1) * step));
        void* block = pool->malloc();
        if (block == nullptr) throw std::bad_alloc();
        return block;
    }
    void do_deallocate(void* at, std::size_t bytes, std::size_t alignment) override {
        if (!is_pooled(bytes, alignment)) return std::pmr::new_delete_resource()->deallocate(at, bytes, alignment);
        const std::lock_guard lock(mutex_);
        pools_[(bytes - 1) / step]->free(at);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

    std::mutex mutex_;
    std::array<std::optional<Pool>, largest / step> pools_;
};

}  // namespace

std::pmr::memory_resource& secret_memory() {
#ifdef RENKEI_NO_POOLS
    return *std::pmr::new_delete_resource();
#else
    // Never destroyed: secrets in other static objects end after it otherwise.
    static auto* const memory = new PooledMemory;
    return *memory;
#endif
}

}  // namespace renkei

#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>

namespace renkei {

/// Memory for secrets and for what is read together with them: pages of their own, which core dumps leave out, and huge
/// ones where there is much, so that a hundred thousand tokens are read without as many misses of the address cache.
/// Any thread; never given back to the system, but used again. Does not wipe: that is the owner's. Blocks above 4 KiB come
/// from the ordinary heap, and so does all under the address sanitizer, which would see nothing in a pool.
std::pmr::memory_resource& secret_memory();

/// For the bytes of a Secret: short ones come from the ordinary heap.
template <class T>
struct SecretAllocator {
    using value_type = T;
    SecretAllocator() = default;
    template <class Other>
    explicit(false) SecretAllocator(const SecretAllocator<Other>&) {}

    T* allocate(std::size_t count) {
        if (count * sizeof(T) < least) return std::allocator<T>().allocate(count);
        return static_cast<T*>(secret_memory().allocate(count * sizeof(T), alignof(T)));
    }
    void deallocate(T* at, std::size_t count) {
        if (count * sizeof(T) < least)
            std::allocator<T>().deallocate(at, count);
        else
            secret_memory().deallocate(at, count * sizeof(T), alignof(T));
    }
    bool operator==(const SecretAllocator&) const = default;

private:
    static constexpr std::size_t least = 256;
};

/// A shared object in secret_memory().
template <class T, class... Args>
std::shared_ptr<T> make_beside_secrets(Args&&... args) {
    return std::allocate_shared<T>(std::pmr::polymorphic_allocator<T>(&secret_memory()), std::forward<Args>(args)...);
}

}  // namespace renkei

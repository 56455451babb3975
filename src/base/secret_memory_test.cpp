#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string>
#include <thread>
#include <vector>

namespace renkei {
namespace {

TEST(SecretMemory, GivesBlocksThatDoNotOverlapAndAreAligned) {
    auto& memory = secret_memory();
    struct Block {
        unsigned char* at;
        std::size_t size;
        unsigned char mark;
    };
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < 2000; ++i) {
        const auto size = 1 + i * 37 % 6000;  // pools and, above 4 KiB, the ordinary heap
        auto* at = static_cast<unsigned char*>(memory.allocate(size, 16));
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at) % 16, 0U);
        blocks.push_back({at, size, static_cast<unsigned char>(i)});
        std::memset(at, blocks.back().mark, size);
    }
    for (const auto& block : blocks) {
        for (std::size_t i = 0; i < block.size; ++i) ASSERT_EQ(block.at[i], block.mark);
        memory.deallocate(block.at, block.size, 16);
    }
}

TEST(SecretMemory, UsesFreedBlocksAgain) {
    auto& memory = secret_memory();
    constexpr std::size_t size = 4000;
    std::vector<void*> first;
    for (int i = 0; i < 100; ++i) first.push_back(memory.allocate(size));
    std::uintptr_t low = UINTPTR_MAX, high = 0;
    for (auto* at : first) {
        low = std::min(low, reinterpret_cast<std::uintptr_t>(at));
        high = std::max(high, reinterpret_cast<std::uintptr_t>(at));
        memory.deallocate(at, size);
    }
#if !defined(__has_feature) || !__has_feature(address_sanitizer)
    for (int round = 0; round < 50; ++round) {
        std::vector<void*> again;
        for (int i = 0; i < 100; ++i) again.push_back(memory.allocate(size));
        for (auto* at : again) {
            EXPECT_GE(reinterpret_cast<std::uintptr_t>(at), low);
            EXPECT_LE(reinterpret_cast<std::uintptr_t>(at), high);
            memory.deallocate(at, size);
        }
    }
#endif
}

TEST(SecretMemory, ServesSeveralThreads) {
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number)
        threads.emplace_back([number] {
            for (std::size_t i = 0; i < 500; ++i) {
                const std::string text(200 + i * 7 % 900, static_cast<char>('a' + number));
                const Secret secret{std::string_view(text)};
                const auto copy = secret.clone();
                ASSERT_TRUE(copy.equals(secret));
            }
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace renkei

// Sealed values and list columns as a damaged or forged store would hand them back.
#include "adapters/vault/sealed_value.hpp"
#include "adapters/storage/sqlite/codec.hpp"
#include "adapters/vault/wrapping.hpp"

#include <cstdlib>

using namespace renkei;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto key = *vault::LockedKey::from(std::string(vault::key_bytes, 'k'));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto parts = vault::parse_sealed(text)) {
        const auto total = parts->header.size() + parts->nonce.size() + parts->ciphertext.size() + parts->tag.size();
        if (total != size) std::abort();
        // The key is known to the fuzzer, but not the tag of what it makes up.
        static_cast<void>(vault::open_bytes(key, *parts, "bound"));
    }
    static_cast<void>(vault::unwrap_setting(key, vault::check_setting, text));
    static_cast<void>(sqlite::decode_rights(text));
    static_cast<void>(sqlite::decode_ranges(text));
    static_cast<void>(sqlite::decode_texts(text));
    static_cast<void>(sqlite::decode_groups(text));
    return 0;
}

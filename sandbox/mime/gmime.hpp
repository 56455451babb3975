#pragma once

// GMime's objects as owners. Included by .cpp files of this folder only: GLib's headers stay out of everything else.

#include <gmime/gmime.h>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace renkei::sandbox::mime {

struct Unref {
    void operator()(void* object) const {
        if (object) g_object_unref(object);
    }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

struct FreeGlib {
    void operator()(void* memory) const { g_free(memory); }
};
using OwnedText = std::unique_ptr<char, FreeGlib>;

struct FreeParserOptions {
    void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};
using ParserOptions = std::unique_ptr<GMimeParserOptions, FreeParserOptions>;

/// GMime wants to be started once a process.
inline void start_gmime() {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
}

inline ParserOptions loose_options() {
    ParserOptions options(g_mime_parser_options_new());
    g_mime_parser_options_set_address_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_parameter_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_rfc2047_compliance_mode(options.get(), GMIME_RFC_COMPLIANCE_LOOSE);
    g_mime_parser_options_set_allow_addresses_without_domain(options.get(), TRUE);
    return options;
}

inline std::string bytes_of(GMimeStream* stream) {
    GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    return array ? std::string(reinterpret_cast<const char*>(array->data), array->len) : std::string();
}

inline Owned<GMimeStream> stream_of(std::string_view bytes) { return Owned<GMimeStream>(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size())); }

}  // namespace renkei::sandbox::mime

// Mail of any condition: it is read, composed again and read once more without a crash, in valid UTF-8; an mbox never loses its place.
#include "base/encoding.hpp"
#include "sandbox/import.hpp"
#include "sandbox/mime/compose.hpp"
#include "sandbox/mime/html.hpp"
#include "sandbox/mime/parse.hpp"

#include <cstdlib>

using namespace renkei;
using namespace renkei::sandbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    const auto message = mime::parse_message(raw);
    for (const auto& text : {message.subject, message.text.value_or(""), message.html.value_or(""), message.message_id})
        if (!is_utf8(text)) std::abort();
    for (const auto& one : message.attachments)
        if (!is_utf8(one.name) || !is_utf8(one.content_type) || !is_utf8(one.content_id)) std::abort();
    if (message.html && !is_utf8(mime::text_of_html(*message.html))) std::abort();
    if (message.html) (void)mime::sanitised(*message.html);
    (void)mime::preview_of(message.text.value_or(""));
    const auto again = mime::parse_message(mime::compose_message(message));
    if (again.attachments.size() != message.attachments.size()) std::abort();
    (void)messages_of_mbox(raw);
    return 0;
}

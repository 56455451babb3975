#include "sandbox/mime/compose.hpp"

#include "base/encoding.hpp"
#include "sandbox/mime/gmime.hpp"
#include "sandbox/mime/header.hpp"

#include <algorithm>

namespace renkei::sandbox::mime {
namespace {

/// Nothing from a caller may begin a field of its own.
std::string one_line(std::string_view text) {
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < 32 || c == 127 ? ' ' : c;
    return out;
}

void add_recipients(GMimeMessage* message, GMimeAddressType kind, const std::vector<Address>& list) {
    for (const auto& one : list) {
        const std::string name = one_line(one.name);
        g_mime_message_add_mailbox(message, kind, name.empty() ? nullptr : name.c_str(), one_line(one.address).c_str());
    }
}

Owned<GMimeObject> text_part(const std::string& subtype, const std::string& text) {
    GMimeTextPart* part = g_mime_text_part_new_with_subtype(subtype.c_str());
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, text.c_str());
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_BASE64);
    // Readable where it can be. GMime ends a quoted-printable text with a line break of its own, so others stay base64.
    const bool ascii = std::ranges::all_of(text, [](char c) { return c == '\t' || c == '\r' || c == '\n' || (c >= 32 && c < 127); });
    if (ascii && text.ends_with('\n')) g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return Owned<GMimeObject>(GMIME_OBJECT(part));
}

Owned<GMimeObject> embedded_message(const Attachment& attachment) {
    const auto stream = stream_of(attachment.bytes);
    const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const auto options = loose_options();
    const Owned<GMimeMessage> inner(g_mime_parser_construct_message(parser.get(), options.get()));
    if (!inner) return nullptr;
    return Owned<GMimeObject>(GMIME_OBJECT(g_mime_message_part_new_with_message("rfc822", inner.get())));
}

Owned<GMimeObject> file_part(const Attachment& attachment) {
    const std::string declared = one_line(attachment.content_type);
    const auto slash = declared.find('/');
    const bool usable = slash != std::string::npos && slash > 0 && slash + 1 < declared.size() && declared.find_first_of(" ;\"") == std::string::npos &&
                        !declared.starts_with("multipart/") && !declared.starts_with("message/");
    const std::string type = usable ? declared : "application/octet-stream";
    GMimePart* part = g_mime_part_new_with_type(type.substr(0, type.find('/')).c_str(), type.substr(type.find('/') + 1).c_str());
    const auto stream = stream_of(attachment.bytes);
    const Owned<GMimeDataWrapper> content(g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
    g_mime_part_set_content(part, content.get());
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    return Owned<GMimeObject>(GMIME_OBJECT(part));
}

Owned<GMimeObject> attachment_part(const Attachment& attachment) {
    Owned<GMimeObject> part = attachment.is_message ? embedded_message(attachment) : nullptr;
    if (!part) part = file_part(attachment);
    g_mime_object_set_disposition(part.get(), attachment.is_inline ? "inline" : "attachment");
    const std::string name = one_line(attachment.name);
    if (!name.empty()) {
        g_mime_object_set_content_disposition_parameter(part.get(), "filename", name.c_str());
        g_mime_object_set_content_type_parameter(part.get(), "name", name.c_str());
    }
    if (!attachment.content_id.empty()) g_mime_object_set_content_id(part.get(), one_line(attachment.content_id).c_str());
    return part;
}

Owned<GMimeObject> multipart_of(const char* subtype, Owned<GMimeObject> first) {
    GMimeMultipart* multipart = g_mime_multipart_new_with_subtype(subtype);
    g_mime_multipart_add(multipart, first.get());
    return Owned<GMimeObject>(GMIME_OBJECT(multipart));
}

Owned<GMimeObject> body_of(const Message& message) {
    Owned<GMimeObject> body;
    if (message.html && message.text) {
        body = multipart_of("alternative", text_part("plain", *message.text));
        const auto html = text_part("html", *message.html);
        g_mime_multipart_add(GMIME_MULTIPART(body.get()), html.get());
    } else {
        body = message.html ? text_part("html", *message.html) : text_part("plain", message.text.value_or(""));
    }
    if (!message.calendar.empty()) {
        if (!GMIME_IS_MULTIPART(body.get())) body = multipart_of("alternative", std::move(body));
        const auto part = text_part("calendar", message.calendar);
        if (!message.calendar_method.empty()) g_mime_object_set_content_type_parameter(part.get(), "method", one_line(message.calendar_method).c_str());
        g_mime_multipart_add(GMIME_MULTIPART(body.get()), part.get());
    }
    bool related = false, mixed = false;
    for (const bool inline_ones : {true, false})
        for (const auto& attachment : message.attachments) {
            if (attachment.is_inline != inline_ones) continue;
            bool& wrapped = inline_ones ? related : mixed;
            if (!wrapped) body = multipart_of(inline_ones ? "related" : "mixed", std::move(body));
            wrapped = true;
            const auto part = attachment_part(attachment);
            g_mime_multipart_add(GMIME_MULTIPART(body.get()), part.get());
        }
    return body;
}

void write_fields(const Message& message, GMimeMessage* into) {
    if (message.from) add_recipients(into, GMIME_ADDRESS_TYPE_FROM, {*message.from});
    if (message.sender && message.from && message.sender->address != message.from->address) add_recipients(into, GMIME_ADDRESS_TYPE_SENDER, {*message.sender});
    add_recipients(into, GMIME_ADDRESS_TYPE_REPLY_TO, message.reply_to);
    add_recipients(into, GMIME_ADDRESS_TYPE_TO, message.to);
    add_recipients(into, GMIME_ADDRESS_TYPE_CC, message.cc);
    add_recipients(into, GMIME_ADDRESS_TYPE_BCC, message.bcc);
    g_mime_message_set_subject(into, one_line(message.subject).c_str(), "utf-8");
    if (message.date) {
        GDateTime* date = g_date_time_new_from_unix_utc(to_millis(*message.date) / 1000);
        if (date) g_mime_message_set_date(into, date);
        if (date) g_date_time_unref(date);
    }
    GMimeObject* object = GMIME_OBJECT(into);
    const auto set = [&](const char* name, const std::string& value) {
        if (!value.empty()) g_mime_object_set_header(object, name, one_line(value).c_str(), "utf-8");
    };
    set("Message-ID", message.message_id);
    set("In-Reply-To", message.in_reply_to);
    std::string references;
    for (const auto& id : message.references) references += (references.empty() ? "" : " ") + id;
    set("References", references);
    if (message.importance != "normal") set("Importance", message.importance);
    if (message.wants_read_receipt && message.from) set("Disposition-Notification-To", message.from->address);
    if (message.wants_delivery_receipt && message.from) set("Return-Receipt-To", message.from->address);
    for (const auto& [name, value] : message.headers)
        if (name.size() > 2 && (name[0] == 'x' || name[0] == 'X') && name[1] == '-')
            g_mime_object_append_header(object, one_line(name).c_str(), one_line(value).c_str(), "utf-8");
}

}  // namespace

std::string compose_message(const Message& message) {
    start_gmime();
    const Owned<GMimeMessage> out(g_mime_message_new(TRUE));
    write_fields(message, out.get());
    const auto body = body_of(message);
    g_mime_message_set_mime_part(out.get(), body.get());
    GMimeFormatOptions* format = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    const Owned<GMimeStream> memory(g_mime_stream_mem_new());
    g_mime_object_write_to_stream(GMIME_OBJECT(out.get()), format, memory.get());
    g_mime_format_options_free(format);
    return bytes_of(memory.get());
}

}  // namespace renkei::sandbox::mime

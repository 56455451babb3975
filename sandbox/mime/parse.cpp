#include "sandbox/mime/parse.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "sandbox/mime/charset.hpp"
#include "sandbox/mime/gmime.hpp"
#include "sandbox/mime/header.hpp"

#include <algorithm>

namespace renkei::sandbox::mime {
namespace {

constexpr int max_depth = 30;
constexpr int max_parts = 1000;
constexpr std::size_t max_addresses = 2000;

std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' || text[i] == '\n') {
            out += "\r\n";
            if (text.substr(i, 2) == "\r\n") ++i;
        } else if (text[i] != '\0') {
            out += text[i];
        }
    }
    return out;
}

std::string without_brackets(std::string_view id) {
    id = trim(id);
    if (id.starts_with('<')) id.remove_prefix(1);
    if (id.ends_with('>')) id.remove_suffix(1);
    return guess_utf8(id);
}

std::string raw_header(GMimeObject* object, const char* name) {
    GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
    const char* value = header ? g_mime_header_get_raw_value(header) : nullptr;
    return value ? value : "";
}

std::string decoded_content(GMimePart* part) {
    GMimeDataWrapper* content = g_mime_part_get_content(part);
    if (!content) return {};
    const Owned<GMimeStream> memory(g_mime_stream_mem_new());
    if (g_mime_data_wrapper_get_encoding(content) == GMIME_CONTENT_ENCODING_BASE64) {
        // GMime drops a last group without its padding.
        GMimeStream* encoded = g_mime_data_wrapper_get_stream(content);
        g_mime_stream_reset(encoded);
        g_mime_stream_write_to_stream(encoded, memory.get());
        return loose_base64(bytes_of(memory.get()));
    }
    g_mime_data_wrapper_write_to_stream(content, memory.get());
    std::string bytes = bytes_of(memory.get());
    // GMime leaves the CR of the line break before a boundary that ends the input; the break belongs to the boundary (RFC 2046 section 5.1.1).
    const auto encoding = g_mime_part_get_content_encoding(part);
    if (encoding != GMIME_CONTENT_ENCODING_UUENCODE && bytes.ends_with("\n\r")) bytes.pop_back();
    return bytes;
}

std::string extension_of(std::string_view type) {
    static constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"text/plain", ".txt"},          {"text/html", ".html"},      {"text/calendar", ".ics"},
        {"image/png", ".png"},           {"image/jpeg", ".jpg"},      {"image/gif", ".gif"},
        {"application/pdf", ".pdf"},     {"text/csv", ".csv"},        {"message/delivery-status", ".txt"},
        {"text/rfc822-headers", ".txt"}, {"application/zip", ".zip"}, {"text/x-vcard", ".vcf"}};
    for (const auto& [name, extension] : known)
        if (name == type) return std::string(extension);
    return ".dat";
}

/// One walk over the parts of one message.
class Walk {
public:
    explicit Walk(Message& into) : into_(into) {}

    void object(GMimeObject* object, int depth, bool in_related) {
        if (++parts_ > max_parts || depth > max_depth) {
            if (!gave_up_) into_.repairs.emplace_back("too many or too deeply nested parts: the rest was left out");
            gave_up_ = true;
            return;
        }
        if (GMIME_IS_MULTIPART(object))
            multipart(GMIME_MULTIPART(object), depth);
        else if (GMIME_IS_MESSAGE_PART(object))
            message(GMIME_MESSAGE_PART(object));
        else if (GMIME_IS_PART(object))
            part(GMIME_PART(object), in_related);
    }

private:
    void multipart(GMimeMultipart* multipart, int depth) {
        const auto type = parse_parameterised(raw_header(GMIME_OBJECT(multipart), "Content-Type"));
        if (type.value == "multipart/report") into_.is_report = true;
        const bool related = type.value == "multipart/related";
        const int count = g_mime_multipart_get_count(multipart);
        if (count == 0) prologue_as_text(multipart);
        for (int i = 0; i < count && !gave_up_; ++i) object(g_mime_multipart_get_part(multipart, i), depth + 1, related);
    }

    /// A multipart whose boundary never comes has its whole text in the prologue.
    void prologue_as_text(GMimeMultipart* multipart) {
        const char* prologue = g_mime_multipart_get_prologue(multipart);
        if (!prologue || trim(prologue).empty()) return;
        into_.repairs.emplace_back("a multipart without its boundary was read as text");
        add_text(guess_utf8(prologue));
    }

    void message(GMimeMessagePart* part) {
        GMimeMessage* inner = g_mime_message_part_get_message(part);
        Attachment attachment = described(GMIME_OBJECT(part), "message/rfc822");
        attachment.is_message = true;
        if (inner) {
            const Owned<GMimeStream> memory(g_mime_stream_mem_new());
            g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, memory.get());
            attachment.bytes = bytes_of(memory.get());
        }
        if (attachment.name.empty()) {
            std::size_t body = 0;
            attachment.name = decode_unstructured(first_header(split_headers(attachment.bytes, body), "Subject"));
        }
        add(std::move(attachment));
    }

    void part(GMimePart* part, bool in_related) {
        GMimeObject* object = GMIME_OBJECT(part);
        const auto type = parse_parameterised(raw_header(object, "Content-Type"));
        Attachment attachment = described(object, "text/plain");
        const auto disposition = parse_parameterised(raw_header(object, "Content-Disposition")).value;
        const bool named = !attachment.name.empty();
        const bool attached = disposition.starts_with("attachment");
        std::string bytes = decoded_content(part);
        if (!attached && !named) {
            if (attachment.content_type == "text/plain") return add_text(to_utf8(bytes, type.get("charset")));
            if (attachment.content_type == "text/html" && !(into_.html && in_related)) return add_html(to_utf8(bytes, type.get("charset")));
            if (attachment.content_type == "text/calendar") return calendar(to_utf8(bytes, type.get("charset")), lower_ascii(type.get("method")));
        } else if (attachment.content_type == "text/calendar" && into_.calendar.empty() && !type.get("method").empty()) {
            into_.calendar_method = lower_ascii(type.get("method"));
            into_.calendar = to_utf8(bytes, type.get("charset"));
        }
        attachment.is_inline = !attached && !attachment.content_id.empty() && (in_related || disposition == "inline");
        attachment.bytes = std::move(bytes);
        add(std::move(attachment));
    }

    Attachment described(GMimeObject* object, std::string_view fallback) {
        const auto type = parse_parameterised(raw_header(object, "Content-Type"));
        const auto disposition = parse_parameterised(raw_header(object, "Content-Disposition"));
        Attachment out;
        out.name = disposition.get("filename");
        if (out.name.empty()) out.name = type.get("name");
        out.content_type = type.value.find('/') == std::string::npos ? std::string(fallback) : guess_utf8(type.value);
        out.content_id = without_brackets(raw_header(object, "Content-ID"));
        out.content_location = decode_unstructured(raw_header(object, "Content-Location"));
        return out;
    }

    void calendar(std::string text, std::string method) {
        if (!into_.calendar.empty()) return;
        into_.calendar = std::move(text);
        into_.calendar_method = std::move(method);
    }

    /// Several texts one after another (a list's footer, say) make one body, as mail programs show them.
    void add_text(const std::string& text) {
        const std::string lines = with_crlf(text);
        if (!into_.text)
            into_.text = lines;
        else if (!trim(lines).empty())
            *into_.text += (into_.text->empty() || into_.text->ends_with("\r\n") ? "" : "\r\n") + lines;
    }

    void add_html(const std::string& html) {
        if (!into_.html)
            into_.html = with_crlf(html);
        else
            *into_.html += "\r\n" + with_crlf(html);
    }

    void add(Attachment attachment) {
        if (attachment.name.empty()) attachment.name = "attachment-" + std::to_string(into_.attachments.size() + 1) + extension_of(attachment.content_type);
        into_.attachments.push_back(std::move(attachment));
    }

    Message& into_;
    int parts_ = 0;
    bool gave_up_ = false;
};

void flatten(InternetAddressList* list, std::vector<Address>& into, int depth) {
    const int count = list ? internet_address_list_length(list) : 0;
    for (int i = 0; i < count && into.size() < max_addresses && depth < 5; ++i) {
        InternetAddress* address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(address)) {
            flatten(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), into, depth + 1);
        } else if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
            const char* name = internet_address_get_name(address);
            const char* where = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
            into.push_back({name ? decode_unstructured(name) : "", where ? guess_utf8(where) : ""});
        }
    }
}

std::vector<Address> all_addresses(const RawHeaders& headers, std::string_view name) {
    std::vector<Address> out;
    for (const auto& [field, value] : headers)
        if (equal_ignoring_case(field, name))
            for (auto& address : parse_addresses(value)) out.push_back(std::move(address));
    return out;
}

std::optional<Address> first_of(std::vector<Address> list) {
    if (list.empty()) return std::nullopt;
    return std::move(list.front());
}

/// Years before mail and far ahead are typing errors or fuzz, not dates.
std::optional<TimePoint> parse_date(std::string_view raw) {
    const std::string text = decode_unstructured(raw);
    if (text.empty()) return std::nullopt;
    GDateTime* date = g_mime_utils_header_decode_date(text.c_str());
    if (!date) return std::nullopt;
    const gint64 seconds = g_date_time_to_unix(date);
    g_date_time_unref(date);
    if (seconds < 0 || seconds > 4'102'444'800) return std::nullopt;
    return from_millis(seconds * 1000);
}

std::string importance_of(const RawHeaders& headers) {
    std::string importance = lower_ascii(trim(first_header(headers, "Importance")));
    if (importance == "high" || importance == "low") return importance;
    const auto priority = trim(first_header(headers, "X-Priority"));
    if (priority.starts_with('1') || priority.starts_with('2')) return "high";
    if (priority.starts_with('4') || priority.starts_with('5')) return "low";
    const std::string word = lower_ascii(trim(first_header(headers, "Priority")));
    return word == "urgent" ? "high" : word == "non-urgent" ? "low" : "normal";
}

void read_headers(const RawHeaders& headers, Message& into) {
    into.subject = decode_unstructured(first_header(headers, "Subject"));
    into.from = first_of(all_addresses(headers, "From"));
    into.sender = first_of(all_addresses(headers, "Sender"));
    into.to = all_addresses(headers, "To");
    into.cc = all_addresses(headers, "Cc");
    into.bcc = all_addresses(headers, "Bcc");
    into.reply_to = all_addresses(headers, "Reply-To");
    const auto ids = message_ids(first_header(headers, "Message-ID"));
    into.message_id = ids.empty() ? decode_unstructured(first_header(headers, "Message-ID")) : ids.front();
    into.references = message_ids(first_header(headers, "References"));
    const auto replied = message_ids(first_header(headers, "In-Reply-To"));
    if (!replied.empty()) into.in_reply_to = replied.front();
    into.date = parse_date(first_header(headers, "Date"));
    if (!into.date && !first_header(headers, "Date").empty()) into.repairs.emplace_back("the Date field cannot be read");
    const auto received = first_header(headers, "Received");
    if (const auto semicolon = received.rfind(';'); semicolon != std::string_view::npos) into.received = parse_date(received.substr(semicolon + 1));
    into.importance = importance_of(headers);
    into.wants_read_receipt = !first_header(headers, "Disposition-Notification-To").empty();
    into.wants_delivery_receipt = !first_header(headers, "Return-Receipt-To").empty();
    for (const auto& [name, value] : headers) into.headers.emplace_back(name, decode_unstructured(value));
}

/// mbox's "From " line and blank lines before the first field are not part of the message.
std::string_view without_leading_lines(std::string_view raw) {
    if (raw.starts_with("\xEF\xBB\xBF")) raw.remove_prefix(3);
    while (raw.starts_with('\r') || raw.starts_with('\n')) raw.remove_prefix(1);
    if (raw.starts_with("From ") || raw.starts_with(">From ")) {
        const auto end = raw.find('\n');
        raw.remove_prefix(end == std::string_view::npos ? raw.size() : end + 1);
    }
    return raw;
}

/// "Big Bug bug@x.example" without brackets: the one word with an @ is the address.
std::optional<Address> address_among_words(const std::string& text) {
    Address out;
    for (const auto word : split(text, ' ')) {
        if (word.find('@') != std::string_view::npos && out.address.empty())
            out.address = word;
        else if (!word.empty())
            out.name += (out.name.empty() ? "" : " ") + std::string(word);
    }
    std::erase_if(out.address, [](char c) { return c == '<' || c == '>' || c == ',' || c == ';'; });
    if (out.address.empty()) return std::nullopt;
    return out;
}

/// Of several Content-Type fields the first counts; GMime would take the last.
std::string with_one_content_type(std::string_view raw, std::size_t body_at) {
    std::string out;
    bool seen = false, dropping = false;
    for (std::size_t at = 0; at < body_at;) {
        auto end = raw.find('\n', at);
        end = end == std::string_view::npos || end >= body_at ? body_at : end + 1;
        const auto line = raw.substr(at, end - at);
        const bool folded = line.starts_with(' ') || line.starts_with('\t');
        if (!folded) {
            const bool is_type = equal_ignoring_case(line.substr(0, 13), "Content-Type:");
            dropping = is_type && seen;
            seen = seen || is_type;
        }
        if (!dropping) out += line;
        at = end;
    }
    return out.append(raw.substr(body_at));
}

}  // namespace

std::vector<Address> parse_addresses(std::string_view raw) {
    start_gmime();
    const std::string text = recode_words(raw);
    std::vector<Address> out;
    if (trim(text).empty()) return out;
    const auto options = loose_options();
    const Owned<InternetAddressList> list(internet_address_list_parse(options.get(), text.c_str()));
    flatten(list.get(), out, 0);
    const bool group = text.find(':') != std::string::npos && text.find(';') != std::string::npos;
    const bool readable = std::ranges::any_of(out, [](const Address& one) { return one.address.find('@') != std::string::npos; });
    if (!readable && !group) {
        if (auto guessed = address_among_words(decode_unstructured(raw))) return {std::move(*guessed)};
        if (out.empty()) out.push_back({decode_unstructured(raw), ""});
    }
    return out;
}

Message parse_message(std::string_view raw) {
    start_gmime();
    Message out;
    raw = without_leading_lines(raw);
    // GMime knows CR LF and LF; a message of bare CRs is one endless line to it.
    std::string converted;
    if (raw.find('\n') == std::string_view::npos && raw.find('\r') != std::string_view::npos) {
        converted = with_crlf(raw);
        raw = converted;
        out.repairs.emplace_back("lines ended with a bare carriage return");
    }
    std::size_t body_at = 0;
    const auto headers = split_headers(raw, body_at);
    read_headers(headers, out);
    const auto types = std::ranges::count_if(headers, [](const auto& one) { return equal_ignoring_case(one.first, "Content-Type"); });
    if (types > 1) {
        converted = with_one_content_type(raw, body_at);
        raw = converted;
        out.repairs.emplace_back("several Content-Type fields: the first one counts");
    }
    const auto options = loose_options();
    const auto stream = stream_of(raw);
    const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), options.get()));
    GMimeObject* root = message ? g_mime_message_get_mime_part(message.get()) : nullptr;
    if (root)
        Walk(out).object(root, 0, false);
    else if (body_at < raw.size())
        out.text = with_crlf(guess_utf8(raw.substr(body_at)));
    if (!root) out.repairs.emplace_back("the structure could not be read: the body is kept as text");
    return out;
}

}  // namespace renkei::sandbox::mime

#include "app/import_file.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/reason.hpp"
#include "base/uri.hpp"

#include <algorithm>
#include <array>

namespace renkei::app {
namespace {

constexpr std::array<std::string_view, 4> kinds{"office_calendar_json", "service_principal_json", "pfx", "pem"};
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t longest_id = 512, longest_secret = 4096;

// One value of the file under the names that people and tools give it. Compared without case, `_` and `-`.
struct Wanted {
    std::string_view name;  ///< as it is told when it is missing
    std::array<std::string_view, 4> spellings;
    std::size_t longest;
};
constexpr Wanted client_id{"client_id", {"clientid", "appid", "applicationid", ""}, longest_id};
constexpr Wanted tenant_id{"tenant_id", {"tenantid", "tenant", "directoryid", ""}, 253};
constexpr Wanted client_secret{"client_secret", {"clientsecret", "password", "secret", "secretvalue"}, longest_secret};

std::string plain_name(std::string_view name) {
    auto plain = lower_ascii(name);
    std::erase_if(plain, [](char c) { return c == '_' || c == '-' || c == ' '; });
    return plain;
}

bool is_one_of(std::string_view name, const Wanted& wanted) {
    return !name.empty() && std::ranges::find(wanted.spellings, std::string_view(plain_name(name))) != wanted.spellings.end();
}

bool is_usable(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Nothing: the file does not have it.
Result<std::optional<std::string>> value_of(const json::object& file, const Wanted& wanted) {
    std::optional<std::string> found;
    for (const auto& member : file) {
        if (!is_one_of({member.key().data(), member.key().size()}, wanted)) continue;
        const auto* text = member.value().if_string();
        if (text == nullptr || !is_usable(trim(json::view(*text)), wanted.longest))
            return refuse_field("content", Reason::import_value_refused, std::string(wanted.name));
        std::string value(trim(json::view(*text)));
        if (found && *found != value) return refuse_field("content", Reason::import_key_twice, std::string(wanted.name));
        found = std::move(value);
    }
    return found;
}

bool has_any(const json::object& file) {
    return std::ranges::any_of(file, [](const auto& member) {
        const std::string_view name(member.key().data(), member.key().size());
        return is_one_of(name, client_id) || is_one_of(name, tenant_id) || is_one_of(name, client_secret);
    });
}

// Some write the three values into an object of their own, under a name of their choice.
const json::object* credentials_in(const json::value& file) {
    if (!file.is_object()) return nullptr;
    const auto& object = file.get_object();
    if (has_any(object)) return &object;
    if (object.size() != 1 || !object.begin()->value().is_object()) return nullptr;
    const auto& inner = object.begin()->value().get_object();
    return has_any(inner) ? &inner : nullptr;
}

// `az ad sp create-for-rbac` writes appId and password; with --sdk-auth the SDKs' names and the addresses of the cloud:
// https://learn.microsoft.com/cli/azure/ad/sp
bool is_service_principal(const json::object& file) {
    return json::find(file, "appId") != nullptr || json::find(file, "subscriptionId") != nullptr || json::find(file, "activeDirectoryEndpointUrl") != nullptr;
}

Result<ImportedFile> read_json(std::string_view text) {
    if (text.size() > most_json_file_bytes)
        return refuse_field("content", Reason::import_json_too_large, std::to_string(most_json_file_bytes >> 10), Errc::payload_too_large);
    const auto parsed = json::parse(text);
    const auto* file = parsed ? credentials_in(*parsed) : nullptr;
    if (file == nullptr) return refuse_field("content", Reason::import_not_recognised);
    ImportedFile out;
    out.kind = is_service_principal(*file) ? ImportKind::service_principal_json : ImportKind::office_calendar_json;
    std::string missing, secret;
    for (const auto& [wanted, into] : {std::pair<const Wanted&, std::string&>{client_id, out.client_id}, {tenant_id, out.tenant}, {client_secret, secret}}) {
        auto value = value_of(*file, wanted);
        if (!value) return propagate(value);
        if (*value)
            into = std::move(**value);
        else
            missing += (missing.empty() ? "" : ", ") + std::string(wanted.name);
    }
    out.material = Secret::take(std::move(secret));
    if (!missing.empty()) return refuse_field("content", Reason::import_key_missing, std::move(missing));
    if (const auto address = json::text(*file, "activeDirectoryEndpointUrl"))
        if (const auto url = Uri::parse(std::string(*address))) out.login_host = url->host;
    const auto title = json::text(*file, "displayName");
    if (title && is_usable(*title, 200)) out.title = std::string(*title);
    return out;
}

Result<ImportedFile> from_certificate(Result<oauth::ClientCertificate> opened, ImportKind kind) {
    if (!opened) {
        // Whoever drops a file has one field for it; the password is another.
        auto error = std::move(opened.error());
        for (auto& [name, value] : error.context)
            if (name == "field" && value != "password") value = "content";
        return fail(std::move(error));
    }
    std::string both(opened->private_key.expose());
    both += opened->chain;
    ImportedFile out;
    out.kind = kind;
    out.material = Secret::take(std::move(both));
    out.certificate = std::move(opened->facts);
    return out;
}

Result<ImportedFile> read_pfx(const Secret& content, const Secret& password, TimePoint now) {
    oauth::CertificateFile file;
    file.pfx = content.clone();
    file.password = password.clone();
    return from_certificate(oauth::open_certificate(file, now), ImportKind::pfx);
}

Result<ImportedFile> read_pem(std::string_view text, const Secret& password, TimePoint now) {
    oauth::CertificateFile file;
    file.pem = Secret(text);
    file.password = password.clone();
    return from_certificate(oauth::open_certificate(file, now), ImportKind::pem);
}

// A PFX begins with a SEQUENCE of more than 127 bytes and its version, which is 3 (RFC 7292 section 4).
bool is_pfx(std::string_view bytes) {
    return bytes.size() > 8 && bytes[0] == '\x30' && static_cast<unsigned char>(bytes[1]) >= 0x80 && bytes.substr(0, 16).find("\x02\x01\x03") != bytes.npos;
}

// Whether text is the Base64 of one; certutil puts dashed lines around any file that it encodes.
bool is_pfx_text(std::string_view text) {
    if (text.starts_with("-----")) text = trim(text.substr(std::min(text.find('\n'), text.size())));
    std::string first(text.substr(0, 24));
    const auto bytes = decode_base64(first);
    return bytes && is_pfx(*bytes);
}

bool reason_is(const Error& error, Reason reason) { return error.get("reason") == reason_row(reason).slug; }

}  // namespace

std::string_view text_of(ImportKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

std::optional<ImportKind> parse_import_kind(std::string_view text) {
    const auto found = std::ranges::find(kinds, text);
    if (found == kinds.end()) return std::nullopt;
    return static_cast<ImportKind>(found - kinds.begin());
}

Result<ImportedFile> recognise_file(const Secret& content, const Secret& password, TimePoint now) {
    auto text = content.expose();
    if (is_pfx(text)) return read_pfx(content, password, now);
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    text = trim(text);
    if (text.starts_with('{')) return read_json(text);
    if (is_pfx_text(text)) return read_pfx(Secret(text), password, now);
    if (text.find("-----BEGIN ") != text.npos) return read_pem(text, password, now);
    // What is neither may still be a certificate file that says clearly what it lacks: a .cer is a SEQUENCE without a key.
    auto opened = read_pfx(content, password, now);
    if (!opened && (reason_is(opened.error(), Reason::certificate_not_base64) || !text.starts_with("\x30\x82")))
        return refuse_field("content", Reason::import_not_recognised);
    return opened;
}

}  // namespace renkei::app

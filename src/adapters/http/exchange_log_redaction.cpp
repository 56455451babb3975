#include "adapters/http/exchange_log_redaction.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <array>

namespace renkei::http {
namespace {

constexpr std::string_view removed = "[removed]";
constexpr std::size_t longest_body = 4096;
constexpr std::size_t shortest_known = 6;  // anything shorter would blank out half of every line

// RFC 6749, 7523, 7636, 8628, OpenID Connect; then Graph's addresses that are credentials themselves, and Renkei's own.
constexpr std::array secret_names{
    std::string_view("client_secret"), std::string_view("client_assertion"), std::string_view("code"),        std::string_view("code_verifier"),
    std::string_view("refresh_token"), std::string_view("access_token"),     std::string_view("id_token"),    std::string_view("id_token_hint"),
    std::string_view("password"),      std::string_view("assertion"),        std::string_view("device_code"), std::string_view("user_code"),
    std::string_view("token"),         std::string_view("subject_token"),    std::string_view("actor_token"), std::string_view("client_info"),
    std::string_view("state"),         std::string_view("tempauth"),         std::string_view("sig"),         std::string_view("authorization"),
    std::string_view("uploadurl"),     std::string_view("secrettext"),       std::string_view("clientstate"), std::string_view("registration_access_token"),
    std::string_view("secret"),        std::string_view("api_key"),          std::string_view("key"),         std::string_view("@microsoft.graph.downloadurl"),
};

bool is_secret_name(std::string_view name) { return std::ranges::find(secret_names, lower_ascii(name)) != secret_names.end(); }

// A bearer header or a JSON web token, whatever it is called.
bool looks_like_credential(std::string_view text) {
    return text.starts_with("Bearer ") || text.starts_with("Basic ") || (text.starts_with("eyJ") && std::ranges::count(text, '.') >= 2);
}

enum class Kind { empty, json, form, other };

Kind kind_of(std::string_view content_type, std::string_view body) {
    if (body.empty()) return Kind::empty;
    const std::string type = lower_ascii(trim(content_type.substr(0, content_type.find(';'))));
    if (type == "application/x-www-form-urlencoded") return Kind::form;
    return type == "application/json" || type.ends_with("+json") ? Kind::json : Kind::other;
}

// Graph's `{"error": {"code": "...", "message": "..."}}` is no authorization code, and the most useful word of the answer.
bool is_error_code(const json::object& object, std::string_view name) { return name == "code" && object.contains("message"); }

// Calls `visit` on every value that must not be seen.
template <class Visit>
void each_secret(json::value& node, bool named_secret, const Visit& visit) {
    if (node.is_object()) {
        auto& object = node.get_object();
        for (auto& member : object) {
            const std::string_view name(member.key().data(), member.key().size());
            each_secret(member.value(), named_secret || (is_secret_name(name) && !is_error_code(object, name)), visit);
        }
    } else if (node.is_array()) {
        for (auto& item : node.get_array()) each_secret(item, named_secret, visit);
    } else if (named_secret ? node.is_string() || node.is_number() : node.is_string() && looks_like_credential(json::view(node.get_string()))) {
        visit(node);
    }
}

template <class Visit>
void each_text(json::value& node, const Visit& visit) {
    if (node.is_object())
        for (auto& member : node.get_object()) each_text(member.value(), visit);
    else if (node.is_array())
        for (auto& item : node.get_array()) each_text(item, visit);
    else if (node.is_string())
        visit(node);
}

std::string size_only(std::string_view content_type, std::size_t size) {
    const auto type = trim(content_type.substr(0, content_type.find(';')));
    return "[" + (type.empty() || !is_utf8(type) ? std::string() : std::string(type) + ", ") + std::to_string(size) + " bytes]";
}

std::string cut(std::string text) {
    if (text.size() <= longest_body) return text;
    std::size_t end = longest_body;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    return text + "[cut]";
}

std::string form_text(const Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        if (!out.empty()) out += '&';
        const bool hidden = is_secret_name(name) || looks_like_credential(value);
        out += percent_encode(name) + "=" + (hidden ? std::string(removed) : percent_encode(value));
    }
    return out;
}

}  // namespace

void Redaction::learn_value(std::string_view value) {
    if (value.size() >= shortest_known) known_.emplace_back(value);
}

void Redaction::learn(const Secret& secret) {
    const auto text = secret.expose();
    learn_value(text);
    // The credential alone, behind `Bearer ` or `Basic `.
    const auto blank = text.find(' ');
    if (blank == text.npos) return;
    learn_value(text.substr(blank + 1));
    if (!text.starts_with("Basic ")) return;
    // RFC 6749 section 2.3.1: id and secret, each form-encoded; a server that tells back what it was told tells it decoded.
    auto pair = decode_base64(text.substr(blank + 1));
    if (!pair) return;
    std::string form = "secret=" + pair->substr(std::min(pair->find(':'), pair->size() - 1) + 1);
    learn_query(form);
    wipe(form);
    wipe(*pair);
}

void Redaction::learn_query(std::string_view query) {
    const auto fields = form_decode(query);
    if (!fields) return;
    for (const auto& [name, value] : *fields)
        if (is_secret_name(name)) learn_value(value);
}

void Redaction::learn_body(std::string_view content_type, std::string_view body) {
    const auto kind = kind_of(content_type, body);
    if (kind == Kind::form) learn_query(body);
    if (kind != Kind::json) return;
    if (auto parsed = json::parse(body))
        each_secret(*parsed, false, [this](const json::value& found) {
            if (found.is_string()) learn_value(json::view(found.get_string()));
        });
}

std::string Redaction::without_known(std::string text) const {
    const auto take_out = [&text](std::string_view secret) {
        for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + removed.size())) text.replace(at, secret.size(), removed);
    };
    for (const auto& secret : known_) {
        take_out(secret.expose());
        // As it stands in an address, and within the text of a JSON string.
        std::string encoded = percent_encode(secret.expose());
        if (encoded != secret.expose()) take_out(encoded);
        wipe(encoded);
        encoded = json::serialize(json::value(json::view(secret.expose())));
        take_out(std::string_view(encoded).substr(1, encoded.size() - 2));
        wipe(encoded);
    }
    return text;
}

// A server may tell a secret in any encoding (with `+` for blanks, with `/` as it is, in JSON, in HTML); a run of its letters stays
// the same in all of them. Any 15 letters of it in a row hold a whole piece.
bool Redaction::holds_piece(std::string_view text) const {
    constexpr std::size_t piece = 8;
    return std::ranges::any_of(known_, [&](const Secret& secret) {
        const auto known = secret.expose();
        for (std::size_t at = 0; at + piece <= known.size(); at += piece)
            if (text.find(known.substr(at, piece)) != text.npos) return true;
        return false;
    });
}

std::string Redaction::target(std::string_view path, std::string_view query) const {
    std::string text(path);
    if (!query.empty()) {
        const auto fields = form_decode(query);
        text += "?" + (fields ? form_text(*fields) : std::string(removed));
    }
    return without_known(std::move(text));
}

std::string Redaction::body(std::string_view content_type, std::string_view body) const {
    switch (kind_of(content_type, body)) {
        case Kind::empty: return {};
        case Kind::other: return size_only(content_type, body.size());
        case Kind::form: {
            const auto fields = form_decode(body);
            return cut(without_known(fields ? form_text(*fields) : size_only("not a form", body.size())));
        }
        case Kind::json: break;
    }
    auto parsed = json::parse(body);
    // What cannot be read cannot be cleaned.
    if (!parsed) return size_only("not JSON", body.size());
    each_secret(*parsed, false, [](json::value& found) { found = json::view(removed); });
    each_text(*parsed, [this](json::value& found) {
        const auto text = without_known(std::string(json::view(found.get_string())));
        found = json::view(holds_piece(text) ? removed : std::string_view(text));
    });
    return cut(without_known(json::serialize(*parsed)));
}

}  // namespace renkei::http

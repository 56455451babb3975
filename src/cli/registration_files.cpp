#include "cli/registration_files.hpp"

#include "base/encoding.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace renkei::cli {

Result<Secret> read_binary(const std::string& path, std::string_view field) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return bad_field(field, fmt::format("the file {} cannot be read", path));
    std::ostringstream text;
    text << in.rdbuf();
    if (text.view().empty()) return bad_field(field, fmt::format("the file {} is empty", path));
    return Secret::take(std::move(text).str());
}

Result<void> put_password(Context& context, const Arguments& arguments, json::object& body) {
    if (!arguments.has("password-file")) return {};
    auto password = read_secret(arguments.text("password-file"), context.say("Password (not shown)", "パスワード（表示されません）"));
    if (!password) return propagate(password);
    body["password"] = json::view(password->expose());
    return {};
}

Result<void> put_credential(Context& context, const Arguments& arguments, json::object& body) {
    if (!arguments.has("certificate")) {
        auto secret =
            read_secret(arguments.text("client-secret-file"), context.say("Client secret (not shown)", "クライアント シークレット（表示されません）"));
        if (!secret) return propagate(secret);
        body["client_secret"] = json::view(secret->expose());
        return {};
    }
    auto content = read_binary(arguments.text("certificate"), "certificate");
    if (!content) return propagate(content);
    const auto text = content->expose();
    json::object certificate;
    if (text.find("-----BEGIN ") != text.npos)
        certificate["pem"] = json::view(text);
    else
        // The bytes of a PFX; a text without dashed lines is the Base64 of one.
        certificate["pfx"] = is_utf8(text) ? std::string(text) : base64(as_bytes(text));
    if (arguments.has("private-key-file")) {
        auto key = read_binary(arguments.text("private-key-file"), "private-key-file");
        if (!key) return propagate(key);
        certificate["private_key"] = json::view(key->expose());
    }
    if (auto put = put_password(context, arguments, certificate); !put) return put;
    body["client_certificate"] = std::move(certificate);
    return {};
}

}  // namespace renkei::cli

#include "tests/support/api_requests.hpp"

#include <map>

namespace renkei::testing {
namespace {

std::string name_in(std::string_view pattern) {
    if (pattern.starts_with("/v1/keys")) return "robot";
    if (pattern.starts_with("/v1/registrations")) return "microsoft-app";
    if (pattern.starts_with("/v1/folders")) return "default";
    if (pattern.starts_with("/v1/groups")) return "sales";
    if (pattern.starts_with("/v1/external-vaults")) return "main";
    return "invoice-mail";
}

std::string body_of(const std::string& route) {
    static const std::map<std::string, std::string> bodies{
        {"POST /v1/setup", R"({"code":"none","email":"a@acme.example","display_name":"A","password":"correct horse battery"})"},
        {"POST /v1/keys", R"({"name":"sample-key","rights":[{"actions":["mail:read"]}]})"},
        {"POST /v1/registrations", R"({"name":"sample-app","connector":"microsoft","client_id":"client","client_secret":"s3cret"})"},
        {"POST /v1/registrations/{name}/credentials", R"({"client_secret":"a newer s3cret"})"},
        {"POST /v1/registrations/{name}/resolve-tenant", R"({"address":"sales@contoso.example"})"},
        {"POST /v1/external-vaults", R"({"name":"sample-vault","kind":"hashicorp","auth":"token","address":"https://vault.example","auth_secret":"s3cret"})"},
        {"PATCH /v1/external-vaults/{name}", R"({"cache_seconds":60})"},
        {"POST /v1/external-vaults/{name}/check", R"({"path":"app"})"},
        {"POST /v1/consent-requests", R"({"connection":"invoice-mail"})"},
        {"POST /v1/connectors/{key}/scopes", R"({"actions":[]})"},
        {"POST /v1/imports", R"({"content":"eyJjbGllbnRfaWQiOiJjIiwidGVuYW50X2lkIjoidCIsImNsaWVudF9zZWNyZXQiOiJzM2NyZXQifQ=="})"},
        {"POST /v1/imports/{import}/register", R"({"name":"sample-import"})"},
        {"POST /v1/credentials", R"({"name":"sample-secret","value":"s3cret"})"},
        {"POST /v1/credentials/{name}/versions", R"({"value":"s3cret"})"},
        {"PUT /v1/variables/{name}", R"({"value":"7"})"},
        {"PUT /v1/values/rules", R"({"literals":"allowed"})"},
        {"POST /v1/sessions", R"({"connection":"invoice-mail"})"},
        {"POST /v1/folders", R"({"name":"sample-folder"})"},
        {"PUT /v1/folders/{name}/grants", R"({"key":"robot","right":"use"})"},
        {"POST /v1/connections", R"({"name":"sample-mail","registration":"microsoft-app","mode":"authorization_code","mailbox":"sample@acme.example"})"},
        {"PATCH /v1/connections/{name}", R"({"title":"Changed"})"},
        {"POST /v1/connections/{name}/fence/confirm", R"({"entry":"invoice@acme.example","found_id":"22222222-2222-2222-2222-222222222222"})"},
        {"POST /v1/connections/{name}/fence/probe", R"({"mailbox":"outside@acme.example"})"},
        {"POST /v1/mail/messages", R"({"to":[{"email":"taro@acme.example"}],"subject":"Hello","text_body":"Hello"})"},
        {"POST /v1/operations", R"({"kind":"connections.check"})"},
        {"POST /v1/people", R"({"email":"jiro@new.example","display_name":"Jiro","roles":["user"]})"},
        {"PATCH /v1/people/{person}", R"({"groups":[]})"},
        {"POST /v1/csv/people", "email,roles\ntaro@acme.example,user\n"},
        {"POST /v1/csv/groups", "name\nsales\n"},
        {"POST /v1/groups", R"({"name":"sample-group"})"},
        {"PATCH /v1/groups/{name}", R"({"title":"Sales"})"},
        {"PUT /v1/groups/{name}/members", R"({"person":"taro@acme.example"})"},
        {"POST /v1/connections/{name}/permissions", R"({"key":"robot","actions":["mail:read"]})"},
        {"POST /v1/native", R"({"path":"/users/invoice@acme.example/messages"})"},
        {"POST /v1/vault/rotate", R"({"data_keys":true})"},
    };
    const auto found = bodies.find(route);
    return found == bodies.end() ? std::string() : found->second;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
    if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

Ask sample_request(const api::Route& route, const std::string& operation_id) {
    Ask ask{std::string(method_text(route.method)), std::string(route.pattern)};
    ask.body = body_of(ask.method + " " + ask.target);
    replace(ask.target, "{name}", name_in(route.pattern));
    replace(ask.target, "{id}", route.pattern.starts_with("/v1/operations") ? operation_id : "AAMkAGI=");
    replace(ask.target, "{person}", "taro@acme.example");
    replace(ask.target, "{aid}", "AAMkAGIatt=");
    replace(ask.target, "{key}", "microsoft");
    replace(ask.target, "{connector}", "microsoft");
    replace(ask.target, "{code}", "no-such-code");
    replace(ask.target, "{import}", "no-such-import");
    replace(ask.target, "{kind}", "secret");
    replace(ask.target, "{hash}", "0000000000000000");
    if (ask.method == "DELETE" && ask.target.ends_with("/grants")) ask.target += "?key=robot";
    if (ask.method == "DELETE" && ask.target.ends_with("/members")) ask.target += "?person=taro@acme.example";
    if (ask.target.ends_with("/search")) ask.target += "?q=invoice";
    if (route.pattern.starts_with("/v1/mail") || route.pattern == "/v1/native") ask.headers.set("Renkei-Connection", "invoice-mail");
    if (route.takes == api::Takes::csv) ask.content_type = "text/csv";
    if (route.takes == api::Takes::form || route.takes == api::Takes::upload) ask.content_type = "application/x-www-form-urlencoded";
    return ask;
}

}  // namespace renkei::testing

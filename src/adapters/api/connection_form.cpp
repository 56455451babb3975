#include "adapters/api/connection_form.hpp"

#include "adapters/api/page_forms.hpp"
#include "adapters/api/refusals.hpp"
#include "adapters/api/times.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::api {
namespace {

constexpr std::size_t longest_secret = 4096, longest_password = 1024, most_lines = 1000;
constexpr std::string_view secrets[] = {"client_secret", "password", "text", "form"};

// What a form of this kind has. Only these can change anything.
std::vector<std::string> fields_of(const ConnectionForm& form) {
    std::vector<std::string> names{"form", "name", "title", "folder", "mailbox", "fence", "fence_all", "registration", "client_id", "can", "scopes"};
    const auto add = [&](std::initializer_list<const char*> more) { names.insert(names.end(), more.begin(), more.end()); };
    if (!is_app_only(*form.kind)) add({"act_as", "all_scopes"});
    if (form.connector->clouds.empty())
        add({"issuer", "authorization_endpoint", "token_endpoint"});
    else
        add({"cloud", "tenant"});
    if (is_app_only(*form.kind) && !form.connector->clouds.empty()) add({"tenant_from_mailbox"});
    if (has_credential(*form.kind) && !form.connector->clouds.empty()) add({"file", "password", "import"});
    if (form.kind->kind == SignInKind::managed) add({"token_type"});
    if (form.kind->kind == SignInKind::certificate)
        add({"text", "key_file", "algorithm"});
    else if (has_credential(*form.kind))
        add({"client_secret", "expires"});
    return names;
}

Result<void> check_fields(const Call& call, const std::vector<std::string>& known) {
    const auto check = [&](const std::string& name) -> Result<void> {
        if (std::ranges::find(known, name) != known.end()) return {};
        return fail(Error{Errc::unknown_field, unknown_text("field", short_text(name), name, known), {{"field", short_text(name)}}});
    };
    for (const auto& [name, value] : call.form) {
        if (auto is_known = check(name); !is_known) return is_known;
        const auto again = std::ranges::count_if(call.form, [&](const auto& other) { return other.first == name; });
        if (again > 1 && name != "can") return fail(Errc::bad_request, "the field `" + name + "` is there twice");
    }
    for (const auto& file : call.files) {
        if (auto is_known = check(file.field); !is_known) return is_known;
        if (file.field != "file" && file.field != "key_file") return fail(Errc::bad_request, "the field `" + file.field + "` takes no file");
    }
    return {};
}

void add_once(std::vector<std::string>& list, const std::vector<std::string>& more) {
    for (const auto& one : more)
        if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

std::vector<std::string> words_of(std::string_view text, std::string_view separators) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(separators), text.size());
        if (const auto word = trim(text.substr(0, end)); !word.empty()) words.emplace_back(word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// The least scopes for what is ticked, as the API and the command line get them, and what was typed (U-43, U-61, B-06).
Result<std::vector<std::string>> read_scopes(const ConnectionForm& form) {
    const bool app_only = is_app_only(*form.kind);
    std::vector<std::string> wanted;
    for (const auto& [name, value] : form.typed)
        if (name == "can") wanted.push_back(value);
    std::vector<std::string> scopes;
    // An application's own access is what its administrator granted it: with nothing ticked, nothing is written down.
    if (!app_only || !wanted.empty()) {
        auto least = app::least_scopes(*form.connector, wanted, {}, permissions_of(*form.kind));
        if (!least) return fail(Errc::bad_request, "the form has no such choice in `can`");
        scopes = std::move(least->scopes);
    }
    if (form.ticked("all_scopes", "yes")) add_once(scopes, form.connector->default_scopes);
    add_once(scopes, words_of(form.value("scopes"), " ,\t\r\n"));
    return scopes;
}

std::optional<core::Fence> read_fence(const ConnectionForm& form, std::vector<Error>& refused) {
    core::Fence fence;
    fence.mailboxes = words_of(form.value("fence"), "\r\n");
    // A line `*` is the tick, written by hand.
    fence.everything = std::erase(fence.mailboxes, "*") > 0 || form.ticked("fence_all", "yes");
    if (fence.everything && !form.may_open_everything) refused.push_back({Errc::denied, "every mailbox is an administrator's choice", {{"field", "fence"}}});
    if (fence.mailboxes.size() > most_lines) refused.push_back({Errc::invalid_field, "at most 1000 mailboxes", {{"field", "fence"}}});
    // Nothing written: the fence begins with the account.
    if (!fence.everything && fence.mailboxes.empty()) return std::nullopt;
    return fence;
}

bool read_token_type(const ConnectionForm& form, app::CreateConnection& connection) {
    const auto word = form.value("token_type");
    const auto type = core::parse_token_type(word);
    if (type) connection.token_type = *type;
    return type || word.empty();
}

std::optional<core::Name> read_name(const ConnectionForm& form, std::string_view field, std::vector<Error>& refused) {
    const auto text = form.value(field);
    if (text.empty() && field != "name") return std::nullopt;
    auto name = core::Name::parse(text, field);
    if (!name) refused.push_back(std::move(name.error()));
    return name ? std::optional(*name) : std::nullopt;
}

void read_connection(const ConnectionForm& form, app::NewConnection& wanted) {
    auto& connection = wanted.connection;
    if (auto name = read_name(form, "name", wanted.refused)) connection.name = std::move(*name);
    connection.title = form.value("title");
    if (connection.title.size() > 200) wanted.refused.push_back({Errc::invalid_field, "the title is too long", {{"field", "title"}}});
    connection.mode = form.kind->mode;
    connection.mailbox = form.value("mailbox");
    connection.act_as = form.value("act_as");
    connection.folder = read_name(form, "folder", wanted.refused);
    connection.fence = read_fence(form, wanted.refused);
}

void read_registration(const ConnectionForm& form, app::NewConnection& wanted) {
    wanted.registration = read_name(form, "registration", wanted.refused);
    const bool fits = !wanted.registration || std::ranges::any_of(form.apps, [&](const auto& app) { return app.name == *wanted.registration; });
    if (!fits) wanted.refused.push_back({Errc::invalid_field, "no such client registration", {{"field", "registration"}}});
    auto& app = wanted.app;
    app.connector = form.connector->key;
    app.cloud = form.value("cloud");
    app.tenant = form.value("tenant");
    app.client_id = form.value("client_id");
    app.issuer = form.value("issuer");
    app.authorization_endpoint = form.value("authorization_endpoint");
    app.token_endpoint = form.value("token_endpoint");
    if (form.kind->kind == SignInKind::certificate) app.auth_method = core::ClientAuthMethod::client_certificate;
    if (form.kind->kind == SignInKind::public_client || form.kind->kind == SignInKind::device) app.auth_method = core::ClientAuthMethod::none;
    if (form.value("algorithm") == "RS256") app.assertion_algorithm = core::AssertionAlgorithm::rs256;
    wanted.resolve_tenant = form.ticked("tenant_from_mailbox", "yes");
    wanted.import = form.value("import");
}

Secret take_file(Call& call, std::string_view field) {
    for (auto& file : call.files)
        if (file.field == field) return std::move(file.content);
    return {};
}

// A PEM pair comes as two files; one after the other they are one PEM.
Secret take_content(Call& call, std::vector<Error>& refused) {
    auto file = take_file(call, "file");
    const auto key = take_file(call, "key_file");
    auto text = take_field(call.form, "text");
    const bool has_text = !trim(text.expose()).empty();
    if (has_text && (!file.empty() || !key.empty())) refused.push_back({Errc::invalid_field, "a file or a text, not both", {{"field", "content"}}});
    if (key.empty()) return has_text ? std::move(text) : std::move(file);
    std::string both(file.expose());
    both += '\n';
    both += key.expose();
    return Secret::take(std::move(both));
}

GivenCredential take_credential(Call& call, const std::string& expires, std::vector<Error>& refused) {
    GivenCredential given;
    given.content = take_content(call, refused);
    given.password = take_field(call.form, "password");
    if (given.password.expose().size() > longest_password) refused.push_back({Errc::invalid_field, "too long", {{"field", "password"}}});
    const auto typed = take_field(call.form, "client_secret");
    const auto secret = trim(typed.expose());
    if (secret.size() > longest_secret) refused.push_back({Errc::invalid_field, "too long", {{"field", "client_secret"}}});
    if (!secret.empty()) given.credential.client_secret = Secret(secret);
    if (!expires.empty()) {
        given.credential.expires_at = parse_time(expires + "T00:00:00Z");
        if (!given.credential.expires_at) refused.push_back({Errc::invalid_field, "no day", {{"field", "expires"}}});
    }
    return given;
}

}  // namespace

void show_what_the_file_said(ConnectionForm& form, const app::NewConnection& wanted) {
    if (!form.import) return;
    for (const auto& [field, text] :
         {std::pair<std::string_view, const std::string&>{"client_id", wanted.app.client_id}, {"tenant", wanted.app.tenant}, {"cloud", wanted.app.cloud}}) {
        std::erase_if(form.typed, [&](const auto& one) { return one.first == field; });
        form.typed.emplace_back(field, text);
    }
}

std::string ConnectionForm::value(std::string_view field) const {
    const auto* found = find_field(typed, field);
    return found == nullptr ? std::string() : *found;
}

bool ConnectionForm::ticked(std::string_view field, std::string_view wanted) const {
    return std::ranges::any_of(typed, [&](const auto& one) { return one.first == field && one.second == wanted; });
}

Result<std::shared_ptr<app::NewConnection>> read_connection_form(Call& call, ConnectionForm& form) {
    if (auto known = check_fields(call, fields_of(form)); !known) return propagate(known);
    for (const auto& [name, value] : call.form) {
        if (std::ranges::find(secrets, name) != std::end(secrets)) continue;
        const bool multiline = name == "fence" || name == "scopes";
        const bool clean = std::ranges::none_of(
            value, [&](char c) { return (static_cast<unsigned char>(c) < 0x20 && !(multiline && (c == '\r' || c == '\n' || c == '\t'))) || c == 0x7f; });
        if (!clean) return fail(Errc::bad_request, "the field `" + name + "` holds control characters");
        form.typed.emplace_back(name, multiline ? value : std::string(trim(value)));
    }
    form.sent = true;
    auto wanted = std::make_shared<app::NewConnection>();
    read_connection(form, *wanted);
    read_registration(form, *wanted);
    auto given = take_credential(call, form.value("expires"), wanted->refused);
    wanted->content = std::move(given.content);
    wanted->password = std::move(given.password);
    wanted->app.credential = std::move(given.credential);
    // A managed app may be a public client: then nothing is given.
    const bool nothing_given = wanted->content.empty() && wanted->import.empty() && !wanted->app.credential.client_secret;
    if (form.kind->kind == SignInKind::managed && nothing_given) wanted->app.auth_method = core::ClientAuthMethod::none;
    if (!read_token_type(form, wanted->connection)) return fail(Errc::bad_request, "the form has no such choice in `token_type`");
    auto scopes = read_scopes(form);
    if (!scopes) return propagate(scopes);
    wanted->connection.scopes = std::move(*scopes);
    return wanted;
}

Result<GivenCredential> read_credential_form(Call& call, std::vector<Error>& refused, std::string& expires) {
    if (auto known = check_fields(call, {"form", "client_secret", "expires", "file", "password"}); !known) return propagate(known);
    expires = text_field(call.form, "expires");
    return take_credential(call, expires, refused);
}

}  // namespace renkei::api

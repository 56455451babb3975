#include "app/imports.hpp"

#include "app/ports/seal_places.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/uri.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::string_view purpose = "import";
constexpr std::chrono::hours handle_lives{1};

std::unexpected<Error> used_up() { return fail(Errc::gone, "this import was registered already, has expired, or never was; send the file again"); }

// The connector whose authorization server has a tenant in its address: that is where such files come from.
const Manifest* connector_of(const Catalog& catalog, bool certificate) {
    for (const auto* one : catalog.all()) {
        const bool by_tenant =
            std::ranges::any_of(one->clouds, [](const CloudFacts& cloud) { return cloud.token_endpoint.find("{tenant}") != std::string::npos; });
        const bool takes =
            !certificate || std::ranges::find(one->client_auth, core::text_of(core::ClientAuthMethod::client_certificate)) != one->client_auth.end();
        if (by_tenant && takes) return one;
    }
    return nullptr;
}

std::string cloud_at(const Manifest& connector, const std::string& host) {
    for (const auto& cloud : connector.clouds)
        if (const auto url = Uri::parse(cloud.token_endpoint); !host.empty() && url && equal_ignoring_case(url->host, host)) return cloud.key;
    return connector.clouds.front().key;
}

// "Renkei Mail (prod)" becomes renkei-mail-prod.
std::string name_from(std::string_view text) {
    std::string name;
    for (const char c : lower_ascii(text)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            name += c;
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    if (name.size() > 60) name.resize(60);
    while (name.ends_with('-')) name.pop_back();
    return core::Name::parse(name) ? name : std::string();
}

std::string common_name(const std::string& subject) {
    for (const auto part : split(subject, ','))
        if (part.starts_with("CN=")) return std::string(part.substr(3));
    return {};
}

std::string data_of(const RecognisedImport& import) {
    return json::serialize(json::object{{"kind", json::view(text_of(import.kind))},
                                        {"connector", import.connector},
                                        {"cloud", import.cloud},
                                        {"tenant", import.tenant},
                                        {"client_id", import.client_id},
                                        {"certificate", import.certificate.has_value()}});
}

std::string text_in(const json::object& data, std::string_view name) { return std::string(json::text(data, name).value_or("")); }

NewCredential credential_of(Secret material, bool certificate) {
    NewCredential credential;
    if (certificate)
        credential.client_certificate.emplace().pem = std::move(material);
    else
        credential.client_secret = std::move(material);
    return credential;
}

void fill(std::string& wanted, const json::object& data, std::string_view name) {
    if (wanted.empty()) wanted = text_in(data, name);
}

}  // namespace

RecognisedImport Imports::described(const ImportedFile& file) const {
    RecognisedImport out;
    out.kind = file.kind;
    out.client_id = file.client_id;
    out.tenant = file.tenant;
    out.certificate = file.certificate;
    if (const auto* connector = connector_of(n_.catalog, file.certificate.has_value())) {
        out.connector = connector->key;
        out.cloud = cloud_at(*connector, file.login_host);
    }
    out.suggested_name = name_from(file.certificate ? common_name(file.certificate->subject) : file.title);
    if (out.suggested_name.empty()) out.suggested_name = out.connector.empty() ? "imported-app" : out.connector + "-app";
    if (out.client_id.empty()) out.needs.emplace_back("client_id");
    if (out.tenant.empty()) out.needs.emplace_back("tenant");
    return out;
}

Task<Result<RecognisedImport>> Imports::recognise(By by, Secret content, Secret password) {
    auto work = [content = std::move(content), password = std::move(password), now = n_.clock.now()] { return recognise_file(content, password, now); };
    auto file = co_await run_blocking(n_.pool, std::move(work));
    if (!file) co_return propagate(file);
    co_return co_await keep(std::move(by), std::make_shared<ImportedFile>(std::move(*file)));
}

Task<Result<RecognisedImport>> Imports::keep(By by, std::shared_ptr<ImportedFile> file) {
    auto out = described(*file);
    const auto now = n_.clock.now();
    const auto workspace = by.principal.workspace;
    out.handle = n_.random.text(24);
    out.expires_at = now + handle_lives;
    const auto hash = n_.vault.lookup_hash(Secret(out.handle));
    auto sealed = n_.vault.seal(one_time_place(workspace, hash), file->material);
    if (!sealed) co_return propagate(sealed);
    UnitOfWork unit;
    unit.push_back(InsertOneTime{workspace, std::string(purpose), hash, data_of(out), std::move(*sealed), out.expires_at});
    unit.push_back(AppendAudit{audit_row(by, now, "import.recognise", target_of("import", text_of(file->kind)), std::string(by_right))});
    if (auto stored = co_await n_.store.commit(workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return out;
}

struct Imports::Kept {
    OneTime row;
    Digest hash{};
    json::object data;
};

Task<Result<Imports::Kept>> Imports::find(By by, std::string handle) {
    const auto hash = n_.vault.lookup_hash(Secret(handle));
    auto found = co_await n_.store.find_one_time(std::string(purpose), hash);
    if (!found && found.error().code != Errc::not_found) co_return propagate(found);
    // Another workspace's handle is as unknown as one that never was.
    if (!found || found->workspace != by.principal.workspace || found->used || found->expires_at <= n_.clock.now()) co_return used_up();
    auto parsed = json::parse(found->data);
    if (!parsed || !parsed->is_object()) co_return fail(Errc::internal, "a stored import cannot be read");
    Kept kept{std::move(*found), hash, std::move(parsed->get_object())};
    co_return kept;
}

Task<Result<RecognisedImport>> Imports::look(By by, std::string handle) {
    auto kept = co_await find(std::move(by), handle);
    if (!kept) co_return propagate(kept);
    RecognisedImport out;
    out.handle = std::move(handle);
    out.kind = parse_import_kind(text_in(kept->data, "kind")).value_or(ImportKind::pem);
    out.connector = text_in(kept->data, "connector");
    out.cloud = text_in(kept->data, "cloud");
    out.tenant = text_in(kept->data, "tenant");
    out.client_id = text_in(kept->data, "client_id");
    out.expires_at = kept->row.expires_at;
    co_return out;
}

Task<Result<core::ClientRegistration>> Imports::put(By by, RegisterImport wanted) {
    const auto workspace = by.principal.workspace;
    auto kept = co_await find(by, wanted.handle);
    if (!kept) co_return propagate(kept);
    const auto& data = kept->data;
    const auto& hash = kept->hash;
    auto material = n_.vault.open(one_time_place(workspace, hash), kept->row.secret);
    if (!material) co_return propagate(material);
    auto credential = credential_of(std::move(*material), json::boolean(data, "certificate").value_or(false));
    // Used up in the transaction of what it becomes: never twice, and not at all if that fails.
    UnitOfWork also;
    also.push_back(UseOneTime{workspace, std::string(purpose), hash, n_.clock.now()});
    also.push_back(AppendAudit{audit_row(by, n_.clock.now(), "import.register", target_of("import", text_in(data, "kind")), std::string(by_right))});
    if (wanted.registration)
        co_return co_await n_.registrations.add_credential(std::move(by), *wanted.registration, std::move(credential), {}, std::move(also));
    CreateRegistration create;
    if (!wanted.name) co_return bad_field("name", "`name` is required: a new client registration needs one, for example microsoft-app");
    create.name = *wanted.name;
    fill(wanted.connector, data, "connector");
    // Another connector has other clouds.
    if (wanted.connector == text_in(data, "connector")) fill(wanted.cloud, data, "cloud");
    fill(wanted.tenant, data, "tenant");
    fill(wanted.client_id, data, "client_id");
    if (wanted.client_id.empty()) co_return bad_field("client_id", "`client_id` is required: a certificate does not say to which app it belongs");
    create.connector = std::move(wanted.connector);
    create.cloud = std::move(wanted.cloud);
    create.tenant = std::move(wanted.tenant);
    create.client_id = std::move(wanted.client_id);
    create.credential = std::move(credential);
    create.assertion_algorithm = wanted.assertion_algorithm;
    co_return co_await n_.registrations.create(std::move(by), std::move(create), std::move(also));
}

}  // namespace renkei::app

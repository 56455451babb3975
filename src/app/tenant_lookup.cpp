#include "app/tenant_lookup.hpp"

#include "app/token_endpoint.hpp"
#include "base/encoding.hpp"
#include "base/reason.hpp"
#include "base/sign_in_reason.hpp"
#include "oauth/client/issuer.hpp"
#include "oauth/client/tenant_document.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

// The tenant of personal accounts: no organization, and no app-only access.
// https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
constexpr std::string_view consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";

// The cloud that the document names, where it names one surely; else the one that was asked.
const CloudFacts* cloud_told(const Manifest& manifest, const CloudFacts* asked, const oauth::TenantDocument& document) {
    for (const auto& host : document.hosts) {
        const auto clouds = clouds_of(manifest, host);
        if (std::ranges::find(clouds, asked) != clouds.end()) return asked;
        if (clouds.size() == 1) return clouds.front();
    }
    return asked;
}

bool may_mean_a_cloud(const Error& error) {
    const auto reason = error.get("reason");
    return reason == "tenant-not-found" || reason == "other-cloud-unnamed";
}

}  // namespace

std::string cloud_words(const CloudFacts& cloud) { return cloud.title_en + " (" + cloud.key + ")"; }

Task<Result<std::string>> TenantLookup::look(core::WorkspaceId workspace, const Manifest* manifest, const CloudFacts* cloud, std::string tenant,
                                             std::string request_id, const CloudFacts** told) {
    const auto address = oauth::tenant_document_address(cloud->issuer, tenant);
    if (address.empty()) co_return fail(Errc::not_found, "this cloud publishes nothing about tenants");
    HttpRequest request{Method::get, address, {{"Accept", "application/json"}}};
    CallOptions options{
        .deadline = deadline_, .max_answer_bytes = 512u << 10, .may_repeat = true, .purpose = "discovery", .workspace = workspace, .request_id = request_id};
    auto response = co_await http_.send(std::move(request), std::move(options));
    if (!response) co_return propagate(response);
    auto document = oauth::parse_tenant_document(*response);
    if (!document) co_return propagate(document);
    *told = cloud_told(*manifest, cloud, *document);
    co_return std::move(document->tenant);
}

Task<const CloudFacts*> TenantLookup::search(core::WorkspaceId workspace, const Manifest* manifest, const CloudFacts* except, std::string tenant,
                                             std::string request_id) {
    for (const auto& cloud : manifest->clouds) {
        if (&cloud == except) continue;
        const CloudFacts* told = nullptr;
        auto found = co_await look(workspace, manifest, &cloud, tenant, request_id, &told);
        if (found && told != except) co_return told;
    }
    co_return nullptr;
}

Task<Result<std::string>> TenantLookup::resolve(core::ClientRegistration registration, std::string address, std::string request_id) {
    const auto* manifest = catalog_.find(registration.connector);
    const auto* cloud = catalog_.find_cloud(registration.connector, registration.cloud);
    if (manifest == nullptr || cloud == nullptr || cloud->issuer.find(oauth::tenant_mark) == std::string::npos)
        co_return bad_field("address", "this connector has no tenants");
    auto domain = lower_ascii(trim(address));
    if (const auto at = domain.rfind('@'); at != domain.npos) domain.erase(0, at + 1);
    if (!oauth::is_tenant_segment(domain) || domain.find('.') == domain.npos)
        co_return bad_field("address", "`address` must be an e-mail address or a domain, e.g. sales@contoso.example");
    const CloudFacts* told = nullptr;
    auto found = co_await look(registration.workspace, manifest, cloud, domain, request_id, &told);
    if (!found && found.error().code == Errc::not_found) {
        if (const auto* other = co_await search(registration.workspace, manifest, cloud, domain, request_id))
            co_return fail(because({Errc::invalid_field, "the domain is in another cloud", {{"field", "address"}}}, "other-cloud", cloud_words(*other)));
        co_return refuse_field("address", Reason::domain_not_found, domain);
    }
    if (!found) co_return propagate(found);
    if (told != cloud)
        co_return fail(because({Errc::invalid_field, "the domain is in another cloud", {{"field", "address"}}}, "other-cloud", cloud_words(*told)));
    if (*found == consumers) co_return refuse_field("address", Reason::domain_consumer, domain);
    if (is_shared_tenant(*found)) co_return fail(Errc::provider_bad_answer, "the tenant's published description names no tenant");
    co_return found;
}

Task<const CloudFacts*> TenantLookup::other_cloud(core::ClientRegistration registration, std::string request_id) {
    const auto* manifest = catalog_.find(registration.connector);
    const auto* cloud = catalog_.find_cloud(registration.connector, registration.cloud);
    if (manifest == nullptr || cloud == nullptr || is_shared_tenant(registration.tenant)) co_return nullptr;
    const CloudFacts* told = nullptr;
    auto here = co_await look(registration.workspace, manifest, cloud, registration.tenant, request_id, &told);
    if (here) co_return told == cloud ? nullptr : told;
    if (here.error().code != Errc::not_found) co_return nullptr;
    co_return co_await search(registration.workspace, manifest, cloud, registration.tenant, request_id);
}

Task<Error> TenantLookup::named(Error error, core::ClientRegistration registration, std::string request_id) {
    if (!may_mean_a_cloud(error)) co_return error;
    const auto* other = co_await other_cloud(std::move(registration), std::move(request_id));
    if (other != nullptr) error = because(std::move(error), "other-cloud", cloud_words(*other));
    co_return error;
}

}  // namespace renkei::app

#pragma once

#include "app/ports/catalog.hpp"
#include "app/ports/http_client.hpp"
#include "app/task.hpp"
#include "base/result.hpp"
#include "core/connection.hpp"

#include <chrono>
#include <string>

namespace renkei::app {

/// Which tenant a domain or an id is, and in which cloud, by what the clouds publish. Asks without any credential.
class TenantLookup {
public:
    TenantLookup(HttpClient& http, const Catalog& catalog, std::chrono::milliseconds deadline) : http_(http), catalog_(catalog), deadline_(deadline) {}

    /// The id of the tenant to which `address`, an e-mail address or a domain, belongs in the registration's cloud.
    /// Errors: invalid_field `address` with the reason domain-not-found, domain-consumer, or other-cloud naming the cloud in which
    /// it is; provider_* when nobody can tell.
    Task<Result<std::string>> resolve(core::ClientRegistration registration, std::string address, std::string request_id);

    /// The cloud in which the registration's tenant is, if that is another one than the registration says; nothing if it is the
    /// same one, is nowhere, or nobody can tell. Asks the other clouds, so only after a refusal that may mean it.
    Task<const CloudFacts*> other_cloud(core::ClientRegistration registration, std::string request_id);

    /// Gives a refusal that may come from a wrong cloud the name of the right one.
    Task<Error> named(Error error, core::ClientRegistration registration, std::string request_id);

private:
    Task<Result<std::string>> look(core::WorkspaceId workspace, const Manifest* manifest, const CloudFacts* cloud, std::string tenant, std::string request_id,
                                   const CloudFacts** told);
    Task<const CloudFacts*> search(core::WorkspaceId workspace, const Manifest* manifest, const CloudFacts* except, std::string tenant, std::string request_id);

    HttpClient& http_;
    const Catalog& catalog_;
    std::chrono::milliseconds deadline_;
};

/// Text for people of a cloud, with its key: "China (china)".
std::string cloud_words(const CloudFacts& cloud);

}  // namespace renkei::app

#include "adapters/api/api.hpp"
#include "adapters/api/audit_endpoints.hpp"
#include "adapters/api/automation_endpoints.hpp"
#include "adapters/api/connect_endpoints.hpp"
#include "adapters/api/connection_page_endpoints.hpp"
#include "adapters/api/connections_endpoints.hpp"
#include "adapters/api/connectors_endpoints.hpp"
#include "adapters/api/consent_endpoints.hpp"
#include "adapters/api/external_vaults_endpoints.hpp"
#include "adapters/api/fence_endpoints.hpp"
#include "adapters/api/folders_endpoints.hpp"
#include "adapters/api/health_endpoints.hpp"
#include "adapters/api/imports_endpoints.hpp"
#include "adapters/api/keys_endpoints.hpp"
#include "adapters/api/mail_endpoints.hpp"
#include "adapters/api/metrics_endpoints.hpp"
#include "adapters/api/native_endpoints.hpp"
#include "adapters/api/operations_endpoints.hpp"
#include "adapters/api/people_endpoints.hpp"
#include "adapters/api/permissions_endpoints.hpp"
#include "adapters/api/registrations_endpoints.hpp"
#include "adapters/api/setup_endpoints.hpp"
#include "adapters/api/sign_in_endpoints.hpp"
#include "adapters/api/values_endpoints.hpp"
#include "adapters/api/vault_endpoints.hpp"

namespace renkei::api {

std::vector<Routes> all_routes() {
    return {
        health_routes(),
        metrics_routes(),
        setup_routes(),
        keys_routes(),
        connectors_routes(),
        registrations_routes(),
        imports_routes(),
        folders_routes(),
        connections_routes(),
        mail_routes(),
        operations_routes(),
        audit_routes(),
        connect_routes(),
        vault_routes(),
        people_routes(),
        groups_routes(),
        csv_routes(),
        sign_in_routes(),
        my_routes(),
        permissions_routes(),
        native_routes(),
        connection_page_routes(),
        connection_form_routes(),
        connection_credential_routes(),
        connection_fence_routes(),
        consent_page_routes(),
        fence_routes(),
        consent_routes(),
        external_vaults_routes(),
        automation_routes(),
        values_routes(),
    };
}

}  // namespace renkei::api

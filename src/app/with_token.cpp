#include "app/with_token.hpp"

namespace renkei::app {

Error second_refusal(const core::Connection& connection) {
    if (connection.mode == core::ConnectionMode::client_credentials)
        return {Errc::needs_admin, "the provider refuses even a fresh access token of the application; its permissions or the tenant's rules must be checked"};
    return {Errc::reconnect_required, "the provider refuses even a fresh access token; the account's owner must sign in again"};
}

}  // namespace renkei::app

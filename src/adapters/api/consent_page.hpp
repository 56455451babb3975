#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/html.hpp"
#include "adapters/api/language.hpp"
#include "app/consent_requests.hpp"
#include "app/ports/http_handler.hpp"

namespace renkei::api {

/// For the administrator: who asks for what, before the provider's own page.
app::ServerResponse consent_request_page(Language language, const app::ShownConsent& shown);
/// What stands under a refusal that may mean that an administrator must approve: a button that makes the request.
Html approval_offer(Language language, const Secret& code);
/// For the person whose sign-in needs an approval: the link to forward, and how it stands. Looks again by itself while it is open.
app::ServerResponse consent_waiting_page(Language language, const app::ShownConsent& shown);
/// For the administrator, afterwards.
app::ServerResponse consent_granted_page(Language language, const app::ConsentOutcome& outcome);

/// For the workspace: what is open, and the link of each to forward.
struct ConsentListView {
    std::vector<app::ShownConsent> open{};
    bool may_withdraw = false;
    std::optional<Error> refused{};  ///< why one could not be withdrawn
};
app::ServerResponse consent_list_page(const Call& call, const ConsentListView& view);

}  // namespace renkei::api

#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/html.hpp"
#include "app/connection_check.hpp"
#include "app/connections.hpp"
#include "app/ports/catalog.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::api {

// Pages of the workspace's connections. Every text of a person or provider is escaped by Html.

struct ConnectionListView {
    std::vector<app::ShownConnection> rows;
    std::string next;  ///< cursor of the following page, or empty
    bool first_page = true;
    bool may_make = false;
};
app::ServerResponse connections_page(const Call& call, const ConnectionListView& view, const app::Catalog& catalog);

struct ConnectionView {
    app::ShownConnection row;
    std::vector<core::Grant> grants;
    std::vector<core::FenceRow> fence;  ///< what the directory said of each entry; an entry that it was not asked about is missing
    std::optional<core::ClientRegistration> registration;
    std::string owner;         ///< e-mail address, or empty
    std::string redirect_uri;  ///< empty where nobody signs in with a browser
    bool may_change = false;   ///< pause, remove …
    bool may_confirm = false;  ///< that an address of the fence has a new owner
    bool has_directory = false;
    bool has_script = false;          ///< for the provider's administrator
    bool may_ask_approval = false;    ///< an administrator of the tenant can be asked to approve the app
    bool waits_for_approval = false;  ///< and has been
    bool may_see_registration = false;
    bool may_change_credential = false;
    bool just_made = false;
    std::optional<Error> problem{};  ///< why what was just tried did not work
    std::optional<app::CheckReport> report{};
    TimePoint now{};
};
app::ServerResponse connection_page(const Call& call, const ConnectionView& view, const app::Catalog& catalog);
/// The part of it about what the connection may touch.
void write_fence(Html& html, const Call& call, const ConnectionView& view);

struct FenceScriptView {
    core::Connection connection;
    std::string outside{};  ///< a mailbox for the test at the script's end, as typed
    std::string refused{};  ///< what is wrong with it; then there is no script
    std::string script{};
};
app::ServerResponse fence_script_page(const Call& call, const FenceScriptView& view);
/// What stops when it is removed, and the button.
app::ServerResponse remove_connection_page(const Call& call, const app::ShownConnection& row);
/// A link to hand over, shown once.
app::ServerResponse connect_link_page(const Call& call, const core::Connection& connection, const app::ConnectLink& link);

/// Title and name of a connection, for headings.
std::string heading_of(const core::Connection& connection);

}  // namespace renkei::api

#pragma once

#include "app/audit.hpp"
#include "app/connect_flow.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/http_handler.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace renkei::app {
class Access;
class Authenticator;
class AutomationAccess;
class Automations;
class ConnectionCheck;
class Connections;
class ConsentRequests;
class DeviceSignIns;
class ExternalVaults;
class Fences;
class Folders;
class Groups;
class Idempotency;
class Imports;
class Invitations;
class Keys;
class Mail;
class MyConnections;
class Native;
class Operations;
class People;
class PeopleImport;
class Permissions;
class Registrations;
class SetupService;
class SignIn;
class StoredValues;
class TenantLookup;
class TokenReleases;
class VaultRotation;
}  // namespace renkei::app

namespace renkei::api {

class MetricsSink;

/// What endpoints work with: the use cases, each made in server/, and the stores that lists are read from. An endpoint
/// reads its input, calls one of them and answers; it holds no rule of its own.
struct Services {
    Clock& clock;
    app::Store& store;
    app::Vault& vault;
    const app::Catalog& catalog;
    app::Authenticator& authenticator;
    app::Access& access;
    app::Idempotency& idempotency;
    app::ConnectFlow& connect_flow;
    app::DeviceSignIns& devices;
    app::TokenReleases& releases;
    app::Keys& keys;
    app::Registrations& registrations;
    app::Imports& imports;
    app::Folders& folders;
    app::Connections& connections;
    app::ConnectionCheck& check;
    app::Fences& fences;
    app::SetupService& setup;
    app::Operations& operations;
    app::VaultRotation& vault_rotation;
    app::SignIn& sign_in;
    app::Invitations& invitations;
    app::People& people;
    app::Groups& groups;
    app::PeopleImport& people_import;
    app::Permissions& permissions;
    app::MyConnections& my_connections;
    app::TenantLookup& tenants;
    app::ConsentRequests& consents;
    app::ExternalVaults& external_vaults;
    MetricsSink& metrics;
    app::Mail& mail;
    app::Native& native;
    app::AutomationAccess& automation_access;
    app::Automations& automations;
    app::StoredValues& stored_values;
    Random& random;
    std::string public_url;  ///< without a slash at the end
    /// Told of every answer of 500 and above and of every exception, for the log. No secret comes here.
    std::function<void(std::string_view event, std::string_view request_id, const Error& error)> on_failure{};
};

}  // namespace renkei::api

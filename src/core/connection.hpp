#pragma once

#include "base/clock.hpp"
#include "core/fence.hpp"
#include "core/ids.hpp"
#include "core/name.hpp"
#include "core/sealed.hpp"
#include "core/value_source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace renkei::core {

/// How Renkei proves itself to an authorization server (OpenID Connect Core section 9). `client_certificate` is a private_key_jwt
/// whose key the server knows by its certificate's thumbprint.
enum class ClientAuthMethod : std::uint8_t { client_secret_basic, client_secret_post, private_key_jwt, none, client_certificate };
std::string_view text_of(ClientAuthMethod method);
std::optional<ClientAuthMethod> parse_client_auth_method(std::string_view text);

/// How assertions by a client certificate are signed (RFC 7518 section 3.1): ps256 names the certificate by `x5t#S256`, rs256 by `x5t`.
enum class AssertionAlgorithm : std::uint8_t { ps256, rs256 };
std::string_view text_of(AssertionAlgorithm algorithm);
std::optional<AssertionAlgorithm> parse_assertion_algorithm(std::string_view text);

enum class CredentialKind : std::uint8_t { secret, private_key, certificate };
std::string_view text_of(CredentialKind kind);
std::optional<CredentialKind> parse_credential_kind(std::string_view text);

/// What is public of a client certificate; its end is the credential's `expires_at`.
struct CertificateFacts {
    std::string thumbprint_sha1;    ///< 40 upper-case hex digits
    std::string thumbprint_sha256;  ///< 64 upper-case hex digits
    std::string subject;
    std::string serial;
    std::optional<TimePoint> not_before;
};

/// One of the secrets or keys of a registration that are live at a time.
struct CredentialVersion {
    std::uint32_t version = 1;
    Sealed material;     ///< client secret, or PEM private key for private_key_jwt and client_certificate
    std::string key_id;  ///< `kid` for private_key_jwt, may be empty
    TimePoint created_at;
    std::optional<TimePoint> expires_at;
    CredentialKind kind = CredentialKind::secret;
    CertificateFacts certificate{};  ///< empty for other kinds; of a referenced certificate it is read at each use
    /// A reference (core::text_of of a ValueSource) instead of `material`; empty: the material is stored here.
    std::string source{};
    /// Connector and token host for which the reference was entered: it is used for no other.
    std::string bound_to{};
};

/// Our client id and credentials at a provider (an "app registration" at Microsoft); shared by many connections.
struct ClientRegistration {
    WorkspaceId workspace;
    RegistrationId id;
    Name name;
    std::string connector;  ///< key of a manifest in catalog/
    std::string cloud;      ///< key of a cloud in that manifest; empty: it has none
    std::string tenant;     ///< Microsoft: tenant id or domain, `common` as default; empty elsewhere
    std::string client_id;
    ClientAuthMethod auth_method = ClientAuthMethod::client_secret_post;
    std::vector<CredentialVersion> credentials;  ///< newest first
    // The generic OAuth 2.0 connector: where its authorization server is.
    std::string issuer;
    std::string authorization_endpoint;
    std::string token_endpoint;
    AssertionAlgorithm assertion_algorithm = AssertionAlgorithm::ps256;  ///< for client_certificate
    /// Tenant id that `tenant` was resolved to on request, because it names none (U-31); empty: not resolved.
    std::string resolved_tenant{};
    std::uint64_t version = 1;
    TimePoint created_at;
    std::vector<FieldSource> sources{};  ///< of `client_id` and `tenant`, which hold what the reference said last
};

/// How an account is connected: by the client's own credential (RFC 6749 section 4.4), by a person who signs in with a
/// browser (section 4.1), or by one who does so on another machine (RFC 8628).
enum class ConnectionMode : std::uint8_t { client_credentials, authorization_code, device_code };
std::string_view text_of(ConnectionMode mode);
std::optional<ConnectionMode> parse_connection_mode(std::string_view text);

/// Whose account a connection uses. `shared`: one, for everybody whom the workspace's rules let. `user_specific`: each person's
/// own; each signs in themself and has a connection of their own below this one (docs/adr/0016).
enum class TokenType : std::uint8_t { shared, user_specific };
std::string_view text_of(TokenType type);
std::optional<TokenType> parse_token_type(std::string_view text);

/// Each has a word in both languages (docs/glossary-ja.md) and a colour on terminals and pages.
enum class ConnectionState : std::uint8_t { draft, active, expiring, degraded, needs_user, needs_admin, needs_secret, paused, revoked };
std::string_view text_of(ConnectionState state);
std::optional<ConnectionState> parse_connection_state(std::string_view text);

/// One account at one provider, linked by someone, usable under a policy.
struct Connection {
    WorkspaceId workspace;
    ConnectionId id;
    Name name;
    std::string title;
    std::string connector;
    RegistrationId registration;
    ConnectionMode mode = ConnectionMode::client_credentials;
    std::string act_as;   ///< who acts; for app-only connections empty
    std::string mailbox;  ///< which mailbox is meant when a call names none
    std::vector<std::string> scopes;
    Fence fence;
    std::optional<PersonId> owner;  ///< nothing: the workspace owns it
    FolderId folder;
    ConnectionState state = ConnectionState::draft;
    std::string state_slug;     ///< slug of the error that brought it there, or empty
    std::string state_detail;   ///< our words, no secret, no provider text
    std::uint64_t version = 1;  ///< raised by every change; the ETag
    TimePoint created_at;
    TimePoint updated_at;
    TokenType token_type = TokenType::shared;
    std::optional<ConnectionId> managed_by{};  ///< the user-specific connection below which this is its owner's
    std::vector<FieldSource> sources{};        ///< of `mailbox`, read at every call; the fence still decides

    /// A person signed in for it, and nobody else may use it unless that person lets them.
    bool is_personal() const { return owner.has_value() && mode != ConnectionMode::client_credentials; }
};

/// Who a grant speaks for.
enum class SubjectKind : std::uint8_t { app, person, act_as };

enum class GrantState : std::uint8_t {
    active,
    rotation_unknown,  ///< a refresh was cut off between intent and commit
    lost,              ///< the answer to a rotation was lost and the old token is refused
    dead,              ///< the provider ended it; a person must sign in again
};
std::string_view text_of(GrantState state);

/// Pinned at the first sign-in; later ones must be the same (Microsoft: tid and oid, never the mutable UPN).
struct PinnedIdentity {
    std::string issuer;
    std::string tenant;
    std::string subject;
    std::string display;  ///< UPN or e-mail address, for people's eyes
    friend bool operator==(const PinnedIdentity&, const PinnedIdentity&) = default;
};

/// The stored record of what an owner allowed a client. Refresh, lock and generation belong to it.
struct Grant {
    WorkspaceId workspace;
    GrantId id;
    ConnectionId connection;
    SubjectKind subject_kind = SubjectKind::app;
    std::string subject;
    std::uint64_t generation = 0;          ///< raised by every committed exchange
    Sealed refresh_token;                  ///< empty for client credentials
    Sealed previous_refresh_token;         ///< kept until the new one has worked
    bool proven = true;                    ///< the current refresh token has worked once, or came from a sign-in
    std::uint32_t credential_version = 0;  ///< of the client registration, at the last exchange
    std::vector<std::string> scopes;       ///< granted
    PinnedIdentity identity;
    GrantState state = GrantState::active;
    std::string failure_slug;
    TimePoint created_at;
    TimePoint updated_at;
    TimePoint last_used_at;
};

/// What an access token is kept under: (workspace, grant, audience, scope set).
struct TokenKey {
    WorkspaceId workspace;
    GrantId grant;
    std::string audience;   ///< resource origin, or empty for the provider's own choice
    std::string scope_set;  ///< sorted, blank-separated; empty: everything granted
    friend auto operator<=>(const TokenKey&, const TokenKey&) = default;
};

/// An access token at rest.
struct StoredToken {
    TokenKey key;
    Sealed token;
    std::uint64_t generation = 0;
    TimePoint obtained_at;
    TimePoint expires_at;
    std::string scopes;  ///< as granted, blank-separated
};

}  // namespace renkei::core

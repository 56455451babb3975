// The stable words of the enums: one spelling for store, API, audit and manifests.
#include "core/connection.hpp"
#include "core/consent.hpp"
#include "core/identity.hpp"
#include "core/operation.hpp"

#include <algorithm>
#include <array>

namespace renkei::core {
namespace {

constexpr std::array<std::string_view, 5> roles{"administrator", "user_administrator", "builder", "user", "auditor"};
constexpr std::array<std::string_view, static_cast<std::size_t>(Action::count_)> actions{
    "mail:read",    "mail:send",       "connections:read", "connections:write", "registrations:read", "registrations:write", "keys:read",
    "keys:write",   "operations:read", "operations:write", "audit:read",        "people:read",        "people:write",        "vault:read",
    "vault:rotate", "values:read",     "values:write",     "sessions:read",     "sessions:write",     "tokens:read",         "native"};
constexpr std::array<std::string_view, 5> auth_methods{"client_secret_basic", "client_secret_post", "private_key_jwt", "none", "client_certificate"};
constexpr std::array<std::string_view, 2> assertion_algorithms{"PS256", "RS256"};
constexpr std::array<std::string_view, 3> credential_kinds{"secret", "private_key", "certificate"};
constexpr std::array<std::string_view, 3> modes{"client_credentials", "authorization_code", "device_code"};
constexpr std::array<std::string_view, 2> token_types{"shared", "user_specific"};
constexpr std::array<std::string_view, 9> states{"draft", "active", "expiring", "degraded", "needs_user", "needs_admin", "needs_secret", "paused", "revoked"};
constexpr std::array<std::string_view, 4> grant_states{"active", "rotation_unknown", "lost", "dead"};
constexpr std::array<std::string_view, 3> fence_kinds{"mailbox", "calendar", "group"};
constexpr std::array<std::string_view, 4> fence_states{"resolved", "unresolved", "changed", "missing"};
constexpr std::array<std::string_view, 4> fence_troubles{"none", "no_right", "unreachable", "too_large"};
constexpr std::array<std::string_view, 5> operation_states{"queued", "running", "done", "failed", "cancelled"};
constexpr std::array<std::string_view, 5> consent_states{"open", "granted", "refused", "expired", "cancelled"};

template <class Enum, std::size_t N>
std::optional<Enum> parse_word(const std::array<std::string_view, N>& words, std::string_view text) {
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) return std::nullopt;
    return static_cast<Enum>(found - words.begin());
}

}  // namespace

std::string_view text_of(Role role) { return roles[static_cast<std::size_t>(role)]; }
std::optional<Role> parse_role(std::string_view text) { return parse_word<Role>(roles, text); }
std::string_view text_of(Action action) { return actions[static_cast<std::size_t>(action)]; }
std::optional<Action> parse_action(std::string_view text) { return parse_word<Action>(actions, text); }
std::string_view text_of(ClientAuthMethod method) { return auth_methods[static_cast<std::size_t>(method)]; }
std::optional<ClientAuthMethod> parse_client_auth_method(std::string_view text) { return parse_word<ClientAuthMethod>(auth_methods, text); }
std::string_view text_of(AssertionAlgorithm algorithm) { return assertion_algorithms[static_cast<std::size_t>(algorithm)]; }
std::optional<AssertionAlgorithm> parse_assertion_algorithm(std::string_view text) { return parse_word<AssertionAlgorithm>(assertion_algorithms, text); }
std::string_view text_of(CredentialKind kind) { return credential_kinds[static_cast<std::size_t>(kind)]; }
std::optional<CredentialKind> parse_credential_kind(std::string_view text) { return parse_word<CredentialKind>(credential_kinds, text); }
std::string_view text_of(ConnectionMode mode) { return modes[static_cast<std::size_t>(mode)]; }
std::optional<ConnectionMode> parse_connection_mode(std::string_view text) { return parse_word<ConnectionMode>(modes, text); }
std::string_view text_of(TokenType type) { return token_types[static_cast<std::size_t>(type)]; }
std::optional<TokenType> parse_token_type(std::string_view text) { return parse_word<TokenType>(token_types, text); }
std::string_view text_of(ConnectionState state) { return states[static_cast<std::size_t>(state)]; }
std::optional<ConnectionState> parse_connection_state(std::string_view text) { return parse_word<ConnectionState>(states, text); }
std::string_view text_of(GrantState state) { return grant_states[static_cast<std::size_t>(state)]; }
std::string_view text_of(FenceKind kind) { return fence_kinds[static_cast<std::size_t>(kind)]; }
std::optional<FenceKind> parse_fence_kind(std::string_view text) { return parse_word<FenceKind>(fence_kinds, text); }
std::string_view text_of(FenceState state) { return fence_states[static_cast<std::size_t>(state)]; }
std::optional<FenceState> parse_fence_state(std::string_view text) { return parse_word<FenceState>(fence_states, text); }
std::string_view text_of(FenceTrouble trouble) { return fence_troubles[static_cast<std::size_t>(trouble)]; }
std::optional<FenceTrouble> parse_fence_trouble(std::string_view text) { return parse_word<FenceTrouble>(fence_troubles, text); }
std::string_view text_of(ConsentState state) { return consent_states[static_cast<std::size_t>(state)]; }
std::optional<ConsentState> parse_consent_state(std::string_view text) { return parse_word<ConsentState>(consent_states, text); }
std::string_view text_of(OperationState state) { return operation_states[static_cast<std::size_t>(state)]; }

}  // namespace renkei::core

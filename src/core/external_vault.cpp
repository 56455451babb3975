#include "core/external_vault.hpp"

#include <array>
#include <utility>

namespace renkei::core {
namespace {

using namespace std::string_view_literals;

constexpr std::array kinds{std::pair{ExternalVaultKind::hashicorp, "hashicorp"sv}, std::pair{ExternalVaultKind::azure_key_vault, "azure_key_vault"sv},
                           std::pair{ExternalVaultKind::https, "https"sv}};
constexpr std::array auths{std::pair{ExternalVaultAuth::token, "token"sv}, std::pair{ExternalVaultAuth::app_role, "app_role"sv},
                           std::pair{ExternalVaultAuth::client_credentials, "client_credentials"sv}, std::pair{ExternalVaultAuth::basic, "basic"sv}};

template <class Table, class Word>
std::string_view word_of(const Table& table, Word word) {
    for (const auto& [value, text] : table)
        if (value == word) return text;
    return {};
}

template <class Word, class Table>
std::optional<Word> parse_word(const Table& table, std::string_view text) {
    for (const auto& [value, word] : table)
        if (word == text) return value;
    return std::nullopt;
}

}  // namespace

std::string_view text_of(ExternalVaultKind kind) { return word_of(kinds, kind); }
std::optional<ExternalVaultKind> parse_external_vault_kind(std::string_view text) { return parse_word<ExternalVaultKind>(kinds, text); }
std::string_view text_of(ExternalVaultAuth auth) { return word_of(auths, auth); }
std::optional<ExternalVaultAuth> parse_external_vault_auth(std::string_view text) { return parse_word<ExternalVaultAuth>(auths, text); }

}  // namespace renkei::core

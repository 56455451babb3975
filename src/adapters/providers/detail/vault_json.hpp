#pragma once

#include "adapters/providers/detail/vault_call.hpp"
#include "base/secret_json.hpp"

namespace renkei::providers {

/// The field of an object; see field_of.
Result<Secret> field_of(const VaultCall& call, const json::object& data, std::string_view field);
/// An answer as a JSON object; external_vault_unreachable for HTML and anything else that is none, for the vault did not answer.
Result<json::object> answer_object(const VaultCall& call, const HttpResponse& response);

}  // namespace renkei::providers

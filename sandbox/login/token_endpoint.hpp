#pragma once

#include "sandbox/login/issue.hpp"

namespace renkei::sandbox {

/// POST /{tenant}/oauth2/v2.0/token
ServerResponse answer_token_request(World& world, const TokenSigner& signer, const ServerRequest& request, const TokenEndpoint& endpoint);

/// The fields of a form body; refuses what is not one and parameters given twice (RFC 6749 section 3.2).
std::expected<Fields, Aadsts> read_form(const ServerRequest& request);
/// The value of a field that must be there, else 900144.
std::expected<std::string, Aadsts> required(const Fields& form, std::string_view name);

}  // namespace renkei::sandbox

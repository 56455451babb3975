#pragma once

#include "base/json.hpp"
#include "cli/command.hpp"
#include "cli/context.hpp"

#include <string>
#include <string_view>

namespace renkei::cli {

/// A whole file, as it is. invalid_field names the option.
Result<Secret> read_binary(const std::string& path, std::string_view field);
/// --password-file into `password` of the body, if it was given.
Result<void> put_password(Context& context, const Arguments& arguments, json::object& body);
/// --certificate with --private-key-file and --password-file into `client_certificate`; without it the client secret, from its
/// file or typed.
Result<void> put_credential(Context& context, const Arguments& arguments, json::object& body);

}  // namespace renkei::cli

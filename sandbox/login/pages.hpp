#pragma once

#include "base/encoding.hpp"
#include "sandbox/login/aadsts.hpp"
#include "sandbox/login/scopes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox {

// Plain HTML pages that work without scripts: one form each, the user in `login`, the secret in `passwd`, the refusing
// button named `cancel`.

/// Japanese if the caller's first language is (ui_locales, mkt, Accept-Language).
bool wants_japanese(const ServerRequest& request);
std::string html_escape(std::string_view text);

ServerResponse sign_in_page(const ServerRequest& request, std::string_view action, std::string_view flow, std::string_view app_name, std::string_view login,
                            std::string_view problem);
ServerResponse consent_page(const ServerRequest& request, std::string_view action, std::string_view flow, const App& app, const SandboxUser& user,
                            const std::vector<Scope>& scopes);
/// "Need admin approval": go back, or sign in as somebody else (an administrator).
ServerResponse approval_page(const ServerRequest& request, std::string_view action, std::string_view flow, const App& app, const SandboxUser& user,
                             std::string_view problem);
ServerResponse device_page(const ServerRequest& request, std::string_view user_code, std::string_view problem);
/// Something is over, or cannot go on; nothing is redirected.
ServerResponse message_page(const ServerRequest& request, int status, std::string_view title, std::string_view text);
/// "AADSTS50011: …" as the platform shows it instead of redirecting.
ServerResponse error_page(World& world, const ServerRequest& request, const Aadsts& failure);
/// A page whose form posts itself to the redirect address (OAuth 2.0 Form Post Response Mode).
ServerResponse form_post_page(const ServerRequest& request, std::string_view redirect_uri, const Fields& fields);

}  // namespace renkei::sandbox

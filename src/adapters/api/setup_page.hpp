#pragma once

#include "adapters/api/language.hpp"
#include "app/ports/http_handler.hpp"
#include "app/setup.hpp"

#include <optional>
#include <string>

namespace renkei::api {

/// What was typed, to show it again after a refusal. Never the password.
struct SetupForm {
    std::string email;
    std::string display_name;
    bool tokens_read = false;
    bool native = false;
};

app::ServerResponse setup_form_page(Language language, const SetupForm& form, const std::optional<Error>& refused);
/// Shows the administrator's key, once.
app::ServerResponse setup_done_page(Language language, const app::SetupDone& done, const std::string& public_url);

}  // namespace renkei::api

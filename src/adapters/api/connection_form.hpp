#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/form_parts.hpp"
#include "adapters/api/sign_in_kinds.hpp"
#include "app/new_connection.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::api {

/// The form of one kind of sign-in: what it offers, what was typed into it, and what was wrong. Secrets are never in it.
struct ConnectionForm {
    const KindRow* kind = nullptr;
    const app::Manifest* connector = nullptr;
    std::vector<core::ClientRegistration> apps;  ///< that go with this kind; an app may be chosen instead of made
    std::vector<core::Folder> folders;           ///< that the person may see
    std::string redirect_uri;
    bool may_open_everything = false;  ///< `*` is an administrator's choice
    Fields typed{};
    std::optional<app::RecognisedImport> import{};
    std::vector<Error> refused{};
    bool sent = false;

    std::string value(std::string_view field) const;
    bool ticked(std::string_view field, std::string_view value) const;
};

/// What the form says. Fields that it does not have, and two of one name, are refused as a whole (bad_request, unknown_field);
/// what is wrong in a field stands in `refused` of the answer. Everything of the form is taken out of the call.
Result<std::shared_ptr<app::NewConnection>> read_connection_form(Call& call, ConnectionForm& form);

/// What a file said fills the fields that were left as they were.
void show_what_the_file_said(ConnectionForm& form, const app::NewConnection& wanted);

/// One for each field, in the order of the page.
std::vector<FormRefusal> refusals_of(const std::vector<Error>& refused, Language language);

/// What a form gives as the app's proof: a file or text, or a secret. `refused` gets what is wrong in a field.
struct GivenCredential {
    Secret content{}, password{};
    app::NewCredential credential{};
};
/// The form with a credential alone. bad_request, unknown_field as above.
Result<GivenCredential> read_credential_form(Call& call, std::vector<Error>& refused, std::string& expires);

app::ServerResponse connection_form_page(const Call& call, const ConnectionForm& form);
/// Connector and kind as cards.
app::ServerResponse choose_kind_page(const Call& call, const app::Manifest& chosen, const app::Catalog& catalog);

}  // namespace renkei::api

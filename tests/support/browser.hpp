#pragma once

#include "tests/support/api_world.hpp"

#include <map>
#include <string>
#include <string_view>

namespace renkei::testing {

/// A browser as far as the pages can tell: keeps cookies, reads the token out of the form it was shown, sends Origin.
class Browser {
public:
    explicit Browser(ApiWorld& world, std::string address = "192.0.2.7") : world_(world), address_(std::move(address)) {}

    Answer get(const std::string& target, const Headers& more = {});
    /// Sends the form of the page at `page` (its token) with these fields to `target`.
    Answer submit(const std::string& page, const std::string& target, Fields fields);
    /// The fields as they are, without a token.
    Answer post(const std::string& target, const Fields& fields, Headers headers = {{"Origin", "https://renkei.example"}});
    /// The same as multipart/form-data, with files: field and content.
    Answer upload(const std::string& target, const Fields& fields, const Fields& files = {}, Headers headers = {{"Origin", "https://renkei.example"}});
    /// Signs in and follows nothing.
    Answer sign_in(std::string_view email, std::string_view password);

    std::map<std::string, std::string> cookies;
    std::string session() const { return cookies.contains("__Host-renkei-session") ? cookies.at("__Host-renkei-session") : std::string(); }

private:
    void keep(const Answer& answer);
    std::string cookie_header() const;

    ApiWorld& world_;
    std::string address_;
};

inline constexpr std::string_view usual_password = "correct horse battery";
/// A member with the usual password.
core::Person add_member(ApiWorld& world, std::uint64_t number, std::string email, std::vector<core::Role> roles, core::WorkspaceId workspace = home);

/// The token in the first form of a page, or empty.
std::string form_token_in(const std::string& page);

}  // namespace renkei::testing

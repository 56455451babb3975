#include "tests/support/browser.hpp"

#include "app/password.hpp"

namespace renkei::testing {

std::string form_token_in(const std::string& page) {
    constexpr std::string_view before = "name=\"form\" value=\"";
    const auto at = page.find(before);
    if (at == page.npos) return {};
    const auto begin = at + before.size();
    return page.substr(begin, page.find('"', begin) - begin);
}

core::Person add_member(ApiWorld& world, std::uint64_t number, std::string email, std::vector<core::Role> roles, core::WorkspaceId workspace) {
    // Hashed once for all tests: it is slow on purpose.
    static const std::string hash = app::hash_password(Secret(usual_password)).value();
    auto person = a_person(number, std::move(email));
    person.password_hash = hash;
    world.commit(workspace, {app::PutPerson{person}, app::PutMembership{{workspace, person.id, std::move(roles), {}}}});
    return person;
}

std::string Browser::cookie_header() const {
    std::string header;
    for (const auto& [name, value] : cookies) header += (header.empty() ? "" : "; ") + name + "=" + value;
    return header;
}

void Browser::keep(const Answer& answer) {
    for (const auto& [field, value] : answer.headers) {
        if (field != "Set-Cookie") continue;
        const auto equals = value.find('=');
        const auto name = std::string(value.substr(0, equals));
        const auto text = std::string(value.substr(equals + 1, value.find(';') - equals - 1));
        if (value.find("Max-Age=0") != value.npos)
            cookies.erase(name);
        else
            cookies[name] = text;
    }
}

Answer Browser::get(const std::string& target, const Headers& more) {
    Ask ask{"GET", target};
    ask.headers = more;
    ask.cookie = cookie_header();
    ask.address = address_;
    auto answer = world_.ask(std::move(ask));
    keep(answer);
    return answer;
}

Answer Browser::post(const std::string& target, const Fields& fields, Headers headers) {
    Ask ask{"POST", target, form_encode(fields)};
    ask.headers = std::move(headers);
    ask.cookie = cookie_header();
    ask.address = address_;
    ask.content_type = "application/x-www-form-urlencoded";
    auto answer = world_.ask(std::move(ask));
    keep(answer);
    return answer;
}

Answer Browser::upload(const std::string& target, const Fields& fields, const Fields& files, Headers headers) {
    const std::string boundary = "----RenkeiTestBoundary7MA4YWxk";
    Ask ask{"POST", target};
    const auto add = [&](std::string_view head, const std::string& content) {
        ask.body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; ").append(head).append("\r\n\r\n").append(content).append("\r\n");
    };
    for (const auto& [name, value] : fields) add("name=\"" + name + "\"", value);
    for (const auto& [name, content] : files) add("name=\"" + name + "\"; filename=\"file.bin\"", content);
    ask.body += "--" + boundary + "--\r\n";
    ask.headers = std::move(headers);
    ask.cookie = cookie_header();
    ask.address = address_;
    ask.content_type = "multipart/form-data; boundary=" + boundary;
    auto answer = world_.ask(std::move(ask));
    keep(answer);
    return answer;
}

Answer Browser::submit(const std::string& page, const std::string& target, Fields fields) {
    fields.emplace_back("form", form_token_in(get(page).body));
    return post(target, fields);
}

Answer Browser::sign_in(std::string_view email, std::string_view password) {
    return submit("/sign-in", "/sign-in", {{"email", std::string(email)}, {"password", std::string(password)}});
}

}  // namespace renkei::testing

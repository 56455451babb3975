#include "cli/context.hpp"

#include "base/encoding.hpp"
#include "cli/api.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace renkei::cli {
namespace {

std::string environment(const char* name, std::string_view otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == 0 ? std::string(otherwise) : value;
}

std::string_view actor_word(Actor actor, bool japanese) {
    switch (actor) {
        case Actor::caller: return japanese ? "実行した人" : "you";
        case Actor::user: return japanese ? "本人" : "the person";
        case Actor::administrator: return japanese ? "管理者" : "an administrator";
        case Actor::app_owner: return japanese ? "アプリの所有者" : "the app's owner";
        case Actor::operator_: return japanese ? "Renkei の運用担当者" : "Renkei's operator";
        case Actor::nobody: return japanese ? "対応不要（待機）" : "nobody: wait";
    }
    return "";
}

// Reads a line without showing it.
std::string read_hidden(std::string_view prompt) {
    std::cerr << prompt << ": " << std::flush;
    termios before{};
    const bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        termios silent = before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    std::string line;
    std::getline(std::cin, line);
    if (terminal) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << '\n';
    return line;
}

std::string read_all(std::istream& in) {
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

}  // namespace

// A named reason may blame somebody else than its code does.
static Actor actor_of(const Error& error) {
    for (const auto actor : {Actor::caller, Actor::user, Actor::administrator, Actor::app_owner, Actor::operator_, Actor::nobody})
        if (error.get("actor") == slug_of(actor)) return actor;
    return error_row(error.code).actor;
}

int exit_code_of(Errc code) {
    switch (code) {
        case Errc::not_found: return Exit::not_found;
        case Errc::unauthenticated:
        case Errc::session_refused:
        case Errc::source_refused:
        case Errc::denied:
        case Errc::outside_fence:
        case Errc::fence_moved:
        case Errc::provider_refused: return Exit::denied;
        case Errc::reconnect_required:
        case Errc::needs_admin:
        case Errc::needs_app_owner:
        case Errc::grant_lost:
        case Errc::connection_paused:
        case Errc::connection_draft:
        case Errc::permission_needed:
        case Errc::consent_refused:
        case Errc::value_missing:
        case Errc::value_unusable:
        case Errc::external_vault_refused:
        case Errc::needs_operator: return Exit::needs_somebody;
        case Errc::external_vault_sealed: return Exit::try_later;
        default: break;
    }
    return error_row(code).actor == Actor::nobody ? Exit::try_later : Exit::failed;
}

Context::Context(const Arguments& arguments, bool speak_japanese) : terminal(Terminal::of_stdout()), japanese(speak_japanese), json(arguments.has("json")) {
    url = arguments.text("url", environment("RENKEI_URL", "http://localhost:8480"));
    while (url.ends_with('/')) url.pop_back();
    ca_file = arguments.text("ca-file", environment("RENKEI_CA_FILE", ""));
    std::string key_text;
    if (const auto file = arguments.text("key-file"); !file.empty()) {
        std::ifstream in(file);
        key_text = read_all(in);
    } else {
        key_text = environment("RENKEI_KEY", "");
    }
    if (const auto trimmed = trim(key_text); !trimmed.empty()) key.emplace(trimmed);
    wipe(key_text);
    if (const auto text = environment("RENKEI_SESSION", ""); !text.empty()) session.emplace(text);
    if (const auto text = environment("RENKEI_RUN", ""); !text.empty()) run.emplace(text);
}

Context::~Context() = default;

Api& Context::api() {
    if (!api_) api_ = std::make_unique<Api>(*this);
    return *api_;
}

int Context::refuse(const Error& error) const {
    const auto& row = error_row(error.code);
    Terminal err = terminal;
    err.colour = isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    fmt::print(std::cerr, "{} {}\n", err.red("✗"), err.bold(japanese ? row.title_ja : row.title_en));
    if (!error.detail.empty()) fmt::print(std::cerr, "  {}\n", printable(error.detail));
    fmt::print(std::cerr, "  {} {}\n", err.dim(say("Who acts:  ", "対応する人:")), actor_word(actor_of(error), japanese));
    fmt::print(std::cerr, "  {} {}\n", err.dim(say("What to do:", "対処方法:  ")),
               error.get("remedy").empty() ? std::string(japanese ? row.remedy_ja : row.remedy_en) : printable(error.get("remedy")));
    if (const auto page = error.get("permission_url"); !page.empty())
        fmt::print(std::cerr, "  {} {}\n", err.dim(say("Page:      ", "ページ:    ")), err.bold(printable(page)));
    fmt::print(std::cerr, "  {}\n",
               err.dim(fmt::format("{}{}", row.slug, error.get("request_id").empty() ? "" : fmt::format(" · request {}", error.get("request_id")))));
    return exit_code_of(error.code);
}

Result<Secret> read_secret(std::string_view source, std::string_view prompt) {
    std::string text;
    if (source.empty()) {
        text = read_hidden(prompt);
    } else if (source == "-") {
        text = read_all(std::cin);
    } else {
        std::ifstream in{std::string(source)};
        if (!in) return bad_field("client-secret-file", fmt::format("the file {} cannot be read", source));
        text = read_all(in);
    }
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return bad_field("client-secret-file", "the secret is empty");
    return Secret::take(std::move(text));
}

}  // namespace renkei::cli

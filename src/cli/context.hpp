#pragma once

#include "base/http.hpp"
#include "base/result.hpp"
#include "cli/command.hpp"
#include "cli/terminal.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::cli {

class Api;

/// What every command works with.
struct Context {
    Context(const Arguments& arguments, bool japanese);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    Terminal terminal;
    bool japanese;
    bool json;
    std::string url;
    std::string ca_file;
    std::optional<Secret> key;
    std::optional<Secret> session, run;  ///< RENKEI_SESSION, RENKEI_RUN
    /// Renkei's API; made when it is first needed.
    Api& api();

    /// One of two texts.
    std::string_view say(std::string_view en, std::string_view ja) const { return japanese ? ja : en; }
    /// Prints an error in the reader's language: what happened, who must act, what to do. Returns the exit code.
    int refuse(const Error& error) const;

private:
    std::unique_ptr<Api> api_;
};

/// The exit code for an error of this kind.
int exit_code_of(Errc code);
/// A secret from a file, from standard input (`-`), or typed without echo. Refuses empty ones; the final line break is dropped.
Result<Secret> read_secret(std::string_view source, std::string_view prompt);

}  // namespace renkei::cli

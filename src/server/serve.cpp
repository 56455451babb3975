#include "server/main.hpp"
#include "server/world.hpp"

#ifdef RENKEI_TEST_HOOKS
#include "base/test_clock.hpp"
#endif

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

extern "C" char** environ;

namespace renkei::server {
namespace {

sigset_t signals_of_interest() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
    return set;
}

int refuse(Log& log, std::string_view what, const Error& error) {
    const auto& row = error_row(error.code);
    log.error(what, {{"error", std::string(row.slug)}, {"detail", error.detail}, {"remedy", std::string(row.remedy_en)}});
    return 1;
}

std::filesystem::path link_file_of(const Settings& settings) { return std::filesystem::path(settings.data_dir) / "setup-link"; }

// The one-time link goes to the terminal or into a file that only the owner may read; never into a log.
Result<void> show_setup_link(World& world, Log& log) {
    const auto file = link_file_of(world.settings());
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    auto link = world.setup_link();
    if (!link) return propagate(link);
    if (!*link) return {};
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return fail(Errc::storage_full, "the set-up link could not be written into " + file.string());
    const auto text = (*link)->url.expose();
    const bool written = write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && write(descriptor, "\n", 1) == 1;
    close(descriptor);
    if (!written) return fail(Errc::storage_full, "the set-up link could not be written into " + file.string());
    if (isatty(STDERR_FILENO) != 0 && !log.is_json())
        std::cerr << "\n  Make the first administrator (one hour, once):\n  " << text << "\n\n";
    else
        log.info("there is no administrator yet: the set-up link is in a file", {{"file", file.string()}, {"until", iso_text((*link)->expires_at)}});
    return {};
}

int run_until_told(World& world, Log& log) {
    const auto set = signals_of_interest();
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0) continue;
        if (number != SIGHUP) {
            log.info("stopping", {{"signal", number == SIGTERM ? "SIGTERM" : "SIGINT"}});
            return 0;
        }
        auto reloaded = world.reload();
        if (reloaded)
            log.info("the TLS certificate was read again");
        else
            log.error("the TLS certificate could not be read again; the old one stays in use", {{"detail", reloaded.error().detail}});
    }
}

}  // namespace

Result<Config> read_config(const std::string& file, const std::vector<std::pair<std::string, std::string>>& flags) {
    Config config;
    std::string path = file;
    if (const char* named = std::getenv("RENKEI_CONFIG"); path.empty() && named != nullptr) path = named;
    if (!path.empty()) {
        std::ifstream in(path);
        if (!in) return bad_field("config", "the configuration file " + path + " cannot be read");
        std::ostringstream text;
        text << in.rdbuf();
        if (auto loaded = config.load_toml(text.view(), std::filesystem::path(path).filename().string()); !loaded) return propagate(loaded);
    }
    std::vector<std::pair<std::string, std::string>> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != text.npos) variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    if (auto loaded = config.load_environment(variables); !loaded) return propagate(loaded);
    for (const auto& [key, value] : flags)
        if (auto set = config.set(key, value, "--set " + key); !set) return propagate(set);
    return config;
}

int serve(const Config& config, [[maybe_unused]] const std::string& test_clock) {
    const auto set = signals_of_interest();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);  // before any thread: they inherit it, and sigwait takes them here
    signal(SIGPIPE, SIG_IGN);
    umask(0077);
    std::unique_ptr<Clock> clock;
#ifdef RENKEI_TEST_HOOKS
    TestClock* driven = nullptr;
    if (!test_clock.empty()) {
        auto connected = TestClock::connect(test_clock);
        if (!connected) {
            std::cerr << "the test clock cannot be reached: " << connected.error().detail << '\n';
            return 1;
        }
        driven = connected->get();
        clock = *std::move(connected);
    }
#endif
    if (!clock) clock = make_system_clock();
    auto settings = Settings::from(config);
    Log log(*clock, settings ? settings->log_format : "auto", settings ? settings->log_level : "info");
    if (!settings) return refuse(log, "the configuration cannot be used", settings.error());
    auto world = World::build(*std::move(settings), read_outside(), *clock, log);
    if (!world) return refuse(log, "Renkei cannot start", world.error());
    // Before it listens: whoever sees it ready finds the link.
    if (auto shown = show_setup_link(**world, log); !shown) return refuse(log, "Renkei cannot start", shown.error());
    auto addresses = (*world)->start();
    if (!addresses) return refuse(log, "Renkei cannot start", addresses.error());
    for (const auto& address : *addresses) log.info("listening", {{"address", address}});
    log.info("ready", {{"version", RENKEI_VERSION}, {"public_url", (*world)->settings().public_url.origin()}, {"pid", std::to_string(getpid())}});
#ifdef RENKEI_TEST_HOOKS
    if (driven != nullptr) driven->follow();
#endif
    const int code = run_until_told(**world, log);
    (*world)->stop();
    log.info("stopped");
    return code;
}

}  // namespace renkei::server

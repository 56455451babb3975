#include "sandbox/program.hpp"

#include "base/test_clock.hpp"
#include "sandbox/import.hpp"
#include "sandbox/station.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <future>
#include <tuple>

namespace renkei::sandbox {
namespace {

constexpr std::chrono::milliseconds drain{2000};

int complain(const Error& error) {
    fmt::print(stderr, "renkei-sandbox: {}\n", error.detail);
    return 1;
}

// Where time comes from: the machine (moved on by POST /time), or a driver.
struct Time {
#ifdef RENKEI_TEST_HOOKS
    std::unique_ptr<TestClock> driven;
#endif
    std::unique_ptr<WorldClock> clock;
};

Result<Time> make_time(const ProgramOptions& options) {
    Time time;
#ifdef RENKEI_TEST_HOOKS
    if (!options.test_clock.empty()) {
        auto driven = TestClock::connect(options.test_clock);
        if (!driven) return propagate(driven);
        time.driven = std::move(*driven);
        time.clock = make_world_clock(time.driven->manual());
        return time;
    }
#endif
    (void)options;
    time.clock = make_shifted_clock();
    return time;
}

void prepare(World& world, const ProgramOptions& options, const StateFolder& state) {
    world.set_app_certificate(state.app_certificate());
    world.add_redirects(options.redirects);
    world.switches().strict_rotation = options.strict_rotation;
}

std::vector<const Cloud*> wanted_clouds(const ProgramOptions& options) {
    std::vector<const Cloud*> wanted;
    const auto named = [&](std::string_view key) { return std::ranges::find(options.clouds, key) != options.clouds.end(); };
    for (const auto& cloud : clouds())
        if (&cloud == &commercial_cloud() || named("all") || named(cloud.key)) wanted.push_back(&cloud);
    return wanted;
}

Ports ports_of(const ProgramOptions& options, const Ports& otherwise, const std::vector<const Cloud*>& clouds) {
    Ports ports{options.login_port.value_or(otherwise.login), options.graph_port.value_or(otherwise.graph), options.control_port.value_or(otherwise.control)};
    // A test that asks for free ports means this one too.
    ports.vaults = options.vaults_port.value_or(options.login_port == 0 ? std::uint16_t{0} : otherwise.vaults);
    for (const auto* cloud : clouds) {
        if (cloud == &commercial_cloud()) continue;
        const auto remembered = otherwise.others.find(cloud->key);
        const bool moved = options.login_port || options.graph_port || remembered == otherwise.others.end();
        ports.others[std::string(cloud->key)] = moved ? ports_beside(ports, *cloud) : remembered->second;
    }
    return ports;
}

// Everything that runs, in the order in which it is made.
class Sandbox {
public:
    Sandbox(const ProgramOptions& options, StateFolder state, Time time, std::optional<ExchangeLog> log)
        : options_(options), state_(std::move(state)), time_(std::move(time)), log_(std::move(log)) {
        for (const auto* cloud : wanted_clouds(options_)) {
            stations_.push_back(std::make_unique<Station>(Station::Parts{*cloud, *time_.clock, random_, loops_, state_, log_ ? &*log_ : nullptr,
                                                                         [this] { return describe_json(worlds(), state_, ports_); }}));
            prepare(stations_.back()->world(), options_, state_);
        }
    }

    Result<void> start() {
        if (auto imported = import_all(); !imported) return imported;
        ports_ = ports_of(options_, {}, wanted_clouds(options_));
        const http::TlsFiles tls{state_.server_certificate_file().string(), state_.server_key_file().string()};
        for (auto& station : stations_) {
            auto listening = station->listen(ports_.of(station->cloud()), tls);
            if (!listening) return propagate(listening);
            if (&station->cloud() == &commercial_cloud())
                std::tie(ports_.login, ports_.graph) = std::tie(listening->login, listening->graph);
            else
                ports_.others[std::string(station->cloud().key)] = *listening;
        }
        if (auto port = stations_.front()->listen_for_vaults(ports_.vaults, tls); port)
            ports_.vaults = *port;
        else
            return propagate(port);
        if (auto port = control_server_.listen({"127.0.0.1", ports_.control}); port)
            ports_.control = *port;
        else
            return propagate(port);
        // Said before anybody can call: a reset would change the worlds while they are read.
        const auto text = describe_text(worlds(), state_, ports_);
        const auto facts = describe_json(worlds(), state_, ports_);
        loops_.start();
        for (auto& station : stations_) station->start();
        control_server_.start();
        follow_driver();
        return announce(text, facts);
    }

    void stop() {
        control_server_.stop(drain);
        for (auto& station : stations_) station->stop(drain);
        loops_.stop();
        loops_.join();
    }

private:
    Result<void> import_all() {
        for (const auto& path : options_.imports) {
            const auto report = import_mail(stations_.front()->graph(), path, options_.import_to);
            fmt::print("Imported {} messages of {} files in {}.\n", report.messages, report.files, path);
            for (const auto& problem : report.problems) fmt::print("  not imported: {}: {}\n", problem.path, problem.reason);
            if (report.files == 0) return fail(Errc::not_found, "there is no mail to import in " + path);
        }
        return {};
    }

    Result<void> announce(const std::string& text, const std::string& facts) {
        if (auto remembered = remember_ports(state_, ports_); !remembered) return remembered;
        fmt::print("Renkei's sandbox is ready.\n\n{}\nTrust the CA, e.g. NODE_EXTRA_CA_CERTS={}\n", text, state_.ca_file().string());
        std::fflush(stdout);
        if (options_.ready_file.empty()) return {};
        return write_file(options_.ready_file, facts + "\n", 0600);
    }

    // A step of the driver is answered when the loop has taken up what the timers posted.
    void follow_driver() {
#ifdef RENKEI_TEST_HOOKS
        if (time_.driven)
            time_.driven->follow([this] {
                std::promise<void> reached;
                asio::post(loops_.at(0), [&] { reached.set_value(); });
                reached.get_future().wait_for(std::chrono::seconds(5));
            });
#endif
    }

    std::vector<World*> worlds() {
        std::vector<World*> all;
        for (auto& station : stations_) all.push_back(&station->world());
        return all;
    }

    ProgramOptions options_;
    StateFolder state_;
    Time time_;
    std::optional<ExchangeLog> log_;
    SystemRandom random_;
    Ports ports_;
    app::EventLoops loops_{1};
    std::vector<std::unique_ptr<Station>> stations_;  // the commercial one first
    ControlDesk control_{stations_};
    Faults no_faults_;  // the control endpoint has none
    Counters no_counters_;
    World nowhere_{*time_.clock, random_};  // its answers are not about any cloud
    Mounted control_door_{control_, {nowhere_, no_faults_, no_counters_}};
    http::Server control_server_{{}, loops_, control_door_, random_, nullptr};
};

int describe(const ProgramOptions& options) {
    const auto state = StateFolder::open(options.state);
    if (!state) return complain(state.error());
    const auto clock = make_shifted_clock();
    SystemRandom random;
    std::vector<std::unique_ptr<World>> worlds;
    std::vector<World*> all;
    for (const auto* cloud : wanted_clouds(options)) {
        worlds.push_back(std::make_unique<World>(*clock, random, *cloud));
        prepare(*worlds.back(), options, *state);
        all.push_back(worlds.back().get());
    }
    const auto ports = ports_of(options, remembered_ports(*state).value_or(Ports{}), wanted_clouds(options));
    fmt::print("{}\n", options.json ? describe_json(all, *state, ports) : describe_text(all, *state, ports));
    return 0;
}

int serve(const ProgramOptions& options) {
    // Before any thread starts: they inherit the mask, and this one waits for the signals.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    auto state = StateFolder::open(options.state);
    if (!state) return complain(state.error());
    auto time = make_time(options);
    if (!time) return complain(time.error());
    std::optional<ExchangeLog> log;
    if (!options.exchange_log.empty()) {
        auto opened = ExchangeLog::open(options.exchange_log);
        if (!opened) return complain(opened.error());
        log.emplace(std::move(*opened));
    }
    Sandbox sandbox(options, std::move(*state), std::move(*time), std::move(log));
    if (auto started = sandbox.start(); !started) return complain(started.error());
    int signal = 0;
    sigwait(&ends, &signal);
    sandbox.stop();
    return 0;
}

}  // namespace

int run_program(const ProgramOptions& options) { return options.command == ProgramOptions::Command::describe ? describe(options) : serve(options); }

}  // namespace renkei::sandbox

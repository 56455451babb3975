#include "sandbox/program.hpp"

#include "adapters/http/server.hpp"
#include "base/test_clock.hpp"
#include "sandbox/control/control.hpp"
#include "sandbox/exchange_log.hpp"
#include "sandbox/graph/graph.hpp"
#include "sandbox/import.hpp"
#include "sandbox/login/login.hpp"
#include "sandbox/mounted.hpp"
#include "sandbox/tls/state_folder.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <future>

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

Ports ports_of(const ProgramOptions& options, const Ports& otherwise) {
    return {options.login_port.value_or(otherwise.login), options.graph_port.value_or(otherwise.graph), options.control_port.value_or(otherwise.control)};
}

// Everything that runs, in the order in which it is made.
class Sandbox {
public:
    Sandbox(const ProgramOptions& options, StateFolder state, Time time, std::optional<ExchangeLog> log)
        : options_(options), state_(std::move(state)), time_(std::move(time)), log_(std::move(log)) {
        prepare(world_, options_, state_);
    }

    Result<void> start() {
        if (auto imported = import_all(); !imported) return imported;
        const auto wanted = ports_of(options_, {});
        const http::TlsFiles tls{state_.server_certificate_file().string(), state_.server_key_file().string()};
        if (auto port = login_server_.listen({"127.0.0.1", wanted.login, tls}); port)
            ports_.login = *port;
        else
            return propagate(port);
        if (auto port = graph_server_.listen({"127.0.0.1", wanted.graph, tls}); port)
            ports_.graph = *port;
        else
            return propagate(port);
        if (auto port = control_server_.listen({"127.0.0.1", wanted.control}); port)
            ports_.control = *port;
        else
            return propagate(port);
        loops_.start();
        for (auto* server : {&login_server_, &graph_server_, &control_server_}) server->start();
        follow_driver();
        return announce();
    }

    void stop() {
        for (auto* server : {&control_server_, &graph_server_, &login_server_}) server->stop(drain);
        loops_.stop();
        loops_.join();
    }

private:
    Result<void> import_all() {
        for (const auto& path : options_.imports) {
            const auto report = import_mail(*graph_, path, options_.import_to);
            fmt::print("Imported {} messages of {} files in {}.\n", report.messages, report.files, path);
            for (const auto& problem : report.problems) fmt::print("  not imported: {}: {}\n", problem.path, problem.reason);
            if (report.files == 0) return fail(Errc::not_found, "there is no mail to import in " + path);
        }
        return {};
    }

    Result<void> announce() {
        if (auto remembered = remember_ports(state_, ports_); !remembered) return remembered;
        fmt::print("Renkei's sandbox is ready.\n\n{}\nTrust the CA, e.g. NODE_EXTRA_CA_CERTS={}\n", describe_text(world_, state_, ports_),
                   state_.ca_file().string());
        std::fflush(stdout);
        if (options_.ready_file.empty()) return {};
        return write_file(options_.ready_file, describe_json(world_, state_, ports_) + "\n", 0600);
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

    ProgramOptions options_;
    StateFolder state_;
    Time time_;
    std::optional<ExchangeLog> log_;
    SystemRandom random_;
    World world_{*time_.clock, random_};
    Faults faults_;
    Counters counters_;
    Ports ports_;
    LoginService login_{world_, TokenSigner(state_.token_key(), state_.token_certificate())};
    std::unique_ptr<MailService> graph_ = make_graph(world_);
    ControlService control_{{world_, faults_, counters_, {&login_, graph_.get()}, graph_.get(), [this] { return describe_json(world_, state_, ports_); }}};
    Surroundings around_{world_, faults_, counters_, log_ ? &*log_ : nullptr};
    Faults no_faults_;  // the control endpoint has none
    Counters no_counters_;
    Mounted login_door_{login_, around_}, graph_door_{*graph_, around_}, control_door_{control_, {world_, no_faults_, no_counters_}};
    app::EventLoops loops_{1};
    http::Server login_server_{{}, loops_, login_door_, random_, nullptr};
    http::Server graph_server_{{}, loops_, graph_door_, random_, nullptr};
    http::Server control_server_{{}, loops_, control_door_, random_, nullptr};
};

int describe(const ProgramOptions& options) {
    const auto state = StateFolder::open(options.state);
    if (!state) return complain(state.error());
    const auto clock = make_shifted_clock();
    SystemRandom random;
    World world(*clock, random);
    prepare(world, options, *state);
    const auto ports = ports_of(options, remembered_ports(*state).value_or(Ports{}));
    fmt::print("{}\n", options.json ? describe_json(world, *state, ports) : describe_text(world, *state, ports));
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

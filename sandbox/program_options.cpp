#include "sandbox/cloud.hpp"
#include "sandbox/program.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace renkei::sandbox {

namespace {

std::vector<std::string> cloud_words() {
    std::vector<std::string> words{"all"};
    for (const auto& cloud : clouds()) words.emplace_back(cloud.key);
    return words;
}

void add_serve_options(CLI::App& serve, ProgramOptions& options) {
    serve.add_option("--login-port", options.login_port, "port of the identity platform (default 18443, 0: a free one)");
    serve.add_option("--graph-port", options.graph_port, "port of Microsoft Graph (default 18444, 0: a free one)");
    serve.add_option("--control-port", options.control_port, "port of the control endpoint (default 18445, 0: a free one)");
    serve.add_option("--vaults-port", options.vaults_port, "port of the external vaults (default 18446, 0: a free one)");
    serve.add_option("--exchange-log", options.exchange_log, "append one JSON line an exchange to this file");
    serve.add_option("--redirect", options.redirects, "a further redirect address of every web app (may be repeated)");
    serve.add_flag("--strict-rotation", options.strict_rotation, "each refresh token works once; a replay revokes its family");
    serve.add_option("--import", options.imports, "put these .eml files, mboxes, maildirs or folders into a mailbox");
    serve.add_option("--import-to", options.import_to, "that mailbox")->capture_default_str();
    serve.add_option("--ready-file", options.ready_file, "write the JSON of describe to this file once all ports listen");
#ifdef RENKEI_TEST_HOOKS
    serve.add_option("--test-clock", options.test_clock, "unix socket of the driver that says what time it is");
#endif
}

}  // namespace

std::variant<ProgramOptions, int> parse_command_line(int argc, char** argv) {
    ProgramOptions options;
    options.state = default_state_folder();
    CLI::App app("Renkei's sandbox: Microsoft's identity platform and Graph mail, simulated on loopback. See sandbox/README.md.", "renkei-sandbox");
    app.set_version_flag("--version", std::string("renkei-sandbox ") + RENKEI_VERSION);
    app.require_subcommand(1);
    auto* serve = app.add_subcommand("serve", "start and run until Ctrl-C");
    auto* describe = app.add_subcommand("describe", "print addresses, tenants, apps, users, secrets and files");
    for (auto* command : {serve, describe}) {
        command->add_option("--state", options.state, "folder of keys and certificates")->capture_default_str();
        command->add_option("--clouds", options.clouds, "clouds to simulate, with commas; commercial is always there")
            ->capture_default_str()
            ->delimiter(',')
            ->check(CLI::IsMember(cloud_words()));
    }
    add_serve_options(*serve, options);
    describe->add_flag("--json", options.json, "as JSON");
    describe->add_option("--login-port", options.login_port, "as if it listened there");
    describe->add_option("--graph-port", options.graph_port, "as if it listened there");
    describe->add_option("--control-port", options.control_port, "as if it listened there");
    describe->add_option("--vaults-port", options.vaults_port, "as if it listened there");
    describe->add_option("--redirect", options.redirects, "as for serve");
    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError& error) {
        if (argc < 2) return app.exit(error);
        std::cerr << "renkei-sandbox: there is no command '" << argv[1] << "'; the commands are serve and describe (--help tells more)\n";
        return error.get_exit_code();
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    options.command = describe->parsed() ? ProgramOptions::Command::describe : ProgramOptions::Command::serve;
    return options;
}

}  // namespace renkei::sandbox

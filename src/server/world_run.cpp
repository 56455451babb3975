#include "server/world.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace renkei::server {
namespace {

std::string environment(const char* name, const char* lower_case) {
    for (const char* candidate : {name, lower_case})
        if (const char* value = std::getenv(candidate); value != nullptr && *value != 0) return value;
    return {};
}

http::ServerSettings server_settings(const Settings& settings) {
    http::ServerSettings out;
    out.header_bytes = settings.max_header_bytes;
    out.connections = settings.max_connections;
    out.trusted_proxies = settings.trusted_proxies;
    return out;
}

}  // namespace

Outside read_outside() {
    return {environment("HTTPS_PROXY", "https_proxy"), environment("HTTP_PROXY", "http_proxy"), environment("NO_PROXY", "no_proxy"),
            environment("CREDENTIALS_DIRECTORY", "CREDENTIALS_DIRECTORY")};
}

vault::Settings vault_settings(const Settings& settings, const Outside& outside) {
    vault::Settings out;
    if (!settings.master_key_text.empty()) out.given.emplace(settings.master_key_text);
    if (!outside.credentials_directory.empty()) {
        const auto file = std::filesystem::path(outside.credentials_directory) / "renkei-master-key";
        if (std::filesystem::exists(file)) out.credential_file = file;
    }
    out.key_file = settings.master_key_file;
    return out;
}

Result<std::vector<std::string>> World::start() {
    if (auto resumed = run_on(loops_.any(), operations_->resume()); !resumed) return propagate(resumed);
    server_ = std::make_unique<http::Server>(server_settings(settings_), loops_, *api_, random_, metrics_.get());
    std::vector<std::string> addresses;
    const auto listen = [&](const ListenAddress& wanted, bool tls) -> Result<void> {
        http::ListenAddress address{wanted.host, wanted.port, {}};
        if (tls) address.tls = http::TlsFiles{settings_.tls_certificate, settings_.tls_key};
        auto port = server_->listen(address);
        if (!port) return propagate(port);
        const bool v6 = wanted.host.find(':') != std::string::npos;
        addresses.push_back(fmt::format("{}://{}:{}", tls ? "https" : "http", v6 ? "[" + wanted.host + "]" : wanted.host, *port));
        return {};
    };
    for (const auto& address : settings_.listen)
        if (auto listening = listen(address, false); !listening) return propagate(listening);
    for (const auto& address : settings_.tls_listen)
        if (auto listening = listen(address, true); !listening) return propagate(listening);
    server_->start();
    start_background();
    return addresses;
}

void World::stop() {
    if (server_ && !server_->stop(settings_.drain)) log_.warning("some requests were cut off at the end of server.drain_seconds");
    if (operations_) run_on(loops_.any(), operations_->stop());
    if (tokens_) tokens_->stop();
    if (fence_resolver_) fence_resolver_->stop();
    if (background_) background_->stop();
    if (tokens_) run_on(loops_.any(), tokens_->drain(std::chrono::seconds(10)));
    if (releases_) run_on(loops_.any(), write_release_counts());
}

World::~World() {
    stop();
    server_.reset();
    background_.reset();
    // Store, vault and client end while their loops still run; the loops end last.
    api_.reset();
    tokens_.reset();
    client_.reset();
    vault_.reset();
    store_.reset();
    loops_.stop();
    loops_.join();
}

}  // namespace renkei::server

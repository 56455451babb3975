#include "server/world.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace renkei::server {
namespace {

using Kind = api::MetricsSink::Kind;

double as_double(std::uint64_t value) { return static_cast<double>(value); }

}  // namespace

Result<std::unique_ptr<AccessFile>> AccessFile::open(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return bad_field("log.access", fmt::format("the access log {} cannot be opened: {}", path, std::strerror(errno)));
    return std::unique_ptr<AccessFile>(new AccessFile(file));
}

AccessFile::~AccessFile() { close(file_); }

void AccessFile::append(std::string_view lines) noexcept {
    while (!lines.empty()) {
        const auto written = write(file_, lines.data(), lines.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;  // a full disk costs lines of the access log, nothing else
        lines.remove_prefix(static_cast<std::size_t>(written));
    }
}

Result<void> World::open_access_log() {
    if (settings_.access_log == "off") return {};
    std::function<void(std::string_view)> write = [this](std::string_view lines) {
        while (lines.ends_with('\n')) lines.remove_suffix(1);
        log_.line(lines);
    };
    if (settings_.access_log != "-") {
        auto file = AccessFile::open(settings_.access_log);
        if (!file) return propagate(file);
        access_file_ = *std::move(file);
        write = [this](std::string_view lines) { access_file_->append(lines); };
    }
    const bool json = log_.is_json() || settings_.access_log != "-";
    access_log_ = std::make_unique<api::AccessLog>(clock_, json ? api::AccessLog::Format::json : api::AccessLog::Format::text, std::move(write));
    return {};
}

void World::build_sinks() {
    metrics_ = std::make_unique<api::MetricsSink>(access_log_.get());
    const auto counter = [&](const char* name, const char* help, auto read) { metrics_->add_reading(name, help, Kind::counter, std::move(read)); };
    const auto gauge = [&](const char* name, const char* help, auto read) { metrics_->add_reading(name, help, Kind::gauge, std::move(read)); };
    gauge("renkei_cached_tokens", "Access tokens in memory.", [this] { return as_double(tokens_->cached_tokens()); });
    gauge("renkei_release_tickets", "Decided token reads in memory.", [this] { return as_double(releases_->tickets()); });
    counter("renkei_token_exchanges_total", "Requests to token endpoints.", [this] { return as_double(tokens_->counters().exchanges); });
    counter("renkei_token_refreshes_total", "Refreshes that were committed.", [this] { return as_double(tokens_->counters().refreshed); });
    counter("renkei_token_failures_passing_total", "Refreshes that failed and will be tried again.",
            [this] { return as_double(tokens_->counters().failed_passing); });
    counter("renkei_token_failures_final_total", "Refreshes after which somebody must act.", [this] { return as_double(tokens_->counters().failed_final); });
    counter("renkei_grants_lost_total", "Grants lost because an answer was lost on the wire.", [this] { return as_double(tokens_->counters().lost); });
    gauge("renkei_http_connections", "Clients connected now.", [this] { return server_ ? as_double(server_->open_connections()) : 0.0; });
}

void World::build_api() {
    build_sinks();
    api::Services services{clock_,
                           *store_,
                           *vault_,
                           *catalog_,
                           *authenticator_,
                           *access_,
                           *idempotency_,
                           *connect_flow_,
                           *devices_,
                           *releases_,
                           *keys_,
                           *registrations_,
                           *imports_,
                           *folders_,
                           *connections_,
                           *check_,
                           *fences_,
                           *setup_,
                           *operations_,
                           *vault_rotation_,
                           *sign_in_,
                           *invitations_,
                           *people_,
                           *groups_,
                           *people_import_,
                           *permissions_,
                           *my_connections_,
                           tokens_->endpoint().tenants(),
                           *consents_,
                           *external_vaults_,
                           *metrics_,
                           *mail_,
                           *native_,
                           *automation_access_,
                           *automations_,
                           *stored_values_,
                           random_,
                           settings_.public_url.origin(),
                           {}};
    services.on_failure = [this](std::string_view event, std::string_view request_id, const Error& error) {
        log_.error(event, {{"request_id", std::string(request_id)}, {"error", std::string(error_row(error.code).slug)}, {"detail", error.detail}});
    };
    api_.emplace(std::move(services), &*fast_);
}

}  // namespace renkei::server

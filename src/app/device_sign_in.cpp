#include "app/device_sign_in.hpp"

#include "app/audit.hpp"
#include "app/consent_requests.hpp"
#include "app/refresh_ahead.hpp"
#include "base/sign_in_reason.hpp"
#include "oauth/client/device_authorization.hpp"

#include <algorithm>
#include <cstring>

namespace renkei::app {
namespace {

constexpr std::size_t ticket_bytes = 32;
constexpr std::size_t most_failures = 1000;
constexpr std::uint32_t most_waiting = 5000;
constexpr std::size_t polls_at_once = 8;
constexpr std::chrono::seconds longest_interval{60};

std::string joined(const std::vector<std::string>& scopes, std::string_view separator) {
    std::string all;
    for (const auto& scope : scopes) all.append(all.empty() ? "" : separator).append(scope);
    return all;
}

}  // namespace

std::size_t DeviceSignIns::HashOf::operator()(const Digest& digest) const {
    std::size_t place;
    std::memcpy(&place, digest.data(), sizeof place);
    return place;
}

DeviceSignIns::DeviceSignIns(ConnectPorts ports, TokenService& tokens, OAuthConnectFlow& flow, std::string public_url)
    : ports_(ports), tokens_(tokens), flow_(flow), public_url_(std::move(public_url)) {
    while (public_url_.ends_with('/')) public_url_.pop_back();
}

Task<Result<StartedDevice>> DeviceSignIns::start(core::Principal by, core::Connection connection, std::string request_id) {
    auto asked = std::make_shared<Asked>();
    asked->audit = audit_row({by, request_id}, ports_.clock.now(), "connection.link", target_of("connection", connection.name.text()), "a code for a device");
    asked->asked_by = by.name;
    asked->connection = std::move(connection);
    co_return co_await begin(asked, std::move(request_id));
}

Task<Result<StartedDevice>> DeviceSignIns::start_from_link(Secret link_code, std::string request_id, std::optional<Secret> browser) {
    auto asked = std::make_shared<Asked>();
    asked->link = ports_.vault.lookup_hash(link_code);
    auto request = co_await flow_.look_at_link(std::move(link_code), std::move(browser));
    if (!request) co_return propagate(request);
    core::Principal system;
    system.kind = core::Principal::Kind::system;
    system.workspace = request->connection.workspace;
    system.name = "renkei";
    asked->asked_by = std::move(request->asked_by);
    asked->connection = std::move(request->connection);
    asked->audit = audit_row({system, request_id}, ports_.clock.now(), "connection.authorize", target_of("connection", asked->connection.name.text()),
                             "a code for a device, asked for with a link by " + asked->asked_by);
    co_return co_await begin(asked, std::move(request_id));
}

Task<Result<StartedDevice>> DeviceSignIns::begin(std::shared_ptr<Asked> asked, std::string request_id) {
    const auto& connection = asked->connection;
    if (connection.mode != core::ConnectionMode::device_code) co_return bad_field("mode", "this connection is not made with a code for a device");
    if (connection.state == core::ConnectionState::revoked) co_return fail(Errc::conflict, "the connection was revoked");
    if (waiting() >= most_waiting) co_return fail(Errc::too_many_requests, "too many sign-ins by code are under way");
    auto& endpoint = tokens_.endpoint();
    auto opened = co_await endpoint.client_of(connection.workspace, connection.registration, request_id);
    if (!opened) co_return propagate(opened);
    const auto provider = std::make_shared<const ProviderClient>(std::move(*opened));
    const auto scopes = flow_.asked_scopes(connection, *provider);
    auto builder = [scope = joined(scopes, provider->manifest->scope_separator)](const ProviderClient& client, const oauth::Moment& moment) {
        return oauth::device_authorization_request(client.server, client.client, moment, scope);
    };
    auto request = co_await endpoint.build(provider, std::move(builder));
    if (!request) co_return propagate(request);
    auto answer = co_await endpoint.begin_device(connection.workspace, std::move(*request), std::move(request_id));
    if (!answer) co_return propagate(answer);
    if (const auto* failure = std::get_if<oauth::OAuthFailure>(&*answer)) co_return fail(OAuthConnectFlow::refusal_of(*failure));
    auto device = std::get<oauth::DeviceAuthorization>(std::move(*answer));
    StoredDevice stored{connection.workspace, connection.id, asked->asked_by, scopes, provider->server.issuer, device.interval};
    stored.device_code = std::move(device.device_code);
    stored.user_code = std::move(device.user_code);
    stored.verification_uri = std::move(device.verification_uri);
    stored.verification_uri_complete = std::move(device.verification_uri_complete);
    co_return co_await keep(asked, std::move(stored), ports_.clock.now() + device.expires_in);
}

Task<Result<StartedDevice>> DeviceSignIns::keep(std::shared_ptr<Asked> asked, StoredDevice device, TimePoint expires_at) {
    const auto ticket = ports_.random.text(ticket_bytes);
    const auto hash = ports_.vault.lookup_hash(Secret(ticket));
    const auto now = ports_.clock.now();
    auto row = to_one_time(device, hash, ports_.vault, expires_at);
    if (!row) co_return propagate(row);
    UnitOfWork unit;
    if (asked->link) unit.emplace_back(UseOneTime{device.workspace, std::string(link_purpose), *asked->link, now});
    unit.emplace_back(std::move(*row));
    unit.emplace_back(AppendAudit{asked->audit});
    // Why an earlier one failed is not the reason of this one.
    if (auto row_now = asked->connection; row_now.state == core::ConnectionState::draft && !row_now.state_slug.empty()) {
        const auto before = row_now.version++;
        row_now.state_slug.clear();
        row_now.state_detail.clear();
        row_now.updated_at = now;
        unit.emplace_back(UpdateConnection{std::move(row_now), before});
    }
    if (auto committed = co_await ports_.ledger.commit(device.workspace, std::move(unit)); !committed) {
        if (asked->link && committed.error().code == Errc::not_found) co_return fail(Errc::gone, "the connect link was used or has expired");
        co_return propagate(committed);
    }
    {
        const std::lock_guard lock(mutex_);
        waiting_.insert_or_assign(hash, Waiting{device.workspace, now + device.interval, expires_at, device.interval});
    }
    co_return StartedDevice{public_url_ + "/device/" + ticket, device.user_code, device.verification_uri, device.verification_uri_complete, expires_at};
}

Task<Result<StoredDevice>> DeviceSignIns::stored(Digest hash) {
    auto row = co_await ports_.one_time.find_one_time(std::string(device_purpose), hash);
    if (!row) co_return propagate(row);
    if (row->used) co_return fail(Errc::gone, "the sign-in has ended");
    co_return device_from_one_time(*row, hash, ports_.vault);
}

Task<Result<DeviceProgress>> DeviceSignIns::look(Secret ticket) {
    const auto hash = ports_.vault.lookup_hash(ticket);
    auto row = co_await ports_.one_time.find_one_time(std::string(device_purpose), hash);
    if (!row && row.error().code == Errc::not_found) co_return fail(Errc::not_found, "there is no such sign-in");
    if (!row) co_return propagate(row);
    auto id = connection_of(*row);
    if (!id) co_return propagate(id);
    auto connection = co_await ports_.connections.find_connection_by_id(row->workspace, *id);
    if (!connection && connection.error().code == Errc::not_found) co_return fail(Errc::gone, "the connection was removed");
    if (!connection) co_return propagate(connection);
    DeviceProgress out;
    out.connection = std::move(*connection);
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = failures_.find(hash); known != failures_.end()) {
            out.state = DeviceProgress::State::failed;
            out.problem = known->second;
            co_return out;
        }
    }
    if (row->used) {
        out.state = DeviceProgress::State::connected;
        co_return out;
    }
    if (row->expires_at <= ports_.clock.now()) co_return fail(Errc::gone, "the code has expired: start again");
    auto stored = device_from_one_time(*row, hash, ports_.vault);
    if (!stored) co_return propagate(stored);
    out.asked_by = stored->asked_by;
    out.user_code = stored->user_code;
    out.verification_uri = stored->verification_uri;
    out.verification_uri_complete = stored->verification_uri_complete;
    co_return out;
}

std::size_t DeviceSignIns::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

void DeviceSignIns::wait_again(const Digest& hash, std::chrono::seconds interval) {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(hash);
    if (found == waiting_.end()) return;
    found->second.interval = std::min(interval, longest_interval);
    found->second.next_poll = ports_.clock.now() + found->second.interval;
}

Task<Result<void>> DeviceSignIns::resume() {
    auto rows = co_await ports_.one_time.live_one_times(std::string(device_purpose), ports_.clock.now(), most_waiting);
    if (!rows) co_return propagate(rows);
    const std::lock_guard lock(mutex_);
    for (const auto& found : *rows) {
        const auto stored = device_from_one_time(found.row, found.hash, ports_.vault);
        const auto interval = stored ? stored->interval : std::chrono::seconds(5);
        waiting_.emplace(found.hash, Waiting{found.row.workspace, ports_.clock.now() + interval, found.row.expires_at, interval});
    }
    co_return Result<void>{};
}

Task<void> DeviceSignIns::poll_due() {
    auto due = std::make_shared<std::vector<std::pair<Digest, Waiting>>>();
    {
        const auto now = ports_.clock.now();
        const std::lock_guard lock(mutex_);
        std::erase_if(waiting_, [&](const auto& entry) { return entry.second.expires_at <= now; });
        for (const auto& entry : waiting_)
            if (entry.second.next_poll <= now) due->push_back(entry);
    }
    co_await for_each_limited(due->size(), polls_at_once, [this, due](std::size_t i) { return poll((*due)[i].first, (*due)[i].second); });
}

Task<void> DeviceSignIns::poll(Digest hash, Waiting waiting) {
    // RFC 8628 section 3.5: the next one only after the interval, and after more of it while the server cannot be reached.
    wait_again(hash, waiting.interval);
    auto opened = co_await stored(hash);
    const bool ended = !opened && (opened.error().code == Errc::gone || opened.error().code == Errc::not_found || opened.error().code == Errc::internal);
    if (!opened && !ended) co_return;  // the store or the vault cannot answer now
    if (!opened) co_return co_await finish(hash, waiting.workspace, opened.error());
    auto device = std::make_shared<StoredDevice>(std::move(*opened));
    auto connection = co_await ports_.connections.find_connection_by_id(waiting.workspace, device->connection);
    if (!connection && connection.error().code == Errc::not_found)
        co_return co_await finish(hash, waiting.workspace, Error{Errc::gone, "the connection was removed"});
    if (!connection) co_return;
    auto& endpoint = tokens_.endpoint();
    auto client = co_await endpoint.client_of(waiting.workspace, connection->registration, "device");
    if (!client) co_return;
    const auto provider = std::make_shared<ProviderClient>(std::move(*client));
    auto builder = [device](const ProviderClient& by, const oauth::Moment& moment) {
        return oauth::device_token_request(by.server, by.client, moment, device->device_code);
    };
    auto request = co_await endpoint.build(provider, std::move(builder));
    if (!request) co_return;
    auto asked = joined(device->scopes, " ");
    auto answer = co_await endpoint.exchange(waiting.workspace, std::move(*request), std::move(asked), "device");
    if (!answer) co_return wait_again(hash, waiting.interval * 2);
    co_await settle(hash, waiting, device, provider, std::move(*answer));
}

Task<void> DeviceSignIns::settle(Digest hash, Waiting waiting, std::shared_ptr<StoredDevice> stored, std::shared_ptr<ProviderClient> provider,
                                 oauth::TokenAnswer answer) {
    auto pending = std::make_shared<PendingSignIn>();
    pending->workspace = stored->workspace;
    pending->connection = stored->connection;
    pending->asked_by = stored->asked_by;
    pending->scopes = stored->scopes;
    if (const auto* failure = std::get_if<oauth::OAuthFailure>(&answer)) {
        using oauth::DevicePoll;
        Error problem = OAuthConnectFlow::refusal_of(*failure);
        switch (oauth::classify_poll(*failure)) {
            case DevicePoll::pending: co_return;
            case DevicePoll::slow_down: co_return wait_again(hash, waiting.interval + oauth::slow_down_step);
            case DevicePoll::declined: problem = because({Errc::consent_refused, "the person who signed in said no"}, "consent-refused"); break;
            case DevicePoll::expired: problem = because({Errc::gone, "the code has expired: start again"}, "device-code-expired"); break;
            case DevicePoll::failed: break;
        }
        co_await flow_.note_refusal(pending, problem, "device");
        co_await tell_connection(stored, problem);
        problem = with_sign_in(std::move(problem), {stored->workspace, stored->connection, stored->asked_by});
        co_return co_await finish(hash, waiting.workspace, std::move(problem));
    }
    auto outcome = co_await flow_.accept(pending, provider, std::get<oauth::TokenResponse>(std::move(answer)), "device");
    std::optional<Error> problem;
    if (!outcome) problem = std::move(outcome.error());
    if (problem) co_await tell_connection(stored, *problem);
    co_await finish(hash, waiting.workspace, std::move(problem));
}

Task<void> DeviceSignIns::finish(Digest hash, core::WorkspaceId workspace, std::optional<Error> problem) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.erase(hash);
        if (failures_.size() >= most_failures) failures_.clear();
        if (problem) failures_.insert_or_assign(hash, std::move(*problem));
    }
    // If this cannot be stored, the code is asked about once more after a restart, and the provider refuses it.
    UnitOfWork use{UseOneTime{workspace, std::string(device_purpose), hash, ports_.clock.now()}};
    static_cast<void>(co_await ports_.ledger.commit(workspace, std::move(use)));
}

Task<void> DeviceSignIns::tell_connection(std::shared_ptr<StoredDevice> stored, Error problem) {
    auto connection = co_await ports_.connections.find_connection_by_id(stored->workspace, stored->connection);
    using enum core::ConnectionState;
    if (!connection || (connection->state != draft && connection->state != needs_user)) co_return;
    const auto before = connection->version++;
    connection->state_slug = error_row(problem.code).slug;
    connection->state_detail = problem.detail;
    connection->updated_at = ports_.clock.now();
    UnitOfWork unit{UpdateConnection{std::move(*connection), before}};
    static_cast<void>(co_await ports_.ledger.commit(stored->workspace, std::move(unit)));
}

}  // namespace renkei::app

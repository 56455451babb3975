#include "server/settings.hpp"

#include "base/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace renkei::server {
namespace {

std::unexpected<Error> refuse(const Config& config, std::string_view key, std::string_view what) {
    return bad_field(key, fmt::format("{}: `{}` {}", config.value(key).source, key, what));
}

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

Result<std::vector<ListenAddress>> addresses(const Config& config, std::string_view key) {
    std::vector<ListenAddress> out;
    for (const auto& item : config.list(key)) {
        const auto colon = item.rfind(':');
        std::string host = item.substr(0, colon == item.npos ? 0 : colon);
        if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
        if (host == "localhost") host = "127.0.0.1";
        const auto port = colon == item.npos ? std::nullopt : port_of(std::string_view(item).substr(colon + 1));
        if (!port || !core::parse_address(host)) return refuse(config, key, "must hold addresses such as 0.0.0.0:8480 or [::]:8480; got " + item);
        out.push_back({host, *port});
    }
    return out;
}

Result<std::vector<core::AddressRange>> ranges(const Config& config, std::string_view key) {
    std::vector<core::AddressRange> out;
    for (const auto& item : config.list(key)) {
        auto range = core::AddressRange::parse(item, key);
        if (!range) return refuse(config, key, "must hold address ranges such as 10.0.0.0/8 with zero host bits; got " + item);
        out.push_back(*range);
    }
    return out;
}

// "range=10.0.0.0/8 ports=443" as fields; refuses other names.
Result<Fields> fields_of(const Config& config, std::string_view key, const std::string& item, std::initializer_list<std::string_view> known) {
    Fields fields;
    for (const auto word : split(item, ' ')) {
        if (word.empty()) continue;
        const auto equals = word.find('=');
        if (equals == word.npos || std::ranges::find(known, word.substr(0, equals)) == known.end())
            return refuse(config, key, fmt::format("has an entry that is not understood: {}", word));
        fields.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return fields;
}

std::string field_or_empty(const Fields& fields, std::string_view name) {
    const auto* value = find_field(fields, name);
    return value == nullptr ? std::string() : *value;
}

Result<std::vector<EgressAllowance>> egress_of(const Config& config) {
    std::vector<EgressAllowance> out;
    for (const auto& item : config.list("egress.allow")) {
        const auto fields = fields_of(config, "egress.allow", item, {"range", "ports", "purpose", "workspace"});
        if (!fields) return fail(fields.error());
        EgressAllowance allowance;
        const auto range = core::AddressRange::parse(field_or_empty(*fields, "range"), "egress.allow");
        if (!range) return refuse(config, "egress.allow", "needs a range in each entry, e.g. range=10.0.0.0/8");
        allowance.range = *range;
        for (const auto word : split(field_or_empty(*fields, "ports"), '+')) {
            if (word.empty()) continue;
            const auto port = port_of(word);
            if (!port) return refuse(config, "egress.allow", "has ports that are not numbers joined by +");
            allowance.ports.push_back(*port);
        }
        allowance.purpose = field_or_empty(*fields, "purpose");
        allowance.workspace = field_or_empty(*fields, "workspace");
        out.push_back(std::move(allowance));
    }
    return out;
}

// Whether one of the two folders lies in the other.
bool overlap(const std::filesystem::path& a, const std::filesystem::path& b) {
    const auto x = std::filesystem::weakly_canonical(a), y = std::filesystem::weakly_canonical(b);
    const auto [p, q] = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
    return p == x.end() || q == y.end();
}

Result<std::vector<ValueMapping>> mappings_of(const Config& config, std::string_view key, std::string_view word) {
    std::vector<ValueMapping> out;
    for (const auto& item : config.list(key)) {
        const auto fields = fields_of(config, key, item, {"workspace", word});
        if (!fields) return fail(fields.error());
        ValueMapping mapping{field_or_empty(*fields, "workspace"), field_or_empty(*fields, word)};
        if (mapping.workspace.empty() || mapping.place.empty()) return refuse(config, key, fmt::format("needs workspace= and {}= in each entry", word));
        if (std::ranges::find(out, mapping.workspace, &ValueMapping::workspace) != out.end())
            return refuse(config, key, "maps a workspace twice: " + mapping.workspace);
        out.push_back(std::move(mapping));
    }
    return out;
}

Result<void> fill_values(Settings& settings, const Config& config) {
    auto files = mappings_of(config, "values.files", "folder");
    if (!files) return propagate(files);
    for (const auto& mapping : *files) {
        if (!std::filesystem::path(mapping.place).is_absolute()) return refuse(config, "values.files", "needs absolute folders; got " + mapping.place);
        const auto keys = std::filesystem::path(settings.master_key_file).parent_path();
        if (overlap(mapping.place, settings.data_dir) || (!keys.empty() && overlap(mapping.place, keys)))
            return refuse(config, "values.files", "maps a folder that holds Renkei's own data or keys: " + mapping.place);
    }
    settings.value_files = *std::move(files);
    auto environment = mappings_of(config, "values.environment", "prefix");
    if (!environment) return propagate(environment);
    for (const auto& mapping : *environment)
        if (!is_good_prefix(mapping.place))
            return refuse(config, "values.environment",
                          "needs prefixes of at least 3 letters, digits or underscores, none of Renkei's own; got " + mapping.place);
    settings.value_environment = *std::move(environment);
    return {};
}

Result<std::vector<ConnectorOverride>> overrides_of(const Config& config) {
    std::vector<ConnectorOverride> out;
    for (const auto& item : config.list("catalog.override")) {
        const auto fields = fields_of(config, "catalog.override", item, {"connector", "cloud", "authority", "api"});
        if (!fields) return fail(fields.error());
        ConnectorOverride entry{field_or_empty(*fields, "connector"), field_or_empty(*fields, "cloud"), field_or_empty(*fields, "authority"),
                                field_or_empty(*fields, "api")};
        for (const auto* address : {&entry.authority_base, &entry.api_base})
            if (!address->empty() && !Uri::parse(*address)) return refuse(config, "catalog.override", "has an address that is not http or https");
        if (entry.connector.empty() || entry.cloud.empty()) return refuse(config, "catalog.override", "needs connector= and cloud= in each entry");
        out.push_back(std::move(entry));
    }
    return out;
}

Result<void> fill_public_url(Settings& settings, const Config& config) {
    auto url = Uri::parse(config.text("public_url"));
    if (!url || url->path != "/" || !url->query.empty())
        return refuse(config, "public_url", "must be an address such as https://renkei.example.com, without a path");
    const bool local = url->host == "localhost" || url->host == "127.0.0.1" || url->host == "::1";
    if (url->scheme != "https" && !local) return refuse(config, "public_url", "must begin with https:// (plain http is for localhost only)");
    settings.public_url = std::move(*url);
    return {};
}

Result<void> fill_server(Settings& settings, const Config& config) {
    auto listen = addresses(config, "server.listen"), tls_listen = addresses(config, "server.tls_listen");
    if (!listen) return propagate(listen);
    if (!tls_listen) return propagate(tls_listen);
    if (listen->empty() && tls_listen->empty()) return refuse(config, "server.listen", "is empty, and so is server.tls_listen: nobody could reach Renkei");
    settings.tls_certificate = config.text("server.tls_certificate");
    settings.tls_key = config.text("server.tls_key");
    if (!tls_listen->empty() && (settings.tls_certificate.empty() || settings.tls_key.empty()))
        return refuse(config, "server.tls_listen", "needs server.tls_certificate and server.tls_key as well");
    auto proxies = ranges(config, "server.trusted_proxies");
    if (!proxies) return propagate(proxies);
    const auto workers = config.integer("server.workers");
    if (workers < 1 || workers > 64) return refuse(config, "server.workers", "must be 1 to 64");
    const auto head = config.integer("server.max_header_bytes");
    if (head < 1024 || head > 1'048'576) return refuse(config, "server.max_header_bytes", "must be 1024 to 1048576");
    settings.listen = std::move(*listen);
    settings.tls_listen = std::move(*tls_listen);
    settings.trusted_proxies = std::move(*proxies);
    settings.workers = static_cast<std::uint32_t>(workers);
    settings.max_header_bytes = static_cast<std::uint32_t>(head);
    settings.max_connections = static_cast<std::uint32_t>(std::clamp<std::int64_t>(config.integer("server.max_connections"), 1, 1'000'000));
    settings.drain = std::chrono::seconds(std::min<std::int64_t>(config.integer("server.drain_seconds"), 3600));
    return {};
}

Result<void> fill_log(Settings& settings, const Config& config) {
    settings.log_level = config.text("log.level");
    settings.log_format = config.text("log.format");
    settings.access_log = config.text("log.access");
    const auto one_of = [](const std::string& word, std::initializer_list<std::string_view> words) { return std::ranges::find(words, word) != words.end(); };
    if (!one_of(settings.log_level, {"debug", "info", "warning", "error"})) return refuse(config, "log.level", "must be debug, info, warning or error");
    if (!one_of(settings.log_format, {"auto", "text", "json"})) return refuse(config, "log.format", "must be auto, text or json");
    return {};
}

void fill_rest(Settings& settings, const Config& config) {
    settings.data_dir = config.text("data_dir");
    settings.master_key_file = config.text("vault.master_key_file");
    if (settings.master_key_file.empty()) {
        const auto data = std::filesystem::path(settings.data_dir).lexically_normal();
        settings.master_key_file = (data.has_filename() ? data : data.parent_path()).string() + "-keys/master.key";
    }
    settings.master_key_text = config.text("vault.master_key");
    settings.proxy = config.text("http.proxy");
    settings.no_proxy = config.text("http.no_proxy");
    settings.ca_file = config.text("http.ca_file");
    settings.exchange_log = config.text("http.exchange_log");
    settings.catalog_dir = config.text("catalog.dir");
    settings.refresh_ahead = std::chrono::seconds(config.integer("tokens.refresh_ahead_seconds"));
    settings.in_use = std::chrono::hours(24 * config.integer("tokens.in_use_days"));
    settings.min_validity = std::chrono::seconds(config.integer("tokens.min_validity_seconds"));
}

Result<void> fill_sessions(Settings& settings, const Config& config) {
    const auto idle = config.integer("sessions.idle_minutes"), longest = config.integer("sessions.longest_hours");
    if (idle < 5 || idle > 10'080) return refuse(config, "sessions.idle_minutes", "must be 5 to 10080");
    if (longest < 1 || longest > 720) return refuse(config, "sessions.longest_hours", "must be 1 to 720");
    settings.session_idle = std::chrono::minutes(idle);
    settings.session_longest = std::chrono::hours(longest);
    return {};
}

}  // namespace

Result<Settings> Settings::from(const Config& config) {
    Settings settings;
    for (auto* fill : {fill_public_url, fill_server, fill_log, fill_sessions})
        if (auto filled = fill(settings, config); !filled) return propagate(filled);
    auto allowed = egress_of(config);
    if (!allowed) return propagate(allowed);
    auto replaced = overrides_of(config);
    if (!replaced) return propagate(replaced);
    settings.egress = std::move(*allowed);
    settings.overrides = std::move(*replaced);
    fill_rest(settings, config);
    if (auto values = fill_values(settings, config); !values) return propagate(values);
    return settings;
}

}  // namespace renkei::server

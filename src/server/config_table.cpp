#include "server/config.hpp"

namespace renkei::server {
namespace {

using enum SettingKind;

constexpr SettingRow rows[] = {
    {"public_url", text, "http://localhost:8480",
     "The address by which browsers and providers reach Renkei. Every redirect and callback address is made from it; https except on localhost."},
    {"data_dir", text, "/var/lib/renkei", "Folder of the embedded store. One process at a time serves it."},
    {"language", text, "en", "Language of terminal messages when the locale does not say: en or ja."},
    {"server.listen", list, "127.0.0.1:8480", "Plain HTTP addresses, host:port."},
    {"server.tls_listen", list, "", "HTTPS addresses, host:port."},
    {"server.tls_certificate", text, "", "PEM file with the certificate chain. Read again on SIGHUP."},
    {"server.tls_key", text, "", "PEM file with the private key."},
    {"server.workers", integer, "2", "Event loops, 1 to 64."},
    {"server.trusted_proxies", list, "", "Address ranges of reverse proxies whose forwarded headers are believed. Default: none."},
    {"server.max_connections", integer, "10000", "Clients connected at a time; more are answered 503."},
    {"server.max_header_bytes", integer, "16384", "Largest request head; longer ones are answered 431."},
    {"server.drain_seconds", integer, "20", "How long running requests may take to end when Renkei stops."},
    {"log.level", text, "info", "debug, info, warning or error."},
    {"log.format", text, "auto", "text, json, or auto: text on a terminal, JSON lines otherwise."},
    {"log.access", text, "-", "Access log: a file, - for the log itself, or off."},
    {"vault.master_key_file", text, "",
     "File with the master key, mode 0600; made at the first start. Default: data_dir with -keys/master.key added, so that a copy of the data never holds it."},
    {"vault.master_key", text, "",
     "The master key itself, 32 bytes in base64. Give it in the environment (RENKEI_VAULT_MASTER_KEY), not in the file. A systemd credential named "
     "renkei-master-key is found by itself."},
    {"http.proxy", text, "", "Proxy for calls to providers. Default: HTTPS_PROXY of the environment."},
    {"http.no_proxy", text, "", "Hosts that are called directly. Default: NO_PROXY of the environment."},
    {"http.ca_file", text, "", "PEM file with more certificate authorities to trust, for example a company's or the sandbox's."},
    {"http.exchange_log", text, "", "Debugging: a file that gets one JSON line for each call to a provider, secrets removed."},
    {"egress.allow", list, "",
     "Private addresses that may be called, one entry each: \"range=10.0.0.0/8 ports=443 purpose=provider workspace=main\"; ports, purpose and workspace may "
     "be left out."},
    {"values.files", list, "",
     "Folders from which a workspace's fields may take values as file:PATH, one entry each: \"workspace=main folder=/etc/renkei/values/main\". Default: none. "
     "Only regular files up to 64 KiB beneath the folder, no links; never Renkei's own data or keys."},
    {"values.environment", list, "",
     "Prefixes of environment variables that a workspace's fields may take values from as env:NAME, one entry each: \"workspace=main prefix=MAIN_\". Default: "
     "none. A prefix has at least 3 characters and does not begin with RENKEI."},
    {"catalog.dir", text, "", "Folder with connector manifests of your own."},
    {"catalog.override", list, "",
     "Other addresses for a connector's cloud, e.g. the sandbox: \"connector=microsoft cloud=commercial authority=https://localhost:18443 "
     "api=https://localhost:18444/v1.0\"."},
    {"sessions.idle_minutes", integer, "480", "A person who signed in is signed out when nothing came from their browser for so long, 5 to 10080."},
    {"sessions.longest_hours", integer, "168", "And at the latest so long after the sign-in, 1 to 720."},
    {"tokens.refresh_ahead_seconds", integer, "600", "Tokens in use are renewed this long before they end."},
    {"tokens.in_use_days", integer, "7", "A grant counts as in use this long after its last use."},
    {"tokens.min_validity_seconds", integer, "120", "Least remaining life of a token that is handed out or used."},
};

}  // namespace

std::span<const SettingRow> all_settings() { return rows; }

}  // namespace renkei::server

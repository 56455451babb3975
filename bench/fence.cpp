// A policy decision about a connection whose fence holds 10,000 mailboxes: half of the calls are inside it, half outside.
// The goal is a median below 2 microseconds. Prints one JSON line.
#include "core/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace {

using namespace renkei;
using Steady = std::chrono::steady_clock;

constexpr int entries = 10'000;
constexpr int decisions = 200'000;

core::Connection fenced() {
    core::Connection connection;
    connection.name = *core::Name::parse("invoice-mail");
    connection.connector = "microsoft";
    for (int i = 0; i < entries; ++i) connection.fence.mailboxes.push_back(fmt::format("user{:05}@contoso.example", i * 2));
    std::ranges::sort(connection.fence.mailboxes);
    return connection;
}

core::Principal automation() {
    core::Principal caller;
    caller.rights = {core::Right{{core::Action::mail_read}, {}, {}, {}, {}, {}}};
    return caller;
}

}  // namespace

int main() {
    const auto connection = fenced();
    const auto caller = automation();
    std::vector<std::string> mailboxes;
    for (int i = 0; i < 2 * entries; ++i) mailboxes.push_back(fmt::format("user{:05}@contoso.example", i));
    std::vector<double> micros;
    int allowed = 0;
    std::uint32_t seed = 7;
    for (int i = 0; i < decisions; ++i) {
        seed = seed * 1664525U + 1013904223U;
        const auto& mailbox = mailboxes[(seed >> 8) % mailboxes.size()];
        const auto began = Steady::now();
        const auto decision = core::decide(caller, core::Action::mail_read, connection, core::FolderRight::use, {}, mailbox, from_millis(0));
        micros.push_back(std::chrono::duration<double, std::micro>(Steady::now() - began).count());
        allowed += decision.allowed ? 1 : 0;
    }
    std::ranges::sort(micros);
    const auto share = static_cast<double>(allowed) / decisions;
    std::printf("{\"entries\":%d,\"p50_us\":%.2f,\"p99_us\":%.2f,\"allowed\":%.2f}\n", entries, micros[micros.size() / 2], micros[micros.size() * 99 / 100],
                share);
    return share > 0.45 && share < 0.55 ? 0 : 1;
}

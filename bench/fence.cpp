// A policy decision about a connection whose fence holds 10,000 mailboxes: half of the calls are inside it, half outside. Once by the
// spelling of addresses, once with what the directory said of the one who is touched (the store finds that by name). The goal is a median below 2 microseconds.
// Prints one JSON line.
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

struct Figures {
    double p50 = 0, p99 = 0, allowed = 0;
};

// `known`: with the directory's answer, which is a hit for those inside.
Figures measure(const core::Connection& connection, bool known) {
    const auto caller = automation();
    std::vector<std::string> mailboxes;
    std::vector<std::vector<core::FenceHit>> hits;
    for (int i = 0; i < 2 * entries; ++i) {
        mailboxes.push_back(fmt::format("user{:05}@contoso.example", i));
        auto& found = hits.emplace_back();
        if (i % 2 != 0) continue;
        core::FenceHit hit;
        hit.entry = {core::FenceKind::mailbox, mailboxes.back()};
        hit.state = core::FenceState::resolved;
        hit.directory_id = fmt::format("{:08}-0000-4000-8000-000000000000", i);
        hit.names = {hit.directory_id, mailboxes.back()};
        found.push_back(std::move(hit));
    }
    std::vector<double> micros;
    int allowed = 0;
    std::uint32_t seed = 7;
    for (int i = 0; i < decisions; ++i) {
        seed = seed * 1664525U + 1013904223U;
        const auto at = (seed >> 8) % mailboxes.size();
        const core::Touched touched(mailboxes[at], core::TouchedAs::mailbox, known ? &hits[at] : nullptr);
        const auto began = Steady::now();
        const auto decision = core::decide(caller, core::Action::mail_read, connection, core::FolderRight::use, {}, touched, from_millis(0));
        micros.push_back(std::chrono::duration<double, std::micro>(Steady::now() - began).count());
        allowed += decision.allowed ? 1 : 0;
    }
    std::ranges::sort(micros);
    return {micros[micros.size() / 2], micros[micros.size() * 99 / 100], static_cast<double>(allowed) / decisions};
}

}  // namespace

int main() {
    const auto connection = fenced();
    const auto spelled = measure(connection, false);
    const auto known = measure(connection, true);
    std::printf("{\"entries\":%d,\"p50_us\":%.2f,\"p99_us\":%.2f,\"known_p50_us\":%.2f,\"known_p99_us\":%.2f,\"allowed\":%.2f}\n", entries, spelled.p50,
                spelled.p99, known.p50, known.p99, known.allowed);
    const auto half = [](double share) { return share > 0.45 && share < 0.55; };
    return half(spelled.allowed) && half(known.allowed) ? 0 : 1;
}

#include "app/sign_in_limits.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using std::chrono::seconds;

// One IPv4 address, or the /64 that one IPv6 customer has at least (RFC 6177).
std::array<std::uint8_t, 16> network_of(const std::array<std::uint8_t, 16>& address) {
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    auto network = address;
    if (!std::ranges::equal(mapped, std::span(address).first<12>())) std::ranges::fill(std::span(network).last<8>(), std::uint8_t{0});
    return network;
}

seconds wait_after(int failures) {
    if (failures < SignInLimits::free_tries) return seconds{0};
    const int doublings = std::min(failures - SignInLimits::free_tries, 10);
    return std::min(SignInLimits::first_wait * (1 << doublings), SignInLimits::longest_wait);
}

// Makes room: first what does not count any more, then the row that has been quiet longest.
template <class Rows, class IsOver, class Age>
void make_room(Rows& rows, IsOver is_over, Age age) {
    if (rows.size() < SignInLimits::most_rows) return;
    std::erase_if(rows, [&](const auto& row) { return is_over(row.second); });
    if (rows.size() < SignInLimits::most_rows) return;
    rows.erase(std::ranges::min_element(rows, {}, [&](const auto& row) { return age(row.second); }));
}

seconds rounded_up(std::chrono::milliseconds left) { return std::chrono::ceil<seconds>(left); }

}  // namespace

std::optional<seconds> SignInLimits::begin(std::string_view email, const std::array<std::uint8_t, 16>& address) {
    const auto now = clock_.now();
    const auto name = sha256(email);
    const auto place = network_of(address);
    const std::lock_guard lock(mutex_);
    make_room(persons_, [&](const Person& row) { return row.last + person_memory <= now; }, [](const Person& row) { return row.last; });
    make_room(networks_, [&](const Network& row) { return row.since + address_window <= now; }, [](const Network& row) { return row.since; });
    auto& network = networks_[place];
    if (network.failures == 0 || network.since + address_window <= now) network = {0, now};
    if (network.failures >= tries_of_address) return rounded_up(network.since + address_window - now);
    auto& person = persons_[name];
    if (person.failures > 0 && person.last + person_memory <= now) person = {};
    if (person.locked_until > now) return rounded_up(person.locked_until - now);
    ++network.failures;
    ++person.failures;
    person.last = now;
    person.locked_until = now + wait_after(person.failures);
    return std::nullopt;
}

void SignInLimits::succeeded(std::string_view email, const std::array<std::uint8_t, 16>& address) {
    const std::lock_guard lock(mutex_);
    persons_.erase(sha256(email));
    // Only this try: others from the same network stay counted, so that an own account buys no guesses at others.
    if (const auto found = networks_.find(network_of(address)); found != networks_.end() && found->second.failures > 0) --found->second.failures;
}

std::size_t SignInLimits::rows() const {
    const std::lock_guard lock(mutex_);
    return persons_.size() + networks_.size();
}

}  // namespace renkei::app

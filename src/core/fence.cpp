#include "core/fence.hpp"

#include "core/identity.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace renkei::core {
namespace {

constexpr std::string_view calendar_prefix = "calendar:";
constexpr std::string_view group_prefix = "group:";

struct Words {
    std::string_view outside;
    std::string_view moved;
    std::string_view missing;
    std::string_view unknown;
};

// One row for each of TouchedAs.
constexpr std::array<Words, static_cast<std::size_t>(TouchedAs::count_)> words{{
    {"the mailbox is not on the connection's list", "the mailbox's address has another owner than when it came onto the connection's list",
     "the directory has no such mailbox any more", "the directory has not said yet whose mailbox this is"},
    {"the sender in `from` is not on the connection's list", "the address in `from` has another owner than when it came onto the connection's list",
     "the directory has no such mailbox as in `from` any more", "the directory has not said yet whose mailbox the one in `from` is"},
    {"the person to act as is not on the connection's list",
     "the address of the person to act as has another owner than when it came onto the connection's list",
     "the directory has no such person to act as any more", "the directory has not said yet who the person to act as is"},
    {"the calendar is not on the connection's list", "the calendar's address has another owner than when it came onto the connection's list",
     "the directory has no owner of this calendar any more", "the directory has not said yet whose calendar this is"},
    {"the person whose free times are asked for is not on the connection's list",
     "the address whose free times are asked for has another owner than when it came onto the connection's list",
     "the directory has nobody any more whose free times these are", "the directory has not said yet whose free times these are"},
}};

const Words& words_of(TouchedAs as) { return words[static_cast<std::size_t>(as)]; }

bool still_counts(const FenceHit& hit, TimePoint now) { return hit.entry.kind != FenceKind::group || now - hit.resolved_at <= group_valid_for; }

FenceAnswer refusal_of(const FenceHit& hit, TouchedAs as) {
    const auto& say = words_of(as);
    if (hit.state == FenceState::changed) return {false, Errc::fence_moved, say.moved};
    if (hit.state == FenceState::missing) return {false, Errc::outside_fence, say.missing};
    // Resolved once, and not confirmed for too long: the directory must say it again.
    if (hit.state == FenceState::resolved || hit.trouble == FenceTrouble::unreachable) return {false, Errc::fence_unknown, say.unknown};
    return {false, Errc::outside_fence, say.outside};
}

template <class Fenced>
auto& list_of(Fenced& fence, FenceKind kind) {
    switch (kind) {
        case FenceKind::calendar: return fence.calendars;
        case FenceKind::group: return fence.groups;
        case FenceKind::mailbox: break;
    }
    return fence.mailboxes;
}

bool spelled_inside(const Fence& fence, const Touched& touched) {
    for (const auto kind : {FenceKind::mailbox, FenceKind::calendar})
        if (covers(kind, touched.as) && fence.names(kind, touched.who)) return true;
    return false;
}

bool by_spelling(const FenceHit& hit, const Touched& touched) {
    return hit.state == FenceState::unresolved && hit.trouble == FenceTrouble::no_right && hit.entry.kind != FenceKind::group &&
           hit.entry.written == touched.who;
}

}  // namespace

const std::vector<TouchedAs>& touched_by(Action action) {
    static const std::vector<TouchedAs> nobody{};
    static const std::vector<TouchedAs> a_mailbox{TouchedAs::mailbox};
    static const std::vector<TouchedAs> a_mailbox_and_a_sender{TouchedAs::mailbox, TouchedAs::from};
    // No default: a new action says here what it touches, or does not compile.
    switch (action) {
        case Action::mail_send: return a_mailbox_and_a_sender;
        case Action::mail_read:
        case Action::tokens_read:
        case Action::native: return a_mailbox;
        case Action::connections_read:
        case Action::connections_write:
        case Action::registrations_read:
        case Action::registrations_write:
        case Action::keys_read:
        case Action::keys_write:
        case Action::operations_read:
        case Action::operations_write:
        case Action::audit_read:
        case Action::people_read:
        case Action::people_write:
        case Action::vault_read:
        case Action::vault_rotate:
        case Action::values_read:
        case Action::values_write:
        case Action::sessions_read:
        case Action::sessions_write:
        case Action::count_: break;
    }
    return nobody;
}

bool covers(FenceKind kind, TouchedAs as) {
    const bool of_calendar = as == TouchedAs::calendar || as == TouchedAs::free_busy;
    switch (kind) {
        case FenceKind::mailbox: return !of_calendar;
        case FenceKind::calendar: return of_calendar;
        case FenceKind::group: return true;
    }
    return false;
}

bool Fence::names(FenceKind kind, std::string_view written) const { return std::ranges::binary_search(list_of(*this, kind), written); }

bool Fence::allows(std::string_view mailbox) const { return everything || names(FenceKind::mailbox, mailbox); }

std::vector<FenceEntry> Fence::entries() const {
    std::vector<FenceEntry> all;
    for (const auto kind : {FenceKind::mailbox, FenceKind::calendar, FenceKind::group})
        for (const auto& written : list_of(*this, kind)) all.push_back({kind, written});
    return all;
}

void Fence::add(FenceEntry entry) { list_of(*this, entry.kind).push_back(std::move(entry.written)); }

void Fence::tidy() {
    for (auto* list : {&mailboxes, &calendars, &groups}) {
        std::ranges::sort(*list);
        const auto doubles = std::ranges::unique(*list);
        list->erase(doubles.begin(), doubles.end());
    }
}

Fence joined(Fence one, const Fence& other) {
    one.everything |= other.everything;
    for (auto& entry : other.entries()) one.add(std::move(entry));
    one.tidy();
    return one;
}

std::optional<std::string> parse_directory_id(std::string_view text) {
    constexpr std::string_view shape = "00000000-0000-0000-0000-000000000000";
    if (text.size() != shape.size()) return std::nullopt;
    std::string id;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] + ('a' - 'A')) : text[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (shape[i] == '-' ? c != '-' : !hex) return std::nullopt;
        id.push_back(c);
    }
    return id;
}

FenceEntry split_fence_entry(std::string_view text) {
    for (const auto& [prefix, kind] : {std::pair(calendar_prefix, FenceKind::calendar), std::pair(group_prefix, FenceKind::group)})
        if (text.starts_with(prefix)) return {kind, std::string(text.substr(prefix.size()))};
    return {FenceKind::mailbox, std::string(text)};
}

Result<FenceEntry> parse_fence_entry(std::string_view text, std::string_view field) {
    auto entry = split_fence_entry(text);
    auto id = parse_directory_id(entry.written);
    auto spelled = id ? Result<std::string>(*std::move(id)) : parse_mailbox(entry.written, field);
    if (!spelled) return propagate(spelled);
    entry.written = *std::move(spelled);
    return entry;
}

std::string text_of(const FenceEntry& entry) {
    switch (entry.kind) {
        case FenceKind::calendar: return std::string(calendar_prefix) + entry.written;
        case FenceKind::group: return std::string(group_prefix) + entry.written;
        case FenceKind::mailbox: break;
    }
    return entry.written;
}

FenceAnswer judge(const Fence& fence, const Touched& touched, TimePoint now) {
    FenceAnswer answer{false, Errc::outside_fence, words_of(touched.as).outside};
    if (fence.everything) return {true};
    if (touched.known == nullptr) return spelled_inside(fence, touched) ? FenceAnswer{true} : answer;
    const FenceHit* known = nullptr;
    bool spelled = false;
    bool asked = false;
    for (const auto& hit : *touched.known) {
        // What stood on the list once and was taken off counts no more.
        if (!covers(hit.entry.kind, touched.as) || !fence.names(hit.entry.kind, hit.entry.written)) continue;
        // Whoever else this address may be allowed as: the one who put it on the list meant somebody else.
        if (hit.state == FenceState::changed && hit.entry.written == touched.who) return refusal_of(hit, touched.as);
        if (hit.state == FenceState::resolved && still_counts(hit, now)) {
            if (known == nullptr || known->resolved_at < hit.resolved_at) known = &hit;
        } else if (by_spelling(hit, touched)) {
            spelled = true;
        } else if (!std::exchange(asked, true)) {
            answer = refusal_of(hit, touched.as);
        }
    }
    if (known != nullptr) return {true, Errc::outside_fence, {}, known->directory_id};
    if (spelled) return {true};
    // On the list as it is spelled, and the directory was never asked about it.
    if (!asked && spelled_inside(fence, touched)) return {false, Errc::fence_unknown, words_of(touched.as).unknown, {}, true};
    return answer;
}

}  // namespace renkei::core

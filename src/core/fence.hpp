#pragma once

#include "base/clock.hpp"
#include "core/ids.hpp"
#include "core/name.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::core {

enum class Action : std::uint8_t;

/// What an entry of a fence names: a mailbox with its mail, somebody's calendar with its free times, or a group, which opens
/// both of each of its members.
enum class FenceKind : std::uint8_t { mailbox, calendar, group };
std::string_view text_of(FenceKind kind);
std::optional<FenceKind> parse_fence_kind(std::string_view text);

/// An entry as somebody wrote it: an address in one spelling (parse_mailbox) or a directory id.
struct FenceEntry {
    FenceKind kind = FenceKind::mailbox;
    std::string written;
    friend auto operator<=>(const FenceEntry&, const FenceEntry&) = default;
};
/// "a@b", "calendar:a@b" or "group:a@b"; instead of an address, a directory id.
Result<FenceEntry> parse_fence_entry(std::string_view text, std::string_view field = "fence");
std::string text_of(const FenceEntry& entry);
/// The same out of text_of()'s text, unchecked.
FenceEntry split_fence_entry(std::string_view text);

/// The id of an object in a directory: a GUID, in lower case. Nothing if the text is none.
std::optional<std::string> parse_directory_id(std::string_view text);

/// What a connection may touch (B-05). Empty refuses all. The lists are sorted.
struct Fence {
    bool everything = false;  ///< `*`: an administrator's choice
    std::vector<std::string> mailboxes{};
    std::vector<std::string> calendars{};
    std::vector<std::string> groups{};

    bool names(FenceKind kind, std::string_view written) const;
    std::vector<FenceEntry> entries() const;
    void add(FenceEntry entry);  ///< at the end of its list: tidy() puts them in order
    void tidy();                 ///< sorted, each once
    /// Whether an entry covers this mailbox by its spelling, for connections without a directory.
    bool allows(std::string_view mailbox) const;
    bool empty() const { return !everything && mailboxes.empty() && calendars.empty() && groups.empty(); }
    friend bool operator==(const Fence&, const Fence&) = default;
};

/// What either of them allows.
Fence joined(Fence one, const Fence& other);

/// What the directory said of an entry when it was asked last.
enum class FenceState : std::uint8_t {
    resolved,    ///< it is the object that it was when it came onto the list
    unresolved,  ///< the directory has not said; FenceTrouble says why
    changed,     ///< the address belongs to another object by now: refused until an administrator confirms it
    missing,     ///< the directory has no such object
};
std::string_view text_of(FenceState state);
std::optional<FenceState> parse_fence_state(std::string_view text);

enum class FenceTrouble : std::uint8_t {
    none,
    no_right,     ///< the connection may not read the directory: a mailbox is judged by its spelling
    unreachable,  ///< the directory could not be asked; it is asked again
    too_large,    ///< the group has more members than are read
};
std::string_view text_of(FenceTrouble trouble);
std::optional<FenceTrouble> parse_fence_trouble(std::string_view text);

/// A word by which an object is known: an address in one spelling, or its directory id.
struct FenceName {
    std::string name;
    std::string directory_id;  ///< of the object; empty while it is not known
    friend auto operator<=>(const FenceName&, const FenceName&) = default;
};

/// An entry of a connection's fence with what the directory said of it.
struct FenceRow {
    WorkspaceId workspace;
    ConnectionId connection;
    FenceEntry entry;
    FenceState state = FenceState::unresolved;
    FenceTrouble trouble = FenceTrouble::none;
    std::string directory_id{};      ///< since it came onto the list, or was confirmed; empty: never resolved
    std::string found_id{};          ///< changed: whose address it is now
    std::string address{};           ///< the main one, empty while it is not known
    std::vector<FenceName> names{};  ///< of the mailbox, or of the group's members; sorted
    std::uint32_t members = 0;       ///< of a group
    TimePoint checked_at{};          ///< when the directory was asked last
    TimePoint resolved_at{};         ///< when it last confirmed the state `resolved`; zero: never
};

/// An entry under which somebody is known.
struct FenceHit {
    FenceEntry entry;
    FenceState state = FenceState::unresolved;
    FenceTrouble trouble = FenceTrouble::none;
    std::string directory_id{};        ///< of the one who was looked for, empty while it is not known
    std::vector<std::string> names{};  ///< all of theirs
    TimePoint checked_at{};
    TimePoint resolved_at{};
};

/// As what somebody is touched by a call; each is judged for itself.
enum class TouchedAs : std::uint8_t { mailbox, from, act_as, calendar, free_busy, count_ };
/// What an action at the provider touches; empty for those that stay inside Renkei.
const std::vector<TouchedAs>& touched_by(Action action);
/// Whether an entry of this kind opens that.
bool covers(FenceKind kind, TouchedAs as);

/// Who is touched, and as what.
struct Touched {
    Touched() = default;
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    // NOLINTNEXTLINE(google-explicit-constructor): an address alone is a mailbox judged by its spelling
    Touched(const Text& text) : who(text) {}
    Touched(std::string_view text, TouchedAs touched_as, const std::vector<FenceHit>* hits) : who(text), as(touched_as), known(hits) {}

    std::string_view who{};  ///< one spelling of an address, or a directory id; empty: nobody
    TouchedAs as = TouchedAs::mailbox;
    /// What the connection's directory knows of them; nullptr: it has none, and they are judged by their spelling.
    const std::vector<FenceHit>* known = nullptr;
};

/// Members of a group count for so long after they were read.
inline constexpr std::chrono::hours group_valid_for{72};

/// The rule (B-05), without any other right.
struct FenceAnswer {
    bool inside = false;
    Errc code = Errc::outside_fence;  ///< or fence_moved, fence_unknown
    std::string_view reason{};
    std::string_view directory_id{};  ///< of the one who is touched, where it is known; lives as long as the hits
    bool pending = false;             ///< an entry might cover them once the directory was asked about it
};
FenceAnswer judge(const Fence& fence, const Touched& touched, TimePoint now);

}  // namespace renkei::core

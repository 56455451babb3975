#pragma once

#include "app/ports/http_handler.hpp"
#include "base/result.hpp"
#include "core/identity.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace renkei::api {

struct Call;
struct Services;

/// Who may call: a column of the route table, visible in review.
struct Requires {
    enum class Kind : std::uint8_t { nothing, signed_in, right, automation, session, visitor, person, person_with } kind = Kind::nothing;
    core::Action action = core::Action::count_;

    static const Requires nothing;    ///< anybody, without a key
    static const Requires signed_in;  ///< any valid key
    static constexpr Requires right(core::Action needed) { return {Kind::right, needed}; }
    static const Requires automation;  ///< any valid key, or a run's secret (Renkei-Run): routes about runs and sessions alone
    static const Requires session;     ///< a session's own secret or name (Renkei-Session)
    // Pages with forms (docs/adr/0012): a session's cookie counts here and an API key does not; under /v1 it is the other
    // way round. A POST must carry the token of the form that this browser was given, from Renkei's own origin.
    static const Requires visitor;  ///< anybody: sign-in, invitations
    static const Requires person;   ///< a signed-in person, also before a workspace is chosen
    static constexpr Requires person_with(core::Action needed) { return {Kind::person_with, needed}; }
    constexpr bool is_page() const { return kind == Kind::visitor || kind == Kind::person || kind == Kind::person_with; }
};
inline constexpr Requires Requires::nothing{};
inline constexpr Requires Requires::visitor{Requires::Kind::visitor, core::Action::count_};
inline constexpr Requires Requires::person{Requires::Kind::person, core::Action::count_};
inline constexpr Requires Requires::automation{Requires::Kind::automation, core::Action::count_};
inline constexpr Requires Requires::session{Requires::Kind::session, core::Action::count_};
inline constexpr Requires Requires::signed_in{Requires::Kind::signed_in, core::Action::count_};

/// What the request carries; `upload`: a form with files (multipart/form-data), or one without.
enum class Takes : std::uint8_t { no_body, json, optional_json, form, csv, upload };
/// How refusals are shown: a problem answer, or a page for a person.
enum class Shows : std::uint8_t { problem, page };
/// What a repeat with the same Idempotency-Key gets after an answer that leaves the outcome open (502, 504):
/// a new try, or the same answer, because doing it twice would be worse than not knowing.
enum class AfterUnknown : std::uint8_t { try_again, hold };

using Endpoint = Task<Result<app::ServerResponse>> (*)(Services& services, Call call);

inline constexpr std::uint64_t default_body_limit = 64 << 10;

struct Route {
    Method method;
    std::string_view pattern;  ///< /v1/connections/{name}
    Requires needs;
    Endpoint endpoint;
    Takes takes = Takes::no_body;
    std::uint64_t body_limit = default_body_limit;
    Shows shows = Shows::problem;
    AfterUnknown after_unknown = AfterUnknown::try_again;
};

using Routes = std::span<const Route>;

}  // namespace renkei::api

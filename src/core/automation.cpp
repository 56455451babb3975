#include "core/automation.hpp"

#include <algorithm>

namespace renkei::core {

std::string_view text_of(SessionKind kind) {
    switch (kind) {
        case SessionKind::local: return "local";
        case SessionKind::global: return "global";
        case SessionKind::variable: return "variable";
    }
    return "local";
}

std::optional<SessionKind> parse_session_kind(std::string_view text) {
    for (const auto kind : {SessionKind::local, SessionKind::global, SessionKind::variable})
        if (text == text_of(kind)) return kind;
    return std::nullopt;
}

bool opens(const SessionScope& session, const Run* presented, bool by_name) {
    switch (session.kind) {
        case SessionKind::local: return !by_name && presented != nullptr && presented->workspace == session.workspace && presented->id == session.run;
        case SessionKind::global:
            return presented != nullptr && presented->workspace == session.workspace && (!by_name || session.has_name) &&
                   std::ranges::find(presented->path, session.run) != presented->path.end();
        case SessionKind::variable: return !by_name;
    }
    return false;
}

}  // namespace renkei::core

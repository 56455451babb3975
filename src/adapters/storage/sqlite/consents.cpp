// Consent requests: written and read.
#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/codec.hpp"
#include "adapters/storage/sqlite/read.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {
namespace {

std::string mark_of(const core::ConsentRequest& consent) { return std::to_string(to_millis(consent.created_at)) + '.' + consent.id.text(); }

}  // namespace

Result<void> apply(Database& db, const app::InsertConsent& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO consent_requests(" RENKEI_CONSENT_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id,
                          row.connection, encode(row.scopes), row.asked_by, row.tenant, core::text_of(row.state), row.granted_tenant, row.reason, row.link,
                          row.browser, row.created_at, row.expires_at, row.decided_at, row.version));
}

Result<void> apply(Database& db, const app::UpdateConsent& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE consent_requests SET scopes=?, state=?, granted_tenant=?, reason=?, browser=?, expires_at=?, decided_at=?, version=?"
        " WHERE workspace=? AND consent=? AND version=?",
        encode(row.scopes), core::text_of(row.state), row.granted_tenant, row.reason, row.browser, row.expires_at, row.decided_at, row.version, row.workspace,
        row.id, change.expected_version);
    return expect_one(db, std::move(changed), "consent request", "SELECT 1 FROM consent_requests WHERE workspace=? AND consent=?", row.workspace, row.id);
}

Task<Result<core::ConsentRequest>> SqliteStore::find_consent(core::WorkspaceId workspace, core::ConsentId id) {
    return read([=](Database& db) {
        return db.one("consent request", "SELECT " RENKEI_CONSENT_COLUMNS " FROM consent_requests WHERE workspace=? AND consent=?", read_consent, workspace,
                      id);
    });
}

Task<Result<core::ConsentRequest>> SqliteStore::find_consent_by_link(Digest link) {
    return read(
        [=](Database& db) { return db.one("consent request", "SELECT " RENKEI_CONSENT_COLUMNS " FROM consent_requests WHERE link=?", read_consent, link); });
}

Task<Result<std::vector<core::ConsentRequest>>> SqliteStore::consents_of(core::WorkspaceId workspace, core::ConnectionId connection) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_CONSENT_COLUMNS " FROM consent_requests WHERE workspace=? AND connection=? ORDER BY created_at DESC, consent DESC",
                      read_consent, workspace, connection);
    });
}

Task<Result<app::Page<core::ConsentRequest>>> SqliteStore::list_consents(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) -> Result<app::Page<core::ConsentRequest>> {
        const auto limit = rows_for(page);
        auto before = TimePoint::max();
        std::optional<core::ConsentId> id = core::ConsentId(IdBytes{});
        if (!page.after.empty()) {
            const auto dot = page.after.find('.');
            const auto at = dot == std::string::npos ? std::nullopt : parse_mark(std::string_view(page.after).substr(0, dot));
            id = dot == std::string::npos ? std::nullopt : core::ConsentId::parse(page.after.substr(dot + 1));
            if (!at || !id) return bad_cursor();
            before = from_millis(*at);
        }
        return page_of(db.all("SELECT " RENKEI_CONSENT_COLUMNS " FROM consent_requests WHERE workspace=? AND (created_at, consent)<(?, ?)"
                              " ORDER BY created_at DESC, consent DESC LIMIT ?",
                              read_consent, workspace, before, *id, limit + 1),
                       limit, mark_of);
    });
}

}  // namespace renkei::sqlite

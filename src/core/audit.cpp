#include "core/audit.hpp"

namespace renkei::core {
namespace {

void put(std::string& out, std::string_view text) {
    const std::uint64_t size = text.size();
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(size >> shift & 0xff);
    out += text;
}

}  // namespace

Digest hash_of(const AuditRow& row) {
    std::string all;
    put(all, as_text(row.workspace.bytes()));
    put(all, std::to_string(row.sequence));
    put(all, std::to_string(to_millis(row.at)));
    put(all, std::to_string(static_cast<int>(row.principal_kind)));
    put(all, as_text(row.principal_id));
    for (const auto* text : {&row.principal_name, &row.run, &row.action, &row.target}) put(all, *text);
    put(all, row.allowed ? "1" : "0");
    put(all, row.reason);
    put(all, std::to_string(row.credential_version));
    put(all, row.request_id);
    put(all, as_text(row.previous_hash));
    return sha256(all);
}

}  // namespace renkei::core

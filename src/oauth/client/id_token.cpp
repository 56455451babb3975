#include "oauth/client/id_token.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "oauth/client/issuer.hpp"

#include <algorithm>

namespace renkei::oauth {
namespace {

constexpr std::size_t longest_subject = 255;  // OpenID Connect Core section 2
constexpr std::size_t longest_display = 320;

std::unexpected<Error> bad(std::string detail) { return fail(Errc::provider_bad_answer, "the id_token " + std::move(detail)); }

Result<json::object> decoded(std::string_view part) {
    const auto text = decode_base64url(part);
    if (!text) return bad("is not a JWT");
    auto parsed = json::parse(*text);
    if (!parsed || !parsed->is_object()) return bad("is not a JWT");
    return std::move(parsed->get_object());
}

Result<json::object> claims_of(const Secret& id_token) {
    const auto parts = split(id_token.expose(), '.');
    if (parts.size() != 3 || parts[2].empty()) return bad("is not a signed JWT");
    const auto header = decoded(parts[0]);
    if (!header) return fail(header.error());
    const auto algorithm = json::text(*header, "alg");
    // Section 2: `none` only for clients that asked for it, which Renkei never does.
    if (!algorithm || equal_ignoring_case(*algorithm, "none")) return bad("is not signed");
    return decoded(parts[1]);
}

// Section 3.1.3.7 items 3 to 5.
bool names_client(const json::object& claims, std::string_view client_id) {
    const auto* audience = json::find(claims, "aud");
    if (audience == nullptr) return false;
    if (audience->is_string()) return json::view(audience->get_string()) == client_id;
    if (!audience->is_array()) return false;
    const auto& all = audience->get_array();
    const bool named = std::ranges::any_of(all, [&](const auto& one) { return one.is_string() && json::view(one.get_string()) == client_id; });
    if (!named || all.size() == 1) return named;
    return json::text(claims, "azp") == client_id;
}

Result<void> check_time(const json::object& claims, const IdTokenExpectation& expected) {
    const auto seconds = [&](std::string_view name) -> std::optional<TimePoint> {
        const auto* member = json::find(claims, name);
        if (member == nullptr) return std::nullopt;
        constexpr double end_of_time = 253'402'300'800.0;  // year 10000
        if (member->is_int64() && member->get_int64() >= 0 && static_cast<double>(member->get_int64()) < end_of_time)
            return TimePoint(std::chrono::seconds(member->get_int64()));
        if (member->is_double() && member->get_double() >= 0 && member->get_double() < end_of_time)
            return TimePoint(std::chrono::seconds(static_cast<std::int64_t>(member->get_double())));
        return std::nullopt;
    };
    const auto expires = seconds("exp");
    if (!expires) return bad("has no exp");
    if (*expires + expected.clock_skew <= expected.now) return bad("has expired; the clocks may differ");
    if (const auto from = seconds("nbf"); from && *from > expected.now + expected.clock_skew) return bad("is not valid yet; the clocks may differ");
    if (const auto issued = seconds("iat"); issued && *issued > expected.now + expected.clock_skew) return bad("was made in the future; the clocks may differ");
    return {};
}

Result<void> check_issuer(const json::object& claims, std::string_view tenant, const IdTokenExpectation& expected) {
    const auto issuer = json::text(claims, "iss");
    if (!issuer || issuer->empty()) return bad("has no iss");
    if (!expected.tenant.empty() && !equal_ignoring_case(tenant, expected.tenant)) return bad("is of another tenant than the registration's");
    if (expected.issuer.empty()) return {};
    const auto exact = fill_tenant(expected.issuer, tenant);
    if (!exact || *exact != *issuer) return bad("comes from another issuer than the one that was asked");
    return {};
}

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= longest_display && is_utf8(text) &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string first_of(const json::object& claims, std::initializer_list<std::string_view> names) {
    for (const auto name : names)
        if (const auto text = json::text(claims, name); text && is_plain(*text)) return std::string(*text);
    return {};
}

}  // namespace

Result<SignedInPerson> check_id_token(const Secret& id_token, const IdTokenExpectation& expected) {
    const auto claims = claims_of(id_token);
    if (!claims) return fail(claims.error());
    const std::string tenant(json::text(*claims, "tid").value_or(""));
    if (auto checked = check_issuer(*claims, tenant, expected); !checked) return propagate(checked);
    if (!names_client(*claims, expected.client_id)) return bad("was made for another client");
    if (auto checked = check_time(*claims, expected); !checked) return propagate(checked);
    // Item 11: a nonce was sent, so it must come back; without it a code of another sign-in could be slipped in.
    const auto nonce = json::text(*claims, "nonce");
    if (!expected.nonce.empty() && (!nonce || !Secret(*nonce).equals(expected.nonce))) return bad("does not belong to this sign-in (nonce)");
    const auto subject = json::text(*claims, "sub");
    if (!subject || subject->empty() || subject->size() > longest_subject) return bad("has no proper sub");
    const auto object_id = json::text(*claims, "oid");
    const bool in_tenant = !tenant.empty() && object_id && !object_id->empty() && object_id->size() <= longest_subject;
    return SignedInPerson{std::string(*json::text(*claims, "iss")), tenant, std::string(in_tenant ? *object_id : *subject),
                          first_of(*claims, {"preferred_username", "email", "upn", "name"}), lower_ascii(first_of(*claims, {"upn", "preferred_username"}))};
}

std::string unchecked_issuer(const Secret& id_token) {
    const auto claims = claims_of(id_token);
    return claims ? std::string(json::text(*claims, "iss").value_or("")) : std::string();
}

}  // namespace renkei::oauth

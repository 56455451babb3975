// The token endpoint's answer: any bytes give a usable token, an OAuth error, or an Error of a few kinds.
#include "oauth/client/token_response.hpp"
#include "oauth/client/classify.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace renkei;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr int statuses[] = {200, 400, 401, 429, 503};
    const std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
    auto answer = oauth::parse_token_response({statuses[data[0] % 5], {{"Retry-After", body.substr(0, 12)}}, body}, "asked");
    if (!answer) {
        const auto code = answer.error().code;
        if (code != Errc::provider_bad_answer && code != Errc::provider_unavailable && code != Errc::provider_throttled) std::abort();
        return 0;
    }
    if (const auto* good = std::get_if<oauth::TokenResponse>(&*answer)) {
        if (good->access_token.empty() || good->expires_in.count() <= 0 || data[0] % 5 != 0) std::abort();
        for (const char c : good->access_token.expose())
            if (c <= 0x20 || c >= 0x7f) std::abort();
        return 0;
    }
    const auto& failure = std::get<oauth::OAuthFailure>(*answer);
    if (failure.error.empty() || oauth::describe(failure).empty()) std::abort();
    if (failure.error == "invalid_client" && oauth::classify(failure, false) == oauth::RefreshFailure::needs_user) std::abort();
    return 0;
}

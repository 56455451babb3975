// The answers of external vaults, as a hostile or broken server could send them.
#include "adapters/providers/azure_key_vault/key_vault_answer.hpp"
#include "adapters/providers/hashicorp/kv_answer.hpp"
#include "adapters/providers/secret_endpoint/secret_endpoint.hpp"
#include "app/ports/http_client.hpp"
#include "base/encoding.hpp"

#include <cstdlib>
#include <iterator>

using namespace renkei;

namespace {

struct NoClient final : app::HttpClient {
    Task<Result<HttpResponse>> send(HttpRequest, app::CallOptions) override { co_return fail(Errc::internal, ""); }
    Task<Result<app::StreamedResponse>> open(HttpRequest, app::CallOptions) override { co_return fail(Errc::internal, ""); }
    Task<Result<HttpResponse>> upload(HttpRequest, std::unique_ptr<app::BodyStream>, std::uint64_t, app::CallOptions) override {
        co_return fail(Errc::internal, "");
    }
};

// A value is a text within its limit; a refusal says where and is readable.
void check(const Result<app::ExternalSecret>& answer) {
    if (answer) {
        const auto text = answer->value.expose();
        if (text.empty() || text.size() > providers::largest_external_value || !is_utf8(text)) std::abort();
    } else if (answer.error().detail.empty() || !is_utf8(answer.error().detail)) {
        std::abort();
    }
}

}  // namespace

// Status, way and field's length in three bytes; then the field, then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    static NoClient client;
    static const providers::VaultSettings settings;
    static const core::ExternalVault vault;
    constexpr int statuses[] = {200, 400, 401, 403, 404, 412, 429, 472, 473, 500, 503, 302};
    constexpr const char* types[] = {"application/json", "text/plain", "text/html", ""};
    const auto field_length = std::min<std::size_t>(data[2], size - 3);
    const std::string field(reinterpret_cast<const char*>(data + 3), field_length);
    const std::string body(reinterpret_cast<const char*>(data + 3 + field_length), size - 3 - field_length);
    const HttpResponse response{statuses[data[0] % std::size(statuses)], {{"Content-Type", types[data[1] % std::size(types)]}}, body};
    const core::ExternalSecretAddress address{"renkei/web", field, data[1] & 0x80 ? "1" : ""};
    const providers::VaultCall call(client, settings, vault, address, {});
    const auto now = from_millis(1'790'000'000'000);

    check(hashicorp::secret_of(call, response, address));
    check(azure_key_vault::secret_of(call, response, {"web", address.version, field}, now));
    check(secret_endpoint::secret_of(call, response, field));
    if (const auto session = hashicorp::session_of(call, response, now); session && session->token.empty()) std::abort();
    if (const auto filled = secret_endpoint::filled_address(call, "https://vault.example/a/{path}", body))
        if (!filled->starts_with("https://vault.example/a/") || filled->find("/../") != filled->npos) std::abort();
    return 0;
}

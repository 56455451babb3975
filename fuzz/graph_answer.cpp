// Graph's answers and refusals, as a hostile or broken server could send them.
#include "adapters/providers/microsoft/graph_answer.hpp"
#include "adapters/providers/html_text.hpp"
#include "adapters/providers/microsoft/graph_error.hpp"
#include "base/encoding.hpp"

#include <cstdlib>

using namespace renkei;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
    HttpResponse response{200, {{"Content-Type", "application/json"}}, body};
    if (auto page = microsoft::collection_of(response))
        for (const auto& item : page->items) {
            (void)microsoft::email_header_of(item);
            (void)microsoft::folder_of(item);
            (void)microsoft::attachment_of(item);
        }
    if (auto object = microsoft::object_of(response)) {
        const auto email = microsoft::email_of(json::value(*std::move(object)));
        if (email && is_utf8(email->html_body) && !is_utf8(email->text_body)) std::abort();
    }
    constexpr int statuses[] = {200, 301, 400, 401, 403, 404, 409, 410, 412, 413, 429, 500, 503, 507};
    response.status = statuses[data[0] % std::size(statuses)];
    const auto error = microsoft::failure_of(response, {"Mail.Read", core::ConnectionMode::client_credentials, "info@contoso.com"});
    if (error.detail.empty()) std::abort();
    if (const auto text = providers::text_of_html(body); is_utf8(body) && !is_utf8(text)) std::abort();
    (void)microsoft::parse_graph_time(body);
    return 0;
}

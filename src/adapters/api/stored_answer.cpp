#include "adapters/api/stored_answer.hpp"

#include "base/json.hpp"

namespace renkei::api {

std::string store_answer(const app::ServerResponse& answer) {
    json::object stored{{"status", answer.status}};
    if (answer.secret_body) {
        stored["secret"] = true;
        return json::serialize(stored);
    }
    json::object headers;
    for (const auto& [name, value] : answer.headers) headers[name] = value;
    stored["headers"] = std::move(headers);
    stored["body"] = answer.body;
    return json::serialize(stored);
}

Result<app::ServerResponse> restore_answer(std::string_view stored) {
    auto parsed = json::parse(stored);
    if (!parsed || !parsed->is_object()) return fail(Errc::storage_failed, "a stored answer cannot be read");
    const auto& object = parsed->get_object();
    if (json::boolean(object, "secret").value_or(false))
        return fail(Errc::gone, "the first request with this Idempotency-Key succeeded; its answer held a secret that is shown once and not kept");
    app::ServerResponse answer;
    answer.status = static_cast<int>(json::integer(object, "status").value_or(500));
    if (const auto* headers = json::find(object, "headers"); headers != nullptr && headers->is_object())
        for (const auto& header : headers->get_object())
            if (const auto* value = header.value().if_string())
                answer.headers.set(std::string_view(header.key().data(), header.key().size()), std::string(json::view(*value)));
    answer.body = std::string(json::text(object, "body").value_or(""));
    answer.headers.set("Idempotency-Replayed", "true");
    return answer;
}

}  // namespace renkei::api

#include "sandbox/exchange_log.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace renkei::sandbox {
namespace {

constexpr std::size_t longest_text = 64 * 1024;

json::value body_value(const std::string& body, std::string_view type) {
    if (body.empty()) return nullptr;
    if (type.find("json") != std::string_view::npos)
        if (auto parsed = json::parse(body)) return std::move(*parsed);
    if (lower_ascii(type).starts_with("application/x-www-form-urlencoded"))
        if (const auto form = form_decode(body)) {
            json::object fields;
            for (const auto& [name, value] : *form)
                if (is_utf8(name) && is_utf8(value)) fields[name] = value;
            return fields;
        }
    if (!is_utf8(body)) return json::value(base64(as_bytes(std::string_view(body).substr(0, longest_text))));
    if (body.size() <= longest_text) return json::value(body);
    auto end = longest_text;
    while (end > 0 && (static_cast<unsigned char>(body[end]) & 0xc0) == 0x80) --end;
    return json::value(body.substr(0, end));
}

}  // namespace

Result<ExchangeLog> ExchangeLog::open(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail(Errc::storage_failed, "cannot write the exchange log " + file);
    ::close(descriptor);
    std::ofstream out(file, std::ios::app | std::ios::binary);
    if (!out) return fail(Errc::storage_failed, "cannot write the exchange log " + file);
    return ExchangeLog(std::move(out));
}

void ExchangeLog::write(const LoggedRequest& request, const ServerResponse& response, TimePoint now) {
    json::object line;
    line["time"] = iso_text(now);
    line["service"] = request.service;
    line["method"] = request.method;
    line["path"] = request.path;
    line["query"] = request.query;
    line["status"] = response.reset_connection ? 0 : response.status;
    line["request"] = body_value(request.request_body, request.request_type);
    line["response"] = response.stream ? json::value(nullptr) : body_value(response.body, response.headers.get("Content-Type"));
    if (response.stream) line["streamed"] = true;
    out_ << json::serialize(line) << '\n' << std::flush;
}

}  // namespace renkei::sandbox

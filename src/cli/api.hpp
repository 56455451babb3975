#pragma once

#include "base/encoding.hpp"
#include "base/http.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "cli/context.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace renkei::http {
class BlockingHttpClient;
}

namespace renkei::cli {

/// Renkei's HTTP API as the command line sees it: a problem answer becomes an Error of the same code.
class Api {
public:
    explicit Api(const Context& context);
    ~Api();

    Result<json::value> get(std::string path, Fields query = {}, Headers headers = {});
    /// Sends with a fresh Idempotency-Key.
    Result<json::value> post(std::string path, json::value body, Headers headers = {});
    /// A file as it is, with its type.
    Result<json::value> post_file(std::string path, Fields query, std::string content, std::string type);
    Result<json::value> patch(std::string path, json::value body, Headers headers = {});
    Result<json::value> put(std::string path, json::value body);
    Result<json::value> remove(std::string path);
    /// A body as it is: bytes go to `take` piece by piece; returns the answer's headers.
    Result<Headers> download(std::string path, Headers headers, std::function<bool(std::string_view)> take);
    /// Every item of a paged list, at most `limit`.
    Result<json::array> all(std::string path, Fields query, std::size_t limit, Headers headers = {});

private:
    Result<HttpResponse> send(HttpRequest request);
    Result<json::value> change(Method method, std::string path, json::value body, Headers headers);
    HttpRequest request(Method method, std::string path, Fields query, Headers headers) const;

    const Context& context_;
    std::unique_ptr<http::BlockingHttpClient> client_;
};

/// A problem answer, or the `problem` of a connection or of a finding, as an error that refuse() tells in full.
Error told_by(const json::object& problem);
/// Text of a member, or empty: for tables.
std::string text_of(const json::value& object, std::string_view member);

}  // namespace renkei::cli

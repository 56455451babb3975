#include "adapters/http/curl_error.hpp"

namespace renkei::http {
namespace {

// A handshake that was cut off is a fault of the network; one that was refused is a fault of the settings.
bool handshake_was_cut(std::string_view text) {
    return text.find("SSL_ERROR_SYSCALL") != text.npos || text.find("unexpected eof") != text.npos || text.find("reset by peer") != text.npos;
}

// Nothing of the request has left this machine: the token journal need not ask what became of it.
Error not_sent(std::string detail) { return {Errc::provider_unavailable, std::move(detail), {{"sent", "no"}}}; }

Error proxy_error(const CurlEnding& ending) {
    std::string detail = "the proxy refused the way to " + std::string(ending.host) + " with status " + std::to_string(ending.proxy_status);
    if (ending.proxy_status == 407) detail += ": it asks for a user name and password";
    return not_sent(std::move(detail));
}

Error tls_error(const CurlEnding& ending) {
    const std::string host(ending.host);
    // libcurl starts with 1 and puts OpenSSL's result there once the certificate has been looked at.
    const bool looked_at = ending.verify_result > 1;
    if (!looked_at && ending.code == CURLE_SSL_CONNECT_ERROR && handshake_was_cut(ending.text))
        return not_sent(host + " closed the connection while TLS was being set up");
    if (looked_at || ending.code == CURLE_PEER_FAILED_VERIFICATION) return {Errc::tls_failed, "the certificate of " + host + " was not accepted"};
    return {Errc::tls_failed, "TLS with " + host + " could not be set up"};
}

}  // namespace

Error error_of(const CurlEnding& ending) {
    const std::string host(ending.host);
    switch (ending.code) {
        case CURLE_OPERATION_TIMEDOUT: return {Errc::provider_timeout, host + " did not answer in time"};
        case CURLE_COULDNT_RESOLVE_HOST: return not_sent("the name " + host + " could not be resolved");
        case CURLE_COULDNT_RESOLVE_PROXY: return not_sent("the proxy's name could not be resolved");
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_INVALIDCERTSTATUS: return tls_error(ending);
        case CURLE_BAD_CONTENT_ENCODING: return {Errc::provider_bad_answer, "the answer of " + host + " is not encoded as it says"};
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL: return {Errc::provider_bad_answer, host + " does not answer in HTTP"};
        case CURLE_FILESIZE_EXCEEDED: return {Errc::provider_bad_answer, "the answer of " + host + " is larger than allowed", {{"too_large", "answer"}}};
        case CURLE_PARTIAL_FILE: return {Errc::provider_bad_answer, "the answer of " + host + " was cut off"};
        default: break;
    }
    if (ending.proxy_status >= 300) return proxy_error(ending);
    if (ending.answer_began) return {Errc::provider_bad_answer, "the answer of " + host + " was cut off"};
    if (ending.code == CURLE_COULDNT_CONNECT || ending.code == CURLE_PROXY) return not_sent("no connection to " + host);
    return {Errc::provider_unavailable, host + " closed the connection without an answer"};
}

}  // namespace renkei::http

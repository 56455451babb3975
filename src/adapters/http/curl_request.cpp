#include "adapters/http/curl_transfer.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace renkei::http {
namespace {

template <class T>
void set(CURL* easy, CURLoption option, T value) {
    curl_easy_setopt(easy, option, value);
}

// RFC 9110 section 5.6.2: libcurl writes header lines as they come, so a line break would be a second header.
bool is_token(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
    });
}
bool is_field_value(std::string_view value) {
    return std::ranges::all_of(value, [](char c) { return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t'; });
}

// What the transport itself decides.
bool is_ours(std::string_view name) {
    constexpr std::array<std::string_view, 9> names{"host", "content-length", "transfer-encoding", "connection",   "expect",
                                                    "te",   "upgrade",        "accept-encoding",   "authorization"};
    return std::ranges::any_of(names, [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

std::string_view body_of(const HttpRequest& request) { return request.secret_body ? request.secret_body->expose() : std::string_view(request.body); }

}  // namespace

void CurlTransfer::add_header(std::string_view name, std::string_view value) {
    std::string line;
    line.reserve(name.size() + value.size() + 2);  // no copy of a secret is left behind by growing
    // libcurl's notation: `Name;` sends an empty field, `Name:` takes one of its own away.
    line.append(name).append(value.empty() ? ";" : ": ").append(value);
    header_lines_.push_back(std::move(line));
}

Result<void> CurlTransfer::prepare_headers(Kind kind) {
    for (const auto& [name, value] : request_.headers) {
        if (!is_token(name) || !is_field_value(value)) return fail(Errc::bad_request, "a header of the request holds characters that are not allowed");
        if (!is_ours(name)) add_header(name, value);
    }
    if (request_.authorization) {
        if (!is_field_value(request_.authorization->expose()))
            return fail(Errc::bad_request, "the credential holds characters that are not allowed in a header");
        add_header("Authorization", request_.authorization->expose());
    }
    if (!options_.request_id.empty()) {
        if (!is_field_value(options_.request_id)) return fail(Errc::bad_request, "the request id holds characters that are not allowed in a header");
        add_header("client-request-id", options_.request_id);
    }
    if (kind == Kind::download) add_header("Accept-Encoding", "identity");
    if (!request_.headers.has("Accept")) header_lines_.emplace_back("Accept: */*");
    if (!request_.headers.has("User-Agent")) header_lines_.emplace_back("User-Agent: Renkei/" RENKEI_VERSION);
    // libcurl would add a form's type to every POST, and wait a second for 100 Continue before a large body.
    if (!request_.headers.has("Content-Type")) header_lines_.emplace_back("Content-Type:");
    header_lines_.emplace_back("Expect:");
    header_list_.resize(header_lines_.size());
    for (std::size_t i = 0; i < header_list_.size(); ++i)
        header_list_[i] = {header_lines_[i].data(), i + 1 < header_list_.size() ? &header_list_[i + 1] : nullptr};
    return {};
}

void CurlTransfer::set_basics(Kind kind) {
    url_ = target_.text();
    const long deadline = static_cast<long>(std::max<std::chrono::milliseconds::rep>(1, options_.deadline.count()));
    set(easy_, CURLOPT_NOSIGNAL, 1L);
    set(easy_, CURLOPT_URL, url_.c_str());
    set(easy_, CURLOPT_PATH_AS_IS, 1L);  // what was checked and signed is what is sent
    set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy_, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    // One deadline from the name lookup to the last byte. QUICK_EXIT: at its end libcurl must not wait for a name lookup
    // that still hangs in its thread, or the whole loop would stand still with it.
    set(easy_, CURLOPT_TIMEOUT_MS, deadline);
    set(easy_, CURLOPT_CONNECTTIMEOUT_MS, deadline);
    set(easy_, CURLOPT_QUICK_EXIT, 1L);
    set(easy_, CURLOPT_MAXAGE_CONN, 55L);  // below the idle time after which common servers and balancers close
    set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    set(easy_, CURLOPT_ERRORBUFFER, error_text_);
    set(easy_, CURLOPT_HTTPHEADER, header_list_.data());
    set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(easy_, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    // No certificates of libcurl's own choice: on_tls gives it ours, read once.
    for (const auto option : {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH}) set(easy_, option, static_cast<char*>(nullptr));
    // Streams take HTTP/1.1: libcurl 7.88 loses data when streams of one HTTP/2 connection are paused side by side (measured:
    // 4 read errors and a p99 of 96 ms in 2 s with 16 of 1 MiB, none with HTTP/1.1), and a paused stream would also hold up
    // the connection's window for the others.
    const bool http2 = kind == Kind::whole && target_.scheme == "https";
    set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    // Calls that begin together share one HTTP/2 connection. Not without TLS: there nothing tells that a server speaks
    // HTTP/1.1 only before its first answer, and everybody else would wait for that.
    if (http2) set(easy_, CURLOPT_PIPEWAIT, 1L);
    if (kind != Kind::whole) set(easy_, CURLOPT_BUFFERSIZE, 65536L);
    // All that libcurl can decode; but not for downloads: a paused decoder keeps whatever one packet unpacks to.
    if (kind != Kind::download) set(easy_, CURLOPT_ACCEPT_ENCODING, "");
}

void CurlTransfer::set_proxy() {
    // Always set, also to nothing: otherwise libcurl reads the environment.
    set(easy_, CURLOPT_PROXY, proxy_ == nullptr ? "" : proxy_->address.c_str());
    set(easy_, CURLOPT_NOPROXY, "");
    if (proxy_ == nullptr) return;
    set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (proxy_->user.empty()) return;
    set(easy_, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(easy_, CURLOPT_PROXYUSERNAME, proxy_->user.c_str());
    std::string password(proxy_->password.expose());
    set(easy_, CURLOPT_PROXYPASSWORD, password.c_str());  // copied by libcurl
    wipe(password);
}

void CurlTransfer::set_body(Kind kind, std::uint64_t upload_length) {
    const std::string method(method_text(request_.method));
    const auto body = body_of(request_);
    if (kind == Kind::upload) {
        set(easy_, CURLOPT_UPLOAD, 1L);
        set(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(upload_length));
        set(easy_, CURLOPT_READFUNCTION, &CurlTransfer::on_read);
        set(easy_, CURLOPT_READDATA, static_cast<void*>(this));
        set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
    } else if (request_.method == Method::head) {
        set(easy_, CURLOPT_NOBODY, 1L);
    } else if (!body.empty() || request_.method == Method::post || request_.method == Method::put || request_.method == Method::patch) {
        set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        set(easy_, CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());  // not copied: request_ outlives the transfer
        set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
    } else {
        set(easy_, CURLOPT_HTTPGET, 1L);
        if (request_.method != Method::get) set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
    }
}

void CurlTransfer::set_callbacks() {
    void* const self = this;
    set(easy_, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
    set(easy_, CURLOPT_HEADERDATA, self);
    set(easy_, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
    set(easy_, CURLOPT_WRITEDATA, self);
    set(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open_socket);
    set(easy_, CURLOPT_OPENSOCKETDATA, self);
    set(easy_, CURLOPT_CLOSESOCKETFUNCTION, &CurlTransfer::on_close_socket);
    set(easy_, CURLOPT_CLOSESOCKETDATA, static_cast<void*>(driver_.get()));  // a connection outlives the transfer that made it
    set(easy_, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_about_to_send);
    set(easy_, CURLOPT_PREREQDATA, self);
    set(easy_, CURLOPT_SSL_CTX_FUNCTION, &CurlTransfer::on_tls);
    set(easy_, CURLOPT_SSL_CTX_DATA, self);
}

}  // namespace renkei::http

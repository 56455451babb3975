#include "adapters/http/curl_transfer.hpp"

#include "adapters/http/curl_error.hpp"
#include "base/encoding.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace renkei::http {
namespace {

constexpr std::size_t piece_size = 64 << 10;
// Above this libcurl is asked to stop reading: what a slow reader costs in memory is this and libcurl's own buffer.
constexpr std::size_t high_water = 256 << 10;

struct Peer {
    Address address{};
    std::uint16_t port = 0;
};

std::optional<Peer> peer_of(const curl_sockaddr& from) {
    Peer peer;
    if (from.family == AF_INET) {
        sockaddr_in v4;
        std::memcpy(&v4, &from.addr, sizeof v4);
        peer.address[10] = peer.address[11] = 0xff;
        std::memcpy(peer.address.data() + 12, &v4.sin_addr, 4);
        peer.port = ntohs(v4.sin_port);
    } else if (from.family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, &from.addr, std::min<std::size_t>(sizeof v6, from.addrlen));
        std::memcpy(peer.address.data(), &v6.sin6_addr, 16);
        peer.port = ntohs(v6.sin6_port);
    } else {
        return std::nullopt;
    }
    return peer;
}

CurlTransfer* self_of(void* pointer) { return static_cast<CurlTransfer*>(pointer); }

}  // namespace

CurlTransfer::CurlTransfer(std::shared_ptr<CurlDriver> driver, std::shared_ptr<const CurlSettings> settings, HttpRequest request, app::CallOptions options,
                           Uri target, EgressPolicy::Scope scope)
    : driver_(std::move(driver)),
      settings_(std::move(settings)),
      request_(std::move(request)),
      options_(std::move(options)),
      target_(std::move(target)),
      scope_(std::move(scope)),
      proxy_(settings_->proxies->proxy_for(target_)) {}

CurlTransfer::~CurlTransfer() {
    if (easy_ != nullptr) driver_->stop(easy_);
    let_go();
}

// The handle goes back as soon as libcurl is done with it, and the secrets with it.
void CurlTransfer::let_go() {
    if (easy_ != nullptr) driver_->give_back(std::exchange(easy_, nullptr));
    header_list_.clear();
    for (auto& line : header_lines_) wipe(line);
    header_lines_.clear();
    request_.authorization.reset();
    request_.secret_body.reset();
}

Result<void> CurlTransfer::start(Kind kind, std::uint64_t upload_length) {
    kind_ = kind;
    if (auto prepared = prepare_headers(kind); !prepared) return prepared;
    easy_ = driver_->take_easy();
    if (easy_ == nullptr) return fail(Errc::shutting_down, "the event loop is ending");
    set_basics(kind);
    set_proxy();
    set_body(kind, upload_length);
    set_callbacks();
    if (!driver_->start(easy_, *this)) return fail(Errc::internal, "the request could not be started");
    return {};
}

Task<void> CurlTransfer::wait() {
    co_await wait_for_callback<bool>([this](auto done) { waiter_ = std::move(done); });
}

void CurlTransfer::wake() {
    if (auto waiter = std::exchange(waiter_, nullptr)) waiter(true);
}

Task<void> CurlTransfer::until_done() {
    while (!done_) co_await wait();
}
Task<void> CurlTransfer::until_head() {
    while (!done_ && !head_done_) co_await wait();
}
Task<void> CurlTransfer::until_wanting() {
    while (!done_ && !out_paused_) co_await wait();
}
Task<void> CurlTransfer::until_readable() {
    while (!done_ && buffered() == 0) co_await wait();
}

void CurlTransfer::done(CURLcode code) {
    done_ = true;
    // A name may have several addresses: a refused one counts only if no other one could be reached.
    if (code == CURLE_COULDNT_CONNECT && refusal_ && !error_) error_ = std::move(refusal_);
    if (code != CURLE_OK && !error_) {
        CurlEnding ending{.code = code, .host = target_.host, .text = error_text_, .answer_began = status_ >= 200};
        curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &ending.verify_result);
        curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &ending.proxy_status);
        error_ = error_of(ending);
    }
    if (!error_ && proxy_ != nullptr && status_ == 407) error_ = error_of({.code = CURLE_RECV_ERROR, .host = target_.host, .text = {}, .proxy_status = 407});
    let_go();
    wake();
}

void CurlTransfer::abandon(std::vector<std::function<void(bool)>>& dropped) {
    done_ = true;
    error_ = Error{Errc::shutting_down, "the event loop has ended"};
    curl_easy_cleanup(std::exchange(easy_, nullptr));
    if (waiter_) dropped.push_back(std::exchange(waiter_, nullptr));
}

std::optional<Error> CurlTransfer::error() const { return error_; }

std::string CurlTransfer::take_piece() {
    std::string piece;
    if (taken_ == 0 && body_.size() <= piece_size) {
        piece.swap(body_);
    } else {
        piece = body_.substr(taken_, piece_size);
        taken_ += piece.size();
        if (taken_ == body_.size()) {
            body_.clear();
            taken_ = 0;
        }
    }
    if (in_paused_ && easy_ != nullptr && buffered() < piece_size) {
        in_paused_ = false;
        curl_easy_pause(easy_, CURLPAUSE_CONT);
    }
    return piece;
}

void CurlTransfer::feed(std::string piece) {
    out_ = std::move(piece);
    out_taken_ = 0;
    out_ended_ = out_.empty();
    if (std::exchange(out_paused_, false) && easy_ != nullptr) curl_easy_pause(easy_, CURLPAUSE_CONT);
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    return self_of(self)->take_header_line({data, size * count}) ? size * count : 0;
}

bool CurlTransfer::take_header_line(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > settings_->max_header_bytes) {
        error_ = Error{Errc::provider_bad_answer, "the headers of " + target_.host + " are larger than allowed"};
        return false;
    }
    if (head_done_) return true;  // trailers (RFC 9110 section 6.5): nobody here needs them
    if (line.starts_with("HTTP/")) {
        headers_ = {};
        const auto blank = line.find(' ');
        status_ = 0;
        if (blank != line.npos) std::from_chars(line.data() + blank + 1, line.data() + std::min(line.size(), blank + 4), status_);
        return true;
    }
    const auto text = trim(line);
    // 1xx answers come before the real one (RFC 9110 section 15.2).
    if (text.empty()) return status_ < 200 || finish_head();
    if (const auto colon = text.find(':'); colon != text.npos)
        headers_.add(std::string(trim(text.substr(0, colon))), std::string(trim(text.substr(colon + 1))));
    return true;
}

bool CurlTransfer::finish_head() {
    head_done_ = true;
    const bool encoded = headers_.has("Content-Encoding") && !equal_ignoring_case(headers_.get("Content-Encoding"), "identity");
    if (kind_ == Kind::download && encoded) {
        error_ = Error{Errc::provider_bad_answer, target_.host + " encodes its answer though it was asked not to"};
        return false;
    }
    if (encoded) {  // libcurl decodes it: these two speak of what nobody sees
        headers_.remove("Content-Encoding");
        headers_.remove("Content-Length");
    }
    if (!read_length()) {
        error_ = Error{Errc::provider_bad_answer, target_.host + " contradicts itself about the length of its answer"};
        return false;
    }
    if (length_ && *length_ > options_.max_answer_bytes && request_.method != Method::head) {
        error_ = Error{Errc::provider_bad_answer, "the answer of " + target_.host + " is larger than allowed", {{"too_large", "answer"}}};
        return false;
    }
    if (kind_ == Kind::download)
        wake();
    else if (length_ && request_.method != Method::head)
        body_.reserve(static_cast<std::size_t>(*length_));
    return true;
}

// RFC 9112 section 6.3: a length that is no number, or two that differ, may be an attempt to smuggle a second answer.
bool CurlTransfer::read_length() {
    for (const auto& [name, text] : headers_) {
        if (!equal_ignoring_case(name, "Content-Length")) continue;
        std::uint64_t length = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
        if (error != std::errc{} || end != text.data() + text.size() || (length_ && *length_ != length)) return false;
        length_ = length;
    }
    return true;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) { return self_of(self)->take_body_bytes({data, size * count}); }

std::size_t CurlTransfer::take_body_bytes(std::string_view bytes) {
    if (received_ + bytes.size() > options_.max_answer_bytes) {
        error_ = Error{Errc::provider_bad_answer, "the answer of " + target_.host + " is larger than allowed", {{"too_large", "answer"}}};
        return 0;
    }
    if (kind_ == Kind::download && buffered() >= high_water) {
        in_paused_ = true;
        wake();
        return CURL_WRITEFUNC_PAUSE;
    }
    if (taken_ > 0 && taken_ >= body_.size() / 2) {
        body_.erase(0, taken_);
        taken_ = 0;
    }
    received_ += bytes.size();
    body_.append(bytes);
    if (kind_ == Kind::download && worth_waking()) wake();
    return bytes.size();
}

// Small pieces of a body whose length is known are gathered, so that the reader is woken once for many.
bool CurlTransfer::worth_waking() const { return !length_ || buffered() >= piece_size || received_ >= *length_; }

std::size_t CurlTransfer::on_read(char* out, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *self_of(self);
    const std::size_t left = transfer.out_.size() - transfer.out_taken_;
    if (left == 0 && transfer.out_ended_) return 0;
    if (left == 0) {
        transfer.out_paused_ = true;
        transfer.wake();
        return CURL_READFUNC_PAUSE;
    }
    const std::size_t taken = std::min(left, size * count);
    std::memcpy(out, transfer.out_.data() + transfer.out_taken_, taken);
    transfer.out_taken_ += taken;
    return taken;
}

// The one place where an address becomes a connection: what the name said before does not count, so a name that changes its
// address in between (DNS rebinding) gains nothing, nor does an address in an odd notation.
curl_socket_t CurlTransfer::on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
    auto& transfer = *self_of(self);
    const auto peer = peer_of(*address);
    if (purpose != CURLSOCKTYPE_IPCXN || !peer) return CURL_SOCKET_BAD;
    // The proxy is the operator's own; what it is asked for has been checked by with_egress_policy.
    if (transfer.proxy_ == nullptr) {
        if (auto allowed = transfer.settings_->egress.check(transfer.scope_, peer->address, peer->port, transfer.target_.host); !allowed) {
            transfer.refusal_ = std::move(allowed.error());
            return CURL_SOCKET_BAD;
        }
    }
    return transfer.driver_->open_socket(*address);
}

int CurlTransfer::on_close_socket(void* driver, curl_socket_t fd) { return static_cast<CurlDriver*>(driver)->close_socket(fd); }

// Called with a connection in hand and before the first byte is sent, each time libcurl sends the request.
int CurlTransfer::on_about_to_send(void* self, char* peer, char*, int peer_port, int) {
    auto& transfer = *self_of(self);
    // libcurl repeats a request by itself when a kept connection turns out to be closed. The other side may have worked on
    // it already: a refresh token sent twice costs the grant. Only the caller knows whether a repeat is harmless.
    const bool harmless = transfer.options_.may_repeat || transfer.request_.method == Method::get || transfer.request_.method == Method::head;
    if (++transfer.sends_ > 1 && !harmless) {
        transfer.error_ = Error{Errc::provider_unavailable, transfer.target_.host + " closed the connection without an answer"};
        return CURL_PREREQFUNC_ABORT;
    }
    if (transfer.proxy_ != nullptr) return CURL_PREREQFUNC_OK;
    // A connection of the pool was checked when it was made; asking again costs nothing and keeps the rule in sight.
    const auto address = core::parse_address(peer);
    if (address && transfer.settings_->egress.check(transfer.scope_, *address, static_cast<std::uint16_t>(peer_port), transfer.target_.host))
        return CURL_PREREQFUNC_OK;
    transfer.error_ = Error{Errc::egress_refused, "calls to " + transfer.target_.host + " are refused"};
    return CURL_PREREQFUNC_ABORT;
}

CURLcode CurlTransfer::on_tls(CURL*, void* context, void* self) {
    return self_of(self)->settings_->trust->apply(static_cast<SSL_CTX*>(context)) ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

}  // namespace renkei::http

#pragma once

#include "adapters/http/curl_driver.hpp"
#include "adapters/http/curl_settings.hpp"
#include "app/ports/http_client.hpp"
#include "base/uri.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::http {

/// One request on its way through libcurl. Belongs to one loop and one owner, and ends with it.
class CurlTransfer final : public CurlClient {
public:
    enum class Kind { whole, download, upload };

    CurlTransfer(std::shared_ptr<CurlDriver> driver, std::shared_ptr<const CurlSettings> settings, HttpRequest request, app::CallOptions options, Uri target,
                 EgressPolicy::Scope scope);
    ~CurlTransfer() override;
    CurlTransfer(const CurlTransfer&) = delete;
    CurlTransfer& operator=(const CurlTransfer&) = delete;

    Result<void> start(Kind kind, std::uint64_t upload_length = 0);

    Task<void> until_done();
    Task<void> until_head();
    bool has_head() const { return head_done_; }
    /// Until libcurl asks for more of the body that is sent, or the transfer has ended.
    Task<void> until_wanting();
    /// Until there is something to take, or the transfer has ended.
    Task<void> until_readable();

    bool is_done() const { return done_; }
    const CurlDriver& driver() const { return *driver_; }
    const std::string& host() const { return target_.host; }
    int status() const { return status_; }
    Headers take_headers() { return std::move(headers_); }
    /// Nothing, or why there is no answer.
    std::optional<Error> error() const;
    std::string take_body() { return std::move(body_); }
    /// At most 64 KiB of what has arrived.
    std::string take_piece();
    /// Gives libcurl more to send; an empty piece is the end.
    void feed(std::string piece);

private:
    void done(CURLcode code) override;
    void abandon(std::vector<std::function<void(bool)>>& dropped) override;

    // curl_request.cpp: what libcurl is told.
    Result<void> prepare_headers(Kind kind);
    void set_basics(Kind kind);
    void set_proxy();
    void set_body(Kind kind, std::uint64_t upload_length);
    void set_callbacks();
    void add_header(std::string_view name, std::string_view value);

    // curl_transfer.cpp: what libcurl tells.
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self);
    static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
    static int on_close_socket(void* driver, curl_socket_t fd);
    static int on_about_to_send(void* self, char* peer, char* local, int peer_port, int local_port);
    static CURLcode on_tls(CURL* easy, void* context, void* self);
    bool take_header_line(std::string_view line);
    bool finish_head();
    bool read_length();
    std::size_t take_body_bytes(std::string_view bytes);
    std::size_t buffered() const { return body_.size() - taken_; }
    bool worth_waking() const;

    Task<void> wait();
    void wake();
    void let_go();

    std::shared_ptr<CurlDriver> driver_;  // shared: outlives the loop's own list if the owner outlives the loop
    std::shared_ptr<const CurlSettings> settings_;
    HttpRequest request_;
    app::CallOptions options_;
    Uri target_;
    EgressPolicy::Scope scope_;
    const ProxyServer* proxy_;

    CURL* easy_ = nullptr;
    Kind kind_ = Kind::whole;
    std::string url_;
    std::deque<std::string> header_lines_;  // a deque: libcurl keeps their addresses
    std::vector<curl_slist> header_list_;
    char error_text_[CURL_ERROR_SIZE] = {};

    std::function<void(bool)> waiter_;
    bool head_done_ = false;
    bool done_ = false;
    bool in_paused_ = false;
    bool out_paused_ = false;
    bool out_ended_ = false;
    unsigned sends_ = 0;
    int status_ = 0;
    std::size_t header_bytes_ = 0;
    Headers headers_;
    std::optional<std::uint64_t> length_;
    std::string body_;
    std::size_t taken_ = 0;
    std::uint64_t received_ = 0;
    std::string out_;
    std::size_t out_taken_ = 0;
    std::optional<Error> error_;
    std::optional<Error> refusal_;  // by the egress policy, of one address
};

}  // namespace renkei::http

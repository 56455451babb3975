#pragma once

#include "app/task.hpp"

#include <curl/curl.h>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace renkei::http {

/// What the driver tells a transfer, on the loop and outside of libcurl. Its easy handle is out of the driver by then.
class CurlClient {
public:
    virtual ~CurlClient() = default;
    virtual void done(CURLcode code) = 0;
    /// The loop ends. Whatever waits on the transfer goes to `dropped`, which keeps it until the driver has let go of everything.
    virtual void abandon(std::vector<std::function<void(bool)>>& dropped) = 0;
};

/// libcurl's multi interface on one event loop, with its connections, sessions and reusable easy handles.
/// The sockets are Asio's for the whole life of a connection: registering a descriptor anew for every request would cost
/// two epoll_ctl calls each time.
class CurlDriver {
public:
    explicit CurlDriver(Executor executor);
    ~CurlDriver();
    CurlDriver(const CurlDriver&) = delete;
    CurlDriver& operator=(const CurlDriver&) = delete;

    const Executor& executor() const { return executor_; }
    bool alive() const { return multi_ != nullptr; }
    /// A handle in its first state; its owner gives it back.
    CURL* take_easy();
    void give_back(CURL* easy);
    bool start(CURL* easy, CurlClient& client);
    void stop(CURL* easy);
    /// A socket that this loop watches; for CURLOPT_OPENSOCKETFUNCTION.
    curl_socket_t open_socket(const curl_sockaddr& address);
    int close_socket(curl_socket_t fd);
    void shut_down();

private:
    using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
    using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
    struct Watch {
        explicit Watch(Executor on) : descriptor(std::move(on)) {}
        Descriptor descriptor;
        int wanted = 0;
        bool ours = false;  ///< opened by open_socket; else libcurl closes it
        bool reading = false;
        bool writing = false;
    };
    using WatchPtr = std::shared_ptr<Watch>;  // shared with the waits that are under way

    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*);
    static int on_timer(CURLM*, long millis, void* self);
    void want(curl_socket_t fd, int what);
    void arm(curl_socket_t fd, const WatchPtr& watch);
    void ready(curl_socket_t fd, const WatchPtr& watch, int poll_bit, int select_bit);
    void set_timer(long millis);
    void act(curl_socket_t fd, int events);
    void collect();

    Executor executor_;
    std::optional<Timer> timer_;  // gone with the loop, even if somebody keeps a stream of a loop that has ended
    bool kicked_ = false;
    CURLM* multi_;
    CURLSH* sessions_;
    std::unordered_map<curl_socket_t, WatchPtr> watches_;
    std::unordered_map<CURL*, CurlClient*> active_;
    std::vector<CURL*> idle_;
};

}  // namespace renkei::http

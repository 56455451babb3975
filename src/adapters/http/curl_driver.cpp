#include "adapters/http/curl_driver.hpp"

#include <sys/socket.h>

#include <utility>

namespace renkei::http {
namespace {

constexpr std::size_t most_idle_handles = 64;
constexpr long most_pooled_connections = 512;

}  // namespace

CurlDriver::CurlDriver(Executor executor) : executor_(std::move(executor)), timer_(executor_), multi_(curl_multi_init()), sessions_(curl_share_init()) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlDriver::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlDriver::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, most_pooled_connections);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    // One loop is one thread: no locks. A resumed TLS session saves most of a handshake.
    curl_share_setopt(sessions_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

CurlDriver::~CurlDriver() { shut_down(); }

CURL* CurlDriver::take_easy() {
    if (!alive()) return nullptr;
    if (idle_.empty()) return curl_easy_init();
    CURL* easy = idle_.back();
    idle_.pop_back();
    return easy;
}

void CurlDriver::give_back(CURL* easy) {
    if (alive() && idle_.size() < most_idle_handles) {
        curl_easy_reset(easy);  // nothing of one call may reach the next
        idle_.push_back(easy);
    } else {
        curl_easy_cleanup(easy);
    }
}

bool CurlDriver::start(CURL* easy, CurlClient& client) {
    if (!alive()) return false;
    curl_easy_setopt(easy, CURLOPT_SHARE, sessions_);
    if (curl_multi_add_handle(multi_, easy) != CURLM_OK) return false;
    active_.emplace(easy, &client);
    return true;
}

void CurlDriver::stop(CURL* easy) {
    if (active_.erase(easy) > 0 && alive()) curl_multi_remove_handle(multi_, easy);
}

curl_socket_t CurlDriver::open_socket(const curl_sockaddr& address) {
    const int fd = ::socket(address.family, address.socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.protocol);
    if (fd < 0) return CURL_SOCKET_BAD;
    auto watch = std::make_shared<Watch>(executor_);
    boost::system::error_code error;
    watch->descriptor.assign(fd, error);
    if (error) {
        ::close(fd);
        return CURL_SOCKET_BAD;
    }
    watch->ours = true;
    watches_[fd] = std::move(watch);
    return fd;
}

int CurlDriver::close_socket(curl_socket_t fd) {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) return 1;
    const auto watch = std::move(found->second);
    watches_.erase(found);
    watch->wanted = 0;
    boost::system::error_code ignored;
    watch->descriptor.close(ignored);
    return 0;
}

int CurlDriver::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    static_cast<CurlDriver*>(self)->want(fd, what);
    return 0;
}

int CurlDriver::on_timer(CURLM*, long millis, void* self) {
    static_cast<CurlDriver*>(self)->set_timer(millis);
    return 0;
}

void CurlDriver::want(curl_socket_t fd, int what) {
    auto found = watches_.find(fd);
    if (found == watches_.end()) {
        if (what == CURL_POLL_REMOVE) return;
        // Not from open_socket: the pipe by which libcurl's name lookup says that it is done.
        auto watch = std::make_shared<Watch>(executor_);
        boost::system::error_code error;
        watch->descriptor.assign(fd, error);
        if (error) return;
        found = watches_.emplace(fd, std::move(watch)).first;
    }
    const WatchPtr watch = found->second;
    watch->wanted = what == CURL_POLL_REMOVE ? 0 : what;
    if (what == CURL_POLL_REMOVE && !watch->ours) {
        watch->descriptor.release();  // libcurl closes it next
        watches_.erase(found);
        return;
    }
    arm(fd, watch);
}

// A wait that is no longer wanted stays: it costs less than taking it back and asking again at the next request.
void CurlDriver::arm(curl_socket_t fd, const WatchPtr& watch) {
    if ((watch->wanted & CURL_POLL_IN) != 0 && !watch->reading) {
        watch->reading = true;
        watch->descriptor.async_wait(Descriptor::wait_read, [this, fd, watch](boost::system::error_code error) {
            watch->reading = false;
            if (!error) ready(fd, watch, CURL_POLL_IN, CURL_CSELECT_IN);
        });
    }
    if ((watch->wanted & CURL_POLL_OUT) != 0 && !watch->writing) {
        watch->writing = true;
        watch->descriptor.async_wait(Descriptor::wait_write, [this, fd, watch](boost::system::error_code error) {
            watch->writing = false;
            if (!error) ready(fd, watch, CURL_POLL_OUT, CURL_CSELECT_OUT);
        });
    }
}

void CurlDriver::ready(curl_socket_t fd, const WatchPtr& watch, int poll_bit, int select_bit) {
    // The number may belong to another socket by now: only the watch that is still listed speaks for it.
    const auto listed = [&] {
        const auto found = watches_.find(fd);
        return found != watches_.end() && found->second == watch;
    };
    if (!alive() || !listed() || (watch->wanted & poll_bit) == 0) return;
    act(fd, select_bit);
    if (listed()) arm(fd, watch);
}

void CurlDriver::set_timer(long millis) {
    if (!alive()) return;
    if (millis < 0) {
        timer_->cancel();
        return;
    }
    if (millis == 0) {
        // libcurl is on the stack here and must not be entered again.
        if (std::exchange(kicked_, true)) return;
        asio::post(executor_, [this] {
            kicked_ = false;
            act(CURL_SOCKET_TIMEOUT, 0);
        });
        return;
    }
    timer_->expires_after(std::chrono::milliseconds(millis));
    timer_->async_wait([this](boost::system::error_code error) {
        if (!error) act(CURL_SOCKET_TIMEOUT, 0);
    });
}

void CurlDriver::act(curl_socket_t fd, int events) {
    if (!alive()) return;
    int running = 0;
    curl_multi_socket_action(multi_, fd, events, &running);
    collect();
}

void CurlDriver::collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* easy = message->easy_handle;
        const CURLcode code = message->data.result;
        curl_multi_remove_handle(multi_, easy);
        const auto found = active_.find(easy);
        if (found == active_.end()) continue;
        CurlClient* client = found->second;
        active_.erase(found);
        client->done(code);
    }
}

void CurlDriver::shut_down() {
    if (!alive()) return;
    std::vector<std::function<void(bool)>> dropped;
    for (const auto& [easy, client] : std::exchange(active_, {})) {
        curl_multi_remove_handle(multi_, easy);
        client->abandon(dropped);
    }
    for (CURL* easy : std::exchange(idle_, {})) curl_easy_cleanup(easy);
    curl_multi_cleanup(std::exchange(multi_, nullptr));
    curl_share_cleanup(std::exchange(sessions_, nullptr));
    watches_.clear();
    timer_.reset();
    // Here `dropped` goes: the waiting coroutines end, and with them their transfers, which find the driver closed.
}

}  // namespace renkei::http

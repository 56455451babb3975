#include "adapters/http/connection.hpp"

#include "base/encoding.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace renkei::http {
namespace {

constexpr unsigned requests_per_turn = 16;        // then the loop goes to the others
constexpr std::size_t corked_bytes = 64 * 1024;   // answers to pipelined requests that leave in one write
constexpr std::size_t lingered_bytes = 1u << 20;  // read and thrown away behind a last answer

constexpr std::string_view session_field = "Renkei-Session", run_field = "Renkei-Run";

bool is_secret(std::string_view name) {
    return equal_ignoring_case(name, "Authorization") || equal_ignoring_case(name, "Cookie") || equal_ignoring_case(name, session_field) ||
           equal_ignoring_case(name, run_field);
}

}  // namespace

Task<bool> Connection::handshake() {
    for (;;) {
        const auto result = io_.handshake_now();
        if (result.state == IoResult::State::done) break;
        if (result.state == IoResult::State::closed || !co_await io_.wait(result.state)) co_return false;
    }
    enter(Phase::head);
    co_return true;
}

// Answers what is complete and fast, until something else must happen.
Connection::Turn Connection::take_turn() {
    auto now = Steady::now();
    if (over_limit_) return refuse({503, "The server has too many connections."}, now);
    for (; served_ < requests_per_turn && loop_->out.size() < corked_bytes; ++served_) {
        auto bytes = in_.unread();
        // RFC 9112 section 2.2: empty lines before a request are skipped.
        while (scanned_ == 0 && bytes.starts_with("\r\n")) in_.consume(2), bytes = in_.unread();
        const auto end = head_end(bytes, scanned_);
        if (std::min(end, bytes.size()) > loop_->settings().header_bytes) return refuse({431, "The header fields are too large."}, now);
        if (end == std::string_view::npos) {
            if (!may_start_a_request(bytes, scanned_)) return refuse({400, "This is no HTTP request."}, now);
            return need_more(now);
        }
        scanned_ = 0;
        in_head_ = false;
        if (auto refusal = parse_head(bytes.substr(0, end), loop_->settings().header_fields, loop_->head)) return refuse(*refusal, now);
        if (!answer_fast(now)) return begin_exchange(now, end);
        in_.consume(end);
        now = since_;
        if (!loop_->head.keep_alive || loop_->draining) return Turn::close;
    }
    return Turn::yield;
}

Connection::Turn Connection::need_more(Steady::time_point now) {
    const auto unread = in_.unread().size();
    if (unread == 0 && loop_->draining) return Turn::close;
    scanned_ = unread > 3 ? unread - 3 : 0;
    if (!in_head_ && unread > 0) {
        in_head_ = true;
        head_since_ = now;  // once a head: dripping bytes do not buy time
    }
    return Turn::read;
}

void Connection::begin_reading() {
    // After a fast answer since_ is the time of its end; the clock need not be asked again.
    const auto now = phase_ == Phase::writing || phase_ == Phase::handling ? Steady::now() : since_;
    enter(in_head_ ? Phase::head : Phase::idle, in_head_ ? head_since_ : now);
}

bool Connection::answer_fast(Steady::time_point started) {
    const auto& head = loop_->head;
    if (head.method != "GET" || head.has_body() || head.expects_continue || head.repeated || head.acts_as || head.of_run || head.absolute_form) return false;
    std::optional<Caller> caller = peer_;
    if (trusted_peer_ && !(caller = believed_caller(peer_, head, loop_->settings().trusted_proxies))) return false;

    loop_->fast_body.clear();
    app::FastAnswer answer{.body = loop_->fast_body};
    try {
        if (!loop_->context->handler.try_fast({.method = head.method,
                                               .target = head.target,
                                               .authorization = head.authorization,
                                               .connection_header = head.renkei_connection,
                                               .mailbox_header = head.renkei_mailbox,
                                               .address = caller->address,
                                               .secure = caller->secure},
                                              answer))
            return false;
    } catch (...) {
        report_exception({});
        return false;  // the ordinary way answers for it
    }
    const auto believed = trusted_peer_ ? believed_request_id(head) : std::string();
    const auto request_id = believed.empty() ? loop_->ids.next() : std::string_view(believed);
    append_fast_answer(loop_->out, answer, {loop_->date.now(), request_id, head.keep_alive && !loop_->draining, head.http11, false});
    since_ = Steady::now();
    if (loop_->context->sink)
        loop_->context->sink->record({.method = head.method,
                                      .route = answer.route,
                                      .status = answer.status,
                                      .bytes = loop_->fast_body.size(),
                                      .duration = std::chrono::duration_cast<std::chrono::microseconds>(since_ - started),
                                      .request_id = request_id,
                                      .address = caller->address,
                                      .principal = answer.principal,
                                      .fast = true,
                                      .secure = caller->secure});
    return true;
}

Connection::Turn Connection::refuse(Refusal refusal, Steady::time_point started) {
    exchange_ = std::make_unique<Exchange>();
    exchange_->refusal = refusal;
    exchange_->request_id = loop_->ids.next();
    exchange_->caller = peer_;
    exchange_->started = started;
    return Turn::answer;
}

Connection::Turn Connection::begin_exchange(Steady::time_point started, std::size_t head_size) {
    const auto& head = loop_->head;
    exchange_ = std::make_unique<Exchange>();
    auto& exchange = *exchange_;
    exchange.started = started;
    exchange.method = head.method;
    exchange.http11 = head.http11;
    exchange.keep_alive = head.keep_alive;
    exchange.head_only = head.method == "HEAD";
    exchange.expects_continue = head.expects_continue;
    exchange.request_id = trusted_peer_ ? believed_request_id(head) : std::string();
    if (exchange.request_id.empty()) exchange.request_id = loop_->ids.next();
    const auto caller = trusted_peer_ ? believed_caller(peer_, head, loop_->settings().trusted_proxies) : peer_;
    exchange.caller = caller.value_or(peer_);
    if (!caller) exchange.refusal = Refusal{400, "Forwarded and X-Forwarded-For contradict each other."};
    fill_request(exchange);
    begin_body(exchange);
    in_.consume(head_size);
    ++served_;
    return Turn::answer;
}

void Connection::fill_request(Exchange& exchange) {
    const auto& head = loop_->head;
    auto& request = exchange.request;
    request.request_id = exchange.request_id;
    request.address = exchange.caller.address;
    request.secure = exchange.caller.secure;
    request.target = head.target;
    const auto question = std::min(head.target.find('?'), head.target.size());
    request.path = head.target.substr(0, question);
    fill_headers(request);
    const auto method = parse_method(head.method);
    if (!method) {
        exchange.refusal = Refusal{501, "The method is not known."};
        return;
    }
    request.method = *method;
    auto query = form_decode(head.target.substr(std::min(question + 1, head.target.size())));
    if (query)
        request.query = std::move(*query);
    else
        exchange.refusal = Refusal{400, "The query has a broken escape."};
}

void Connection::fill_headers(app::ServerRequest& request) {
    const auto& head = loop_->head;
    std::string cookies;
    for (const auto& [name, value] : head.fields) {
        if (!is_secret(name)) {
            // RFC 9112 section 3.2.2: of an absolute form the authority counts.
            const bool replaced = head.absolute_form && equal_ignoring_case(name, "Host");
            request.headers.add(std::string(name), std::string(replaced ? head.authority : value));
        } else if (equal_ignoring_case(name, session_field)) {
            // Two of a kind are none: the second one cannot be meant for us alone.
            request.session = request.session ? Secret("(repeated)") : Secret(value);
        } else if (equal_ignoring_case(name, run_field)) {
            request.run = request.run ? Secret("(repeated)") : Secret(value);
        } else if (equal_ignoring_case(name, "Cookie")) {
            // Several Cookie fields are one (RFC 6265 section 5.4 joins them so).
            if (!cookies.empty()) cookies += "; ";
            cookies += value;
        }
    }
    if (head.authorization.data()) request.authorization = Secret(head.authorization);
    if (!cookies.empty()) request.cookie = Secret::take(std::move(cookies));
}

void Connection::begin_body(Exchange& exchange) {
    const auto& head = loop_->head;
    if (!head.has_body()) return;
    exchange.keep_alive = exchange.keep_alive && !exchange.refusal;  // the body of a refused request is not read
    if (exchange.refusal) return;
    std::uint64_t limit = 0;
    try {
        limit = loop_->context->handler.body_limit(exchange.request.method, exchange.request.path);
    } catch (...) {
        report_exception(exchange.request_id);
        exchange.refusal = Refusal{500, "The request could not be handled."};
        exchange.keep_alive = false;
        return;
    }
    exchange.body = head.chunked ? BodyReader::of_chunks(limit) : BodyReader::of_length(*head.content_length, limit);
    end_body(exchange);
}

void Connection::end_body(Exchange& exchange) {
    using State = BodyReader::State;
    if (exchange.body->state() == State::too_large) exchange.refusal = Refusal{413, "The body is larger than this route takes."};
    if (exchange.body->state() == State::malformed) exchange.refusal = Refusal{400, "The chunks of the body are malformed."};
    if (exchange.refusal) exchange.keep_alive = false;
}

// False: the client has gone, the time is over or the server stops; exchange_ is set if that needs an answer.
Task<bool> Connection::read() {
    begin_reading();
    if (loop_->draining && in_.empty()) co_return take_last();
    for (;;) {
        if (io_.is_tls() || resting_) {
            if (co_await read_when_ready()) co_return true;
        } else {
            const auto room = loop_->buffers.room(in_);
            const auto [error, bytes] = co_await io_.socket().async_read_some(asio::buffer(room.data(), room.size()), asio::as_tuple(use_task));
            if (!error) {
                in_.commit(bytes);
                served_ = 0;
                co_return true;
            }
        }
        const auto why = std::exchange(interrupted_, Why::nothing);
        if (why == Why::drained) co_return take_last();
        if (why == Why::expired && !in_.empty()) refuse({408, "The request's head did not arrive in time."}, since_);
        if (why != Why::shrink) co_return false;
        loop_->buffers.give_back(in_);
        resting_ = true;
    }
}

// The server stops; what has arrived already is still answered.
bool Connection::take_last() {
    const auto result = io_.read_now(loop_->buffers.room(in_));
    if (result.state == IoResult::State::done) in_.commit(result.bytes);
    return result.state == IoResult::State::done;
}

// TLS, and whoever has been idle for long: no buffer is held while nothing comes.
Task<bool> Connection::read_when_ready() {
    for (;;) {
        const auto result = io_.read_now(loop_->buffers.room(in_));
        if (result.state == IoResult::State::done) {
            in_.commit(result.bytes);
            resting_ = false;
            co_return true;
        }
        if (in_.empty()) loop_->buffers.give_back(in_);
        if (result.state == IoResult::State::closed) co_return false;
        served_ = 0;
        if (!co_await io_.wait(result.state)) co_return false;
    }
}

Task<void> Connection::read_body(Exchange& exchange) {
    auto& body = *exchange.body;
    auto& text = exchange.request.body;
    enter(Phase::body);
    in_.consume(body.take(in_.unread(), text));
    if (exchange.expects_continue && body.state() == BodyReader::State::more && in_.empty()) {
        if (!co_await send("HTTP/1.1 100 Continue\r\n\r\n")) co_return;
        enter(Phase::body);
    }
    while (body.state() == BodyReader::State::more) {
        auto& scratch = loop_->input;
        const auto result = io_.read_now(scratch);
        if (result.state == IoResult::State::closed) co_return;
        if (result.state != IoResult::State::done) {
            if (co_await io_.wait(result.state)) continue;
            if (std::exchange(interrupted_, Why::nothing) == Why::expired) exchange.refusal = Refusal{408, "The request's body did not arrive in time."};
            exchange.keep_alive = false;
            co_return;
        }
        const std::string_view bytes(scratch.data(), result.bytes);
        progress_ += bytes.size();
        in_.put_back(bytes.substr(body.take(bytes, text)));
        if (++served_ >= requests_per_turn) co_await give_way();
    }
    end_body(exchange);
}

// A close with unread input would make the kernel throw our last answer away (RFC 9112 section 9.6).
Task<void> Connection::linger() {
    io_.finish_sending();
    if (in_.has_memory()) loop_->buffers.give_back(in_);
    enter(Phase::lingering);
    for (std::size_t read = 0; read < lingered_bytes;) {
        auto& scratch = loop_->input;
        const auto count = ::recv(io_.socket().native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (count > 0)
            read += static_cast<std::size_t>(count);
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
            break;
        else if (!co_await io_.wait(IoResult::State::wants_read))
            break;
    }
}

}  // namespace renkei::http

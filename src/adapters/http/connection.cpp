#include "adapters/http/connection.hpp"

#include "base/secret.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace renkei::http {
namespace {

// Smaller bodies are copied behind their head and leave in the same write.
constexpr std::size_t copied_body = 16 * 1024;
constexpr unsigned pieces_per_turn = 16;

}  // namespace

Connection::Connection(std::shared_ptr<ServerLoop> loop, Socket socket, SslPtr ssl, Caller peer, bool over_limit)
    : loop_(std::move(loop)),
      io_(std::move(socket), std::move(ssl)),
      peer_(peer),
      since_(Steady::now()),
      head_since_(since_),
      phase_(io_.is_tls() ? Phase::handshake : Phase::head),
      trusted_peer_(is_trusted(peer.address, loop_->settings().trusted_proxies)),
      over_limit_(over_limit) {
    loop_->enter(*this);
}

Connection::~Connection() {
    if (in_.has_memory()) loop_->buffers.give_back(in_);
    loop_->leave(*this);
}

Task<void> Connection::run(std::unique_ptr<Connection> self) {
    auto& it = *self;
    if (it.io_.is_tls() && !co_await it.handshake()) co_return;
    bool open = true;
    while (open) {
        const auto turn = it.take_turn();
        if (const auto flushed = it.flush_now(); flushed != Flush::done) {
            if (flushed == Flush::closed || !co_await it.flush()) co_return;
        }
        switch (turn) {
            case Turn::read:
                if (co_await it.read()) break;
                if (!it.exchange_) co_return it.io_.finish_sending();
                [[fallthrough]];
            case Turn::answer: open = co_await it.answer(); break;
            case Turn::yield: co_await it.give_way(); break;
            case Turn::close: open = false; break;
        }
    }
    if (!it.reset_) co_await it.linger();
}

Task<void> Connection::give_way() {
    served_ = 0;
    co_await asio::post(loop_->loop().get_executor(), use_task);
}

void Connection::enter(Phase phase, Steady::time_point now) {
    phase_ = phase;
    since_ = now;
    progress_ = 0;
}

void Connection::interrupt(Why why) {
    interrupted_ = why;
    io_.interrupt();
}

void Connection::sweep(Steady::time_point now) {
    const auto& settings = loop_->settings();
    const auto spent = now - since_;
    const auto earned = std::chrono::milliseconds(progress_ * 1000 / std::max<std::uint64_t>(settings.min_rate, 1));
    switch (phase_) {
        case Phase::handling: break;
        case Phase::handshake:
        case Phase::head:
            if (spent >= settings.head_deadline) interrupt(Why::expired);
            break;
        case Phase::idle:
            if (spent >= settings.idle_deadline)
                interrupt(Why::expired);
            else if (spent >= settings.shrink_after && in_.has_memory())
                interrupt(Why::shrink);
            break;
        case Phase::body:
            if (spent >= settings.body_deadline + earned) interrupt(Why::expired);
            break;
        case Phase::writing:
            if (spent >= settings.write_deadline + earned) abort();
            break;
        case Phase::lingering:
            if (spent >= settings.linger_deadline) interrupt(Why::expired);
            break;
    }
}

void Connection::begin_drain() {
    // A connection that owes us nothing is closed at once; one that has begun a head may finish it.
    const bool owes_nothing = phase_ == Phase::idle || phase_ == Phase::handshake || (phase_ == Phase::head && in_.empty());
    if (owes_nothing) interrupt(Why::drained);
}

Task<bool> Connection::answer() {
    const auto exchange = std::move(exchange_);
    if (exchange->body && !exchange->refusal) co_await read_body(*exchange);
    if (exchange->body && !exchange->refusal && exchange->body->state() != BodyReader::State::done) co_return false;  // the client has gone
    app::ServerResponse response = exchange->refusal ? refusal_answer(*exchange->refusal, exchange->request_id) : co_await ask(*exchange);
    co_return co_await write_answer(*exchange, std::move(response));
}

Task<app::ServerResponse> Connection::ask(Exchange& exchange) {
    enter(Phase::handling);
    try {
        co_return co_await loop_->context->handler.handle(std::move(exchange.request));
    } catch (...) {
        report_exception(exchange.request_id);
    }
    co_return refusal_answer({500, "The request could not be handled."}, exchange.request_id);
}

// A bug in an endpoint ends its request, nothing else.
void Connection::report_exception(std::string_view request_id) {
    if (loop_->settings().on_exception) loop_->settings().on_exception(request_id, std::current_exception());
}

app::ServerResponse Connection::refusal_answer(const Refusal& refusal, std::string_view request_id) {
    try {
        return loop_->context->handler.refuse(refusal.status, refusal.detail, request_id);
    } catch (...) {
        report_exception(request_id);
        return bare_answer(refusal.status);
    }
}

AnswerBody Connection::begin_answer(Exchange& exchange, app::ServerResponse& response) {
    AnswerFrame frame{loop_->date.now(), exchange.request_id, exchange.keep_alive && !loop_->draining, exchange.http11, exchange.head_only};
    auto body = append_head(loop_->out, response, frame);
    if (!body) {
        response = refusal_answer({500, "The answer could not be sent."}, exchange.request_id);
        body = append_head(loop_->out, response, frame);
    }
    if (!body) {
        response = bare_answer(500);
        body = append_head(loop_->out, response, frame);
    }
    exchange.keep_alive = frame.keep_alive;
    return *body;
}

Task<bool> Connection::write_answer(Exchange& exchange, app::ServerResponse response) {
    if (response.reset_connection) {
        io_.reset_on_close();
        reset_ = true;
        co_return false;
    }
    const auto body = begin_answer(exchange, response);
    Sent sent{response.status, 0, true};
    if (body.kind == AnswerBody::Kind::none || exchange.head_only) {
        sent.complete = co_await flush();
    } else if (body.kind == AnswerBody::Kind::whole) {
        sent.bytes = response.body.size();
        sent.complete = co_await write_whole(response);
    } else {
        sent = co_await write_stream(response, body);
        // Without a length a close is a whole body's end, so a broken one needs another sign.
        reset_ = !sent.complete && body.kind == AnswerBody::Kind::until_close;
    }
    if (reset_) io_.reset_on_close();
    record(exchange, response, sent);
    if (response.secret_body) wipe(response.body);
    co_return sent.complete&& exchange.keep_alive;
}

Task<bool> Connection::write_whole(app::ServerResponse& response) {
    if (response.body.size() <= copied_body) {
        loop_->out += response.body;
        wipe_rest_ = response.secret_body;
        co_return co_await flush();
    }
    if (flush_now(true) == Flush::pending && !co_await flush()) co_return false;
    co_return co_await send(response.body);
}

// Each piece leaves when it comes: an event stream must not wait for the next event.
Task<Connection::Sent> Connection::write_stream(app::ServerResponse& response, AnswerBody body) {
    using enum AnswerBody::Kind;
    Sent sent{response.status, 0, false};
    if (!co_await flush()) co_return sent;
    for (;;) {
        enter(Phase::handling);
        std::optional<Result<std::string>> piece;
        try {
            piece = co_await response.stream->read();
        } catch (...) {
            report_exception({});
        }
        // The head has gone: a broken end is the only way left to say that the body is not whole.
        if (!piece || !*piece) co_return sent;
        if ((*piece)->empty()) break;
        if (body.kind == counted && (*piece)->size() > body.length - sent.bytes) co_return sent;
        sent.bytes += (*piece)->size();
        if (body.kind == chunked)
            append_chunk(loop_->out, **piece);
        else
            loop_->out += **piece;
        wipe_rest_ = response.secret_body;
        if (!co_await flush()) co_return sent;
        if (++served_ >= pieces_per_turn) co_await give_way();
    }
    if (body.kind == counted && sent.bytes != body.length) co_return sent;
    if (body.kind == chunked) append_chunk(loop_->out, {});
    sent.complete = co_await flush();
    co_return sent;
}

void Connection::record(const Exchange& exchange, const app::ServerResponse& response, const Sent& sent) {
    if (!loop_->context->sink) return;
    const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - exchange.started);
    loop_->context->sink->record({.method = exchange.method,
                                  .route = response.route,
                                  .status = sent.status,
                                  .bytes = sent.bytes,
                                  .duration = duration,
                                  .request_id = exchange.request_id,
                                  .address = exchange.caller.address,
                                  .principal = response.principal,
                                  .fast = false,
                                  .secure = exchange.caller.secure});
}

// Empties the loop's scratch: what the socket does not take at once becomes this connection's own.
Connection::Flush Connection::flush_now(bool more) {
    auto& out = loop_->out;
    if (out.empty()) return Flush::done;
    std::size_t done = 0;
    auto outcome = Flush::done;
    while (done < out.size()) {
        const auto result = io_.write_now(std::string_view(out).substr(done), more);
        if (result.state == IoResult::State::done) {
            done += result.bytes;
            continue;
        }
        outcome = result.state == IoResult::State::closed ? Flush::closed : Flush::pending;
        break;
    }
    if (outcome == Flush::pending) rest_.assign(out, done);
    if (wipe_rest_)
        wipe(out);
    else
        out.clear();
    if (outcome == Flush::done) wipe_rest_ = false;
    return outcome;
}

Task<bool> Connection::flush() {
    if (const auto flushed = flush_now(); flushed == Flush::closed) co_return false;
    if (rest_.empty()) co_return true;
    auto rest = std::exchange(rest_, {});
    const bool sent = co_await send(rest);
    if (std::exchange(wipe_rest_, false)) wipe(rest);
    co_return sent;
}

Task<bool> Connection::send(std::string_view bytes) {
    enter(Phase::writing);
    while (!bytes.empty()) {
        const auto result = io_.write_now(bytes);
        if (result.state == IoResult::State::closed) co_return false;
        if (result.state == IoResult::State::done) {
            bytes.remove_prefix(result.bytes);
            progress_ += result.bytes;
        } else if (!co_await io_.wait(result.state)) {
            co_return false;
        }
    }
    co_return true;
}

}  // namespace renkei::http

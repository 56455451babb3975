#pragma once

#include "adapters/http/connection_answer.hpp"
#include "adapters/http/connection_body.hpp"
#include "adapters/http/connection_buffers.hpp"
#include "adapters/http/connection_io.hpp"
#include "adapters/http/forwarded.hpp"
#include "adapters/http/server_loop.hpp"
#include "app/task.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::http {

/// One client's connection: reads heads, answers what can be answered at once, and hands the rest to the handler.
class Connection {
public:
    using Steady = std::chrono::steady_clock;

    Connection(std::shared_ptr<ServerLoop> loop, Socket socket, SslPtr ssl, Caller peer, bool over_limit);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// From the first byte to the close.
    static Task<void> run(std::unique_ptr<Connection> self);

    // Called by the loop, while run() is suspended.
    void sweep(Steady::time_point now);
    void begin_drain();
    void abort() { io_.abort(); }

    std::size_t place_in_loop = 0;

private:
    enum class Phase : std::uint8_t { handshake, head, idle, body, handling, writing, lingering };
    enum class Why : std::uint8_t { nothing, expired, shrink, drained };
    enum class Turn : std::uint8_t { read, answer, yield, close };
    enum class Flush : std::uint8_t { done, pending, closed };

    /// A request on the ordinary way, with what its answer needs.
    struct Exchange {
        app::ServerRequest request;
        std::string method, request_id;
        Caller caller;
        std::optional<BodyReader> body;
        std::optional<Refusal> refusal;
        bool keep_alive = false, http11 = true, head_only = false, expects_continue = false;
        Steady::time_point started{};
    };
    struct Sent {
        int status = 0;
        std::uint64_t bytes = 0;
        bool complete = true;
    };

    // Reading (connection_read.cpp)
    Task<bool> handshake();
    Turn take_turn();
    Turn need_more(Steady::time_point now);
    void begin_reading();
    bool take_last();
    bool answer_fast(Steady::time_point started);
    Turn begin_exchange(Steady::time_point started, std::size_t head_size);
    Turn refuse(Refusal refusal, Steady::time_point started);
    void fill_request(Exchange& exchange);
    void fill_headers(app::ServerRequest& request);
    void begin_body(Exchange& exchange);
    Task<bool> read();
    Task<bool> read_when_ready();
    Task<void> read_body(Exchange& exchange);
    void end_body(Exchange& exchange);
    Task<void> linger();

    // Answering (connection.cpp)
    Task<bool> answer();
    Task<app::ServerResponse> ask(Exchange& exchange);
    void report_exception(std::string_view request_id);
    app::ServerResponse refusal_answer(const Refusal& refusal, std::string_view request_id);
    AnswerBody begin_answer(Exchange& exchange, app::ServerResponse& response);
    Task<bool> write_answer(Exchange& exchange, app::ServerResponse response);
    Task<bool> write_whole(app::ServerResponse& response);
    Task<Sent> write_stream(app::ServerResponse& response, AnswerBody body);
    void record(const Exchange& exchange, const app::ServerResponse& response, const Sent& sent);
    Flush flush_now(bool more = false);
    Task<bool> flush();
    Task<bool> send(std::string_view bytes);
    Task<void> give_way();
    void enter(Phase phase) { enter(phase, Steady::now()); }
    void enter(Phase phase, Steady::time_point now);
    void interrupt(Why why);

    std::shared_ptr<ServerLoop> loop_;
    ConnectionIo io_;
    Caller peer_;
    ReadBuffer in_;
    std::string rest_;  // of an answer that the socket did not take at once
    std::unique_ptr<Exchange> exchange_;
    Steady::time_point since_;       ///< of the phase
    Steady::time_point head_since_;  ///< of the head that is coming in
    std::uint64_t progress_ = 0;     // bytes in this phase
    std::size_t scanned_ = 0;        // of the unread bytes, without finding the head's end
    unsigned served_ = 0;            // requests or pieces since the loop was last given to others
    Phase phase_;
    Why interrupted_ = Why::nothing;
    bool trusted_peer_;
    bool over_limit_;
    bool in_head_ = true;   // a head has begun; a new connection owes one
    bool resting_ = false;  // idle for long: without a buffer
    bool wipe_rest_ = false;
    bool reset_ = false;  // ends without a goodbye
};

}  // namespace renkei::http

#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace renkei {

namespace asio = boost::asio;

/// The executor of one event loop. A concrete type: the polymorphic one costs half the speed (docs/adr/0003).
using Executor = asio::io_context::executor_type;
/// A coroutine on an event loop. Parameters by value; references only to services that outlive every request.
template <class T>
using Task = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_task{};

/// Suspends until `start`'s callback is called, once, from any thread; goes on on the coroutine's own loop.
/// `start` is called with that callback, a copyable callable that takes a T.
template <class T, class Start>
Task<T> wait_for_callback(Start start) {
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>&, void(T)>(
        [](auto handler, Start go) {
            auto executor = asio::get_associated_executor(handler);
            // The guard keeps the loop alive while nothing else is pending on it.
            auto guard = asio::make_work_guard(executor);
            using Handler = decltype(handler);
            struct State {
                Handler handler;
                decltype(executor) on;
                decltype(guard) alive;
            };
            auto state = std::make_shared<State>(State{std::move(handler), executor, std::move(guard)});
            go([state](T value) {
                // The loop is kept alive until this thread has done with it: it may end as soon as the posted work has run.
                auto alive = std::move(state->alive);
                asio::post(state->on, [state, value = std::move(value)]() mutable {
                    auto resume = std::move(state->handler);
                    std::move(resume)(std::move(value));
                });
            });
        },
        use_task, std::move(start));
}

/// Runs blocking work (SQLite, key derivation, signing) in a pool, never on the event loop. `work` returns a value and does not throw.
template <class Work>
Task<std::invoke_result_t<Work>> run_blocking(asio::thread_pool& pool, Work work) {
    using Value = std::invoke_result_t<Work>;
    auto box = std::make_shared<std::pair<Work, std::optional<Value>>>(std::move(work), std::nullopt);
    co_await wait_for_callback<bool>([&pool, box](auto done) {
        asio::post(pool, [box, done = std::move(done)]() mutable {
            box->second.emplace(box->first());
            done(true);
        });
    });
    co_return std::move(*box->second);
}

}  // namespace renkei

#pragma once

#include "app/task.hpp"

#include <boost/asio/detached.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace renkei::testing {

/// Runs a coroutine to its end on an event loop of its own and gives its value. For coroutines that wait for nothing
/// outside of the test: one that never ends throws as soon as nothing is left to do.
template <class T>
T run_task(Task<T> task) {
    asio::io_context loop(1);
    std::optional<T> value;
    std::exception_ptr thrown;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T result) {
        thrown = error;
        value.emplace(std::move(result));
    });
    loop.run();
    if (thrown) std::rethrow_exception(thrown);
    if (!value) throw std::logic_error("the coroutine waits for something that never comes");
    return *std::move(value);
}

}  // namespace renkei::testing

#pragma once

#include "app/ports/token_source.hpp"
#include "core/connection.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace renkei::app {

/// What it means that the provider refuses a token that has just been made.
Error second_refusal(const core::Connection& connection);

/// Calls the provider with a live token. A token can die before its time: told once, then replaced once (RFC 6750 section 3.1,
/// invalid_token). `ask` takes the LiveToken and gives a task; unauthenticated means that the provider refused the token.
template <class T, class Ask>
Task<Result<T>> with_token(TokenSource& tokens, core::Connection connection, std::string request_id, Ask ask) {
    constexpr std::chrono::seconds shortest_life{60};
    for (bool first = true;; first = false) {
        auto live = co_await tokens.token_for(connection, shortest_life, request_id);
        if (!live) co_return propagate(live);
        const auto key = live->key;
        const auto generation = live->generation;
        auto answer = co_await ask(*std::move(live));
        if (answer || answer.error().code != Errc::unauthenticated) co_return answer;
        tokens.reject(key, generation);
        if (!first) co_return fail(second_refusal(connection));
    }
}

}  // namespace renkei::app

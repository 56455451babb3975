#pragma once

#include "adapters/storage/sqlite/sqlite_store.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::sqlite {

template <class Look>
Task<std::invoke_result_t<Look, Database&>> SqliteStore::read(Look look) {
    co_return co_await run_blocking(pool_, [this, look = std::move(look)]() mutable {
        std::unique_ptr<Database> database;
        {
            const std::lock_guard lock(mutex_);
            database = std::move(idle_readers_.back());
            idle_readers_.pop_back();
        }
        auto result = look(*database);
        const std::lock_guard lock(mutex_);
        idle_readers_.push_back(std::move(database));
        return result;
    });
}

constexpr std::uint32_t largest_page = 500;

inline std::uint32_t rows_for(const app::PageRequest& page) { return std::clamp(page.limit, 1u, largest_page); }

/// `rows` holds one more than asked for if there is a next page; `mark` names a row, so that the next page begins after it.
template <class T, class Mark>
Result<app::Page<T>> page_of(Result<std::vector<T>> rows, std::uint32_t limit, Mark mark) {
    if (!rows) return propagate(rows);
    app::Page<T> page{*std::move(rows), {}};
    if (page.items.size() > limit) {
        page.items.resize(limit);
        page.next = mark(page.items.back());
    }
    return page;
}

inline std::unexpected<Error> bad_cursor() { return fail(Errc::bad_request, "The cursor is not one that was handed out."); }

inline std::optional<std::int64_t> parse_mark(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

}  // namespace renkei::sqlite

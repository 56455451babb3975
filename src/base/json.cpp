#include "base/json.hpp"

#include "base/secret.hpp"
#include "base/secret_json.hpp"

#include <openssl/crypto.h>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/memory_resource.hpp>
#include <boost/json/storage_ptr.hpp>

#include <new>
#include <utility>
#include <vector>

namespace renkei::json {
namespace {

// Overwrites what it takes back.
class WipingResource final : public boost::json::memory_resource {
    void* do_allocate(std::size_t size, std::size_t align) override { return ::operator new(size, std::align_val_t(align)); }
    void do_deallocate(void* at, std::size_t size, std::size_t align) override {
        OPENSSL_cleanse(at, size);
        ::operator delete(at, size, std::align_val_t(align));
    }
    bool do_is_equal(const boost::json::memory_resource& other) const noexcept override { return this == &other; }
};

// Builds the value and refuses a second member of the same name, which Boost.JSON's own parser would let win.
struct Handler {
    static constexpr std::size_t max_array_size = 1u << 20;
    static constexpr std::size_t max_object_size = 1u << 16;
    static constexpr std::size_t max_string_size = 1u << 28;
    static constexpr std::size_t max_key_size = 1u << 12;
    using error = boost::json::error_code;
    using view_type = boost::json::string_view;

    struct Level {
        value container;
        std::string key;
    };

    boost::json::storage_ptr storage{};
    bool secret = false;
    std::vector<Level> levels{};
    value result = value(storage);
    std::string piece{};
    bool duplicate = false;

    Handler() = default;
    explicit Handler(boost::json::storage_ptr in) : storage(std::move(in)), secret(true) {}
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    ~Handler() {
        if (secret) wipe(piece);
    }

    void put(value item) {
        if (levels.empty()) {
            result = std::move(item);
            return;
        }
        auto& top = levels.back();
        if (auto* items = top.container.if_array())
            items->push_back(std::move(item));
        else
            top.container.get_object().emplace(view(top.key), std::move(item));
    }
    bool end() {
        value done = std::move(levels.back().container);
        levels.pop_back();
        put(std::move(done));
        return true;
    }
    std::string whole(view_type last) { return std::exchange(piece, {}).append(last.data(), last.size()); }

    bool on_document_begin(error&) { return true; }
    bool on_document_end(error&) { return true; }
    bool on_object_begin(error&) { return levels.push_back({object(storage), {}}), true; }
    bool on_object_end(std::size_t, error&) { return end(); }
    bool on_array_begin(error&) { return levels.push_back({array(storage), {}}), true; }
    bool on_array_end(std::size_t, error&) { return end(); }
    bool on_key_part(view_type part, std::size_t, error&) { return piece.append(part.data(), part.size()), true; }
    bool on_key(view_type last, std::size_t, error& ec) {
        auto key = whole(last);
        if (levels.back().container.get_object().contains(view(key))) {
            duplicate = true;
            ec = boost::json::error::syntax;
            return false;
        }
        levels.back().key = std::move(key);
        return true;
    }
    bool on_string_part(view_type part, std::size_t, error&) { return piece.append(part.data(), part.size()), true; }
    bool on_string(view_type last, std::size_t, error&) {
        auto text = whole(last);
        put(value(view(text), storage));
        if (secret) wipe(text);
        return true;
    }
    bool on_number_part(view_type, error&) { return true; }
    bool on_int64(std::int64_t number, view_type, error&) { return put(number), true; }
    bool on_uint64(std::uint64_t number, view_type, error&) { return put(number), true; }
    bool on_double(double number, view_type, error&) { return put(number), true; }
    bool on_bool(bool truth, error&) { return put(truth), true; }
    bool on_null(error&) { return put(nullptr), true; }
    bool on_comment_part(view_type, error&) { return true; }
    bool on_comment(view_type, error&) { return true; }
};

boost::json::parse_options usual_options() {
    boost::json::parse_options options;
    options.max_depth = 32;
    return options;
}

Result<value> parse_with(boost::json::basic_parser<Handler>& parser, std::string_view text) {
    boost::json::error_code ec;
    const auto used = parser.write_some(false, text.data(), text.size(), ec);
    if (parser.handler().duplicate)
        return fail(Errc::bad_request, "the JSON has two members of the same name in one object, near byte " + std::to_string(used));
    if (ec == boost::json::error::too_deep) return fail(Errc::bad_request, "the JSON is nested more than 32 levels deep");
    if (ec) return fail(Errc::bad_request, "the body is not well-formed JSON (UTF-8, RFC 8259), near byte " + std::to_string(used));
    if (text.find_first_not_of(" \t\r\n", used) != text.npos)
        return fail(Errc::bad_request, "there is something after the JSON value, at byte " + std::to_string(used));
    return std::move(parser.handler().result);
}

}  // namespace

Result<value> parse(std::string_view text) {
    boost::json::basic_parser<Handler> parser(usual_options());
    return parse_with(parser, text);
}

Result<value> parse_secret(std::string_view text) {
    boost::json::basic_parser<Handler> parser(usual_options(), boost::json::make_shared_resource<WipingResource>());
    return parse_with(parser, text);
}

const value* find(const object& from, std::string_view name) { return from.if_contains(view(name)); }

std::optional<std::string_view> text(const object& from, std::string_view name) {
    const auto* member = find(from, name);
    if (member == nullptr || !member->is_string()) return std::nullopt;
    return view(member->get_string());
}

std::optional<std::int64_t> integer(const object& from, std::string_view name) {
    const auto* member = find(from, name);
    if (member == nullptr || !member->is_int64()) return std::nullopt;
    return member->get_int64();
}

std::optional<bool> boolean(const object& from, std::string_view name) {
    const auto* member = find(from, name);
    if (member == nullptr || !member->is_bool()) return std::nullopt;
    return member->get_bool();
}

}  // namespace renkei::json

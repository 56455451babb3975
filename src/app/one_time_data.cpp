#include "app/one_time_data.hpp"

#include "base/json.hpp"

namespace renkei::app {

std::string write_one_time(const OneTimePerson& data) {
    return json::serialize(json::object{{"person", data.person.text()}, {"version", static_cast<std::int64_t>(data.version)}});
}

Result<OneTimePerson> read_one_time(std::string_view text) {
    auto parsed = json::parse(text);
    if (parsed && parsed->is_object()) {
        const auto& object = parsed->get_object();
        const auto person = core::PersonId::parse(json::text(object, "person").value_or(""));
        const auto version = json::integer(object, "version");
        if (person && version && *version > 0) return OneTimePerson{*person, static_cast<std::uint64_t>(*version)};
    }
    return fail(Errc::storage_failed, "a stored one-time link cannot be read");
}

}  // namespace renkei::app

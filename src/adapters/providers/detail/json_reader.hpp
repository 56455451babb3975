#pragma once

#include "base/json.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::providers {

/// Reads one object of a data file. The first problem is kept, later ones are not looked at: test `problem` at the end.
class JsonReader {
public:
    struct Problem {
        std::string file;
        std::optional<Error> error;
        void note(const std::string& where, std::string what);
    };

    /// `known`: every member that the object may have; another one is a problem with a suggestion.
    JsonReader(const json::value& from, std::string where, Problem& problem, std::initializer_list<std::string_view> known);

    std::string text(std::string_view name, bool required = false);
    bool flag(std::string_view name, bool otherwise);
    std::vector<std::string> texts(std::string_view name, bool required = false);
    /// The member, or nullptr (a problem if required).
    const json::value* member(std::string_view name, bool required = false);
    std::string path_of(std::string_view name) const;
    Problem& problem() { return problem_; }

private:
    static const json::object& none();
    const json::object* object_;
    std::string where_;
    Problem& problem_;
};

}  // namespace renkei::providers

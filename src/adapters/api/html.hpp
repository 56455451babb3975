#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace renkei::api {

/// Builds HTML. Text and attribute values are escaped always; only a tag's name and attribute names are taken as they
/// are, and those stand in our code.
class Html {
public:
    using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    Html& open(std::string_view tag, Attributes attributes = {});
    Html& close(std::string_view tag);
    Html& text(std::string_view text);
    /// An element with text only.
    Html& element(std::string_view tag, std::string_view content, Attributes attributes = {}) { return open(tag, attributes).text(content).close(tag); }
    /// An element that has no end tag: input, meta, link.
    Html& empty(std::string_view tag, Attributes attributes = {}) { return open(tag, attributes); }
    /// Built by another Html.
    Html& append(const Html& other) { return out_ += other.out_, *this; }
    const std::string& result() const { return out_; }

private:
    void escape(std::string_view text);
    std::string out_;
};

}  // namespace renkei::api

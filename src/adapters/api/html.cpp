#include "adapters/api/html.hpp"

namespace renkei::api {

void Html::escape(std::string_view text) {
    for (const char c : text) switch (c) {
            case '&': out_ += "&amp;"; break;
            case '<': out_ += "&lt;"; break;
            case '>': out_ += "&gt;"; break;
            case '"': out_ += "&quot;"; break;
            case '\'': out_ += "&#39;"; break;
            default: out_ += c;
        }
}

Html& Html::open(std::string_view tag, Attributes attributes) {
    out_ += '<';
    out_ += tag;
    for (const auto& [name, value] : attributes) {
        if (name.empty()) continue;
        out_ += ' ';
        out_ += name;
        out_ += "=\"";
        escape(value);
        out_ += '"';
    }
    out_ += '>';
    return *this;
}

Html& Html::close(std::string_view tag) {
    out_ += "</";
    out_ += tag;
    out_ += '>';
    return *this;
}

Html& Html::text(std::string_view text) {
    escape(text);
    return *this;
}

}  // namespace renkei::api

#include "adapters/api/language.hpp"

#include "base/encoding.hpp"

namespace renkei::api {
namespace {

// A weight as thousandths (RFC 9110 section 12.4.2); what cannot be read weighs nothing.
int weight_of(std::string_view parameters) {
    for (auto part : split(parameters, ';')) {
        part = trim(part);
        if (part.size() < 3 || (part[0] != 'q' && part[0] != 'Q') || part[1] != '=') continue;
        const auto number = part.substr(2);
        if (number[0] != '0' && number[0] != '1') return 0;
        int value = (number[0] - '0') * 1000;
        int unit = 100;
        for (std::size_t i = 2; i < number.size() && i < 5 && number[i] >= '0' && number[i] <= '9'; ++i, unit /= 10) value += (number[i] - '0') * unit;
        return value > 1000 ? 1000 : value;
    }
    return 1000;
}

bool names(std::string_view range, std::string_view language) {
    return equal_ignoring_case(range.substr(0, 2), language) && (range.size() == 2 || range[2] == '-');
}

}  // namespace

Language negotiate(std::string_view accept_language) {
    int english = 0, japanese = 0, any = 0;
    if (accept_language.size() > 512) return Language::en;
    for (auto item : split(accept_language, ',')) {
        item = trim(item);
        const auto range = trim(item.substr(0, item.find(';')));
        const int weight = weight_of(item.find(';') == item.npos ? std::string_view{} : item.substr(item.find(';') + 1));
        if (range == "*")
            any = weight;
        else if (range.size() >= 2 && names(range, "en"))
            english = weight > english ? weight : english;
        else if (range.size() >= 2 && names(range, "ja"))
            japanese = weight > japanese ? weight : japanese;
    }
    if (english == 0) english = any;
    return japanese > english ? Language::ja : Language::en;
}

std::string_view tag_of(Language language) { return language == Language::ja ? "ja" : "en"; }

}  // namespace renkei::api

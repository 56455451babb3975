// Prints what the sandbox reads out of mail files, one JSON line a file, for comparison by another MIME library.

#include "base/json.hpp"
#include "sandbox/mime/parse.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

int main(int count, char** paths) {
    using namespace renkei;
    for (int i = 1; i < count; ++i) {
        std::ifstream in(paths[i], std::ios::binary);
        const std::string raw((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        const auto message = sandbox::mime::parse_message(raw);
        json::array attachments;
        for (const auto& one : message.attachments)
            attachments.push_back(json::object{{"name", one.name}, {"type", one.content_type}, {"size", one.bytes.size()}, {"message", one.is_message}});
        json::object line{{"file", paths[i]}, {"subject", message.subject}, {"from", message.from ? message.from->address : ""}};
        line["text"] = message.text.value_or("");
        line["html"] = message.html.value_or("");
        line["calendar"] = !message.calendar.empty();
        line["attachments"] = std::move(attachments);
        std::cout << json::serialize(line) << "\n";
    }
    return 0;
}

#include "sandbox/import.hpp"

#include "base/encoding.hpp"
#include "sandbox/mime/header.hpp"
#include "sandbox/mime/parse.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace renkei::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t max_file = 1u << 30;
constexpr std::size_t max_message = 150u << 20;
constexpr int max_depth = 20;

bool starts_line(std::string_view text, std::size_t at) { return at == 0 || text[at - 1] == '\n'; }

bool follows_blank_line(std::string_view text, std::size_t at) {
    return at == 0 || (at >= 2 && text[at - 2] == '\n') || (at >= 4 && text.substr(at - 4, 4) == "\r\n\r\n");
}

/// A field's name and colon: a message begins there.
bool field_begins(std::string_view text) {
    const auto end = text.find_first_of(": \t\r\n");
    return end != std::string_view::npos && end > 0 && text[end] == ':';
}

/// Who wrote it and an asctime date ("From a@b Tue Nov 17 09:30:00 2026"), or Netscape's "From -": no prose looks so.
bool is_written_separator(std::string_view line) {
    if (trim(line) == "From -") return true;
    static constexpr std::string_view days[] = {" Mon ", " Tue ", " Wed ", " Thu ", " Fri ", " Sat ", " Sun "};
    return std::ranges::any_of(days, [&](std::string_view day) {
        const auto at = line.find(day);
        return at != std::string_view::npos && line.find(':', at) != std::string_view::npos;
    });
}

bool names_a_year(std::string_view line) {
    for (std::size_t i = 5; i + 4 <= line.size(); ++i) {
        const bool year = (line[i] == '1' && line[i + 1] == '9') || (line[i] == '2' && line[i + 1] == '0');
        if (year && line[i - 1] == ' ') return true;
    }
    return false;
}

/// A "From " line parts messages if a field follows and it has the form that writers of mboxes give it (some forget the blank line before
/// it), or follows a blank line and at least names a year.
bool is_separator(std::string_view text, std::size_t at) {
    if (!starts_line(text, at) || text.substr(at, 5) != "From ") return false;
    const auto end = text.find_first_of("\r\n", at);
    const auto line = text.substr(at, end - at);
    const auto next = text.find('\n', at);
    const bool begins = next != std::string_view::npos && field_begins(text.substr(next + 1, 200));
    return begins && (is_written_separator(line) || (follows_blank_line(text, at) && names_a_year(line)));
}

std::size_t next_separator(std::string_view text, std::size_t from) {
    for (auto at = text.find("From ", from); at != std::string_view::npos; at = text.find("From ", at + 1))
        if (is_separator(text, at)) return at;
    return text.size();
}

/// Where the body ends by its Content-Length, if a separator or the end really stands there. Many writers lie.
std::size_t end_by_length(std::string_view text, std::size_t begin) {
    const auto message = text.substr(begin);
    std::size_t body = 0;
    const auto headers = mime::split_headers(message, body);
    const auto value = trim(mime::first_header(headers, "Content-Length"));
    std::size_t length = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (value.empty() || error != std::errc() || stop != value.data() + value.size() || length > message.size() - body) return std::string_view::npos;
    std::size_t end = begin + body + length;
    while (end < text.size() && (text[end] == '\n' || text[end] == '\r')) ++end;
    return end == text.size() || (starts_line(text, end) && text.substr(end, 5) == "From ") ? end : std::string_view::npos;
}

/// mboxrd: one ">" less before every ">From ".
std::string unquoted(std::string_view message) {
    std::string out;
    for (std::size_t at = 0; at < message.size();) {
        auto end = message.find('\n', at);
        end = end == std::string_view::npos ? message.size() : end + 1;
        auto line = message.substr(at, end - at);
        const auto mark = line.find_first_not_of('>');
        if (mark != std::string_view::npos && mark > 0 && line.substr(mark, 5) == "From ") line.remove_prefix(1);
        out += line;
        at = end;
    }
    return out;
}

/// Text with at least one field that only mail has, near its beginning.
bool looks_like_mail(std::string_view text) {
    std::size_t body = 0;
    const auto headers = mime::split_headers(text.substr(0, 256 * 1024), body);
    static constexpr std::string_view telling[] = {"From",         "To",       "Subject",      "Date",        "Received", "Message-ID",
                                                   "MIME-Version", "Reply-To", "Content-Type", "Return-Path", "Sender",   "X-Sender"};
    return std::ranges::any_of(
        telling, [&](std::string_view name) { return std::ranges::any_of(headers, [&](const auto& one) { return equal_ignoring_case(one.first, name); }); });
}

class Import {
public:
    Import(MailSink& sink, std::string mailbox, std::string folder, const std::function<void(const ImportReport&)>& progress)
        : sink_(sink), mailbox_(std::move(mailbox)), folder_(std::move(folder)), progress_(progress) {}

    void path(const fs::path& path, int depth) {
        std::error_code error;
        const auto status = fs::status(path, error);
        if (error || !fs::exists(status)) return problem(path, "there is no such file or folder, or it may not be read");
        if (fs::is_directory(status)) return directory(path, depth);
        if (!fs::is_regular_file(status)) return problem(path, "neither a file nor a folder");
        file(path);
    }

    ImportReport report;

private:
    void problem(const fs::path& path, std::string reason) { report.problems.push_back({path.string(), std::move(reason)}); }

    void directory(const fs::path& path, int depth) {
        if (depth > max_depth) return problem(path, "nested too deeply");
        std::error_code error;
        std::vector<fs::path> entries;
        for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
            const bool link = it->is_symlink(error);  // a link could lead round in a circle
            const auto name = it->path().filename().string();
            const bool pending = name == "tmp" && fs::exists(path / "cur");  // maildir: not delivered yet
            if (!link && !pending && !(name.starts_with('.') && !it->is_directory(error))) entries.push_back(it->path());
        }
        if (error) return problem(path, "the folder cannot be read");
        std::ranges::sort(entries);
        for (const auto& entry : entries) this->path(entry, depth + 1);
    }

    void file(const fs::path& path) {
        ++report.files;
        std::error_code error;
        const auto size = fs::file_size(path, error);
        if (error || size > max_file) return problem(path, error ? "the file cannot be read" : "larger than 1 GiB");
        std::ifstream in(path, std::ios::binary);
        std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        if (!in && text.size() != size) return problem(path, "the file cannot be read");
        if (text.empty()) return problem(path, "the file is empty");
        const bool is_mbox = is_separator(text, 0) && (path.extension() != ".eml" || next_separator(text, 1) < text.size());
        if (!is_mbox && !looks_like_mail(text)) return problem(path, "the file has none of the fields of a mail message");
        if (!is_mbox) return message(path, std::move(text), maildir_seen(path));
        for (auto& one : messages_of_mbox(text)) {
            std::size_t body = 0;
            const auto headers = mime::split_headers(one, body);
            const bool seen = mime::first_header(headers, "Status").find('R') != std::string_view::npos;
            message(path, std::move(one), seen);
        }
    }

    static bool maildir_seen(const fs::path& path) {
        const auto name = path.filename().string();
        const auto flags = name.rfind(":2,");
        return flags != std::string::npos && name.find('S', flags) != std::string::npos;
    }

    void message(const fs::path& path, std::string eml, bool seen) {
        if (eml.size() > max_message) return problem(path, "a message is larger than 150 MiB");
        const auto parsed = mime::parse_message(eml);
        Delivery delivery{mailbox_, std::move(eml), folder_, seen, parsed.received ? parsed.received : parsed.date};
        const auto stored = sink_.deliver(std::move(delivery));
        if (!stored) return problem(path, stored.error().detail);
        ++report.messages;
        if (progress_ && report.messages % 50 == 0) progress_(report);
    }

    MailSink& sink_;
    std::string mailbox_, folder_;
    const std::function<void(const ImportReport&)>& progress_;
};

}  // namespace

std::vector<std::string> messages_of_mbox(std::string_view text) {
    std::vector<std::string> out;
    std::size_t at = next_separator(text, 0);
    while (at < text.size()) {
        const auto line_end = text.find('\n', at);
        if (line_end == std::string_view::npos) break;
        const std::size_t begin = line_end + 1;
        const auto by_length = end_by_length(text, begin);
        const std::size_t end = by_length != std::string_view::npos ? by_length : next_separator(text, begin);
        auto message = text.substr(begin, end - begin);
        if (message.ends_with("\r\n\r\n"))
            message.remove_suffix(2);
        else if (message.ends_with("\n\n"))
            message.remove_suffix(1);
        if (!trim(message).empty()) out.push_back(by_length != std::string_view::npos ? std::string(message) : unquoted(message));
        at = end;
    }
    return out;
}

ImportReport import_mail(MailSink& sink, const fs::path& path, const std::string& mailbox, const std::string& folder,
                         const std::function<void(const ImportReport&)>& progress) {
    Import import(sink, mailbox, folder, progress);
    import.path(path, 0);
    return std::move(import.report);
}

}  // namespace renkei::sandbox

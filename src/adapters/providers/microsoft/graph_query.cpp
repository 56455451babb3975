#include "adapters/providers/microsoft/graph_query.hpp"

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "core/name.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace renkei::microsoft {
namespace {

// https://learn.microsoft.com/graph/api/resources/mailfolder: names that work in every mailbox language.
constexpr std::pair<std::string_view, std::string_view> roles[] = {{"inbox", "inbox"},        {"sent", "sentitems"}, {"drafts", "drafts"},
                                                                   {"trash", "deleteditems"}, {"junk", "junkemail"}, {"archive", "archive"}};

// A search gives at most 1000 results in all; pages of it stay small.
constexpr std::uint32_t most_searched = 250;

constexpr std::string_view listed =
    "id,conversationId,parentFolderId,isRead,isDraft,flag,receivedDateTime,sentDateTime,internetMessageId,subject,from,toRecipients,ccRecipients,"
    "bccRecipients,replyTo,bodyPreview,hasAttachments,importance";

// Full-width and curly forms of what KQL understands; Exchange may fold them.
constexpr std::string_view wide_marks[] = {"\u3000", "“", "”", "„", "‟", "＂", "：", "（", "）", "＊", "＜", "＞", "＝", "\u00a0"};

bool is_mark(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || std::string_view(":()*<>=\\\"[]{}&|!~^").find(c) != std::string_view::npos;
}

std::string without_wide_marks(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto* mark = std::ranges::find_if(wide_marks, [&](std::string_view wide) { return text.substr(i).starts_with(wide); });
        if (mark == std::end(wide_marks)) {
            out += text[i++];
            continue;
        }
        out += ' ';
        i += mark->size();
    }
    return out;
}

// Blank-separated words without marks. A leading + or - would include or exclude; AND, OR, NOT, NEAR work in capitals only.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        while (!word.empty() && (word.front() == '-' || word.front() == '+')) word.erase(0, 1);
        if (word == "AND" || word == "OR" || word == "NOT" || word.starts_with("NEAR") || word.starts_with("ONEAR") || word == "WORDS" || word == "XRANK")
            word = lower_ascii(word);
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (const char c : text) {
        if (is_mark(c))
            end_word();
        else
            word += c;
    }
    end_word();
    return words;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) (out += out.empty() ? "" : " ") += word;
    return out;
}

Result<std::string> search_query(const core::EmailFilter& filter, std::uint32_t limit) {
    const bool others = !filter.from.empty() || !filter.subject.empty() || filter.after || filter.before || filter.unread || filter.has_attachment;
    // Graph answers 400 SearchWithFilter.
    if (others) return bad_field("q", "a search takes only `folder` beside its words; put the rest into the words or list with filters");
    auto words = kql_words(filter.text);
    if (!words) return propagate(words);
    return "$search=" + percent_encode("\"" + *words + "\"") + "&$top=" + std::to_string(std::min(limit, most_searched)) + "&$select=" + percent_encode(listed);
}

Result<void> check_text(std::string_view text, std::string_view field) {
    const bool clean = is_utf8(text) && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!clean || text.size() > 512) return bad_field(field, "`" + std::string(field) + "` must be at most 512 bytes of text without control characters");
    return {};
}

}  // namespace

Result<std::string> id_piece(std::string_view id, std::string_view field) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-_=+/.").find(c) != std::string_view::npos;
    };
    if (id.empty() || id.size() > 1024 || id == "." || id.find("..") != id.npos || !std::ranges::all_of(id, fits))
        return bad_field(field, "`" + std::string(field) + "` is not an id that a list has given");
    return percent_encode(id);
}

std::string_view well_known_name(std::string_view role) {
    for (const auto& [ours, theirs] : roles)
        if (ours == role) return theirs;
    return {};
}

Result<std::string> folder_piece(std::string_view mailbox_id) {
    if (const auto name = well_known_name(mailbox_id); !name.empty()) return std::string(name);
    return id_piece(mailbox_id, "folder");
}

std::string odata_string(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
}

Result<std::string> kql_words(std::string_view text) {
    if (auto checked = check_text(text, "q"); !checked) return propagate(checked);
    std::string out;
    // Every second piece between straight quotes is a phrase; an unpaired quote is a mark like others.
    const auto pieces = split(text, '"');
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool phrase = i % 2 == 1 && i + 1 < pieces.size();
        const auto words = words_of(without_wide_marks(pieces[i]));
        if (words.empty()) continue;
        if (!out.empty()) out += ' ';
        out += phrase && words.size() > 1 ? "\\\"" + joined(words) + "\\\"" : joined(words);
    }
    if (out.empty()) return bad_field("q", "`q` has no word to search for");
    return out;
}

Result<std::string> list_query(const core::EmailFilter& filter, std::uint32_t limit) {
    if (!filter.text.empty()) return search_query(filter, limit);
    std::vector<std::string> terms;
    if (filter.after) terms.push_back("receivedDateTime ge " + iso_text(*filter.after));
    if (filter.before) terms.push_back("receivedDateTime lt " + iso_text(*filter.before));
    const bool others = !filter.from.empty() || !filter.subject.empty() || filter.unread || filter.has_attachment;
    // What is ordered by must be filtered by, first; else 400 InefficientFilter
    // (https://learn.microsoft.com/graph/api/user-list-messages, "Using filter and orderby in the same query").
    if (terms.empty() && others) terms.emplace_back("receivedDateTime ge 1900-01-01T00:00:00Z");
    if (!filter.from.empty()) {
        auto address = core::parse_mailbox(filter.from, "from");
        if (!address) return propagate(address);
        terms.push_back("from/emailAddress/address eq " + odata_string(*address));
    }
    if (!filter.subject.empty()) {
        if (auto checked = check_text(filter.subject, "subject"); !checked) return propagate(checked);
        terms.push_back("contains(subject," + odata_string(filter.subject) + ")");
    }
    if (filter.unread) terms.push_back(std::string("isRead eq ") + (*filter.unread ? "false" : "true"));
    if (filter.has_attachment) terms.push_back(std::string("hasAttachments eq ") + (*filter.has_attachment ? "true" : "false"));
    std::string conditions;
    for (const auto& term : terms) (conditions += conditions.empty() ? "" : " and ") += term;
    auto query = "$orderby=" + percent_encode("receivedDateTime desc") + "&$top=" + std::to_string(limit) + "&$select=" + percent_encode(listed);
    if (!conditions.empty()) query += "&$filter=" + percent_encode(conditions);
    return query;
}

}  // namespace renkei::microsoft

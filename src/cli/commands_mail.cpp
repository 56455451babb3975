#include "cli/commands.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace renkei::cli {
namespace {

constexpr OptionRow folder_options[] = {
    {"connection", OptionKind::text, "NAME", "the connection; not needed with RENKEI_SESSION", "コネクション（RENKEI_SESSION があれば不要）"},
    {"mailbox", OptionKind::text, "ADDRESS", "another mailbox on the connection's list", "別の対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "with whose account, where everybody has their own", "操作に使うユーザー（ユーザー別のコネクションの場合）"},
};
constexpr OptionRow list_options[] = {
    {"connection", OptionKind::text, "NAME", "the connection; not needed with RENKEI_SESSION", "コネクション（RENKEI_SESSION があれば不要）"},
    {"mailbox", OptionKind::text, "ADDRESS", "another mailbox on the connection's list", "別の対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "with whose account, where everybody has their own", "操作に使うユーザー（ユーザー別のコネクションの場合）"},
    {"folder", OptionKind::text, "ID", "a folder's id or role: inbox, sent, drafts, trash, junk, archive", "フォルダーの ID または役割"},
    {"from", OptionKind::text, "ADDRESS", "only from this address", "差出人"},
    {"subject", OptionKind::text, "TEXT", "only with this in the subject", "件名に含まれる文字"},
    {"after", OptionKind::text, "TIME", "received at or after, e.g. 2026-11-01T00:00:00Z", "この日時以降"},
    {"before", OptionKind::text, "TIME", "received before", "この日時より前"},
    {"unread", OptionKind::flag, "", "only unread ones", "未読のみ"},
    {"with-attachment", OptionKind::flag, "", "only with attachments", "添付ファイルのあるもののみ"},
    {"limit", OptionKind::integer, "N", "at most this many (default 20)", "最大件数（既定 20）"},
};
constexpr OptionRow search_options[] = {
    {"text", OptionKind::positional, "TEXT", "what to look for", "検索する文字", true},
    {"connection", OptionKind::text, "NAME", "the connection; not needed with RENKEI_SESSION", "コネクション（RENKEI_SESSION があれば不要）"},
    {"mailbox", OptionKind::text, "ADDRESS", "another mailbox on the connection's list", "別の対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "with whose account, where everybody has their own", "操作に使うユーザー（ユーザー別のコネクションの場合）"},
    {"limit", OptionKind::integer, "N", "at most this many (default 20)", "最大件数（既定 20）"},
};
constexpr OptionRow show_options[] = {
    {"message", OptionKind::positional, "ID", "the message", "メッセージの ID", true},
    {"connection", OptionKind::text, "NAME", "the connection; not needed with RENKEI_SESSION", "コネクション（RENKEI_SESSION があれば不要）"},
    {"mailbox", OptionKind::text, "ADDRESS", "another mailbox on the connection's list", "別の対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "with whose account, where everybody has their own", "操作に使うユーザー（ユーザー別のコネクションの場合）"},
    {"html", OptionKind::flag, "", "print the HTML body", "HTML 本文を表示する"},
    {"mime", OptionKind::flag, "", "print the original message (RFC 5322)", "元のメッセージを表示する"},
};
constexpr OptionRow save_options[] = {
    {"message", OptionKind::positional, "ID", "the message", "メッセージの ID", true},
    {"connection", OptionKind::text, "NAME", "the connection; not needed with RENKEI_SESSION", "コネクション（RENKEI_SESSION があれば不要）"},
    {"mailbox", OptionKind::text, "ADDRESS", "another mailbox on the connection's list", "別の対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "with whose account, where everybody has their own", "操作に使うユーザー（ユーザー別のコネクションの場合）"},
    {"to", OptionKind::text, "FOLDER", "where the attachments go (default: here)", "保存先のフォルダー（既定は現在の場所）"},
    {"mime", OptionKind::flag, "", "save the whole message as .eml", "メッセージ全体を .eml で保存する"},
};
constexpr OptionRow send_options[] = {
    {"connection", OptionKind::text, "NAME", "the connection; not needed with RENKEI_SESSION", "コネクション（RENKEI_SESSION があれば不要）"},
    {"mailbox", OptionKind::text, "ADDRESS", "another mailbox on the connection's list", "別の対象メールボックス"},
    {"act-as", OptionKind::text, "ADDRESS", "with whose account, where everybody has their own", "操作に使うユーザー（ユーザー別のコネクションの場合）"},
    {"to", OptionKind::list, "A,B", "recipients", "宛先", true},
    {"cc", OptionKind::list, "A,B", "copies", "CC"},
    {"bcc", OptionKind::list, "A,B", "hidden copies", "BCC"},
    {"subject", OptionKind::text, "TEXT", "subject", "件名", true},
    {"text", OptionKind::text, "TEXT", "text body; - reads standard input", "本文（- は標準入力）"},
    {"html", OptionKind::text, "FILE", "file with an HTML body", "HTML 本文のファイル"},
    {"attach", OptionKind::list, "FILE", "files to attach, 3 MB together", "添付ファイル（合計 3 MB まで）"},
    {"importance", OptionKind::text, "low|normal|high", "importance", "重要度"},
};

Headers headers_of(const Arguments& arguments) {
    Headers headers;
    if (arguments.has("connection")) headers.add("Renkei-Connection", arguments.text("connection"));
    if (arguments.has("mailbox")) headers.add("Renkei-Mailbox", arguments.text("mailbox"));
    if (arguments.has("act-as")) headers.add("Renkei-Act-As", arguments.text("act-as"));
    return headers;
}

// "佐藤 花子 <hanako@…>" in short.
std::string people(const json::value& message, std::string_view member, bool with_address) {
    std::string out;
    const auto* list = json::find(message.get_object(), member);
    if (list == nullptr || !list->is_array()) return out;
    for (const auto& one : list->get_array()) {
        const auto name = text_of(one, "name"), email = text_of(one, "email");
        const auto shown = name.empty() ? email : with_address ? name + " <" + email + ">" : name;
        out += (out.empty() ? "" : ", ") + shown;
    }
    return out;
}

bool is_unread(const json::value& message) {
    const auto* keywords = json::find(message.get_object(), "keywords");
    if (keywords == nullptr || !keywords->is_array()) return false;
    for (const auto& keyword : keywords->get_array())
        if (keyword.is_string() && keyword.get_string() == "$seen") return false;
    return true;
}

int print_messages(Context& context, Result<json::array> items) {
    if (!items) return context.refuse(items.error());
    if (context.json) return print_json(json::object{{"items", *std::move(items)}});
    Table table(
        {"", std::string(context.say("received", "受信")), std::string(context.say("from", "差出人")), std::string(context.say("subject", "件名")), "id"}, 3);
    for (const auto& message : *items) {
        const bool attachment = json::boolean(message.get_object(), "has_attachment").value_or(false);
        const auto received = text_of(message, "received_at");
        table.add({std::string(is_unread(message) ? "●" : " ") + (attachment ? "+" : " "),
                   received.size() > 16 ? received.substr(0, 10) + " " + received.substr(11, 5) : received, fit(people(message, "from", false), 24),
                   text_of(message, "subject"), fit(text_of(message, "id"), 14)},
                  {"blue", "dim", "", is_unread(message) ? "bold" : "", "dim"});
    }
    if (table.empty())
        std::cout << context.say("no messages\n", "メッセージはありません\n");
    else
        std::cout << table.text(context.terminal);
    return Exit::ok;
}

int folders(Context& context, const Arguments& arguments) {
    auto answer = context.api().get("/v1/mail/folders", {}, headers_of(arguments));
    if (!answer) return context.refuse(answer.error());
    if (context.json) return print_json(*answer);
    Table table({std::string(context.say("name", "名前")), std::string(context.say("role", "役割")), std::string(context.say("unread", "未読")),
                 std::string(context.say("all", "合計")), "id"},
                4);
    for (const auto& folder : json::find(answer->get_object(), "items")->get_array())
        table.add({text_of(folder, "name"), text_of(folder, "role"), std::to_string(json::integer(folder.get_object(), "unread_emails").value_or(0)),
                   std::to_string(json::integer(folder.get_object(), "total_emails").value_or(0)), text_of(folder, "id")},
                  {"bold", "", "", "", "dim"});
    std::cout << table.text(context.terminal);
    return Exit::ok;
}

int list(Context& context, const Arguments& arguments) {
    Fields query;
    for (const auto* name : {"folder", "from", "subject", "after", "before"})
        if (arguments.has(name)) query.emplace_back(name, arguments.text(name));
    if (arguments.has("unread")) query.emplace_back("unread", "true");
    if (arguments.has("with-attachment")) query.emplace_back("has_attachment", "true");
    return print_messages(
        context, context.api().all("/v1/mail/messages", std::move(query), static_cast<std::size_t>(arguments.integer("limit", 20)), headers_of(arguments)));
}

int search(Context& context, const Arguments& arguments) {
    return print_messages(context, context.api().all("/v1/mail/messages/search", {{"q", arguments.text("text")}},
                                                     static_cast<std::size_t>(arguments.integer("limit", 20)), headers_of(arguments)));
}

std::string message_path(const Arguments& arguments) { return "/v1/mail/messages/" + percent_encode(arguments.text("message")); }

// The text as it is, except what could drive the terminal.
std::string body_text(std::string_view text) {
    std::string out;
    for (const auto line : split(text, '\n')) out += printable(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line) + "\n";
    return out;
}

std::string size_text(std::int64_t bytes) {
    if (bytes < 1024) return fmt::format("{} B", bytes);
    if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / 1024 / 1024);
}

int show(Context& context, const Arguments& arguments) {
    if (arguments.has("mime")) {
        auto done = context.api().download(message_path(arguments) + "/mime", headers_of(arguments), [](std::string_view piece) {
            return static_cast<bool>(std::cout.write(piece.data(), static_cast<std::streamsize>(piece.size())));
        });
        return done ? Exit::ok : context.refuse(done.error());
    }
    auto message = context.api().get(message_path(arguments), {}, headers_of(arguments));
    if (!message) return context.refuse(message.error());
    if (context.json) return print_json(*message);
    std::cout << context.terminal.bold(printable(text_of(*message, "subject"))) << '\n';
    print_fields(context, {{std::string(context.say("from", "差出人")), people(*message, "from", true)},
                           {std::string(context.say("to", "宛先")), people(*message, "to", true)},
                           {"cc", people(*message, "cc", true)},
                           {std::string(context.say("received", "受信")), text_of(*message, "received_at")}});
    for (const auto& attachment : json::find(message->get_object(), "attachments")->get_array())
        std::cout << context.terminal.blue("+ ") << printable(text_of(attachment, "name"))
                  << context.terminal.dim(
                         fmt::format("  {}  {}", text_of(attachment, "type"), size_text(json::integer(attachment.get_object(), "size").value_or(0))))
                  << '\n';
    std::cout << '\n' << body_text(arguments.has("html") ? text_of(*message, "html_body") : text_of(*message, "text_body"));
    return Exit::ok;
}

// A file name without any path, never hidden, never empty; a second of the same name gets a number.
std::filesystem::path free_name(const std::filesystem::path& folder, std::string_view wanted) {
    std::string name;
    for (const char c : printable(wanted)) name += c == '/' || c == '\\' || c == ':' ? '_' : c;
    while (name.starts_with('.') || name.starts_with(' ')) name.erase(0, 1);
    if (name.size() > 180) name = name.substr(name.size() - 180);
    if (name.empty()) name = "attachment";
    const std::filesystem::path plain(name);
    for (int n = 1;; ++n) {
        const auto path = folder / (n == 1 ? name : plain.stem().string() + "-" + std::to_string(n) + plain.extension().string());
        if (!std::filesystem::exists(path)) return path;
    }
}

Result<std::filesystem::path> save_one(Context& context, const Arguments& arguments, const std::string& path, const std::filesystem::path& folder,
                                       std::string_view name) {
    auto target = free_name(folder, name);
    const int file = open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return bad_field("to", fmt::format("{} cannot be made: {}", target.string(), std::strerror(errno)));
    auto done = context.api().download(
        path, headers_of(arguments), [file](std::string_view piece) { return write(file, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()); });
    close(file);
    if (done) return target;
    std::filesystem::remove(target);
    return propagate(done);
}

int save(Context& context, const Arguments& arguments) {
    const std::filesystem::path folder(arguments.text("to", "."));
    if (!std::filesystem::is_directory(folder)) return context.refuse(Error{Errc::invalid_field, fmt::format("{} is not a folder", folder.string())});
    std::vector<std::pair<std::string, std::string>> wanted;
    if (arguments.has("mime")) {
        wanted.emplace_back(message_path(arguments) + "/mime", arguments.text("message").substr(0, 16) + ".eml");
    } else {
        auto message = context.api().get(message_path(arguments), {}, headers_of(arguments));
        if (!message) return context.refuse(message.error());
        for (const auto& attachment : json::find(message->get_object(), "attachments")->get_array())
            wanted.emplace_back(message_path(arguments) + "/attachments/" + percent_encode(text_of(attachment, "id")), text_of(attachment, "name"));
    }
    json::array saved;
    for (const auto& [path, name] : wanted) {
        auto target = save_one(context, arguments, path, folder, name);
        if (!target) return context.refuse(target.error());
        if (!context.json)
            std::cout << context.terminal.green("✓ ") << target->string()
                      << context.terminal.dim("  " + size_text(static_cast<std::int64_t>(std::filesystem::file_size(*target)))) << '\n';
        saved.emplace_back(target->string());
    }
    if (context.json) return print_json(json::object{{"saved", std::move(saved)}});
    if (wanted.empty()) std::cout << context.say("this message has no attachments\n", "添付ファイルはありません\n");
    return Exit::ok;
}

json::array recipients(const std::vector<std::string>& addresses) {
    json::array out;
    for (const auto& address : addresses) out.emplace_back(json::object{{"email", address}});
    return out;
}

Result<std::string> file_content(const std::string& path, std::string_view option) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return bad_field(option, fmt::format("the file {} cannot be read", path));
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

Result<json::object> outgoing(const Arguments& arguments) {
    json::object body{{"subject", arguments.text("subject")}};
    for (const auto* kind : {"to", "cc", "bcc"})
        if (arguments.has(kind)) body[kind] = recipients(arguments.list(kind));
    auto text = arguments.text("text");
    if (text == "-") text.assign(std::istreambuf_iterator<char>(std::cin), {});
    if (!text.empty()) body["text_body"] = text;
    if (arguments.has("html")) {
        auto html = file_content(arguments.text("html"), "html");
        if (!html) return propagate(html);
        body["html_body"] = *html;
    }
    if (arguments.has("importance")) body["importance"] = arguments.text("importance");
    json::array attachments;
    for (const auto& path : arguments.list("attach")) {
        auto content = file_content(path, "attach");
        if (!content) return propagate(content);
        attachments.emplace_back(json::object{{"name", std::filesystem::path(path).filename().string()}, {"content", base64(as_bytes(*content))}});
    }
    if (!attachments.empty()) body["attachments"] = std::move(attachments);
    return body;
}

int send(Context& context, const Arguments& arguments) {
    auto body = outgoing(arguments);
    if (!body) return context.refuse(body.error());
    auto answer = context.api().post("/v1/mail/messages", *std::move(body), headers_of(arguments));
    if (!answer) return context.refuse(answer.error());
    if (context.json) return print_json(*answer);
    std::cout << context.terminal.green("✓ ") << context.say("the provider has accepted the message", "提供元サービスがメッセージを受け付けました") << '\n';
    return Exit::ok;
}

}  // namespace

std::vector<Command> mail_commands() {
    return {
        {"mail folders", "folders of a mailbox", "メールのフォルダー", folder_options, folders},
        {"mail list", "messages, newest first", "メッセージの一覧（新しい順）", list_options, list},
        {"mail search", "search messages", "メッセージを検索する", search_options, search},
        {"mail show", "one message", "メッセージを表示する", show_options, show},
        {"mail save", "save attachments, or the message itself", "添付ファイルまたはメッセージを保存する", save_options, save},
        {"mail send", "send a message", "メッセージを送信する", send_options, send},
    };
}

}  // namespace renkei::cli

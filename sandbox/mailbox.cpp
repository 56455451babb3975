#include "sandbox/mailbox.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "sandbox/mime/html.hpp"

#include <algorithm>

namespace renkei::sandbox {
namespace {

constexpr std::size_t id_bytes = 24;
constexpr std::string_view id_prefix = "AAMkAG";
constexpr std::string_view immutable_prefix = "AAkALg";

struct WellKnown {
    std::string_view name;
    std::string_view english;
    std::string_view japanese;
};
constexpr WellKnown well_known_folders[] = {{"inbox", "Inbox", "受信トレイ"},
                                            {"drafts", "Drafts", "下書き"},
                                            {"sentitems", "Sent Items", "送信済みアイテム"},
                                            {"deleteditems", "Deleted Items", "削除済みアイテム"},
                                            {"junkemail", "Junk Email", "迷惑メール"},
                                            {"archive", "Archive", "アーカイブ"},
                                            {"outbox", "Outbox", "送信トレイ"},
                                            {"conversationhistory", "Conversation History", "会話の履歴"}};

bool is_immutable(ItemKind kind) { return kind == ItemKind::immutable_message || kind == ItemKind::immutable_attachment; }

}  // namespace

std::string make_item_id(ItemKind kind, std::string_view mailbox, std::uint64_t serial) {
    std::string bytes(1, static_cast<char>(kind));
    bytes += std::string(as_text(sha256(std::string(mailbox) + '/' + std::to_string(serial)))).substr(0, 15);
    bytes += std::string(as_text(sha256(bytes))).substr(0, id_bytes - bytes.size());
    return std::string(is_immutable(kind) ? immutable_prefix : id_prefix) + base64url(as_bytes(bytes)) + "=";
}

std::optional<ItemKind> kind_of_id(std::string_view id) {
    if (!id.starts_with(id_prefix) && !id.starts_with(immutable_prefix)) return std::nullopt;
    if (id.size() != id_prefix.size() + id_bytes / 3 * 4 + 1 || !id.ends_with('=')) return std::nullopt;
    const auto bytes = decode_base64url(id.substr(id_prefix.size(), id_bytes / 3 * 4));
    if (!bytes || bytes->size() != id_bytes) return std::nullopt;
    if (as_text(sha256(std::string_view(*bytes).substr(0, 16))).substr(0, 8) != std::string_view(*bytes).substr(16)) return std::nullopt;
    return static_cast<ItemKind>(static_cast<unsigned char>((*bytes)[0]));
}

std::string topic_of(std::string_view subject) {
    static constexpr std::string_view marks[] = {"re:", "fw:", "fwd:", "aw:", "wg:", "転送:", "返信:", "re：", "fw："};
    subject = trim(subject);
    for (bool again = true; again;) {
        again = false;
        const std::string lower = lower_ascii(subject.substr(0, 12));
        for (const auto mark : marks)
            if (lower.starts_with(mark)) {
                subject = trim(subject.substr(mark.size()));
                again = true;
                break;
            }
    }
    return std::string(subject);
}

const std::string& StoredMessage::plain_text() const {
    if (!plain_text_) plain_text_ = content.html ? mime::text_of_html(*content.html) : content.text.value_or("");
    return *plain_text_;
}

const std::string& StoredMessage::search_text() const {
    if (!search_text_) {
        std::string text = content.subject + '\n';
        if (content.from) text += content.from->name + ' ' + content.from->address + '\n';
        search_text_ = mime::folded(text + plain_text());
    }
    return *search_text_;
}

void StoredMessage::changed() {
    ++change;
    plain_text_.reset();
    search_text_.reset();
}

bool StoredMessage::has_attachments() const {
    return std::ranges::any_of(attachments, [](const StoredAttachment& one) { return !one.content.is_inline; });
}

Mailbox::Mailbox(std::string key, std::string_view language) : key_(std::move(key)) {
    const bool japanese = language.starts_with("ja");
    folders_.push_back({next_id(ItemKind::folder), japanese ? "インフォメーション ストアの先頭" : "Top of Information Store", "", "msgfolderroot"});
    const std::string root = folders_.front().id;
    for (const auto& one : well_known_folders)
        folders_.push_back(
            {next_id(ItemKind::folder), std::string(japanese ? one.japanese : one.english), root, std::string(one.name), one.name == "conversationhistory"});
    folders_.push_back({next_id(ItemKind::folder), "Deletions", "", "recoverableitemsdeletions", true});
}

MailFolder* Mailbox::find_folder(std::string_view id_or_name) {
    for (auto& folder : folders_)
        if (folder.id == id_or_name || (!folder.well_known.empty() && equal_ignoring_case(folder.well_known, id_or_name))) return &folder;
    return nullptr;
}

MailFolder* Mailbox::find_folder_named(std::string_view parent, std::string_view name) {
    for (auto& folder : folders_)
        if (folder.parent == parent && mime::folded(folder.name) == mime::folded(name)) return &folder;
    return nullptr;
}

MailFolder& Mailbox::add_folder(std::string name, std::string parent, bool hidden) {
    folders_.push_back({next_id(ItemKind::folder), std::move(name), std::move(parent), "", hidden});
    return folders_.back();
}

void Mailbox::remove_folder(const MailFolder& folder) {
    const std::string id = folder.id;
    const std::string deleted = find_folder("deleteditems")->id;
    if (!is_within(folder.parent, deleted)) {
        find_folder(id)->parent = deleted;
        return;
    }
    const auto inside = [&](const std::string& one) { return is_within(one, id); };
    std::erase_if(messages_, [&](const std::unique_ptr<StoredMessage>& message) {
        if (!inside(message->folder)) return false;
        by_id_.erase(message->id);
        by_id_.erase(message->immutable_id);
        return true;
    });
    std::vector<std::string> gone;
    for (const auto& one : folders_)
        if (inside(one.id)) gone.push_back(one.id);
    std::erase_if(folders_, [&](const MailFolder& one) { return std::ranges::find(gone, one.id) != gone.end(); });
}

bool Mailbox::is_within(std::string_view folder, std::string_view ancestor) const {
    for (std::size_t steps = 0; !folder.empty() && steps <= folders_.size(); ++steps) {
        if (folder == ancestor) return true;
        const auto found = std::ranges::find(folders_, folder, &MailFolder::id);
        if (found == folders_.end()) return false;
        folder = found->parent;
    }
    return false;
}

StoredMessage* Mailbox::find(std::string_view id) {
    const auto found = by_id_.find(std::string(id));
    return found == by_id_.end() ? nullptr : found->second;
}

std::string Mailbox::conversation_of(const mime::Message& content) {
    const std::string topic = mime::folded(topic_of(content.subject));
    std::string conversation;
    std::vector<std::string> named = content.references;
    if (!content.in_reply_to.empty()) named.push_back(content.in_reply_to);
    for (const auto& id : named)
        if (const auto found = conversation_by_message_.find(id); conversation.empty() && found != conversation_by_message_.end()) conversation = found->second;
    const bool answers = !named.empty() || topic != mime::folded(content.subject);
    if (conversation.empty() && answers && !topic.empty())
        if (const auto found = conversation_by_topic_.find(topic); found != conversation_by_topic_.end()) conversation = found->second;
    if (conversation.empty())
        conversation = "AAQkAG" + base64url(as_bytes(as_text(sha256(key_ + "/conversation/" + std::to_string(++serial_))).substr(0, 24))) + "=";
    if (!content.message_id.empty()) conversation_by_message_.emplace(content.message_id, conversation);
    // An answer may come before what it answers.
    for (const auto& id : named) conversation_by_message_.emplace(id, conversation);
    if (!topic.empty()) conversation_by_topic_.emplace(topic, conversation);
    return conversation;
}

void Mailbox::index(StoredMessage& message) {
    by_id_[message.id] = &message;
    by_id_[message.immutable_id] = &message;
}

StoredMessage& Mailbox::add(NewMessage incoming) {
    auto message = std::make_unique<StoredMessage>();
    message->id = next_id(ItemKind::message);
    message->serial = serial_;
    message->immutable_id = make_item_id(ItemKind::immutable_message, key_, serial_);
    message->folder = std::move(incoming.folder);
    message->conversation = conversation_of(incoming.content);
    auto attachments = std::move(incoming.content.attachments);
    incoming.content.attachments.clear();
    message->content = std::move(incoming.content);
    message->raw = std::move(incoming.raw);
    message->created = message->modified = incoming.now;
    message->received = incoming.received.value_or(message->content.received.value_or(message->content.date.value_or(incoming.now)));
    message->sent = message->content.date.value_or(message->received);
    message->is_read = incoming.is_read;
    message->is_draft = incoming.is_draft;
    for (auto& one : attachments) attach(*message, std::move(one), message->received);
    message->change = 1;
    index(*message);
    messages_.push_back(std::move(message));
    return *messages_.back();
}

void Mailbox::move(StoredMessage& message, const std::string& folder) {
    by_id_.erase(message.id);
    message.id = next_id(ItemKind::message);
    message.folder = folder;
    message.changed();
    for (auto& attachment : message.attachments) attachment.id = next_id(ItemKind::attachment);
    index(message);
}

StoredMessage& Mailbox::copy(const StoredMessage& message, const std::string& folder, TimePoint now) {
    auto twin = std::make_unique<StoredMessage>(message);
    twin->id = next_id(ItemKind::message);
    twin->serial = serial_;
    twin->immutable_id = make_item_id(ItemKind::immutable_message, key_, serial_);
    twin->folder = folder;
    twin->created = twin->modified = now;
    for (auto& attachment : twin->attachments) {
        attachment.id = next_id(ItemKind::attachment);
        attachment.immutable_id = make_item_id(ItemKind::immutable_attachment, key_, serial_);
    }
    twin->changed();
    index(*twin);
    messages_.push_back(std::move(twin));
    return *messages_.back();
}

void Mailbox::erase(const StoredMessage& message) {
    by_id_.erase(message.id);
    by_id_.erase(message.immutable_id);
    std::erase_if(messages_, [&](const std::unique_ptr<StoredMessage>& one) { return one.get() == &message; });
}

StoredAttachment& Mailbox::attach(StoredMessage& message, mime::Attachment attachment, TimePoint now) {
    const auto id = next_id(ItemKind::attachment);
    message.attachments.push_back({id, make_item_id(ItemKind::immutable_attachment, key_, serial_), std::move(attachment), now});
    return message.attachments.back();
}

}  // namespace renkei::sandbox

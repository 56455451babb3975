#pragma once

#include "sandbox/mime/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace renkei::sandbox {

enum class ItemKind : std::uint8_t { message = 'M', immutable_message = 'I', folder = 'F', attachment = 'A', immutable_attachment = 'B' };
/// An id in the vendor's look. It carries its kind and a check, so a cut, mixed-up or case-folded id is recognised as malformed.
std::string make_item_id(ItemKind kind, std::string_view mailbox, std::uint64_t serial);
/// Nothing if it is no id of ours.
std::optional<ItemKind> kind_of_id(std::string_view id);

struct StoredAttachment {
    std::string id;
    std::string immutable_id;
    mime::Attachment content;
    TimePoint modified{};
};

/// A date of a flag: local text and zone name, as the caller wrote them.
struct ZonedTime {
    std::string date_time;
    std::string time_zone;
};

struct Flag {
    std::string status = "notFlagged";
    std::optional<ZonedTime> start{}, due{}, completed{};
};

struct StoredMessage {
    std::string id;
    std::string immutable_id;
    std::string folder;
    std::uint64_t serial = 0;
    mime::Message content;  ///< without its attachments, which stand below
    std::vector<StoredAttachment> attachments{};
    TimePoint created{}, modified{}, received{}, sent{};
    bool is_read = false;
    bool is_draft = false;
    std::vector<std::string> categories{};
    Flag flag{};
    std::string inference = "focused";
    std::string conversation;
    std::uint64_t change = 0;
    std::shared_ptr<const std::string> raw{};  ///< as it came; empty after a change: composed anew when asked for

    /// The plain text that previews and searches see.
    const std::string& plain_text() const;
    /// folded() subject, people and text, made at the first search.
    const std::string& search_text() const;
    void changed();
    bool has_attachments() const;

private:
    mutable std::optional<std::string> plain_text_{};
    mutable std::optional<std::string> search_text_{};
};

struct MailFolder {
    std::string id;
    std::string name;
    std::string parent;      ///< empty: the root itself
    std::string well_known;  ///< inbox, sentitems, …; empty for the owner's own folders
    bool hidden = false;
};

/// What is put into a mailbox.
struct NewMessage {
    mime::Message content;
    std::shared_ptr<const std::string> raw{};
    std::string folder;  ///< id
    TimePoint now{};
    std::optional<TimePoint> received{};
    bool is_read = false;
    bool is_draft = false;
};

/// One person's folders and messages, in memory.
class Mailbox {
public:
    /// `key` makes the ids; folders are named in the owner's language.
    Mailbox(std::string key, std::string_view language);

    const std::string& key() const { return key_; }
    const std::vector<MailFolder>& folders() const { return folders_; }
    /// By id or, without case, by well-known name.
    MailFolder* find_folder(std::string_view id_or_name);
    MailFolder* find_folder_named(std::string_view parent, std::string_view name);
    MailFolder& add_folder(std::string name, std::string parent, bool hidden);
    /// With everything in it: to Deleted Items, or for good if it is there already.
    void remove_folder(const MailFolder& folder);
    /// The folder itself or one above it has this id.
    bool is_within(std::string_view folder, std::string_view ancestor) const;

    const std::vector<std::unique_ptr<StoredMessage>>& messages() const { return messages_; }
    StoredMessage* find(std::string_view id);
    StoredMessage& add(NewMessage message);
    /// The id changes, the immutable one stays.
    void move(StoredMessage& message, const std::string& folder);
    StoredMessage& copy(const StoredMessage& message, const std::string& folder, TimePoint now);
    void erase(const StoredMessage& message);
    StoredAttachment& attach(StoredMessage& message, mime::Attachment attachment, TimePoint now);

private:
    std::string next_id(ItemKind kind) { return make_item_id(kind, key_, ++serial_); }
    std::string conversation_of(const mime::Message& content);
    void index(StoredMessage& message);

    std::string key_;
    std::uint64_t serial_ = 0;
    std::vector<MailFolder> folders_;
    std::vector<std::unique_ptr<StoredMessage>> messages_;
    std::unordered_map<std::string, StoredMessage*> by_id_;
    std::unordered_map<std::string, std::string> conversation_by_message_;
    std::unordered_map<std::string, std::string> conversation_by_topic_;
};

/// Subject without Re:, Fw: and their Japanese and German kin.
std::string topic_of(std::string_view subject);

}  // namespace renkei::sandbox

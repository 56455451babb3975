#pragma once

#include "base/json.hpp"
#include "sandbox/graph/errors.hpp"
#include "sandbox/mailbox.hpp"
#include "sandbox/world.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace renkei::sandbox::graph {

/// A large attachment on its way in.
struct UploadSession {
    std::string owner;    ///< object id of the mailbox's user
    std::string message;  ///< immutable id
    mime::Attachment attachment;
    std::uint64_t size = 0;
    TimePoint expires{};
};

/// All mailboxes, made when first touched.
class MailStore {
public:
    Mailbox& of(const SandboxUser& user);
    void clear() {
        mailboxes_.clear();
        uploads.clear();
    }
    std::unordered_map<std::string, UploadSession> uploads;  ///< by the secret in the address

private:
    std::unordered_map<std::string, std::unique_ptr<Mailbox>> mailboxes_;
};

/// The Prefer header, as far as it is honoured.
struct Preferences {
    bool text_body = false, html_body = false;
    bool immutable_ids = false;
    bool unsafe_html = false;
    bool minimal = false;
    std::vector<std::string> applied;
};
Preferences preferences_of(const Headers& headers);

/// What an operation needs (section 4.9 of the reference). Those of mail come last.
enum class Access { profile, users, memberships, groups, organization, files, sites, teams, channels, mail_basic, mail_read, mail_write, mail_send };
bool is_mail(Access access);

/// One request on its way through: who calls, whose mailbox, which path arguments.
struct Call {
    World& world;
    MailStore& store;
    const ServerRequest& request;
    TokenFacts token;
    Preferences prefer{};
    SandboxUser* user = nullptr;  ///< whose data it is about
    bool me = false;              ///< addressed as /me
    bool basic_only = false;      ///< Mail.ReadBasic: no bodies, no attachments
    std::vector<std::string> args{};

    Mailbox& mailbox() const { return store.of(*user); }
    TimePoint now() const { return world.now(); }
    bool own() const { return token.user == user->id; }
    const std::string& id_of(const StoredMessage& message) const { return prefer.immutable_ids ? message.immutable_id : message.id; }
    const std::string& id_of(const StoredAttachment& attachment) const { return prefer.immutable_ids ? attachment.immutable_id : attachment.id; }
};

/// The token of the request, or the vendor's 401.
Outcome<TokenFacts> check_token(World& world, const ServerRequest& request);
/// Whether the token allows this to this user's data; sets basic_only.
Outcome<void> check_access(Call& call, Access access);

Outcome<StoredMessage*> message_of(Call& call, const std::string& id);
Outcome<MailFolder*> folder_of(Call& call, const std::string& id_or_name);
Outcome<StoredAttachment*> attachment_of(Call& call, StoredMessage& message, const std::string& id);
/// 412 when If-Match names another version.
Outcome<void> check_if_match(const Call& call, const StoredMessage& message);

/// The body as a JSON object; an empty body is an empty object if `may_be_empty`.
Outcome<json::object> json_body(const Call& call, bool may_be_empty = false);
/// Parameters of actions come in either case.
const json::value* find_any_case(const json::object& from, std::string_view name);

ServerResponse answer_json(const Call& call, int status, json::object body);
ServerResponse answer_empty(int status);

}  // namespace renkei::sandbox::graph

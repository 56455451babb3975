#pragma once

#include "app/ports/body_stream.hpp"
#include "app/task.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/connection.hpp"
#include "core/mail.hpp"

#include <memory>
#include <string>
#include <vector>

namespace renkei::app {

/// One mailbox through one provider. The token is checked and the mailbox is inside the fence when it comes here.
struct MailAccess {
    core::Connection connection;
    std::string cloud;    ///< key of a cloud in the connector's manifest
    std::string mailbox;  ///< one spelling; empty: the signed-in person's own
    Secret access_token;
    std::string request_id;
    std::string directory_id{};  ///< of the mailbox, where it is known: what is called then, whoever has the address by now
};

struct RawMessage {
    std::string media_type;
    std::string name;
    std::uint64_t size = 0;  ///< 0: not known
    std::unique_ptr<BodyStream> body;
};

/// Mail at a provider, in Renkei's model. Errors: not_found, provider_*, needs_admin, outside_fence never.
/// A 401 comes back as unauthenticated: the caller refreshes once and repeats.
class MailProvider {
public:
    virtual ~MailProvider() = default;
    virtual Task<Result<std::vector<core::Mailbox>>> folders(MailAccess access) = 0;
    virtual Task<Result<core::EmailPage>> list(MailAccess access, core::EmailFilter filter, std::uint32_t limit, std::string cursor) = 0;
    virtual Task<Result<core::Email>> get(MailAccess access, std::string id) = 0;
    virtual Task<Result<RawMessage>> mime(MailAccess access, std::string id) = 0;
    virtual Task<Result<RawMessage>> attachment(MailAccess access, std::string id, std::string attachment_id) = 0;
    /// Returns once the provider has accepted it. Never repeated by itself.
    virtual Task<Result<void>> send(MailAccess access, core::OutgoingEmail email) = 0;
    /// A cheap read that proves that token and mailbox work.
    virtual Task<Result<void>> probe(MailAccess access) = 0;
};

}  // namespace renkei::app

#pragma once

#include "app/ports/catalog.hpp"
#include "app/ports/http_client.hpp"
#include "app/ports/mail_provider.hpp"

#include <memory>

namespace renkei::microsoft {

/// Mail in Microsoft 365 through Microsoft Graph (https://learn.microsoft.com/graph/outlook-mail-concept-overview).
class GraphMail final : public app::MailProvider {
public:
    GraphMail(app::HttpClient& http, const app::Catalog& catalog) : http_(http), catalog_(catalog) {}

    Task<Result<std::vector<core::Mailbox>>> folders(app::MailAccess access) override;
    Task<Result<core::EmailPage>> list(app::MailAccess access, core::EmailFilter filter, std::uint32_t limit, std::string cursor) override;
    Task<Result<core::Email>> get(app::MailAccess access, std::string id) override;
    Task<Result<app::RawMessage>> mime(app::MailAccess access, std::string id) override;
    Task<Result<app::RawMessage>> attachment(app::MailAccess access, std::string id, std::string attachment_id) override;
    Task<Result<void>> send(app::MailAccess access, core::OutgoingEmail email) override;
    Task<Result<void>> probe(app::MailAccess access) override;

private:
    struct Call;
    using CallPtr = std::shared_ptr<const Call>;

    Result<CallPtr> begin(app::MailAccess access, std::string_view permission) const;
    /// A GET whose answer fits into memory; other statuses than 200 become errors.
    Task<Result<HttpResponse>> read(CallPtr call, std::string url, std::uint64_t max_bytes);
    /// A GET whose body is handed on piece by piece.
    Task<Result<app::StreamedResponse>> open(CallPtr call, std::string url);
    Task<Result<std::vector<core::Attachment>>> attachments(CallPtr call, std::string message_url);
    Task<Result<void>> add_roles(CallPtr call, std::shared_ptr<std::vector<core::Mailbox>> folders);

    app::HttpClient& http_;
    const app::Catalog& catalog_;
};

}  // namespace renkei::microsoft

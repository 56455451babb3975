#pragma once

#include "app/ports/mail_provider.hpp"

#include "tests/support/fake_http_client.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace renkei::testing {

/// A mailbox that holds what the test puts in, at first nothing, and notes what it is asked.
class FakeMailProvider final : public app::MailProvider {
public:
    std::optional<Error> refusal;
    int probes = 0;
    int sent = 0;

    // What is there.
    std::vector<core::Mailbox> mailboxes;
    core::EmailPage page;
    std::optional<core::Email> email;
    std::optional<std::string> raw;  ///< content of the message and of every attachment
    std::string raw_name = "message.eml", raw_type = "message/rfc822";
    // What was asked last.
    std::string mailbox;
    core::EmailFilter filter;
    std::uint32_t limit = 0;
    std::string cursor;
    std::vector<std::string> ids;
    core::OutgoingEmail outgoing;
    int asked = 0;

    Task<Result<std::vector<core::Mailbox>>> folders(app::MailAccess access) override {
        note(access);
        return answer(mailboxes);
    }
    Task<Result<core::EmailPage>> list(app::MailAccess access, core::EmailFilter by, std::uint32_t most, std::string at) override {
        note(access);
        filter = std::move(by);
        limit = most;
        cursor = std::move(at);
        return answer(page);
    }
    Task<Result<core::Email>> get(app::MailAccess access, std::string id) override {
        note(access, {std::move(id)});
        return email ? answer(*email) : missing<core::Email>();
    }
    Task<Result<app::RawMessage>> mime(app::MailAccess access, std::string id) override {
        note(access, {std::move(id)});
        return bytes();
    }
    Task<Result<app::RawMessage>> attachment(app::MailAccess access, std::string id, std::string attachment_id) override {
        note(access, {std::move(id), std::move(attachment_id)});
        return bytes();
    }
    Task<Result<void>> send(app::MailAccess access, core::OutgoingEmail message) override {
        note(access);
        outgoing = std::move(message);
        ++sent;
        co_return refusal ? Result<void>(std::unexpected(*refusal)) : Result<void>();
    }
    /// From now on every probe but those of these mailboxes is refused.
    void refuse_outside(std::vector<std::string> allowed) { scope_ = std::move(allowed); }
    Task<Result<void>> probe(app::MailAccess access) override {
        ++probes;
        if (!refusal && scope_ && std::ranges::find(*scope_, access.mailbox) == scope_->end()) co_return fail(Errc::provider_refused, "outside the scope");
        co_return refusal ? Result<void>(std::unexpected(*refusal)) : Result<void>();
    }

private:
    std::optional<std::vector<std::string>> scope_;
    void note(const app::MailAccess& access, std::vector<std::string> named = {}) {
        ++asked;
        mailbox = access.mailbox;
        ids = std::move(named);
    }
    Task<Result<app::RawMessage>> bytes() {
        if (refusal) co_return std::unexpected(*refusal);
        if (!raw) co_return fail(Errc::not_found, "there is no such message");
        app::RawMessage out{raw_type, raw_name, raw->size(), std::make_unique<PieceStream>(std::vector<std::string>{*raw})};
        co_return out;
    }
    template <class T>
    Task<Result<T>> answer(T value) {
        if (refusal) co_return std::unexpected(*refusal);
        co_return std::move(value);
    }
    template <class T>
    Task<Result<T>> missing() {
        co_return fail(Errc::not_found, "there is no such message");
    }
};

}  // namespace renkei::testing

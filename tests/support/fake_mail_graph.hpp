#pragma once

#include "adapters/providers/catalog_loader.hpp"
#include "adapters/providers/microsoft/graph_mail.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {

/// Graph mail over a scripted HTTP client, as an application with the mailbox info@contoso.com.
inline constexpr std::string_view graph_root = "https://graph.microsoft.com/v1.0/users/info%40contoso.com";

class GraphMailFixture : public ::testing::Test {
protected:
    static app::MailAccess access(std::string mailbox = "info@contoso.com", std::string cloud = "commercial") {
        app::MailAccess out;
        out.connection.connector = "microsoft";
        out.cloud = std::move(cloud);
        out.mailbox = std::move(mailbox);
        out.access_token = Secret("token-1");
        out.request_id = "0123456789abcdef0123456789abcdef";
        return out;
    }
    core::EmailPage page(core::EmailFilter filter = {}, std::string cursor = {}) {
        auto result = run_task(mail_.list(access(), std::move(filter), 10, std::move(cursor)));
        EXPECT_TRUE(result) << (result ? "" : result.error().detail);
        return result ? *std::move(result) : core::EmailPage{};
    }
    Errc list_refusal(app::MailAccess with = access(), std::string cursor = {}) {
        const auto result = run_task(mail_.list(std::move(with), {}, 10, std::move(cursor)));
        EXPECT_FALSE(result);
        return result ? Errc::internal : result.error().code;
    }

    std::unique_ptr<app::Catalog> catalog_ = *providers::load_catalog({});
    FakeHttpClient http_;
    microsoft::GraphMail mail_{http_, *catalog_};
};

}  // namespace renkei::testing

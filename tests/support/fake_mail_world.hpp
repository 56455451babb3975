#pragma once

#include "adapters/providers/catalog_loader.hpp"
#include "adapters/providers/microsoft/graph_mail.hpp"
#include "app/mail.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/fake_store.hpp"
#include "tests/support/fake_vault.hpp"
#include "tests/support/run_task.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {

/// Gives token-1, and after each rejection the next one.
class FakeTokenSource final : public app::TokenSource {
public:
    Task<Result<app::LiveToken>> token_for(core::Connection connection, std::chrono::seconds, std::string) override {
        ++asked;
        if (refusal) co_return fail(*refusal);
        app::LiveToken live;
        live.token = Secret("token-" + std::to_string(generation));
        live.key.workspace = connection.workspace;
        live.generation = generation;
        live.credential_version = 4;
        co_return live;
    }
    void reject(const core::TokenKey&, std::uint64_t rejected) override {
        rejections.push_back(rejected);
        if (rejected == generation) ++generation;
    }

    int asked = 0;
    std::uint64_t generation = 1;
    std::vector<std::uint64_t> rejections;
    std::optional<Error> refusal;
};

/// Everything between a caller and Microsoft Graph, the real thing except store, vault, tokens and transport.
class MailWorld {
public:
    explicit MailWorld(core::Connection connection = a_connection()) : connection_(std::move(connection)) {
        connection_.folder = shared.id;
        shared.is_default = true;
        auto registration = a_registration();
        registration.cloud = "commercial";
        auto other_registration = a_registration("generic-app");
        other_registration.connector = "oauth";
        other_registration.cloud.clear();
        must(store.commit(home, {app::PutWorkspace{a_workspace()}, app::PutFolder{shared}, app::InsertRegistration{registration},
                                 app::InsertRegistration{other_registration}, app::InsertConnection{connection_}}));
        must(store.commit(elsewhere, {app::PutWorkspace{a_workspace(elsewhere, "other")}}));
        store_commits = store.commits();
    }

    /// A key of the home workspace with these actions and no further limit.
    app::By by(std::vector<core::Action> actions = {core::Action::mail_read, core::Action::mail_send}, core::WorkspaceId workspace = home) const {
        app::By out;
        out.principal.workspace = workspace;
        out.principal.id = a_key().id.bytes();
        out.principal.name = "robot";
        out.principal.rights = {core::Right{std::move(actions), {}, {}, {}, {}, {}}};
        out.request_id = "0123456789abcdef0123456789abcdef";
        return out;
    }
    app::MailPlace place(std::string mailbox = {}, std::string_view connection = "invoice-mail") const { return {a_name(connection), std::move(mailbox)}; }
    void change(std::function<void(core::Connection&)> edit) {
        const auto version = connection_.version;
        edit(connection_);
        connection_.version = version + 1;
        must(store.commit(home, {app::UpdateConnection{connection_, version}}));
    }
    void must(Task<Result<void>> work) {
        const auto done = run_task(std::move(work));
        if (!done) throw std::logic_error(done.error().detail);
    }
    const core::Connection& connection() const { return connection_; }
    std::vector<core::AuditRow> audit() const { return store.audit(home); }

    ManualClock clock;
    FakeStore store;
    FakeVault vault;
    FakeTokenSource tokens;
    FakeHttpClient http;
    core::Folder shared = a_folder();
    std::uint64_t store_commits = 0;
    std::unique_ptr<app::Catalog> catalog = *providers::load_catalog({});
    microsoft::GraphMail graph{http, *catalog};
    app::Access access{store, store, *catalog, clock};
    app::Mail mail{{access, store, tokens, store, *catalog, vault, clock, {{"microsoft_graph", &graph}}}};

private:
    core::Connection connection_;
};

}  // namespace renkei::testing

#pragma once

#include "adapters/providers/microsoft/graph_native.hpp"
#include "app/fences.hpp"
#include "app/native.hpp"
#include "app/token_release.hpp"
#include "tests/support/fake_directory.hpp"
#include "tests/support/fake_mail_provider.hpp"
#include "tests/support/fake_mail_world.hpp"
#include "tests/support/fake_provider_world.hpp"

namespace renkei::testing {

/// A connection with a fence and a directory behind it; what goes out to the provider is counted.
class FenceWorld {
public:
    static constexpr auto invoices_id = "11111111-1111-1111-1111-111111111111";
    static constexpr auto hanako_id = "22222222-2222-2222-2222-222222222222";
    static constexpr auto ceo_id = "33333333-3333-3333-3333-333333333333";
    static constexpr auto moved_id = "44444444-4444-4444-4444-444444444444";
    static constexpr auto new_owner_id = "55555555-5555-5555-5555-555555555555";
    static constexpr auto sales_id = "66666666-6666-6666-6666-666666666666";

    explicit FenceWorld(core::Fence fence = {false, {"invoice@acme.example", "moved@acme.example"}, {}, {"sales@acme.example"}})
        : base(with(std::move(fence))) {
        directory.people = {{invoices_id, {"invoice@acme.example", "billing@acme.example"}},
                            {hanako_id, {"hanako@acme.example", "h@acme.example"}},
                            {ceo_id, {"ceo@acme.example", "boss@acme.example"}},
                            {moved_id, {"moved@acme.example"}},
                            {new_owner_id, {"new@acme.example"}}};
        directory.groups = {{"sales@acme.example", {sales_id, {hanako_id}}}};
    }

    app::By by(std::vector<core::Action> actions = {core::Action::mail_read, core::Action::mail_send, core::Action::tokens_read, core::Action::native,
                                                    core::Action::connections_read, core::Action::connections_write}) const {
        return base.by(std::move(actions));
    }
    core::Connection connection() { return *run_task(base.store.find_connection(home, a_name("invoice-mail"))); }
    Result<app::Granted> ask(std::string who, core::TouchedAs as = core::TouchedAs::mailbox, core::Action action = core::Action::mail_read) {
        return run_task(access.authorize(by().principal, a_name("invoice-mail"), action, std::move(who), {}, as));
    }
    std::optional<Errc> refusal(std::string who, core::TouchedAs as = core::TouchedAs::mailbox) {
        const auto granted = ask(std::move(who), as);
        return granted ? std::nullopt : std::optional(granted.error().code);
    }
    void look() {
        const auto looked = run_task(resolver.look_at_all(connection(), "test", app::FenceResolver::For::background));
        if (!looked) throw std::logic_error(looked.error().detail);
    }
    core::FenceRow row(std::string_view entry) {
        for (auto& one : *run_task(base.store.fence_rows(home, connection().id)))
            if (core::text_of(one.entry) == entry) return one;
        throw std::logic_error("no such row");
    }
    std::vector<std::string> audited(std::string_view prefix) const {
        std::vector<std::string> actions;
        for (const auto& one : base.store.audit(home))
            if (one.action.starts_with(prefix)) actions.push_back(one.action);
        return actions;
    }

    MailWorld base;
    FakeDirectory directory;
    FakeMailProvider mailboxes;
    CountingRandom random;
    app::FenceResolver resolver{{base.store, *base.catalog, base.tokens, {{"microsoft_graph", &directory}}, base.clock, random}};
    app::FenceFacts facts{base.store, resolver, base.clock};
    app::Access access{base.store, base.store, *base.catalog, base.clock, &facts};
    app::Mail mail{{access, base.store, base.tokens, base.store, *base.catalog, base.vault, base.clock, {{"microsoft_graph", &base.graph}}}};
    microsoft::GraphNative graph_native{base.http, *base.catalog};
    app::Native native{{access, base.store, base.store, base.tokens, base.store, *base.catalog, base.clock, {{"microsoft_graph", &graph_native}}}};
    app::Fences fences{{base.store,
                        access,
                        *base.catalog,
                        resolver,
                        facts,
                        base.tokens,
                        {},
                        [this](std::string_view) -> app::MailProvider* { return &mailboxes; },
                        base.clock}};

private:
    static core::Connection with(core::Fence fence) {
        auto connection = a_connection();
        fence.tidy();
        connection.fence = std::move(fence);
        return connection;
    }
};

}  // namespace renkei::testing

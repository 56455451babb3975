#pragma once

#include "base/json.hpp"
#include "sandbox/control/control.hpp"
#include "sandbox/login/login_test_world.hpp"

namespace renkei::sandbox {

// Mailboxes that only remember what came.
class Postbox final : public MailSink {
public:
    Result<std::string> deliver(Delivery delivery) override {
        if (delivery.mailbox == "nobody@contoso.example") return fail(Errc::not_found, "there is no such mailbox");
        deliveries.push_back(std::move(delivery));
        return "id-" + std::to_string(deliveries.size());
    }
    std::vector<Delivery> deliveries;
};

struct ControlWorld {
    LoginWorld w;
    Faults faults;
    Counters counters;
    Postbox postbox;
    ControlService control{{w.world, faults, counters, {&w.login}, &postbox, [] { return std::string("{}"); }}};

    ServerResponse send(Method method, const std::string& target, const std::string& body = {}, const std::string& type = "application/json") {
        return control.handle(make_request(method, target, body, {{"Content-Type", type}}));
    }
    void expect_refused(const ServerResponse& response, int status, std::string_view field = {}) {
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(LoginWorld::text(LoginWorld::body(response), "field"), field) << response.body;
    }
};

}  // namespace renkei::sandbox

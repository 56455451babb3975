#include "adapters/api/call_place.hpp"

#include "adapters/api/answers.hpp"

namespace renkei::api {

Result<app::MailPlace> place_of(const Call& call) {
    const auto& headers = call.request.headers;
    const auto* limit = call.caller.limit.get();
    if (limit != nullptr && !headers.has("Renkei-Connection")) {
        auto act_as = read_act_as(call);
        if (!act_as) return propagate(act_as);
        if (headers.count("Renkei-Mailbox") > 1) return bad_field("Renkei-Mailbox", "the header `Renkei-Mailbox` may be given once only");
        return app::MailPlace{limit->connection_name, std::string(headers.get("Renkei-Mailbox")), *std::move(act_as)};
    }
    if (headers.count("Renkei-Connection") != 1) return bad_field("Renkei-Connection", "the header `Renkei-Connection` must name the connection, once");
    if (headers.count("Renkei-Mailbox") > 1) return bad_field("Renkei-Mailbox", "the header `Renkei-Mailbox` may be given once only");
    auto connection = core::Name::parse(headers.get("Renkei-Connection"), "Renkei-Connection");
    if (!connection) return propagate(connection);
    const auto mailbox = headers.get("Renkei-Mailbox");
    if (headers.has("Renkei-Mailbox") && trim(mailbox).empty())
        return bad_field("Renkei-Mailbox", "the header `Renkei-Mailbox` is empty; leave it out for the connection's own mailbox");
    auto act_as = read_act_as(call);
    if (!act_as) return propagate(act_as);
    return app::MailPlace{*std::move(connection), std::string(mailbox), *std::move(act_as)};
}

}  // namespace renkei::api

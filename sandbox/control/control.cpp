#include "sandbox/control/control.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"

namespace renkei::sandbox {

const ControlService::Route ControlService::routes[] = {
    {Method::get, "/healthz", &ControlService::health},
    {Method::get, "/describe", &ControlService::describe},
    {Method::post, "/faults", &ControlService::add_fault},
    {Method::get, "/faults", &ControlService::list_faults},
    {Method::delete_, "/faults", &ControlService::clear_faults},
    {Method::get, "/counters", &ControlService::counters},
    {Method::delete_, "/counters", &ControlService::clear_counters},
    {Method::get, "/time", &ControlService::time},
    {Method::post, "/time", &ControlService::advance},
    {Method::post, "/reset", &ControlService::reset_all},
    {Method::post, "/messages", &ControlService::deliver},
    {Method::post, "/grants/revoke", &ControlService::revoke},
    {Method::post, "/grants/lookup", &ControlService::look_up},
    {Method::put, "/switches", &ControlService::switches},
    {Method::post, "/users/password", &ControlService::change_password},
    {Method::post, "/users/move-address", &ControlService::move_address},
    {Method::post, "/users/rename", &ControlService::rename_user},
    {Method::post, "/groups/members", &ControlService::change_members},
    {Method::post, "/consents/grant", &ControlService::grant_consent},
    {Method::post, "/consents/withdraw", &ControlService::withdraw_consent},
};

Result<json::object> read_control_object(std::string_view text) {
    auto parsed = json::parse(text);
    if (!parsed) return std::unexpected(parsed.error());
    if (!parsed->is_object()) return fail(Errc::bad_request, "the body must be a JSON object");
    return std::move(parsed->get_object());
}

namespace {

std::string text_member(const json::object& from, std::string_view name) { return std::string(json::text(from, name).value_or("")); }

// A delivery given as JSON, or as the message itself with its mailbox in the query.
Result<Delivery> read_delivery(const ServerRequest& request) {
    Delivery delivery;
    const auto field = [&](std::string_view name) {
        const auto* value = find_field(request.query, name);
        return value ? *value : std::string();
    };
    if (request.headers.get("Content-Type").find("json") == std::string_view::npos) {
        delivery = {field("mailbox"), request.body, field("folder"), field("read") == "true"};
    } else {
        const auto object = read_control_object(request.body);
        if (!object) return std::unexpected(object.error());
        delivery = {text_member(*object, "mailbox"), text_member(*object, "eml"), text_member(*object, "folder"),
                    json::boolean(*object, "read").value_or(false)};
        if (const auto encoded = json::text(*object, "eml_base64")) {
            auto bytes = decode_base64(*encoded);
            if (!bytes) return bad_field("eml_base64", "is not base64");
            delivery.eml = std::move(*bytes);
        }
        if (const auto received = json::integer(*object, "received_ms")) delivery.received = from_millis(*received);
    }
    if (delivery.folder.empty()) delivery.folder = "inbox";
    if (delivery.mailbox.empty()) return bad_field("mailbox", "is missing");
    if (delivery.eml.empty()) return bad_field("eml", "is missing");
    return delivery;
}

std::string done() { return R"({"ok":true})"; }

}  // namespace

ServerResponse ControlService::handle(ServerRequest request) {
    bool path_known = false;
    for (const auto& route : routes) {
        if (route.path != request.path) continue;
        path_known = true;
        if (route.method != request.method) continue;
        auto answer = (this->*route.endpoint)(request);
        ServerResponse response;
        if (answer) {
            response = json_response(200, std::move(*answer));
        } else {
            const auto& row = error_row(answer.error().code);
            json::object body{{"error", json::view(row.slug)}, {"detail", answer.error().detail}};
            if (const auto field = answer.error().get("field"); !field.empty()) body["field"] = json::view(field);
            response = json_response(row.status, json::serialize(body));
        }
        response.route = route.path;
        return response;
    }
    return vendor_error(path_known ? 405 : 404, request);
}

ServerResponse ControlService::vendor_error(int status, const ServerRequest&) {
    return json_response(status, json::serialize(json::object{{"error", status == 404 ? "not-found" : "refused"}, {"status", status}}));
}

Result<std::string> ControlService::health(const ServerRequest&) { return done(); }
Result<std::string> ControlService::describe(const ServerRequest&) { return parts_.describe ? parts_.describe() : done(); }

Result<std::string> ControlService::add_fault(const ServerRequest& request) {
    auto fault = parse_fault(request.body);
    if (!fault) return propagate(fault);
    const auto id = parts_.faults.add(std::move(*fault));
    return json::serialize(json::object{{"ok", true}, {"id", id}});
}

Result<std::string> ControlService::list_faults(const ServerRequest&) { return json::serialize(json::object{{"waiting", parts_.faults.size()}}); }

Result<std::string> ControlService::clear_faults(const ServerRequest&) {
    parts_.faults.clear();
    return done();
}

Result<std::string> ControlService::counters(const ServerRequest&) {
    json::object services;
    for (const auto& [service, patterns] : parts_.counters.requests) {
        json::object requests;
        std::uint64_t total = 0;
        for (const auto& [pattern, statuses] : patterns) {
            json::object counts;
            std::uint64_t sum = 0;
            for (const auto& [status, count] : statuses) {
                counts[std::to_string(status)] = count;
                sum += count;
            }
            counts["total"] = sum;
            requests[pattern] = std::move(counts);
            total += sum;
        }
        services[service] = json::object{{"total", total}, {"requests", std::move(requests)}};
    }
    json::object exchanges;
    for (const auto& [grant_type, count] : parts_.world.tokens().exchanges)
        exchanges[grant_type] = json::object{{"issued", count.issued}, {"refused", count.refused}};
    const json::object grants{{"made", parts_.world.tokens().grants.size()}, {"families_ended", parts_.world.tokens().families_ended}};
    return json::serialize(json::object{{"services", std::move(services)}, {"token_exchanges", std::move(exchanges)}, {"grants", grants}});
}

Result<std::string> ControlService::clear_counters(const ServerRequest&) {
    parts_.counters.requests.clear();
    parts_.world.tokens().exchanges.clear();
    parts_.world.tokens().families_ended = 0;
    return done();
}

Result<std::string> ControlService::time(const ServerRequest&) {
    return json::serialize(json::object{{"now_ms", to_millis(parts_.world.now())}, {"now", iso_text(parts_.world.now())}});
}

Result<std::string> ControlService::advance(const ServerRequest& request) {
    const auto object = read_control_object(request.body);
    if (!object) return std::unexpected(object.error());
    const auto by = json::integer(*object, "advance_ms");
    // A century: beyond that the milliseconds of some clients overflow.
    if (!by || *by < 0 || *by > std::int64_t{100} * 366 * 86'400'000) return bad_field("advance_ms", "must be a whole number of milliseconds, not negative");
    parts_.world.clock().advance(std::chrono::milliseconds(*by));
    return time(request);
}

Result<std::string> ControlService::reset_all(const ServerRequest&) {
    parts_.world.reset();
    parts_.faults.clear();
    parts_.counters.requests.clear();
    for (auto* service : parts_.services) service->reset();
    return done();
}

Result<std::string> ControlService::deliver(const ServerRequest& request) {
    if (!parts_.mail) return fail(Errc::not_found, "this sandbox has no mailboxes");
    auto delivery = read_delivery(request);
    if (!delivery) return propagate(delivery);
    auto id = parts_.mail->deliver(std::move(*delivery));
    if (!id) return propagate(id);
    return json::serialize(json::object{{"ok", true}, {"id", *id}});
}

Result<std::string> ControlService::revoke(const ServerRequest& request) {
    const auto object = read_control_object(request.body.empty() ? "{}" : request.body);
    if (!object) return std::unexpected(object.error());
    std::string user_id, app_id;
    if (const auto who = json::text(*object, "user")) {
        const auto* user = parts_.world.find_user(*who);
        if (!user) return bad_field("user", "there is no such user");
        user_id = user->id;
    }
    if (const auto which = json::text(*object, "app")) {
        const auto* app = parts_.world.find_app(*which);
        if (!app) return bad_field("app", "there is no such app");
        app_id = app->id;
    }
    const bool access_too = json::boolean(*object, "access_tokens").value_or(false);
    const bool consent_too = json::boolean(*object, "consent").value_or(false);
    std::uint64_t count = 0;
    auto& tokens = parts_.world.tokens();
    for (auto& [id, grant] : tokens.grants) {
        if ((!user_id.empty() && grant.user != user_id) || (!app_id.empty() && grant.app != app_id)) continue;
        count += grant.revoked ? 0 : 1;
        grant.revoked = true;
        grant.access_revoked = grant.access_revoked || access_too;
    }
    if (consent_too)
        std::erase_if(tokens.consents,
                      [&](const auto& entry) { return (app_id.empty() || entry.first.first == app_id) && (user_id.empty() || entry.first.second == user_id); });
    return json::serialize(json::object{{"ok", true}, {"revoked", count}});
}

// Whether a refresh token would work, without using it.
Result<std::string> ControlService::look_up(const ServerRequest& request) {
    const auto object = read_control_object(request.body);
    if (!object) return std::unexpected(object.error());
    const auto text = json::text(*object, "refresh_token");
    if (!text) return bad_field("refresh_token", "is missing");
    const auto& tokens = parts_.world.tokens();
    const auto found = tokens.refresh.find(std::string(*text));
    const auto grant = found == tokens.refresh.end() ? tokens.grants.end() : tokens.grants.find(found->second.grant);
    if (grant == tokens.grants.end()) return fail(Errc::not_found, "there is no such refresh token");
    const bool expired = found->second.expires <= parts_.world.now();
    return json::serialize(json::object{{"grant", grant->first}, {"used", found->second.used}, {"expired", expired}, {"revoked", grant->second.revoked}});
}

Result<std::string> ControlService::switches(const ServerRequest& request) {
    if (auto applied = apply_switches(parts_.world, request.body); !applied) return propagate(applied);
    return done();
}

}  // namespace renkei::sandbox

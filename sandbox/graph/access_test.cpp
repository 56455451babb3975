#include "tests/support/graph_world.hpp"

namespace {

using namespace renkei;
using namespace renkei::testing;

struct GraphAccess : ::testing::Test, GraphWorld {
    std::string id = deliver(hanako, "From: bob@contoso.example\r\nSubject: One\r\n\r\nText\r\n");
    std::string message = "/v1.0/me/messages/" + percent_encode(id);
};

TEST_F(GraphAccess, WithoutAUsableTokenEveryAddressAnswers401WithAChallenge) {
    const auto good = token(hanako);
    std::string other_audience;
    {
        sandbox::TokenFacts facts = world.tokens().access[good];
        facts.audience = "https://outlook.office.com";
        other_audience = issue(facts);
    }
    manual.advance(std::chrono::hours(2));
    for (const auto& bearer : {std::string(), std::string("nonsense"), good, other_audience})
        for (const char* target : {"/v1.0/me", "/v1.0/me/messages", "/v1.0/nowhere", "/beta/me"}) {
            SCOPED_TRACE(bearer + " " + target);
            const auto response = call(Method::get, target, bearer);
            expect_refusal(response, 401, "InvalidAuthenticationToken");
            EXPECT_TRUE(response.headers.get("WWW-Authenticate").starts_with("Bearer "));
        }
    sandbox::ServerRequest basic = sandbox::make_request(Method::get, "/v1.0/me", {}, {{"Authorization", "Basic " + base64(as_bytes("a:b"))}});
    expect_refusal(graph->handle(std::move(basic)), 401, "InvalidAuthenticationToken");
}

TEST_F(GraphAccess, EachOperationNeedsItsScope) {
    const struct {
        Method method;
        std::string target, body;
        std::vector<std::string> enough, too_little;
    } cases[] = {
        {Method::get, "/v1.0/me/messages", "", {"Mail.Read"}, {"User.Read", "Mail.Send"}},
        {Method::get, message, "", {"Mail.ReadWrite"}, {"Mail.Send"}},
        {Method::get, message + "/$value", "", {"Mail.Read"}, {"Mail.ReadBasic"}},
        {Method::get, message + "/attachments", "", {"Mail.Read"}, {"Mail.ReadBasic"}},
        {Method::get, "/v1.0/me/mailFolders", "", {"Mail.ReadBasic"}, {"Mail.Send"}},
        {Method::patch, message, R"({"isRead":true})", {"Mail.ReadWrite"}, {"Mail.Read", "Mail.Send"}},
        {Method::post, "/v1.0/me/messages", R"({"subject":"x"})", {"Mail.ReadWrite"}, {"Mail.Read"}},
        {Method::post, "/v1.0/me/mailFolders", R"({"displayName":"x"})", {"Mail.ReadWrite"}, {"Mail.Read"}},
        {Method::post, "/v1.0/me/sendMail", R"({"message":{"toRecipients":[{"emailAddress":{"address":"a@b.example"}}]}})", {"Mail.Send"}, {"Mail.ReadWrite"}},
        {Method::post, message + "/reply", R"({"comment":"x"})", {"Mail.Send"}, {"Mail.ReadWrite"}},
        {Method::delete_, message, "", {"Mail.ReadWrite"}, {"Mail.Read"}},
    };
    for (const auto& one : cases) {
        SCOPED_TRACE(one.target);
        expect_refusal(call(one.method, one.target, token(hanako, one.too_little), one.body), 403, "ErrorAccessDenied");
        EXPECT_LT(call(one.method, one.target, token(hanako, one.enough), one.body).status, 300);
    }
}

TEST_F(GraphAccess, ReadBasicHidesBodies) {
    const auto basic = token(hanako, {"Mail.ReadBasic"});
    const auto answer = get(message, basic);

    expect_schema(answer, "message");
    EXPECT_FALSE(answer.contains("body"));
    EXPECT_FALSE(answer.contains("bodyPreview"));
    expect_refusal(call(Method::get, message + "?$expand=attachments", basic), 403, "ErrorAccessDenied");
    expect_refusal(call(Method::get, "/v1.0/me/messages?$search=%22x%22", basic), 403, "ErrorAccessDenied");
}

TEST_F(GraphAccess, AnApplicationHasNoMeAndNeedsARole) {
    const auto reader = app_token({"Mail.Read"});
    const auto none = app_token({});
    const std::string inbox = std::string("/v1.0/users/") + percent_encode(hanako) + "/mailFolders/inbox/messages";

    expect_refusal(call(Method::get, "/v1.0/me/messages", reader), 400, "BadRequest");
    expect_refusal(call(Method::get, inbox, none), 403, "ErrorAccessDenied");
    expect_refusal(call(Method::get, std::string("/v1.0/users/") + hanako, reader), 403, "Authorization_RequestDenied");
    expect_refusal(call(Method::get, "/v1.0/users/nobody@contoso.example/messages", none), 403, "ErrorAccessDenied");
    expect_refusal(call(Method::get, "/v1.0/users/nobody@contoso.example/messages", reader), 404, "ErrorInvalidUser");
    expect_refusal(call(Method::get, "/v1.0/users/dave@fabrikam.example/messages", reader), 404, "ErrorInvalidUser");
    expect_refusal(call(Method::get, "/v1.0/users/nomail@contoso.example/messages", reader), 404, "MailboxNotEnabledForRESTAPI");
    expect_collection(get(inbox, reader), "message");
    expect_collection(get("/v1.0/users('" + std::string(hanako) + "')/mailFolders('Inbox')/messages", reader), "message");
    expect_collection(get("/v1.0/users/" + world.find_user(hanako)->id + "/messages", reader), "message");
}

TEST_F(GraphAccess, AnotherPersonsMailboxNeedsTheSharedScopeAndARightInTheWorld) {
    deliver(shared_box, "From: a@b.example\r\nSubject: Invoice\r\n\r\nx");
    const std::string box = std::string("/v1.0/users/") + shared_box + "/messages";
    const std::string foreign = std::string("/v1.0/users/") + ichiro + "/messages";

    expect_collection(get(box, token(hanako, {"Mail.Read.Shared"})), "message");
    expect_refusal(call(Method::get, box, token(hanako, {"Mail.Read", "Mail.ReadWrite"})), 403, "ErrorAccessDenied");
    expect_refusal(call(Method::get, box, token(ichiro, {"Mail.Read.Shared"})), 403, "ErrorAccessDenied");
    expect_refusal(call(Method::get, foreign, token(hanako, {"Mail.Read", "Mail.Read.Shared"})), 403, "ErrorAccessDenied");
    expect_refusal(call(Method::get, "/v1.0/users/nobody@contoso.example/messages", token(hanako, {"Mail.Read", "Mail.Read.Shared"})), 403,
                   "ErrorAccessDenied");
    expect_refusal(call(Method::post, std::string("/v1.0/users/") + shared_box + "/messages", token(hanako, {"Mail.Read.Shared"}), "{}"), 403,
                   "ErrorAccessDenied");
}

TEST_F(GraphAccess, ProfilesFollowTheirOwnScopes) {
    const auto own = get("/v1.0/me", token(hanako, {"User.Read"}));
    expect_schema(own, "user");
    EXPECT_EQ(text_at(own, "userPrincipalName"), hanako);
    expect_refusal(call(Method::get, "/v1.0/me", token(hanako, {"Mail.Read"})), 403, "Authorization_RequestDenied");
    expect_refusal(call(Method::get, std::string("/v1.0/users/") + ichiro, token(hanako, {"User.Read"})), 403, "Authorization_RequestDenied");
    expect_refusal(call(Method::get, "/v1.0/users", token(hanako, {"User.Read"})), 403, "Authorization_RequestDenied");
    expect_refusal(call(Method::get, "/v1.0/users/nobody", app_token({"User.Read.All"})), 404, "Request_ResourceNotFound");
    expect_schema(get(std::string("/v1.0/users/") + percent_encode(ichiro), app_token({"User.Read.All"})), "user");
    const auto people = get("/v1.0/users?$top=100", app_token({"User.Read.All"}));
    expect_collection(people, "user");
    EXPECT_EQ(people.at("value").as_array().size(), 9u);
    const auto selected = get("/v1.0/me?$select=department,proxyAddresses", token(hanako, {"User.Read"}));
    EXPECT_EQ(text_at(selected, "department"), "経理部");
    expect_refusal(call(Method::get, "/v1.0/me?$select=shoeSize", token(hanako, {"User.Read"})), 400, "RequestBroker--ParseUri");
}

TEST_F(GraphAccess, UnknownPathsMethodsAndVersionsAreRefused) {
    const auto me = token(hanako);
    expect_refusal(call(Method::get, "/v1.0/me/nonsense", me), 400, "BadRequest");
    expect_refusal(call(Method::get, "/v1.0", me), 400, "BadRequest");
    expect_refusal(call(Method::get, "/", me), 400, "BadRequest");
    expect_refusal(call(Method::get, "/beta/me", me), 400, "BadRequest");
    expect_refusal(call(Method::get, "/v1.0/me/messages/%zz", me), 400, "BadRequest");
    expect_refusal(call(Method::get, "/v1.0/me/messages(5)", me), 400, "BadRequest");
    expect_refusal(call(Method::put, "/v1.0/me/messages", me), 405, "Request_BadRequest");
    expect_refusal(call(Method::get, "/v1.0/me/sendMail", me), 405, "Request_BadRequest");
    expect_refusal(call(Method::get, "/v1.0/$batch", me), 405, "Request_BadRequest");
}

TEST_F(GraphAccess, RequestIdsComeBackAndFaultsSpeakTheVendorsForm) {
    const std::string mine = "11111111-2222-3333-4444-555555555555";
    const auto response = call(Method::get, "/v1.0/me/messages/x", token(hanako), {}, {{"client-request-id", mine}});
    const auto body = json::parse(response.body)->as_object();

    EXPECT_EQ(response.headers.get("client-request-id"), mine);
    EXPECT_EQ(text_at(body.at("error").as_object().at("innerError").as_object(), "client-request-id"), mine);
    EXPECT_EQ(response.headers.get("request-id").size(), 36u);
    const std::pair<int, const char*> faults[] = {{429, "TooManyRequests"},    {503, "serviceNotAvailable"},
                                                  {504, "GatewayTimeout"},     {401, "InvalidAuthenticationToken"},
                                                  {507, "ErrorQuotaExceeded"}, {502, "InternalServerError"}};
    for (const auto& [status, code] : faults) expect_refusal(graph->vendor_error(status, sandbox::make_request(Method::get, "/v1.0/me")), status, code);
}

TEST_F(GraphAccess, AResetEmptiesTheMailboxes) {
    world.reset();
    graph->reset();

    EXPECT_TRUE(get("/v1.0/me/messages", token(hanako)).at("value").as_array().empty());
}

}  // namespace

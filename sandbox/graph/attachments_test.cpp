#include "tests/support/graph_world.hpp"

namespace {

using namespace renkei;
using namespace renkei::testing;

const char* const two_files =
    "From: bob@contoso.example\r\nSubject: Files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
    "text/plain\r\n\r\nSee files\r\n"
    "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\nJVBERi0x\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: alice@contoso.example\r\nSubject: Inner\r\n\r\nInner text\r\n--b--\r\n";

struct Attachments : ::testing::Test, GraphWorld {
    std::string me = token(hanako);
    std::string message = "/v1.0/me/messages/" + percent_encode(deliver(hanako, two_files));
    json::array list() { return get(message + "/attachments", me).at("value").as_array(); }
};

TEST_F(Attachments, AreListedWithTypeNameSizeAndContent) {
    const auto answer = get(message + "/attachments", me);
    expect_collection(answer, "attachment");
    const auto all = answer.at("value").as_array();

    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(text_at(all[0].as_object(), "@odata.type"), "#microsoft.graph.fileAttachment");
    EXPECT_EQ(text_at(all[0].as_object(), "name"), "請求書.pdf");
    EXPECT_EQ(all[0].as_object().at("size").to_number<int>(), 6);
    EXPECT_EQ(text_at(all[0].as_object(), "contentBytes"), "JVBERi0x");
    EXPECT_EQ(text_at(all[1].as_object(), "@odata.type"), "#microsoft.graph.itemAttachment");
    EXPECT_FALSE(all[1].as_object().contains("contentBytes"));
}

TEST_F(Attachments, SelectLeavesTheContentOut) {
    const auto all = get(message + "/attachments?$select=id,name,size", me).at("value").as_array();
    EXPECT_FALSE(all[0].as_object().contains("contentBytes"));
    EXPECT_FALSE(all[0].as_object().contains("contentType"));
    const auto one =
        get(message + "/attachments/" + percent_encode(text_at(all[0].as_object(), "id")) + "?$select=microsoft.graph.fileAttachment/contentBytes", me);
    EXPECT_EQ(text_at(one, "contentBytes"), "JVBERi0x");
}

TEST_F(Attachments, ComeAsRawBytesAndAsTheMessageInside) {
    const auto all = list();
    const auto raw = call(Method::get, message + "/attachments/" + percent_encode(text_at(all[0].as_object(), "id")) + "/$value", me);
    EXPECT_EQ(raw.body, "%PDF-1");
    EXPECT_EQ(raw.headers.get("Content-Type"), "application/pdf");
    const auto item = get(message + "/attachments/" + percent_encode(text_at(all[1].as_object(), "id")) + "?$expand=microsoft.graph.itemattachment/item", me);
    expect_schema(item, "attachment");
    EXPECT_EQ(text_at(item.at("item").as_object(), "subject"), "Inner");
}

TEST_F(Attachments, RefusalsNameWhatIsWrong) {
    const auto id = percent_encode(text_at(list()[0].as_object(), "id"));
    expect_refusal(call(Method::get, message + "/attachments/x", me), 400, "ErrorInvalidIdMalformed");
    expect_refusal(call(Method::get, message + "/attachments?$select=colour", me), 400, "RequestBroker--ParseUri");
    expect_refusal(call(Method::get, message + "/attachments?$filter=size%20gt%201", me), 400, "ErrorInvalidUrlQuery");
    expect_refusal(call(Method::post, message + "/attachments", me, "{}"), 400, "RequestBodyRead");
    expect_refusal(call(Method::post, message + "/attachments", me, R"({"@odata.type":"#microsoft.graph.carAttachment","name":"x"})"), 400, "RequestBodyRead");
    expect_refusal(call(Method::post, message + "/attachments", me, R"({"@odata.type":"#microsoft.graph.fileAttachment","contentBytes":"AA=="})"), 400,
                   "ErrorRequiredPropertyMissing");
    EXPECT_EQ(call(Method::delete_, message + "/attachments/" + id, me).status, 204);
    expect_refusal(call(Method::get, message + "/attachments/" + id, me), 404, "ErrorItemNotFound");
    expect_refusal(call(Method::delete_, message + "/attachments/" + id, me), 404, "ErrorItemNotFound");
}

struct Uploads : Attachments {
    std::string draft = "/v1.0/me/messages/" + percent_encode(text_at(post("/v1.0/me/messages", me, R"({"subject":"big"})"), "id"));
    std::string session_body(std::int64_t size) {
        return R"({"AttachmentItem":{"attachmentType":"file","name":"big.bin","size":)" + std::to_string(size) + "}}";
    }
    sandbox::ServerResponse put(const std::string& url, std::string piece, const std::string& range) {
        return call(Method::put, url.substr(std::string("https://localhost:18443").size()), "", std::move(piece),
                    {{"Content-Range", range}, {"Content-Type", "application/octet-stream"}});
    }
};

TEST_F(Uploads, ALargeAttachmentComesInPiecesWithoutAToken) {
    const std::size_t size = 4u << 20;
    const auto session = post(draft + "/attachments/createUploadSession", me, session_body(static_cast<std::int64_t>(size)));
    expect_schema(session, "uploadSession");
    const auto url = text_at(session, "uploadUrl");
    const auto first = put(url, std::string(size / 2, 'a'), "bytes 0-2097151/4194304");

    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(json::parse(first.body)->as_object().at("nextExpectedRanges").as_array()[0].as_string(), "2097152-");
    expect_refusal(put(url, std::string(10, 'b'), "bytes 0-9/4194304"), 416, "ErrorInvalidRange");
    expect_refusal(put(url, std::string(10, 'b'), "bytes 2097152-2097162/4194304"), 416, "ErrorInvalidRange");
    expect_refusal(put(url, std::string(10, 'b'), "bytes x-y/z"), 400, "ErrorInvalidRequest");
    const auto last = put(url, std::string(size / 2, 'b'), "bytes 2097152-4194303/4194304");
    EXPECT_EQ(last.status, 201);
    EXPECT_TRUE(last.body.empty());
    const auto location = std::string(last.headers.get("Location"));
    const auto stored = get(location.substr(std::string("https://localhost:18443").size()) + "?$select=name,size", me);
    EXPECT_EQ(stored.at("size").to_number<std::size_t>(), size);
    expect_refusal(put(url, "x", "bytes 0-0/1"), 404, "ErrorItemNotFound");
}

TEST_F(Uploads, SessionsAreRefusedCancelledAndExpire) {
    const auto target = draft + "/attachments/createUploadSession";
    expect_refusal(call(Method::post, target, me, session_body(1000)), 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize");
    expect_refusal(call(Method::post, target, me, session_body(200u << 20)), 413, "ErrorMessageSizeExceeded");
    expect_refusal(call(Method::post, target, me, "{}"), 400, "ErrorInvalidRequest");
    expect_refusal(call(Method::post, target, me, R"({"AttachmentItem":{"attachmentType":"item","name":"x","size":4000000}})"), 400, "ErrorInvalidRequest");
    expect_refusal(call(Method::get, "/v1.0/attachmentSessions/guess", ""), 404, "ErrorItemNotFound");
    const auto url = text_at(post(target, me, session_body(4'000'000)), "uploadUrl").substr(std::string("https://localhost:18443").size());
    EXPECT_EQ(call(Method::get, url, "").status, 200);
    EXPECT_EQ(call(Method::delete_, url, "").status, 204);
    expect_refusal(call(Method::get, url, ""), 404, "ErrorItemNotFound");
    const auto later = text_at(post(target, me, session_body(4'000'000)), "uploadUrl").substr(std::string("https://localhost:18443").size());
    manual.advance(std::chrono::hours(25));
    expect_refusal(call(Method::get, later, ""), 404, "ErrorItemNotFound");
}

struct Folders : ::testing::Test, GraphWorld {
    std::string me = token(hanako);
};

TEST_F(Folders, WellKnownOnesHaveNamesInTheOwnersLanguage) {
    const auto answer = get("/v1.0/me/mailFolders?$top=100&$count=true", me);
    expect_collection(answer, "mailFolder");
    EXPECT_EQ(text_at(get("/v1.0/me/mailFolders/SentItems", me), "displayName"), "送信済みアイテム");
    EXPECT_EQ(text_at(get("/v1.0/me/mailFolders('inbox')", token(alice)), "displayName"), "Inbox");
    EXPECT_EQ(get("/v1.0/me/mailFolders?includeHiddenFolders=true&$top=100", me).at("value").as_array().size(), answer.at("value").as_array().size() + 1);
}

TEST_F(Folders, AreMadeNestedRenamedAndRemoved) {
    const auto made = post("/v1.0/me/mailFolders", me, R"({"displayName":"取引先"})");
    expect_schema(made, "mailFolder");
    const auto target = "/v1.0/me/mailFolders/" + percent_encode(text_at(made, "id"));
    const auto child = post(target + "/childFolders", me, R"({"displayName":"2026"})");
    EXPECT_EQ(get(target, me).at("childFolderCount").to_number<int>(), 1);
    EXPECT_EQ(text_at(child, "parentFolderId"), text_at(made, "id"));
    EXPECT_EQ(text_at(object(call(Method::patch, target, me, R"({"displayName":"顧客"})"), 200, "patch"), "displayName"), "顧客");
    deliver(hanako, "From: a@b.example\r\nSubject: x\r\n\r\nx", {}, "顧客");
    EXPECT_EQ(get(target, me).at("unreadItemCount").to_number<int>(), 1);
    EXPECT_EQ(call(Method::delete_, target, me).status, 204);
    EXPECT_EQ(text_at(get(target, me), "parentFolderId"), text_at(get("/v1.0/me/mailFolders/deleteditems", me), "id"));
    EXPECT_EQ(call(Method::delete_, target, me).status, 204);
    expect_refusal(call(Method::get, target, me), 404, "ErrorItemNotFound");
    EXPECT_TRUE(get("/v1.0/me/messages", me).at("value").as_array().empty());
}

TEST_F(Folders, RefusalsNameWhatIsWrong) {
    post("/v1.0/me/mailFolders", me, R"({"displayName":"Projects"})");
    expect_refusal(call(Method::post, "/v1.0/me/mailFolders", me, R"({"displayName":"PROJECTS"})"), 409, "ErrorFolderExists");
    expect_refusal(call(Method::post, "/v1.0/me/mailFolders", me, R"({"displayName":" "})"), 400, "ErrorInvalidRequest");
    expect_refusal(call(Method::post, "/v1.0/me/mailFolders", me, R"({"name":"x"})"), 400, "RequestBodyRead");
    expect_refusal(call(Method::post, "/v1.0/me/mailFolders", me, "x"), 400, "BadRequest");
    expect_refusal(call(Method::delete_, "/v1.0/me/mailFolders/inbox", me), 400, "ErrorDeleteDistinguishedFolder");
    expect_refusal(call(Method::patch, "/v1.0/me/mailFolders/inbox", me, R"({"displayName":"x"})"), 400, "ErrorDistinguishedFolderRename");
    expect_refusal(call(Method::get, "/v1.0/me/mailFolders?$filter=x%20eq%201", me), 400, "ErrorInvalidUrlQuery");
}

TEST_F(Folders, ABatchAnswersEachPartAndFailsWhatDependsOnAFailure) {
    const auto answer = post("/v1.0/$batch", me, R"({"requests":[
        {"id":"1","method":"GET","url":"/me/mailFolders/inbox"},
        {"id":"2","method":"GET","url":"me/messages/bad"},
        {"id":"3","method":"GET","url":"/v1.0/me/messages?$top=1","dependsOn":["2"]},
        {"id":"4","method":"post","url":"/me/mailFolders","headers":{"content-type":"application/json"},"body":{"displayName":"Batch"}}]})",
                             200);
    std::vector<std::int64_t> status;
    for (const auto& one : answer.at("responses").as_array()) status.push_back(one.as_object().at("status").as_int64());

    EXPECT_EQ(status, (std::vector<std::int64_t>{200, 400, 424, 201}));
}

TEST_F(Folders, BadBatchesAreRefusedWhole) {
    std::string many = R"({"requests":[)";
    for (int i = 0; i < 21; ++i) many += std::string(i ? "," : "") + R"({"id":")" + std::to_string(i) + R"(","method":"GET","url":"/me"})";
    for (const std::string& body :
         {std::string("{}"), std::string(R"({"requests":[]})"), many + "]}",
          std::string(R"({"requests":[{"id":"a","method":"GET","url":"/me"},{"id":"A","method":"GET","url":"/me"}]})"),
          std::string(R"({"requests":[{"id":"a","method":"GET","url":"https://elsewhere.example/x"}]})"),
          std::string(R"({"requests":[{"id":"a","method":"POST","url":"/$batch","headers":{"Content-Type":"application/json"},"body":{}}]})"),
          std::string(R"({"requests":[{"id":"a","method":"GET","url":"/me","dependsOn":["z"]}]})"),
          std::string(R"({"requests":[{"id":"a","method":"FLY","url":"/me"}]})")})
        expect_refusal(call(Method::post, "/v1.0/$batch", me, body), 400, "BadRequest");
}

}  // namespace

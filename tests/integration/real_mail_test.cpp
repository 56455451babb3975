// Loads real mail into the sandbox and reads it back through Graph. The folder is not part of the project: RENKEI_TEST_DATA names it.

#include "sandbox/import.hpp"
#include "sandbox/mime/parse.hpp"
#include "tests/support/graph_world.hpp"

#include <cstdlib>

namespace {

using namespace renkei;
using namespace renkei::testing;

std::filesystem::path data_folder() {
    const char* named = std::getenv("RENKEI_TEST_DATA");
    return (named && *named ? std::filesystem::path(named) : project_root() / "../shared/data") / "mail";
}

/// Keeps what was delivered and hands it on, so that it can be compared.
struct Copying : sandbox::MailSink {
    explicit Copying(sandbox::MailSink& to) : to_(to) {}
    Result<std::string> deliver(sandbox::Delivery delivery) override {
        auto eml = delivery.eml;
        auto id = to_.deliver(std::move(delivery));
        if (id) held.emplace_back(*id, std::move(eml));
        return id;
    }
    std::vector<std::pair<std::string, std::string>> held;

private:
    sandbox::MailSink& to_;
};

void expect_same(const json::object& answer, const sandbox::mime::Message& parsed) {
    expect_schema(answer, "message");
    EXPECT_EQ(text_at(answer, "subject"), parsed.subject);
    if (parsed.from) {
        const auto& from = answer.at("from").as_object().at("emailAddress").as_object();
        EXPECT_EQ(from.at("address").is_null() ? "" : text_at(from, "address"), parsed.from->address);
    }
    const auto& attachments = answer.at("attachments").as_array();
    ASSERT_EQ(attachments.size(), parsed.attachments.size());
    for (std::size_t i = 0; i < attachments.size(); ++i) {
        const auto& one = attachments[i].as_object();
        EXPECT_EQ(text_at(one, "name"), parsed.attachments[i].name);
        EXPECT_EQ(one.at("size").to_number<std::size_t>(), parsed.attachments[i].bytes.size());
        if (one.contains("contentBytes")) EXPECT_EQ(decode_base64(text_at(one, "contentBytes")), parsed.attachments[i].bytes);
    }
}

void load_and_compare(const std::filesystem::path& folder, std::size_t least, std::size_t most_problems) {
    GraphWorld world;
    Copying sink(*world.graph);
    const auto report = sandbox::import_mail(sink, folder, hanako);

    EXPECT_GE(report.messages, least);
    EXPECT_LE(report.problems.size(), most_problems);
    for (const auto& problem : report.problems) std::cout << "  not imported: " << problem.path << ": " << problem.reason << "\n";
    const auto me = world.token(hanako);
    EXPECT_EQ(world.get("/v1.0/me/messages?$count=true&$top=1", me).at("@odata.count").to_number<std::size_t>(), report.messages);
    for (const auto& [id, eml] : sink.held) {
        const auto target = "/v1.0/me/messages/" + percent_encode(id);
        const auto parsed = sandbox::mime::parse_message(eml);
        SCOPED_TRACE(parsed.subject);
        expect_same(world.get(target + "?$expand=attachments", me), parsed);
        EXPECT_EQ(world.call(Method::get, target + "/$value", me).body, eml);
    }
    std::cout << "  " << report.files << " files, " << report.messages << " messages read back\n";
}

TEST(RealMail, AllOfItIsLoadedAndReadBackThroughGraph) {
    const auto folder = data_folder();
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "there is no mail at " << folder << "; RENKEI_TEST_DATA names its parent";

    load_and_compare(folder, 133, 1);  // one file of the collection is empty
}

TEST(RealMail, TheProjectsOwnSamplesAreLoadedAndReadBack) { load_and_compare(project_root() / "tests/data/mail", 50, 1); }

TEST(RealMail, TheDemosMailIsLoadedAndReadBack) { load_and_compare(project_root() / "demo/mail", 30, 0); }

}  // namespace

#include "adapters/http/egress_client.hpp"

#include "adapters/http/client_loopback_test.hpp"

#include <gtest/gtest.h>

#include <map>

namespace renkei::http {
namespace {

using testing::FakeClient;

class FakeResolver final : public Resolver {
public:
    explicit FakeResolver(std::map<std::string, std::vector<std::string>> names) : names_(std::move(names)) {}
    Task<Result<std::vector<Address>>> resolve(std::string host, std::chrono::milliseconds) override {
        const auto found = names_.find(host);
        if (found == names_.end()) co_return fail(Errc::provider_unavailable, "the name " + host + " could not be resolved");
        std::vector<Address> addresses;
        for (const auto& text : found->second) addresses.push_back(core::parse_address(text).value());
        co_return addresses;
    }

private:
    std::map<std::string, std::vector<std::string>> names_;
};

struct World {
    explicit World(EgressSettings settings) {
        client = with_egress_policy(
            std::make_unique<FakeClient>(script), std::move(settings),
            std::make_unique<FakeResolver>(std::map<std::string, std::vector<std::string>>{{"public.example", {"8.8.8.8", "2606:4700::1111"}},
                                                                                           {"inside.example", {"10.0.0.1"}},
                                                                                           {"mixed.example", {"8.8.8.8", "::1"}},
                                                                                           {"none.example", {}}}));
        for (int i = 0; i < 20; ++i) script->answers.emplace_back(HttpResponse{200, {}, ""});
    }
    Result<HttpResponse> get(std::string url) { return loop.run(client->send({.url = std::move(url)}, {})); }
    Errc refusal(std::string url) {
        const auto answer = get(std::move(url));
        return answer ? Errc::internal : answer.error().code;
    }
    std::shared_ptr<FakeClient::Script> script = std::make_shared<FakeClient::Script>();
    std::unique_ptr<app::HttpClient> client;
    testing::TestLoop loop;
};

EgressSettings proxied() {
    EgressSettings settings;
    settings.proxies =
        std::make_shared<const ProxyRules>(ProxyRules::from({Secret("http://proxy:3128"), Secret("http://proxy:3128"), "direct.example"}).value());
    return settings;
}

TEST(EgressClient, ChecksAllAddressesOfANameThatGoesThroughAProxy) {
    World world(proxied());

    EXPECT_TRUE(world.get("https://public.example/"));
    EXPECT_EQ(world.refusal("https://inside.example/"), Errc::egress_refused);
    EXPECT_EQ(world.refusal("https://mixed.example/"), Errc::egress_refused);
    EXPECT_EQ(world.refusal("https://unknown.example/"), Errc::provider_unavailable);
    EXPECT_EQ(world.refusal("https://none.example/"), Errc::provider_unavailable);
    EXPECT_EQ(world.script->requests.size(), 1u);
}

TEST(EgressClient, SendsTheNameAndNotTheAddressToTheProxy) {
    World world(proxied());

    ASSERT_TRUE(world.get("https://public.example/"));

    EXPECT_EQ(world.script->requests.at(0).url, "https://public.example/");
}

TEST(EgressClient, LeavesDirectNamesToTheConnectionCheck) {
    World world(proxied());

    EXPECT_TRUE(world.get("https://direct.example/"));
}

TEST(EgressClient, OddNumbersDoNotReachAProxyEvenIfItIsTrusted) {
    auto settings = proxied();
    settings.proxied_names = ProxiedNames::trust_the_proxy;
    World world(std::move(settings));

    EXPECT_TRUE(world.get("https://inside.example/"));
    for (const char* host : {"127.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.2.3", "example.5"})
        EXPECT_EQ(world.refusal("https://" + std::string(host) + "/"), Errc::egress_refused) << host;
}

TEST(EgressClient, AnAllowanceCountsThroughAProxyToo) {
    auto settings = proxied();
    settings.policy = EgressPolicy({{"*", {}, core::AddressRange::parse("10.0.0.0/8").value(), {443}}});
    World world(std::move(settings));

    EXPECT_TRUE(world.get("https://inside.example/"));
    EXPECT_EQ(world.refusal("https://inside.example:8443/"), Errc::egress_refused);
}

TEST(EgressClient, CredentialsNeedTlsUnlessTheSettingsSayOtherwise) {
    const auto refusal = [](PlainHttp plain, std::string url) {
        EgressSettings settings;
        settings.plain_http = plain;
        settings.policy = EgressPolicy({{"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}}});
        World world(std::move(settings));
        HttpRequest request{.url = std::move(url)};
        request.authorization = Secret("Bearer a");
        return world.loop.run(world.client->send(std::move(request), {})).has_value();
    };

    EXPECT_FALSE(refusal(PlainHttp::refuse, "http://127.0.0.1/"));
    EXPECT_FALSE(refusal(PlainHttp::refuse, "http://host.example/"));
    EXPECT_TRUE(refusal(PlainHttp::refuse, "https://host.example/"));
    EXPECT_TRUE(refusal(PlainHttp::allow_on_loopback, "http://127.0.0.1:8400/"));
    EXPECT_TRUE(refusal(PlainHttp::allow_on_loopback, "http://localhost/"));
    EXPECT_FALSE(refusal(PlainHttp::allow_on_loopback, "http://127.0.0.1.evil.example/"));
    EXPECT_FALSE(refusal(PlainHttp::allow_on_loopback, "http://host.example/"));
    EXPECT_TRUE(refusal(PlainHttp::allow_plain_http_for_tests, "http://host.example/"));
}

TEST(EgressClient, TheSystemsResolverFindsThisMachineAndKeepsItsDeadline) {
    testing::TestLoop loop;
    const auto resolver = make_system_resolver();

    const auto found = loop.run(resolver->resolve("localhost", std::chrono::seconds(5)));
    const auto unknown = loop.run(resolver->resolve("no such name", std::chrono::seconds(5)));

    ASSERT_TRUE(found);
    EXPECT_EQ(special_use(found->at(0)), "loopback");
    EXPECT_EQ(unknown.error().code, Errc::provider_unavailable);
}

}  // namespace
}  // namespace renkei::http

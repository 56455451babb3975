// A-32, T-12: one suite for every kind of external vault, against the sandbox's stand-ins.
#include "tests/support/vault_world.hpp"

#include <boost/asio/detached.hpp>

namespace renkei::testing {
namespace {

using core::ExternalVaultAuth;
using core::ExternalVaultKind;
using Address = core::ExternalSecretAddress;

constexpr const char* web_secret = "web~Secret-of.the_Sandbox-1";
constexpr const char* daemon_secret = "daemon~Secret-of.the_Sandbox-3";

/// One kind and way of proof, and what stands where in its stand-in.
struct Kind {
    std::string name;
    ExternalVaultKind kind;
    ExternalVaultAuth auth;
    std::string auth_secret;
    std::string base = {};  ///< of the addresses, instead of the usual one
    Address value, field, missing_field, missing, forbidden;
    std::optional<Address> pinned{};           ///< the version before the newest
    std::vector<Address> gone{};               ///< deleted, destroyed or disabled
    std::optional<Address> missing_version{};  ///< beyond the newest
    std::string service;                       ///< in the faults
    std::string other_shape;                   ///< JSON of somebody else's answer
    Errc when_503 = Errc::external_vault_unreachable;
};

std::vector<Kind> all_kinds() {
    using sandbox::HashicorpService;
    using sandbox::SecretEndpointService;
    Kind kv{.name = "HashicorpToken",
            .kind = ExternalVaultKind::hashicorp,
            .auth = ExternalVaultAuth::token,
            .auth_secret = HashicorpService::reader_token,
            .value = {"renkei/daemon", "", ""},
            .field = {"renkei/web", "client_secret", ""},
            .missing_field = {"renkei/web", "no_such_field", ""},
            .missing = {"renkei/nowhere", "", ""},
            .forbidden = {"forbidden/web", "", ""},
            .pinned = Address{"renkei/daemon", "client_secret", "1"},
            .gone = {{"renkei/deleted", "", ""}, {"renkei/destroyed", "", ""}},
            .missing_version = Address{"renkei/daemon", "", "9"},
            .service = "hashicorp",
            .other_shape = R"({"data":{"client_secret":"of-engine-1"}})",
            .when_503 = Errc::external_vault_sealed};
    auto role = kv;
    role.name = "HashicorpAppRole";
    role.auth = ExternalVaultAuth::app_role;
    role.auth_secret = HashicorpService::secret_id;
    Kind azure{.name = "AzureKeyVault",
               .kind = ExternalVaultKind::azure_key_vault,
               .auth = ExternalVaultAuth::client_credentials,
               .auth_secret = daemon_secret,
               .value = {"daemon", "", ""},
               .field = {"web", "client_secret", ""},
               .missing_field = {"web", "no_such_field", ""},
               .missing = {"nowhere", "", ""},
               .forbidden = {},
               .pinned = Address{"daemon", "", "4387e9f3d6e14c459867679a90fd0f71"},
               .gone = {{"disabled", "", ""}},
               .missing_version = Address{"daemon", "", "00000000000000000000000000000000"},
               .service = "key_vault",
               .other_shape = R"({"value":"of-another","id":"https://sandbox.example:8446/secrets/other/4387e9f3d6e14c459867679a90fd0f71"})"};
    Kind text{.name = "EndpointBearer",
              .kind = ExternalVaultKind::https,
              .auth = ExternalVaultAuth::token,
              .auth_secret = SecretEndpointService::bearer,
              .value = {"values/renkei/daemon", "", ""},
              .field = {"json/renkei/web", "client_secret", ""},
              .missing_field = {"json/renkei/web", "no_such_field", ""},
              .missing = {"values/renkei/nowhere", "", ""},
              .forbidden = {"values/forbidden/web", "", ""},
              .service = "secret_endpoint",
              .other_shape = R"({"client_secret":{"of":"another"}})"};
    text.base = std::string(SandboxNet::vault_origin) + "/{path}";
    auto basic = text;
    basic.name = "EndpointBasic";
    basic.auth = ExternalVaultAuth::basic;
    basic.auth_secret = SecretEndpointService::password;
    return {kv, role, azure, text, basic};
}

class ExternalVaultContract : public ::testing::TestWithParam<Kind> {
protected:
    core::ExternalVault vault() const {
        auto row = a_vault(GetParam().kind, GetParam().auth);
        if (!GetParam().base.empty()) row.address = GetParam().base;
        return row;
    }
    Result<app::ExternalSecret> read(Address address) { return read(vault(), std::move(address)); }
    Result<app::ExternalSecret> read(core::ExternalVault row, Address address) {
        return run_task(world_.client(row.kind).read(std::move(row), Secret(GetParam().auth_secret), std::move(address), "request-1"));
    }
    std::string text(Address address) {
        auto secret = read(std::move(address));
        EXPECT_TRUE(secret.has_value()) << (secret ? "" : secret.error().detail);
        return secret ? std::string(secret->value.expose()) : "";
    }
    /// The refusal, checked to say where and nothing of any value.
    Error refusal(Result<app::ExternalSecret> answer) {
        EXPECT_FALSE(answer.has_value());
        if (answer) return {Errc::internal, ""};
        EXPECT_FALSE(answer.error().detail.empty());
        for (const std::string_view secret : {std::string_view(web_secret), std::string_view(daemon_secret), std::string_view(GetParam().auth_secret),
                                              std::string_view("of-another"), std::string_view("of-engine-1"), std::string_view("daemon~Old"),
                                              std::string_view("gone-"), std::string_view("not-for-renkei"), std::string_view("not-in-use")}) {
            EXPECT_EQ(answer.error().detail.find(secret), std::string::npos) << answer.error().detail;
            for (const auto& entry : answer.error().context) EXPECT_EQ(entry.second.find(secret), std::string::npos) << entry.second;
        }
        return answer.error();
    }
    Errc code(Address address) { return refusal(read(std::move(address))).code; }
    void fault(const std::string& members) { world_.fault(R"({"service":")" + GetParam().service + "\"," + members + "}"); }

    VaultWorld world_;
};

TEST_P(ExternalVaultContract, ReadsAValue) { EXPECT_EQ(text(GetParam().value), daemon_secret); }

TEST_P(ExternalVaultContract, ReadsAFieldOfAValue) { EXPECT_EQ(text(GetParam().field), web_secret); }

TEST_P(ExternalVaultContract, ReadsThePinnedVersionAndSaysWhichOne) {
    if (!GetParam().pinned) {
        auto pinned = GetParam().value;
        pinned.version = "1";

        EXPECT_EQ(code(pinned), Errc::value_unusable);
        EXPECT_TRUE(world_.net.seen.empty());
        return;
    }

    const auto secret = read(*GetParam().pinned);

    ASSERT_TRUE(secret.has_value()) << secret.error().detail;
    EXPECT_EQ(secret->value.expose(), "daemon~Old-secret-3");
    EXPECT_EQ(secret->version, GetParam().pinned->version);
}

TEST_P(ExternalVaultContract, SaysThatThereIsNothingAtAPath) { EXPECT_EQ(code(GetParam().missing), Errc::value_missing); }

TEST_P(ExternalVaultContract, NamesTheFieldsWhereTheOneAskedForIsMissing) {
    const auto error = refusal(read(GetParam().missing_field));

    EXPECT_EQ(error.code, Errc::value_missing);
    EXPECT_NE(error.detail.find("client_id, client_secret"), std::string::npos) << error.detail;
}

TEST_P(ExternalVaultContract, AsksForAFieldWhereAValueHasSeveral) {
    auto whole = GetParam().field;
    whole.field.clear();
    if (GetParam().kind == ExternalVaultKind::azure_key_vault) {  // its value is one text, whatever stands in it
        EXPECT_TRUE(text(whole).starts_with("{"));
        return;
    }

    const auto error = refusal(read(whole));

    EXPECT_EQ(error.code, Errc::value_unusable);
    EXPECT_NE(error.detail.find("client_id, client_secret"), std::string::npos) << error.detail;
}

TEST_P(ExternalVaultContract, SaysThatAVersionIsGone) {
    for (const auto& gone : GetParam().gone) EXPECT_EQ(code(gone), Errc::value_missing);
    if (GetParam().missing_version) EXPECT_EQ(code(*GetParam().missing_version), Errc::value_missing);
}

TEST_P(ExternalVaultContract, SaysThatItMayNotReadAPath) {
    auto row = vault();
    auto address = GetParam().forbidden;
    auto secret = GetParam().auth_secret;
    if (GetParam().kind == ExternalVaultKind::azure_key_vault) {
        row.auth_id = world_.world.find_app("noroles")->id;
        secret = world_.world.find_app("noroles")->secrets.front().value;
        address = GetParam().value;
    }

    const auto answer = run_task(world_.client(row.kind).read(row, Secret(secret), address, "request-1"));

    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::external_vault_refused) << answer.error().detail;
}

TEST_P(ExternalVaultContract, SaysThatItsOwnCredentialIsNotAccepted) {
    const auto row = vault();

    auto answer = run_task(world_.client(row.kind).read(row, Secret("wrong"), GetParam().value, "request-1"));

    EXPECT_EQ(refusal(std::move(answer)).code, Errc::external_vault_refused);
}

TEST_P(ExternalVaultContract, TellsASealedVaultFromOneThatIsAway) {
    fault(R"("status":503)");

    EXPECT_EQ(code(GetParam().value), GetParam().when_503);
}

TEST_P(ExternalVaultContract, TakesALoadBalancersPageForAnAbsentVault) {
    fault(R"("status":503,"body":"html")");

    EXPECT_EQ(code(GetParam().value), Errc::external_vault_unreachable);
}

TEST_P(ExternalVaultContract, SaysThatNobodyAnswers) {
    world_.net.down = true;

    EXPECT_EQ(code(GetParam().value), Errc::external_vault_unreachable);
}

TEST_P(ExternalVaultContract, SaysThatTheConnectionBroke) {
    fault(R"("reset":true)");

    EXPECT_EQ(code(GetParam().value), Errc::external_vault_unreachable);
}

TEST_P(ExternalVaultContract, HasOneDeadlineOverAllItsRequests) {
    world_.net.each_takes = std::chrono::seconds(6);  // one request fits into ten seconds, two do not
    const auto began = world_.steady;

    const auto answer = read(GetParam().value);

    EXPECT_LE(world_.steady - began, providers::vault_deadline);
    const bool logs_in = GetParam().auth == ExternalVaultAuth::app_role || GetParam().auth == ExternalVaultAuth::client_credentials;
    EXPECT_EQ(answer.has_value(), !logs_in);
    if (!answer) EXPECT_EQ(answer.error().code, Errc::external_vault_unreachable);
}

TEST_P(ExternalVaultContract, GivesUpAVaultThatIsTooSlow) {
    world_.net.each_takes = std::chrono::seconds(11);

    EXPECT_EQ(code(GetParam().value), Errc::external_vault_unreachable);
}

TEST_P(ExternalVaultContract, RefusesAnOversizedAnswer) {
    fault(R"("status":200,"bodyBytes":200000)");

    EXPECT_EQ(code(GetParam().value), Errc::value_unusable);
}

TEST_P(ExternalVaultContract, TakesHtmlForAnAbsentVault) {
    fault(R"("status":200,"body":"html")");

    EXPECT_EQ(code(GetParam().value), Errc::external_vault_unreachable);
}

TEST_P(ExternalVaultContract, RefusesAnotherSecretsShape) {
    const bool role = GetParam().auth == ExternalVaultAuth::app_role;  // the log-in before it is answered as usual
    fault(R"("status":200,"contentType":"application/json","body":)" + GetParam().other_shape + (role ? R"(,"path":"/v1/secret/*")" : ""));

    EXPECT_EQ(code(GetParam().value), Errc::value_unusable);
}

TEST_P(ExternalVaultContract, TakesACutAnswerForAnAbsentVault) {
    fault(R"("cutAfter":10)");

    EXPECT_EQ(code(GetParam().value), Errc::external_vault_unreachable);
}

TEST_P(ExternalVaultContract, FollowsNoRedirect) {
    fault(R"("status":307,"body":"","headers":{"Location":"https://sandbox.example:8446/elsewhere"})");

    EXPECT_EQ(code(GetParam().value), Errc::external_vault_unreachable);
    EXPECT_EQ(world_.net.count("elsewhere"), 0u);
}

TEST_P(ExternalVaultContract, RefusesPathTricksBeforeAnythingIsSent) {
    for (const std::string trick : {"", "..", "../sys/seal-status", "renkei/../../sys/health", "renkei//web", "/renkei/web", "renkei/web/", "renkei/./web",
                                    "renkei\\..\\web", "renkei/web\r\nX-Vault-Token: x", "renkei/\x7f", "renkei/\xff\xfe"}) {
        const auto error = refusal(read(Address{trick, "", ""}));

        EXPECT_EQ(error.code, Errc::value_unusable) << trick;
        EXPECT_EQ(error.detail.find('\n'), std::string::npos);
    }
    EXPECT_TRUE(world_.net.seen.empty());
}

TEST_P(ExternalVaultContract, EscapesWhatWouldBeAQueryOrAFragment) {
    for (const std::string path : {"renkei/web?version=1", "renkei/web#x", "renkei/%2e%2e/web"}) {
        world_.net.seen.clear();

        static_cast<void>(refusal(read(Address{path, "", ""})));

        for (const auto& one : world_.net.seen) {
            EXPECT_EQ(one.url.find("version=1"), std::string::npos) << one.url;
            EXPECT_EQ(one.url.find('#'), std::string::npos) << one.url;
            EXPECT_EQ(one.url.find("/%2e%2e/"), std::string::npos) << one.url;
        }
    }
}

TEST_P(ExternalVaultContract, SendsItsCredentialToThatHostWithoutRepeatsAndUnderItsOwnEgressPurpose) {
    static_cast<void>(text(GetParam().value));

    ASSERT_FALSE(world_.net.seen.empty());
    for (const auto& one : world_.net.seen) {
        EXPECT_EQ(one.options.purpose, "external_vault");
        EXPECT_FALSE(one.options.may_repeat);
        EXPECT_EQ(one.options.request_id, "request-1");
        const bool at_vault = one.url.starts_with(SandboxNet::vault_origin);
        EXPECT_TRUE(at_vault || one.url.starts_with(SandboxNet::login_origin)) << one.url;
        if (!at_vault) EXPECT_TRUE(one.authorization.empty());
        for (const auto& [name, value] : one.headers) EXPECT_EQ(value.find(GetParam().auth_secret), std::string::npos) << name;
        EXPECT_EQ(one.url.find(GetParam().auth_secret), std::string::npos);
    }
}

TEST_P(ExternalVaultContract, TakesNoAddressWithoutTls) {
    auto row = vault();
    row.address.replace(0, 5, "http");

    EXPECT_EQ(refusal(read(row, GetParam().value)).code, Errc::egress_refused);
    EXPECT_TRUE(world_.net.seen.empty());
}

INSTANTIATE_TEST_SUITE_P(EveryKind, ExternalVaultContract, ::testing::ValuesIn(all_kinds()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace renkei::testing

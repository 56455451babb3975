#include "oauth/client/certificate.hpp"

#include "base/encoding.hpp"
#include "base/reason.hpp"
#include "oauth/client/detail/openssl.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace renkei::oauth {
namespace {

namespace fs = std::filesystem;

// Files as people make them, with the openssl program, once for all tests: one folder, made before the first one.
class CertificateTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        std::string name = (fs::temp_directory_path() / "renkei-certificate-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        openssl("req -x509 -newkey rsa:2048 -noenc -keyout app.key -out app.crt -days 30 -subj /C=JP/O=連携/CN=renkei -utf8");
        pfx("app.pfx", "-inkey app.key -in app.crt");
    }
    /// Keys that some tests alone need: making them takes longer than all else.
    static void make_others() {
        if (fs::exists(folder_ / "ec.crt")) return;
        openssl("req -x509 -newkey rsa:2048 -noenc -keyout other.key -out other.crt -days 30 -subj /CN=other");
        openssl("req -x509 -newkey rsa:1024 -noenc -keyout small.key -out small.crt -days 30 -subj /CN=small");
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ec.key -out ec.crt -days 30 -subj /CN=ec");
    }
    static void TearDownTestSuite() { fs::remove_all(folder_); }

    static void openssl(const std::string& words) {
        const auto command = "cd " + folder_.string() + " && openssl " + words + " 2>openssl.log >openssl.out";
        ASSERT_EQ(std::system(command.c_str()), 0) << words << "\n" << file("openssl.log");
    }
    static void pfx(const std::string& name, const std::string& words) { openssl("pkcs12 -export -passout pass:s3cret -out " + name + " " + words); }
    static std::string file(const std::string& name) {
        std::ifstream in(folder_ / name, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return std::move(text).str();
    }
    /// A value that the openssl program prints for the certificate, to compare ours with.
    static std::string shown(const std::string& words) {
        openssl("x509 -in app.crt -noout " + words);
        auto text = file("openssl.out");
        text = text.substr(text.find('=') + 1);
        std::erase(text, ':');
        return std::string(trim(text));
    }

    static Result<ClientCertificate> open_pfx(std::string_view bytes, std::string_view password = "s3cret", std::chrono::hours later = {}) {
        return open_certificate({.pfx = Secret(bytes), .password = Secret(password)}, now() + later);
    }
    static Result<ClientCertificate> open_pem(std::string_view pem, std::string_view password = "", std::string_view key = "") {
        return open_certificate({.pem = Secret(pem), .pem_key = Secret(key), .password = Secret(password)}, now());
    }
    static TimePoint now() {
        // Certificates of the openssl program begin now: the time of this test is when the first one was made.
        static const auto at = std::chrono::ceil<std::chrono::seconds>(fs::last_write_time(folder_ / "app.crt") - fs::file_time_type::clock::now() +
                                                                       std::chrono::system_clock::now()) +
                               std::chrono::hours(1);
        return at;
    }
    static void expect_refused(const Result<ClientCertificate>& opened, Reason reason, std::string_view field, Errc code = Errc::invalid_field) {
        ASSERT_FALSE(opened) << reason_row(reason).slug;
        EXPECT_EQ(opened.error().get("reason"), reason_row(reason).slug) << opened.error().detail;
        EXPECT_EQ(opened.error().get("field"), field);
        EXPECT_EQ(opened.error().code, code);
        EXPECT_EQ(opened.error().detail.find("s3cret"), std::string::npos);
        EXPECT_EQ(ERR_peek_error(), 0UL) << "nothing of OpenSSL's stays for the next one who looks";
    }

    static inline fs::path folder_;
};

TEST_F(CertificateTest, U22_APfxAsBytesOrBase64TextGivesKeyThumbprintsAndExpiry) {
    const auto bytes = file("app.pfx");
    auto lines = base64(as_bytes(bytes));
    for (std::size_t at = 64; at < lines.size(); at += 66) lines.insert(at, "\r\n");
    const std::string texts[] = {bytes, base64(as_bytes(bytes)), "  " + lines + "\n",
                                 "-----BEGIN CERTIFICATE-----\r\n" + lines + "\r\n-----END CERTIFICATE-----\r\n", "\xef\xbb\xbf" + lines};

    for (const auto& text : texts) {
        const auto opened = open_pfx(text);

        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_EQ(opened->facts.thumbprint_sha1, shown("-fingerprint -sha1"));
        EXPECT_EQ(opened->facts.thumbprint_sha256, shown("-fingerprint -sha256"));
        EXPECT_EQ(opened->facts.serial, shown("-serial"));
        EXPECT_EQ(opened->facts.subject, "CN=renkei,O=連携,C=JP");
        EXPECT_EQ(opened->facts.not_after - opened->facts.not_before, std::chrono::days(30));
        EXPECT_TRUE(opened->private_key.expose().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        EXPECT_TRUE(opened->chain.starts_with("-----BEGIN CERTIFICATE-----\n"));
    }
}

TEST_F(CertificateTest, U22_FilesOfOlderWindowsToolsOpen) {
    const std::pair<const char*, const char*> kinds[] = {
        {"rc2.pfx", "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1"},
        {"rc2both.pfx", "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-RC2-40 -macalg sha1"},
        {"3des.pfx", "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1"},
        {"aes.pfx", "-certpbe AES-256-CBC -keypbe AES-256-CBC -macalg sha256"},
        {"plain.pfx", "-certpbe NONE -keypbe NONE"},
        {"nomac.pfx", "-nomac"},
    };
    for (const auto& [name, words] : kinds) {
        pfx(name, std::string("-inkey app.key -in app.crt ") + words);
        const auto opened = open_pfx(file(name));
        ASSERT_TRUE(opened) << name << ": " << opened.error().detail;
        EXPECT_EQ(opened->facts.thumbprint_sha1, shown("-fingerprint -sha1")) << name;
    }
}

TEST_F(CertificateTest, U22_OldCiphersStayOutOfTheRestOfTheProcess) {
    pfx("old.pfx", "-inkey app.key -in app.crt -legacy -certpbe PBE-SHA1-RC2-40");
    ASSERT_TRUE(open_pfx(file("old.pfx")));

    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "RC2-40-CBC", nullptr);
    EXPECT_EQ(cipher, nullptr);
    EVP_CIPHER_free(cipher);
    ERR_clear_error();
}

TEST_F(CertificateTest, U21_AnEmptyPasswordIsAPasswordToo) {
    openssl("pkcs12 -export -passout pass: -out empty.pfx -inkey app.key -in app.crt");
    EXPECT_TRUE(open_pfx(file("empty.pfx"), ""));
    expect_refused(open_pfx(file("empty.pfx"), "s3cret"), Reason::certificate_wrong_password, "password");
}

TEST_F(CertificateTest, U21_APasswordMayBeJapanese) {
    openssl("pkcs12 -export -passout pass:ひみつ -out japanese.pfx -inkey app.key -in app.crt");
    EXPECT_TRUE(open_pfx(file("japanese.pfx"), "ひみつ"));
}

TEST_F(CertificateTest, U26_EveryWrongPfxIsRefusedByItsName) {
    make_others();
    pfx("nokey.pfx", "-nokeys -in app.crt");
    pfx("nocert.pfx", "-nocerts -inkey app.key");
    pfx("ec.pfx", "-inkey ec.key -in ec.crt");
    pfx("small.pfx", "-inkey small.key -in small.crt");
    pfx("nomac.pfx", "-nomac -inkey app.key -in app.crt");
    const auto good = file("app.pfx");

    expect_refused(open_pfx("%%% not base64 %%%"), Reason::certificate_not_base64, "pfx");
    expect_refused(open_pfx(" \r\n "), Reason::certificate_not_base64, "pfx");
    expect_refused(open_pfx(base64(as_bytes("hello, this is a text"))), Reason::certificate_not_pkcs12, "pfx");
    expect_refused(open_pfx(good.substr(0, good.size() / 2)), Reason::certificate_not_pkcs12, "pfx");
    expect_refused(open_pfx(good, "other"), Reason::certificate_wrong_password, "password");
    expect_refused(open_pfx(good, ""), Reason::certificate_wrong_password, "password");
    expect_refused(open_pfx(file("nomac.pfx"), "other"), Reason::certificate_wrong_password, "password");
    expect_refused(open_pfx(file("nokey.pfx")), Reason::certificate_no_private_key, "pfx");
    expect_refused(open_pfx(file("nocert.pfx")), Reason::certificate_missing, "pfx");
    expect_refused(open_pfx(file("ec.pfx")), Reason::certificate_key_not_taken, "pfx");
    expect_refused(open_pfx(file("small.pfx")), Reason::certificate_key_not_taken, "pfx");
}

TEST_F(CertificateTest, U26_ACertificateFileIsNoPfx) {
    openssl("x509 -in app.crt -outform DER -out app.cer");
    expect_refused(open_pfx(file("app.cer")), Reason::certificate_not_pkcs12, "pfx");
    expect_refused(open_pfx(file("app.crt")), Reason::certificate_not_pkcs12, "pfx");
}

TEST_F(CertificateTest, U26_OutsideItsTimeACertificateIsRefusedWithTheTime) {
    const auto good = file("app.pfx");
    const auto facts = open_pfx(good)->facts;
    const auto at = [&](TimePoint when) { return open_certificate({.pfx = Secret(good), .password = Secret("s3cret")}, when); };
    const std::chrono::milliseconds one(1);

    expect_refused(at(facts.not_before - one), Reason::certificate_not_yet_valid, "pfx");
    EXPECT_TRUE(at(facts.not_before));
    EXPECT_TRUE(at(facts.not_after - one));
    expect_refused(at(facts.not_after), Reason::certificate_expired, "pfx");
    EXPECT_NE(at(facts.not_after).error().detail.find(iso_text(facts.not_after)), std::string::npos);
}

TEST_F(CertificateTest, SizeAndRoundsAreLimitedBeforeAnythingIsDerived) {
    expect_refused(open_pfx(std::string("\x30\x82", 2) + std::string(most_certificate_bytes, 'x')), Reason::certificate_too_large, "pfx",
                   Errc::payload_too_large);
    expect_refused(open_pfx(std::string(most_certificate_bytes * 3 / 2 + 1, 'M')), Reason::certificate_too_large, "pfx", Errc::payload_too_large);
    expect_refused(open_pfx(base64(as_bytes(std::string(most_certificate_bytes + 1, '0')))), Reason::certificate_too_large, "pfx", Errc::payload_too_large);
    expect_refused(open_pem(std::string(most_certificate_bytes + 1, '-')), Reason::certificate_too_large, "pem", Errc::payload_too_large);

    openssl("pkcs12 -export -passout pass:s3cret -iter 3000000 -nomac -out rounds.pfx -inkey app.key -in app.crt");
    expect_refused(open_pfx(file("rounds.pfx")), Reason::certificate_too_many_rounds, "pfx");
}

TEST(RoundBudget, AddsUpAndTakesNoNumberThatDoesNotFit) {
    detail::RoundBudget budget(1000);
    EXPECT_FALSE(budget.take(-1));
    EXPECT_TRUE(budget.take(600));
    EXPECT_FALSE(budget.take(600));
    EXPECT_TRUE(budget.take(400));
    EXPECT_FALSE(budget.take(1));
}

TEST_F(CertificateTest, U22_APemPairInOneTextOrTwoGivesTheSame) {
    const auto certificate = file("app.crt"), key = file("app.key");
    for (const auto& opened : {open_pem(certificate + key), open_pem(key + "# a remark\n" + certificate), open_pem(certificate, "", key),
                               open_pem(key, "", certificate), open_pem(certificate + key, "", key)}) {
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_EQ(opened->facts.thumbprint_sha256, shown("-fingerprint -sha256"));
        EXPECT_EQ(opened->private_key.expose(), key);
    }
}

TEST_F(CertificateTest, U21_AnEncryptedPemKeyOpensWithItsPasswordOnly) {
    openssl("pkey -in app.key -aes256 -passout pass:s3cret -out new.key");
    openssl("rsa -in app.key -aes128 -traditional -passout pass:s3cret -out old.key");
    openssl("rsa -in app.key -traditional -out pkcs1.key");
    ASSERT_NE(file("old.key").find("Proc-Type"), std::string::npos);
    for (const auto* name : {"new.key", "old.key"}) {
        const auto text = file("app.crt") + file(name);
        ASSERT_TRUE(open_pem(text, "s3cret")) << name;
        EXPECT_EQ(open_pem(text, "s3cret")->private_key.expose(), file("app.key"));
        expect_refused(open_pem(text, "other"), Reason::certificate_wrong_password, "password");
        expect_refused(open_pem(text), Reason::certificate_wrong_password, "password");
    }
    EXPECT_TRUE(open_pem(file("app.crt") + file("pkcs1.key")));
}

TEST_F(CertificateTest, U26_EveryWrongPemIsRefusedByItsName) {
    make_others();
    const auto certificate = file("app.crt"), key = file("app.key");

    expect_refused(open_pem("hello"), Reason::certificate_not_pem, "pem");
    expect_refused(open_pem(certificate.substr(0, 200)), Reason::certificate_not_pem, "pem");
    expect_refused(open_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + key), Reason::certificate_not_pem, "pem");
    expect_refused(open_pem(certificate), Reason::certificate_no_private_key, "pem");
    expect_refused(open_pem(key), Reason::certificate_missing, "pem");
    expect_refused(open_pem(certificate + file("other.key")), Reason::certificate_key_mismatch, "pem");
    expect_refused(open_pem(certificate + key + file("other.key")), Reason::certificate_several_keys, "pem");
    expect_refused(open_pem(file("ec.crt") + file("ec.key")), Reason::certificate_key_not_taken, "pem");
    expect_refused(open_pem(file("small.crt") + file("small.key")), Reason::certificate_key_not_taken, "pem");
    expect_refused(open_pem(certificate + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), Reason::certificate_key_not_taken, "pem");
}

TEST_F(CertificateTest, TheKeysOwnCertificateStandsFirstInTheChain) {
    make_others();
    const auto opened = open_pem(file("other.crt") + file("app.crt") + file("app.key"));

    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(opened->facts.thumbprint_sha1, shown("-fingerprint -sha1"));
    EXPECT_EQ(opened->chain, file("app.crt") + file("other.crt"));
}

}  // namespace
}  // namespace renkei::oauth

#include "oauth/client/certificate.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/reason.hpp"
#include "oauth/client/detail/certificate_readers.hpp"

#include <openssl/bn.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace renkei::oauth {
namespace {

using namespace detail;

constexpr int smallest_rsa_bits = 2048;  // RFC 7518 sections 3.3 and 3.5
constexpr std::size_t longest_subject = 1024;

using NumberPtr = std::unique_ptr<BIGNUM, Releaser<BN_free>>;
struct FreeText {
    void operator()(char* text) const { OPENSSL_free(text); }
};

std::string upper_hex(std::span<const std::uint8_t> bytes) {
    auto text = to_hex(bytes);
    for (auto& c : text)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

std::string text_of(BIO* bio) {
    char* at = nullptr;
    const long length = BIO_get_mem_data(bio, &at);
    return length > 0 ? std::string(at, static_cast<std::size_t>(length)) : std::string();
}

std::string thumbprint(X509* certificate, const char* algorithm) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    const std::unique_ptr<EVP_MD, Releaser<EVP_MD_free>> method(EVP_MD_fetch(nullptr, algorithm, nullptr));
    if (!method || X509_digest(certificate, method.get(), digest.data(), &length) != 1) return {};
    return upper_hex(std::span(digest.data(), length));
}

std::string subject_of(X509* certificate) {
    const BioPtr out(BIO_new(BIO_s_mem()));
    // Letters outside ASCII stay letters, control characters are escaped.
    if (!out || X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
    auto text = text_of(out.get());
    if (text.size() > longest_subject) {
        auto end = longest_subject;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
        text.resize(end);
    }
    return is_utf8(text) ? text : std::string();
}

std::string serial_of(X509* certificate) {
    const NumberPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
    const std::unique_ptr<char, FreeText> text(number ? BN_bn2hex(number.get()) : nullptr);
    return text ? std::string(text.get()).substr(0, 64) : std::string();
}

TimePoint time_of(const ASN1_TIME* at) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(at, &parts) != 1) return {};
    return from_millis(std::int64_t{timegm(&parts)} * 1000);
}

CertificateFacts facts_of(X509* certificate) {
    return {thumbprint(certificate, "SHA1"), thumbprint(certificate, "SHA256"),         subject_of(certificate),
            serial_of(certificate),          time_of(X509_get0_notBefore(certificate)), time_of(X509_get0_notAfter(certificate))};
}

// Base64 of a file as people have it: with line breaks, and between the dashed lines that certutil -encode puts around it.
std::optional<std::string> decoded(std::string_view text) {
    std::string letters;
    for (auto line : split(text, '\n')) {
        line = trim(line);
        if (line.starts_with("-----")) continue;
        std::ranges::copy_if(line, std::back_inserter(letters), [](char c) { return c != ' ' && c != '\t' && c != '\r'; });
    }
    if (letters.starts_with("\xef\xbb\xbf")) letters.erase(0, 3);
    auto bytes = decode_base64(letters);
    wipe(letters);
    if (bytes && bytes->empty()) return std::nullopt;
    return bytes;
}

// DER begins with a SEQUENCE, and that with 0x30; Base64 of such bytes begins with an M.
bool is_der(std::string_view bytes) { return bytes.size() > 2 && bytes[0] == '\x30' && static_cast<unsigned char>(bytes[1]) >= 0x80; }

std::unexpected<Error> too_large(std::string_view field) {
    return refuse_field(field, Reason::certificate_too_large, std::to_string(most_certificate_bytes >> 10), Errc::payload_too_large);
}

Result<FileContent> content_of(const CertificateFile& file, const FileAlgorithms& algorithms) {
    if (!file.pfx.empty()) {
        const auto given = file.pfx.expose();
        // Base64 needs four letters for three bytes, and line breaks.
        if (given.size() > most_certificate_bytes * 3 / 2) return too_large("pfx");
        auto bytes = is_der(given) ? std::optional<std::string>(given) : decoded(given);
        if (!bytes) return refuse_field("pfx", Reason::certificate_not_base64);
        const auto wiped = Secret::take(std::move(*bytes));
        if (wiped.expose().size() > most_certificate_bytes) return too_large("pfx");
        return read_pfx(wiped.expose(), file.password, algorithms);
    }
    FileContent content;
    for (const auto* text : {&file.pem, &file.pem_key}) {
        if (text->empty()) continue;
        if (text->expose().size() > most_certificate_bytes) return too_large("pem");
        if (auto read = read_pem(text->expose(), file.password, algorithms, content); !read) return propagate(read);
    }
    return content;
}

std::string kind_of(EVP_PKEY* key) {
    const auto* name = EVP_PKEY_get0_type_name(key);
    return std::string(name == nullptr ? "of an unknown kind" : name) + ", " + std::to_string(EVP_PKEY_get_bits(key)) + " bits";
}

Result<void> check_key(const FileContent& content, std::string_view field) {
    if (content.keys.empty()) return refuse_field(field, Reason::certificate_no_private_key);
    for (const auto& key : content.keys)
        if (EVP_PKEY_eq(key.get(), content.keys.front().get()) != 1) return refuse_field(field, Reason::certificate_several_keys);
    auto* const key = content.keys.front().get();
    if (EVP_PKEY_is_a(key, "RSA") != 1 || EVP_PKEY_get_bits(key) < smallest_rsa_bits)
        return refuse_field(field, Reason::certificate_key_not_taken, kind_of(key));
    return {};
}

// The certificate of the key first. Of several (a renewal with the same key) the one that ends last.
Result<X509*> own_certificate(FileContent& content, std::string_view field) {
    if (content.certificates.empty()) return refuse_field(field, Reason::certificate_missing);
    const auto later = [](const CertificatePtr& a, const CertificatePtr& b) {
        return time_of(X509_get0_notAfter(a.get())) > time_of(X509_get0_notAfter(b.get()));
    };
    const auto others = std::partition(content.certificates.begin(), content.certificates.end(),
                                       [&](const CertificatePtr& one) { return X509_check_private_key(one.get(), content.keys.front().get()) == 1; });
    if (others == content.certificates.begin()) return refuse_field(field, Reason::certificate_key_mismatch);
    std::sort(content.certificates.begin(), others, later);
    return content.certificates.front().get();
}

Result<Secret> pem_of(EVP_PKEY* key) {
    const BioPtr out(BIO_new(BIO_s_secmem()));
    if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(Errc::internal, "the private key could not be written");
    return Secret::take(text_of(out.get()));
}

Result<ClientCertificate> checked(FileContent content, std::string_view field, TimePoint now) {
    if (auto fits = check_key(content, field); !fits) return propagate(fits);
    auto own = own_certificate(content, field);
    if (!own) return propagate(own);
    auto facts = facts_of(*own);
    if (facts.not_before > now) return refuse_field(field, Reason::certificate_not_yet_valid, iso_text(facts.not_before));
    if (facts.not_after <= now) return refuse_field(field, Reason::certificate_expired, iso_text(facts.not_after));
    auto key = pem_of(content.keys.front().get());
    if (!key) return propagate(key);
    const BioPtr chain(BIO_new(BIO_s_mem()));
    for (const auto& one : content.certificates)
        if (!chain || PEM_write_bio_X509(chain.get(), one.get()) != 1) return fail(Errc::internal, "the certificate could not be written");
    return ClientCertificate{std::move(*key), text_of(chain.get()), std::move(facts)};
}

}  // namespace

Result<ClientCertificate> open_certificate(const CertificateFile& file, TimePoint now) {
    const FileAlgorithms algorithms;
    auto content = content_of(file, algorithms);
    auto opened = content ? checked(std::move(*content), file.pfx.empty() ? "pem" : "pfx", now) : Result<ClientCertificate>(propagate(content));
    ERR_clear_error();
    return opened;
}

}  // namespace renkei::oauth

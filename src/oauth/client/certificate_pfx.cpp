#include "base/reason.hpp"
#include "oauth/client/certificate.hpp"
#include "oauth/client/detail/certificate_readers.hpp"

#include <openssl/asn1t.h>

#include <array>

// PKCS#12: RFC 7292. The parts are walked here instead of by PKCS12_parse, which takes the first of several keys, does not
// tell a wrong password from a missing key, and derives keys for as many rounds as the file says.

namespace renkei::oauth::detail {
namespace {

using PfxPtr = std::unique_ptr<PKCS12, Releaser<PKCS12_free>>;
using KeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Releaser<PKCS8_PRIV_KEY_INFO_free>>;
struct FreeSafes {
    void operator()(STACK_OF(PKCS7) * held) const { sk_PKCS7_pop_free(held, PKCS7_free); }
};
struct FreeBags {
    void operator()(STACK_OF(PKCS12_SAFEBAG) * held) const { sk_PKCS12_SAFEBAG_pop_free(held, PKCS12_SAFEBAG_free); }
};
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), FreeSafes>;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), FreeBags>;

constexpr int deepest_bags = 4;

template <class T>
long rounds_in(const ASN1_STRING* sequence, const ASN1_ITEM* item, ASN1_INTEGER* T::* rounds) {
    auto* const parameters = static_cast<T*>(ASN1_item_unpack(sequence, item));
    if (parameters == nullptr) return 0;
    const long count = ASN1_INTEGER_get(parameters->*rounds);
    ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(parameters), item);
    return count;
}

std::unexpected<Error> too_many() { return refuse_field("pfx", Reason::certificate_too_many_rounds, std::to_string(most_derivation_rounds)); }
std::unexpected<Error> unsupported() { return refuse_field("pfx", Reason::certificate_unsupported_encryption); }
std::unexpected<Error> wrong_password() { return refuse_field("password", Reason::certificate_wrong_password); }

struct Opener {
    const FileAlgorithms& algorithms;
    const char* password = nullptr;
    int length = 0;
    bool proven = false;  ///< the password, by the file's MAC
    RoundBudget budget{most_derivation_rounds};
    FileContent content{};

    // What does not open with a password that is known to be right is not a question of the password.
    std::unexpected<Error> closed() const { return proven ? unsupported() : wrong_password(); }

    Result<void> check_mac(PKCS12* file, const Secret& secret) {
        const ASN1_INTEGER* rounds = nullptr;
        const X509_ALGOR* algorithm = nullptr;
        PKCS12_get0_mac(nullptr, &algorithm, nullptr, &rounds, file);
        if (!budget.take(rounds == nullptr ? 1 : ASN1_INTEGER_get(rounds))) return too_many();
        std::array<char, 32> name{};
        const ASN1_OBJECT* object = nullptr;
        X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
        OBJ_obj2txt(name.data(), static_cast<int>(name.size()), object, 1);
        // RFC 9579: PBMAC1, not known to OpenSSL 3.0.
        if (std::string_view(name.data()) == "1.2.840.113549.1.5.14") return unsupported();
        if (PKCS12_verify_mac(file, password, length) == 1) return proven = true, Result<void>{};
        // RFC 7292 appendix B.1: an empty password is a terminating zero; some tools write none at all.
        if (!secret.empty()) return wrong_password();
        password = "";
        if (PKCS12_verify_mac(file, password, 0) != 1) return wrong_password();
        proven = true;
        return {};
    }

    Result<void> take_key(const PKCS8_PRIV_KEY_INFO* info) {
        KeyPtr key(info == nullptr ? nullptr : EVP_PKCS82PKEY_ex(info, algorithms.get(), nullptr));
        if (!key) return refuse_field("pfx", Reason::certificate_key_not_taken, "of an unknown kind");
        content.keys.push_back(std::move(key));
        return {};
    }

    Result<void> take_shrouded(const PKCS12_SAFEBAG* bag) {
        const X509_ALGOR* algorithm = nullptr;
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
        if (!budget.take(algorithm)) return too_many();
        const KeyInfoPtr info(PKCS12_decrypt_skey_ex(bag, password, length, algorithms.get(), nullptr));
        if (!info) return closed();
        return take_key(info.get());
    }

    Result<void> take_bag(const PKCS12_SAFEBAG* bag, int depth) {
        switch (PKCS12_SAFEBAG_get_nid(bag)) {
            case NID_keyBag: return take_key(PKCS12_SAFEBAG_get0_p8inf(bag));
            case NID_pkcs8ShroudedKeyBag: return take_shrouded(bag);
            case NID_certBag:
                if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate) return {};
                if (CertificatePtr one(PKCS12_SAFEBAG_get1_cert(bag)); one) content.certificates.push_back(std::move(one));
                return {};
            case NID_safeContentsBag: return depth < deepest_bags ? take_bags(PKCS12_SAFEBAG_get0_safes(bag), depth + 1) : unsupported();
            default: return {};
        }
    }

    Result<void> take_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth) {
        for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i)
            if (auto taken = take_bag(sk_PKCS12_SAFEBAG_value(bags, i), depth); !taken) return taken;
        return {};
    }

    Result<void> take_safe(PKCS7* safe) {
        if (PKCS7_type_is_data(safe)) {
            const BagsPtr bags(PKCS12_unpack_p7data(safe));
            return bags ? take_bags(bags.get(), 0) : unsupported();
        }
        if (!PKCS7_type_is_encrypted(safe) || safe->d.encrypted == nullptr || safe->d.encrypted->enc_data == nullptr) return unsupported();
        if (!budget.take(safe->d.encrypted->enc_data->algorithm)) return too_many();
        const BagsPtr bags(PKCS12_unpack_p7encdata(safe, password, length));
        if (!bags) return closed();
        return take_bags(bags.get(), 0);
    }
};

PfxPtr parse(std::string_view bytes, const FileAlgorithms& algorithms) {
    // Made in our context first, so that all that is read into it uses these algorithms.
    auto* file = PKCS12_init_ex(NID_pkcs7_data, algorithms.get(), nullptr);
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    if (d2i_PKCS12(&file, &at, static_cast<long>(bytes.size())) == nullptr) return nullptr;
    return PfxPtr(file);
}

}  // namespace

bool RoundBudget::take(long rounds) {
    // ASN1_INTEGER_get gives -1 for what does not fit a long.
    if (rounds < 0 || rounds > left_) return false;
    left_ -= rounds;
    return true;
}

bool RoundBudget::take(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* name = nullptr;
    const void* value = nullptr;
    int type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&name, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE || value == nullptr) return true;
    const auto* sequence = static_cast<const ASN1_STRING*>(value);
    if (OBJ_obj2nid(name) != NID_pbes2) return take(rounds_in(sequence, ASN1_ITEM_rptr(PBEPARAM), &PBEPARAM::iter));
    auto* const both = static_cast<PBE2PARAM*>(ASN1_item_unpack(sequence, ASN1_ITEM_rptr(PBE2PARAM)));
    if (both == nullptr) return true;
    X509_ALGOR_get0(&name, &type, &value, both->keyfunc);
    long rounds = 0;
    // scrypt (RFC 7914) is limited by OpenSSL itself, to 32 MiB of memory.
    if (OBJ_obj2nid(name) == NID_id_pbkdf2 && type == V_ASN1_SEQUENCE && value != nullptr)
        rounds = rounds_in(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(PBKDF2PARAM), &PBKDF2PARAM::iter);
    PBE2PARAM_free(both);
    return take(rounds);
}

Result<FileContent> read_pfx(std::string_view bytes, const Secret& password, const FileAlgorithms& algorithms) {
    const auto file = parse(bytes, algorithms);
    if (!file) return refuse_field("pfx", Reason::certificate_not_pkcs12);
    const auto text = password.expose();
    // OpenSSL takes a length and does not need a terminating zero.
    Opener opener{algorithms, password.empty() ? nullptr : text.data(), static_cast<int>(text.size())};
    if (PKCS12_mac_present(file.get()) == 1)
        if (auto checked = opener.check_mac(file.get(), password); !checked) return propagate(checked);
    const SafesPtr safes(PKCS12_unpack_authsafes(file.get()));
    if (!safes) return unsupported();
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i)
        if (auto taken = opener.take_safe(sk_PKCS7_value(safes.get(), i)); !taken) return propagate(taken);
    return std::move(opener.content);
}

}  // namespace renkei::oauth::detail

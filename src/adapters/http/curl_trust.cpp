#include "adapters/http/curl_settings.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <mutex>

namespace renkei::http {

struct TrustStore::State {
    std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store{X509_STORE_new(), &X509_STORE_free};
    std::string bundle;
    std::once_flag once;
    bool readable = true;
};

TrustStore::TrustStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrustStore::~TrustStore() = default;

Result<std::shared_ptr<TrustStore>> TrustStore::load(std::string bundle, const std::string& extra_file) {
    auto state = std::make_unique<State>();
    state->bundle = std::move(bundle);
    // An intermediate certificate in the operator's file is trusted as it stands, as libcurl does by default.
    X509_STORE_set_flags(state->store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    if (!extra_file.empty() && X509_STORE_load_file(state->store.get(), extra_file.c_str()) != 1)
        return fail(Errc::tls_failed, "the extra CA file " + extra_file + " cannot be read or holds no certificate");
    return std::shared_ptr<TrustStore>(new TrustStore(std::move(state)));
}

bool TrustStore::apply(SSL_CTX* context) {
    std::call_once(state_->once, [this] {
        if (!state_->bundle.empty()) state_->readable = X509_STORE_load_file(state_->store.get(), state_->bundle.c_str()) == 1;
    });
    SSL_CTX_set1_cert_store(context, state_->store.get());
    return state_->readable;
}

}  // namespace renkei::http

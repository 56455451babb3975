#include "adapters/http/tls.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <string>
#include <string_view>

namespace renkei::http {
namespace {

constexpr std::array<unsigned char, 9> our_protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// RFC 7301 section 3.2: without a protocol in common the handshake ends with no_application_protocol.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length, void*) {
    unsigned char* chosen = nullptr;
    const auto outcome = SSL_select_next_proto(&chosen, out_length, our_protocols.data(), our_protocols.size(), in, in_length);
    *out = chosen;
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Without this OpenSSL asks for the passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

std::unexpected<Error> refuse(std::string_view what, const std::string& file) {
    ERR_clear_error();
    return fail(Errc::tls_failed, "The " + std::string(what) + " `" + file + "` cannot be used.");
}

void set_options(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");  // for TLS 1.2; those of 1.3 are all good
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One read() a record instead of two, in 4 KiB: a quarter less CPU time a request, 26 KiB an idle connection.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, 4096);
    // Tickets carry the session; a cache shared by all loops would be one lock and would hold memory.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    constexpr std::string_view name = "renkei";
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(name.data()), static_cast<unsigned>(name.size()));
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

Result<SslContextPtr> make_context(const TlsFiles& files) {
    SslContextPtr context(SSL_CTX_new(TLS_server_method()));
    if (!context) return fail(Errc::internal, "TLS could not be set up.");
    set_options(context.get());
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) return refuse("certificate file", files.certificate);
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) return refuse("private key file", files.key);
    if (SSL_CTX_check_private_key(context.get()) != 1) return refuse("private key does not fit the certificate: it", files.key);
    return context;
}

// So that clients resume across a change of the certificate.
void keep_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
    std::array<unsigned char, 256> keys{};
    const auto size = SSL_CTX_get_tlsext_ticket_keys(from, nullptr, 0);
    if (size > 0 && size <= static_cast<long>(keys.size()) && SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), size) == 1)
        SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), size);
    OPENSSL_cleanse(keys.data(), keys.size());
}

}  // namespace

void SslContextDeleter::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void SslDeleter::operator()(ssl_st* ssl) const { SSL_free(ssl); }

Result<std::unique_ptr<TlsServerContext>> TlsServerContext::load(TlsFiles files) {
    auto context = make_context(files);
    if (!context) return propagate(context);
    return std::unique_ptr<TlsServerContext>(new TlsServerContext(std::move(files), std::move(*context)));
}

Result<void> TlsServerContext::reload() {
    auto context = make_context(files_);
    if (!context) return propagate(context);
    const std::lock_guard lock(mutex_);
    keep_ticket_keys(context_.get(), context->get());
    context_ = std::move(*context);  // running connections hold the old one
    return {};
}

SslPtr TlsServerContext::accept(int socket) {
    SslPtr ssl;
    {
        const std::lock_guard lock(mutex_);
        ssl.reset(SSL_new(context_.get()));
    }
    if (!ssl || SSL_set_fd(ssl.get(), socket) != 1) return {};
    SSL_set_accept_state(ssl.get());
    return ssl;
}

}  // namespace renkei::http

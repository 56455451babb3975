#pragma once

#include "adapters/http/server_settings.hpp"
#include "base/result.hpp"

#include <memory>
#include <mutex>

// OpenSSL stays out of our headers: it claims short names of the global namespace.
struct ssl_ctx_st;
struct ssl_st;

namespace renkei::http {

struct SslContextDeleter {
    void operator()(ssl_ctx_st* context) const;
};
struct SslDeleter {
    void operator()(ssl_st* ssl) const;
};
using SslContextPtr = std::unique_ptr<ssl_ctx_st, SslContextDeleter>;
using SslPtr = std::unique_ptr<ssl_st, SslDeleter>;

/// TLS 1.2 and 1.3 with one certificate, ALPN http/1.1 and stateless session tickets; the certificate can be changed while
/// connections go on.
class TlsServerContext {
public:
    static Result<std::unique_ptr<TlsServerContext>> load(TlsFiles files);
    /// Reads the files again. On an error the old certificate stays. Tickets given before stay good.
    Result<void> reload();
    /// The server's end of a connection on this socket; empty if memory ran out. Called from any loop.
    SslPtr accept(int socket);

private:
    TlsServerContext(TlsFiles files, SslContextPtr context) : files_(std::move(files)), context_(std::move(context)) {}

    TlsFiles files_;
    std::mutex mutex_;
    SslContextPtr context_;
};

}  // namespace renkei::http

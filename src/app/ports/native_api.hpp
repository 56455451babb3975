#pragma once

#include "app/ports/mail_provider.hpp"
#include "base/encoding.hpp"
#include "base/http.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace renkei::app {

/// A call of the provider's own API. `path` begins with a slash, below the API's base; `body` is JSON text or empty.
struct NativeCall {
    Method method = Method::get;
    std::string path;
    Fields query{};
    std::string body{};
};
struct NativeAnswer {
    int status = 0;
    std::string media_type;
    std::string body;
};

/// Whose data a path reaches, so that the fence can stand around native calls too.
struct NativeReach {
    enum class Kind : std::uint8_t { own, user, no_mailbox, anybody } kind = Kind::anybody;
    std::string user{};  ///< as written in the path, for `user`
};

/// The provider's own API with a connection's token, which goes to the hosts of the connector's manifest alone.
class NativeApi {
public:
    virtual ~NativeApi() = default;
    /// invalid_field for what is no plain path of this API.
    virtual Result<NativeReach> reach_of(std::string_view path) const = 0;
    /// The provider's answer as it is, refusals too. 401 comes back as unauthenticated, 429 as provider_throttled: the token
    /// and the pace are Renkei's matter. Errors: also provider_*, egress_refused.
    virtual Task<Result<NativeAnswer>> call(MailAccess access, NativeCall call) = 0;
};

}  // namespace renkei::app

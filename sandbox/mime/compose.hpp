#pragma once

#include "sandbox/mime/message.hpp"

#include <string>

namespace renkei::sandbox::mime {

/// The message as RFC 5322 text with CR LF: UTF-8, multipart only where needed, RFC 2231 file names. Of `headers` those are written whose
/// names begin with x- (what callers of Graph may set).
std::string compose_message(const Message& message);

}  // namespace renkei::sandbox::mime

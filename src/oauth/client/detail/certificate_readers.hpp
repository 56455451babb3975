#pragma once

#include "base/result.hpp"
#include "oauth/client/detail/openssl.hpp"

#include <string_view>

namespace renkei::oauth::detail {

/// Keys and certificates of a PKCS#12 file. Errors name the field `pfx` or `password`.
Result<FileContent> read_pfx(std::string_view bytes, const Secret& password, const FileAlgorithms& algorithms);
/// Those of a PEM text, added to what another one held. Errors name the field `pem` or `password`.
Result<void> read_pem(std::string_view text, const Secret& password, const FileAlgorithms& algorithms, FileContent& into);

}  // namespace renkei::oauth::detail

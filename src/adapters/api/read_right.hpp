#pragma once

#include "adapters/api/body_reader.hpp"
#include "core/identity.hpp"

namespace renkei::api {

/// One right out of a request, with every refusal named by its path.
core::Right read_right(BodyReader& reader);

}  // namespace renkei::api

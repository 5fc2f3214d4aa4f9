// Strings of protocol buffers must be UTF-8.
#pragma once

#include <string_view>

#include "sidecars/log/buffer.hpp"

namespace tandem::shipper {

// The bytes themselves when they are UTF-8; else a copy in `memory` (which is overwritten) where each maximal subpart
// that is none is U+FFFD, as append_json_text() has it.
std::string_view valid_utf8(std::string_view bytes, Buffer& memory);

}  // namespace tandem::shipper

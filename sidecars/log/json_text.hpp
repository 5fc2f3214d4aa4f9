// Bytes of any kind as the inside of a JSON string (RFC 8259).
#pragma once

#include <string_view>

#include "sidecars/log/buffer.hpp"

namespace tandem::shipper {

// Escapes ", \ and control characters (NUL is \u0000). Bytes that are no UTF-8 become U+FFFD, one for each maximal
// subpart (Unicode 15, section 3.9, the practice WHATWG's decoder has); so the output is always valid UTF-8.
void append_json_text(std::string_view bytes, Buffer& out);

// The same between quotes.
inline void append_json_string(std::string_view bytes, Buffer& out) {
  out.append("\"");
  append_json_text(bytes, out);
  out.append("\"");
}

// The same for many short texts: written at `to`, where there must be json_text_room(bytes.size()); returns the end.
char* write_json_text(std::string_view bytes, char* to);
constexpr std::size_t json_text_room(std::size_t bytes) { return bytes * 6 + 16; }  // \u0000, and a block's rest

}  // namespace tandem::shipper

#include "sidecars/log/encode/protobuf_text.hpp"

#include <simdjson.h>

namespace tandem::shipper {
namespace {

// The length of the valid sequence that `bytes` begins with, or of the maximal subpart that is none (Unicode, table
// 3-7).
std::size_t sequence_length(std::string_view bytes, bool& valid) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned first = byte(0);
  valid = first < 0x80;
  if (valid || first < 0xC2 || first > 0xF4) return 1;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i, low = 0x80, high = 0xBF)
    if (i == bytes.size() || byte(i) < low || byte(i) > high) return i;
  valid = true;
  return length;
}

}  // namespace

std::string_view valid_utf8(std::string_view bytes, Buffer& memory) {
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) return bytes;
  memory.truncate(0);
  while (!bytes.empty()) {
    bool valid = false;
    const auto length = sequence_length(bytes, valid);
    memory.append(valid ? bytes.substr(0, length) : "\xEF\xBF\xBD");
    bytes.remove_prefix(length);
  }
  return memory.view();
}

}  // namespace tandem::shipper

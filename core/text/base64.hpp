// Base64 of RFC 4648, section 4 (the standard alphabet, with padding).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tandem {

std::string encode_base64(std::string_view bytes);

// Nullopt when `text` is no base64. Line breaks are skipped, as Kubernetes' decoder does.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace tandem

#include "core/observe/mask_secret.hpp"

namespace tandem::observe {

std::string mask_secret(std::string_view text, std::string_view secret) {
  if (secret.empty()) return std::string(text);
  std::string out;
  for (;;) {
    const auto found = text.find(secret);
    out += text.substr(0, found);
    if (found == std::string_view::npos) return out;
    out += "***";
    text.remove_prefix(found + secret.size());
  }
}

}  // namespace tandem::observe

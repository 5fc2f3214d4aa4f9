// For what a peer says that was told a secret.
#pragma once

#include <string>
#include <string_view>

namespace tandem::observe {

// The text with "***" wherever `secret` stands in it; an empty one stands nowhere.
std::string mask_secret(std::string_view text, std::string_view secret);

}  // namespace tandem::observe

// Words, put together and made alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/characters.hpp"

namespace tandem {

std::string joined(const std::vector<std::string>& words, std::string_view separator);
std::string lower(std::string_view text);  // its ASCII letters

}  // namespace tandem

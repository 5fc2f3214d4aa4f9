// Which bytes are UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing past U+10FFFF).
#pragma once

#include <cstddef>
#include <string_view>

namespace tandem::observe {

std::size_t utf8_length(std::string_view text, std::size_t at);  // of the sequence at `at`: 1 to 4, or 0: it is none
bool is_utf8(std::string_view text);

}  // namespace tandem::observe

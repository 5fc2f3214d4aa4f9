// Kinds of characters, and runs of them.
#pragma once

#include <cstddef>
#include <string_view>

namespace tandem::shipper {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Where the run of characters for which `holds` is true ends that begins at `at`.
template <class Holds>
std::size_t run_end(std::string_view text, std::size_t at, Holds holds) {
  while (at < text.size() && holds(text[at])) ++at;
  return at;
}

}  // namespace tandem::shipper

// Runs of characters.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/text/characters.hpp"

namespace tandem::shipper {

// Where the run of characters for which `holds` is true ends that begins at `at`.
template <class Holds>
std::size_t run_end(std::string_view text, std::size_t at, Holds holds) {
  while (at < text.size() && holds(text[at])) ++at;
  return at;
}

}  // namespace tandem::shipper

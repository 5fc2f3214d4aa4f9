// One sample line of the text format, cut into its parts without copying.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tandem::metrics {

struct SampleLine {
  static constexpr std::size_t most_labels = 64;
  struct Label {
    std::string_view name, value;  // the value as written, escapes and all
  };

  std::string_view name;
  std::string_view braces;  // what stands between { and }, without a last comma
  std::string_view tail;    // value and timestamp, as written
  std::array<Label, most_labels> labels;
  std::size_t label_count = 0;

  std::string_view label(std::string_view wanted) const;  // empty: absent
  const char* read(std::string_view line);                // nullptr, or why it is no sample line
};

bool is_float(std::string_view text);  // as Go's ParseFloat, for what programs write

}  // namespace tandem::metrics

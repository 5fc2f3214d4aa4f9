#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapter/metrics/json_numbers.hpp"
#include "tests/fuzz/metrics/valid_page.hpp"

using namespace tandem::metrics;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // The first line is a path, the rest the document.
  auto end = std::min(text.find('\n'), text.size());
  JsonMapping mapping;
  std::string why;
  if (auto path = parse_json_path(text.substr(0, end), why)) {
    JsonRule rule;
    rule.path = *path;
    rule.name = "found";
    rule.labels = {{"which", "$1"}, {"x", "$2"}};
    mapping.rules = {rule};
  }
  auto document = text.substr(std::min(end + 1, text.size()));
  require_valid(parse_json_numbers(document, fuzz_labels, mapping), fuzz_labels,
                parse_json_numbers(document, other_labels, {{}, "p_"}), other_labels);
  return 0;
}

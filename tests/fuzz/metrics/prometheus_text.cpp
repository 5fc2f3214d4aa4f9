#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapter/metrics/prometheus_text.hpp"
#include "tests/fuzz/metrics/valid_page.hpp"

using namespace tandem::metrics;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  require_valid(parse_prometheus(text, fuzz_labels), fuzz_labels, parse_prometheus(text, other_labels), other_labels);
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapter/metrics/redis_info.hpp"
#include "adapter/metrics/redis_reply.hpp"
#include "tests/fuzz/metrics/valid_page.hpp"

using namespace tandem::metrics;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  require_valid(parse_redis_info(text, fuzz_labels), fuzz_labels, parse_redis_info(text, other_labels), other_labels);
  auto reply = read_redis_reply(text, 1000);
  if (reply.length > size) std::abort();
  require_valid(parse_redis_info(reply.text, fuzz_labels), fuzz_labels, {}, other_labels);
  return 0;
}

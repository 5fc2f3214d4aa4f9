// Any bytes: the parser ends, and what it accepts has one JSON form that reads back as the same.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/config/node.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tandem;
  Problems problems;
  const auto documents = parse_yaml({reinterpret_cast<const char*>(data), size}, "fuzz", problems);
  for (const auto& document : documents) {
    const auto json = to_json(document.root);
    const auto once = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (to_json(from_json(json)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) != once) std::abort();
  }
  return 0;
}

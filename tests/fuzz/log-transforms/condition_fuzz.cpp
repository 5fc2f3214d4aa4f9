// Any text as a condition: either a problem that says where, or something that can be asked, with the same answer
// twice.
#include <cstdint>
#include <cstdlib>

#include "sidecars/log/transform/condition.hpp"

using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string problem;
  const auto condition = parse_condition(text, problem);
  if (!condition) {
    if (!problem.starts_with("at character ")) std::abort();
    return 0;
  }
  if (!problem.empty()) std::abort();
  Event event;
  event.set("message", text);
  event.set("level", "error");
  event.set("status", "500", true);
  event.set("a", "1e400");
  if (condition->holds(event) != condition->holds(event)) std::abort();
  // A condition in parentheses after "not" is its opposite, unless that is too deep or too long.
  const auto opposite = parse_condition("not (" + std::string(text) + ")", problem);
  if (opposite && opposite->holds(event) == condition->holds(event)) std::abort();
  return 0;
}

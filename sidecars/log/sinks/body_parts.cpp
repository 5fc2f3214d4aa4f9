#include "sidecars/log/sinks/body_parts.hpp"

#include <algorithm>
#include <bit>

namespace tandem::shipper {

std::string_view first_part(std::string_view lines, std::size_t most) {
  if (lines.size() <= most) return lines;
  auto end = most == 0 ? lines.npos : lines.rfind('\n', most - 1);
  if (end == lines.npos) end = lines.find('\n');
  return lines.substr(0, std::min(end, lines.size() - 1) + 1);
}

std::size_t smaller_part(std::string_view part) {
  const bool one_line = part.find('\n') >= part.size() - 1;
  return one_line ? 0 : std::bit_floor(part.size() - 1);
}

std::string part_id(const std::string& batch, std::string_view body, std::string_view part) {
  if (part.size() == body.size()) return batch;
  return batch + "-part-" + std::to_string(part.data() - body.data()) + "-" + std::to_string(part.size());
}

}  // namespace tandem::shipper

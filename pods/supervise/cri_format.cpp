#include "pods/supervise/cri_format.hpp"

#include "pods/state/time.hpp"

namespace tandem::supervise {

std::string cri_lines(std::string_view bytes, std::string_view stream, std::chrono::system_clock::time_point time) {
  const std::string prefix = state::rfc3339_nano(time) + " " + std::string(stream);
  std::string result;
  result.reserve(bytes.size() + prefix.size() * 8);
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const bool whole = end != bytes.npos;
    const std::string_view line = bytes.substr(0, end);
    result.append(prefix).append(whole ? " F " : " P ").append(line).append(1, '\n');
    bytes.remove_prefix(whole ? end + 1 : bytes.size());
  }
  return result;
}

}  // namespace tandem::supervise

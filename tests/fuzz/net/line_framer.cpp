#include "core/net/line_framer.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace tandem::net;

namespace {

using Lines = std::vector<std::pair<std::string, bool>>;

Lines frame(std::string_view text, std::size_t limit, std::size_t piece) {
  Lines lines;
  auto collect = [&](std::string_view line, bool truncated) { lines.emplace_back(line, truncated); };
  LineFramer framer(limit);
  for (std::size_t at = 0; at < text.size(); at += piece) framer.feed(text.substr(at, piece), collect);
  framer.finish(collect);
  return lines;
}

}  // namespace

// However the bytes are cut, the lines are the same, and none is longer than the limit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::size_t limit = 1 + data[0] % 40, piece = 1 + data[1] % 20;
  std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  auto whole = frame(text, limit, size);
  if (whole != frame(text, limit, piece)) std::abort();
  for (const auto& [line, truncated] : whole)
    if (line.size() > limit || (truncated && line.size() != limit)) std::abort();
  return 0;
}

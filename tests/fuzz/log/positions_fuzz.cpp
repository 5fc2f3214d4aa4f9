// Positions as they lie on disk, damaged in every way: either refused, or a value that is written and read as itself.
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "sidecars/log/hash.hpp"
#include "sidecars/log/positions_codec.hpp"

using namespace tandem::shipper;

namespace {

// The input's lines get checksums that match, so that the fuzzer comes past them to the fields.
std::string with_checksums(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    char sum[16];
    std::snprintf(sum, sizeof sum, " #%08x\n", static_cast<unsigned>(hash64(line)));
    out += line + sum;
  }
  return out;
}

// Files are written in no order.
std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
  std::sort(lines.begin(), lines.end());
  return lines;
}

void decode(const std::string& text) {
  Positions positions;
  std::size_t used = 0;
  const Decoded decoded = decode_checkpoint(text, positions);
  replay_journal(text, 1, positions, used);
  if (!decoded.ok && used == 0) return;
  const std::string once = encode_checkpoint(positions, 1);
  Positions again;
  if (!decode_checkpoint(once, again).ok || sorted_lines(encode_checkpoint(again, 1)) != sorted_lines(once))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  decode(text);
  decode(with_checksums(text));
  return 0;
}

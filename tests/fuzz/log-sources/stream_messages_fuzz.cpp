// A stream of messages, whole and in pieces, and each message through a spool's line. First byte: framing and size of
// the pieces.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sidecars/log/record/spool_line.hpp"
#include "sidecars/log/record/stream_messages.hpp"

namespace {

using namespace tandem::shipper;

// Each message on a line of a spool, and what of it reads back.
std::string through(std::string_view bytes, StreamFraming framing, std::size_t step) {
  constexpr std::size_t most_bytes = 64, longest_count = 11;
  StreamMessages messages(framing, most_bytes);
  std::string all;
  const auto emit = [&](std::string_view text, bool whole) {
    // The last one may be less than was counted, its count before it.
    if (text.size() > most_bytes + longest_count) std::abort();
    std::string line;
    append_spool_line({1763805600123456789, "peer", !whole, text}, line);
    SpoolLine read;
    if (!parse_spool_line(std::string_view(line).substr(0, line.size() - 1), read)) std::abort();
    if (read.partial == whole || read.peer != "peer" || read.time_ns != 1763805600123456789) std::abort();
    if (text.find('\n') == text.npos && read.message != text) std::abort();
    all.append(read.message).append(whole ? "|" : "");
  };
  bool good = true;
  while (good && !bytes.empty()) {
    const auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    good = messages.feed(piece, false, emit);
  }
  if (good) good = messages.feed({}, true, emit);
  return all + (good ? "" : "broken");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto framing = data[0] & 1 ? StreamFraming::syslog : StreamFraming::lines;
  const std::size_t step = 1 + (data[0] >> 1) % 16;
  if (through(bytes, framing, step) != through(bytes, framing, size)) std::abort();
  SpoolLine line;
  parse_spool_line(bytes, line);
  return 0;
}

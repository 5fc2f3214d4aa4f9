// Any bytes as a file: cut at any place they give the same lines, and records are one line of valid UTF-8 each.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/lines.hpp"

using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint64_t limit = 1 + data[0];
  const std::size_t step = 1 + data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto json = make_line_encoder(Format::json, {}), raw = make_line_encoder(Format::raw, {});
  json->begin(0, "s", "/f", FileId{1, 1});
  Buffer records, back, in_steps;
  std::size_t lines = 0;
  LineCursor cursor;
  split_lines(bytes, limit, true, cursor, [&](const Line& line) {
    json->append(line, records);
    raw->append(line, back);
    ++lines;
    return true;
  });
  if (cursor.offset != bytes.size()) std::abort();
  std::string expected(bytes);
  if (!expected.empty() && expected.back() != '\n') expected += '\n';
  if (back.view() != expected) std::abort();
  const auto text = records.view();
  if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) != lines) std::abort();
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') std::abort();

  LineCursor stepping;
  for (std::size_t end = 0; end < bytes.size();) {
    end = std::min(bytes.size(), end + step);
    split_lines(bytes.substr(stepping.offset, end - stepping.offset), limit, end == bytes.size(), stepping,
                [&](const Line& line) {
                  json->append(line, in_steps);
                  return true;
                });
  }
  if (in_steps.view() != text) std::abort();
  return 0;
}

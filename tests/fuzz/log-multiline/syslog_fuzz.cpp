// Any bytes as a stream of syslog: cut anywhere it gives the same messages, and what is parsed is one JSON-safe record.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "sidecars/log/record/parse_syslog.hpp"
#include "sidecars/log/record/syslog_frames.hpp"

using namespace tandem::shipper;

namespace {

std::vector<std::string> messages(const std::string& bytes, std::size_t step, std::size_t most) {
  std::vector<std::string> result;
  std::size_t begin = 0;
  bool in_line = false;
  for (std::size_t end = 0; end < bytes.size();) {
    end = std::min(bytes.size(), end + step);
    while (begin < end) {
      const std::string held = bytes.substr(begin, end - begin);
      const auto frame = next_syslog_frame(held, most, end == bytes.size(), in_line);
      if (frame.kind == SyslogFrame::Kind::incomplete) {
        if (held.size() > most + 12) std::abort();
        break;
      }
      if (frame.kind != SyslogFrame::Kind::message) return result;
      if (frame.consumed == 0 || frame.consumed > held.size() || frame.text.size() > most) std::abort();
      result.emplace_back(frame.text);
      begin += frame.consumed;
      in_line = frame.cut;
    }
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const auto parser = [] {
    std::string problem;
    return SyslogParser::make("UTC", problem);
  }();
  const std::size_t most = 1 + data[0], step = 1 + data[1] % 64;
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = messages(bytes, bytes.size() + 1, most);
  if (whole != messages(bytes, step, most)) std::abort();
  std::vector<std::string> texts = whole;
  texts.push_back(bytes);
  for (const auto& text : texts) {
    Event event;
    ParsedFields fields;
    event.time_ns = 1795341600'000000000;
    if (!parser->parse(text, event, fields)) {
      if (!fields.empty() || event.time_ns != 1795341600'000000000) std::abort();
      continue;
    }
    if (fields.empty()) std::abort();
    for (const auto& field : fields) {
      if (!field.literal) continue;
      if (!field.text.starts_with('{') || !field.text.ends_with('}')) std::abort();
      for (const char c : field.text)
        if (static_cast<unsigned char>(c) < 0x20) std::abort();
    }
  }
  return 0;
}

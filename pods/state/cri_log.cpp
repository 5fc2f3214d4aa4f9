#include "pods/state/cri_log.hpp"

namespace tandem::state {

std::optional<LogLine> parse_log_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos || second + 2 >= line.size() + 1) return std::nullopt;
  LogLine parsed;
  parsed.time = line.substr(0, first);
  parsed.stream = line.substr(first + 1, second - first - 1);
  const char tag = line[second + 1];
  if ((parsed.stream != "stdout" && parsed.stream != "stderr") || (tag != 'P' && tag != 'F')) return std::nullopt;
  parsed.partial = tag == 'P';
  // The tag may carry more, separated by colons; the text begins after the next blank.
  const std::size_t third = line.find(' ', second + 1);
  parsed.text = third == std::string_view::npos ? std::string_view() : line.substr(third + 1);
  return parsed;
}

OpenLines open_lines(std::string_view bytes, OpenLines before) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;
    if (const auto line = parse_log_line(bytes.substr(0, end))) before.of(line->stream) = line->partial;
    bytes.remove_prefix(end + 1);
  }
  return before;
}

void LogPrinter::begin_anew(OpenLines cut, std::string& out) {
  for (const bool open : {open_.out, open_.err})
    if (open) out += '\n';
  open_ = {};
  cut_ = cut;
  pending_.clear();
}

void LogPrinter::print(const LogLine& line, std::string& out) {
  if (bool& cut = cut_.of(line.stream); cut) {
    cut = line.partial;
    return;
  }
  bool& open = open_.of(line.stream);
  if (!open) {
    out += format_.prefix;
    if (format_.timestamps) {
      out += line.time;
      out += ' ';
    }
  }
  out += line.text;
  if (!line.partial) out += '\n';
  open = line.partial;
}

void LogPrinter::feed(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      pending_ += bytes;
      return;
    }
    std::string_view whole = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (!pending_.empty()) {
      pending_ += whole;
      whole = pending_;
    }
    if (const auto line = parse_log_line(whole)) print(*line, out);
    pending_.clear();
  }
}

std::size_t tail_offset(std::string_view bytes, std::size_t lines) {
  std::size_t at = bytes.size(), found = 0;
  while (at > 0) {
    const std::size_t newline = at == 1 ? std::string_view::npos : bytes.rfind('\n', at - 2);
    const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    const auto line = parse_log_line(bytes.substr(start, at - start));
    // A line counts when it ends one: its parts belong to it.
    if (line && !line->partial && ++found > lines) return at;
    at = start;
  }
  return 0;
}

}  // namespace tandem::state

#include "sidecars/log/record/spool_line.hpp"

#include <charconv>

namespace tandem::shipper {

void append_spool_line(const SpoolLine& line, std::string& out) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, line.time_ns).ptr);
  out += ' ';
  for (const char c : line.peer.substr(0, longest_peer)) out += static_cast<unsigned char>(c) <= ' ' ? '_' : c;
  if (line.peer.empty()) out += '-';
  out += line.partial ? " P " : " F ";
  std::string_view rest = line.message;
  for (std::size_t newline; (newline = rest.find('\n')) != rest.npos; rest.remove_prefix(newline + 1))
    out.append(rest.substr(0, newline)).append("#012");
  out.append(rest).append("\n");
}

bool parse_spool_line(std::string_view line, SpoolLine& out) {
  SpoolLine result;
  const char* const end = line.data() + line.size();
  const auto [at, error] = std::from_chars(line.data(), end, result.time_ns);
  if (error != std::errc() || at == end || *at != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(at + 1 - line.data()));
  const auto space = line.find(' ');
  if (space == 0 || space == line.npos || line.size() < space + 3 || line[space + 2] != ' ') return false;
  const char tag = line[space + 1];
  if (tag != 'F' && tag != 'P') return false;
  result.peer = line.substr(0, space);
  if (result.peer == "-") result.peer = {};
  result.partial = tag == 'P';
  result.message = line.substr(space + 3);
  out = result;
  return true;
}

}  // namespace tandem::shipper

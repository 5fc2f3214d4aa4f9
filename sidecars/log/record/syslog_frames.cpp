#include "sidecars/log/record/syslog_frames.hpp"

namespace tandem::shipper {
namespace {

using Kind = SyslogFrame::Kind;
constexpr std::size_t most_length_digits = 10;

SyslogFrame counted(std::string_view bytes, std::size_t most) {
  std::size_t count = 0, at = 0;
  for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; ++at) {
    if (at == most_length_digits) return {Kind::broken, {}, 0, false};
    count = count * 10 + static_cast<std::size_t>(bytes[at] - '0');
  }
  if (at == bytes.size()) return {};
  if (bytes[at] != ' ') return {Kind::broken, {}, 0, false};
  if (count > most) return {Kind::too_long, {}, 0, false};
  ++at;
  if (bytes.size() - at < count) return {};
  std::string_view text = bytes.substr(at, count);
  if (text.ends_with('\n')) text.remove_suffix(1);  // what some send inside the count
  return {Kind::message, text, at + count, false};
}

SyslogFrame line(std::string_view bytes, std::size_t most, bool at_end) {
  const std::size_t newline = bytes.substr(0, most + 1).find('\n');
  if (newline == bytes.npos) {
    if (bytes.size() > most) return {Kind::message, bytes.substr(0, most), most, true};
    if (!at_end) return {};
    return {Kind::message, bytes, bytes.size(), false};
  }
  std::string_view text = bytes.substr(0, newline);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return {Kind::message, text, newline + 1, false};
}

}  // namespace

SyslogFrame next_syslog_frame(std::string_view bytes, std::size_t most, bool at_end, bool in_line) {
  if (bytes.empty() || most == 0) return {};
  // A count has no leading zero; a message begins with <.
  if (!in_line && bytes[0] >= '1' && bytes[0] <= '9') return counted(bytes, most);
  return line(bytes, most, at_end);
}

}  // namespace tandem::shipper
